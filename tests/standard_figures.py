"""The figures of the prosecution standards as the law has them, in yuan and pieces, apart from the files that are tested.

A line: the row, the fact whose figure decides, the figure, and what must be so besides (amounts in yuan).
"""

CAMPAIGN = """
c213.business           illegal_business_amount  50000
c213.business_next      illegal_business_amount 250000
c213.income             illegal_income           30000
c213.income_next        illegal_income          150000
c213.multi_business     illegal_business_amount  30000 marks=2
c213.multi_business_next illegal_business_amount 150000 marks=2
c213.multi_income       illegal_income           20000 marks=2
c213.multi_income_next  illegal_income          100000 marks=2
c213.multi_business     marks                        2 illegal_business_amount=30000
c214.sales              sales_amount             50000
c214.sales_next         sales_amount            250000
c214.unsold             unsold_value            150000
c214.sum                unsold_value            110000 sales_amount=40000
c215.pieces             label_pieces             20000
c215.pieces_next        label_pieces            100000
c215.business           illegal_business_amount  50000
c215.business_next      illegal_business_amount 250000
c215.income             illegal_income           30000
c215.income_next        illegal_income          150000
c215.multi_pieces       label_pieces             10000 marks=2
c215.multi_pieces_next  label_pieces             50000 marks=2
c215.multi_business     illegal_business_amount  30000 marks=2
c215.multi_business_next illegal_business_amount 150000 marks=2
c215.multi_income       illegal_income           20000 marks=2
c215.multi_income_next  illegal_income          100000 marks=2
c215.unsold             label_unsold             60000
c215.multi_unsold       label_unsold             30000 marks=2
c215.sum                label_unsold             41000 label_sold=19000
c215.multi_sum          label_unsold             21000 label_sold=9000 marks=2
c216.business           illegal_business_amount 200000
c216.income             illegal_income          100000
c216.loss               loss                    500000
c216.multi_business     illegal_business_amount 100000 patents=2
c216.multi_income       illegal_income           50000 patents=2
c217.income             illegal_income           30000
c217.income_next        illegal_income          150000
c217.business           illegal_business_amount  50000
c217.business_next      illegal_business_amount 250000
c217.copies             copies                     500
c217.copies_next        copies                    2500
c217.works              works                      500
c217.works_next         works                     2500
c217.clicks             clicks                   50000
c217.clicks_next        clicks                  250000
c217.members            members                   1000
c217.members_next       members                   5000
c217.two_halves         works                      250 clicks=25000 members=0
c217.two_halves         clicks                   25000 members=500 works=0
c217.two_halves         members                    500 works=250 clicks=0
c217.two_halves_next    works                     1250 clicks=125000 members=0
c218.income             illegal_income          100000
c218.unsold             unsold_value            300000
c219.loss               loss                    500000
c219.loss_next          loss                   2500000
c219.income             illegal_income          500000
"""
"""law.md 2.1: the crimes against IP on 2011-02-01, when the opinion of 2011-01-10 was in force."""

GOODS = """
c140.sales              sales_amount             50000
c140.unsold             unsold_value            150000
c140.sum                unsold_value             30000 sales_amount=40000
c140.sales_200k         sales_amount            200000
c140.sales_500k         sales_amount            500000
c140.sales_2m           sales_amount           2000000
c146.loss               loss                    100000
c147.production_loss      production_loss        20000
c147.production_loss_100k production_loss       100000
c147.production_loss_500k production_loss       500000
"""
"""law.md 2.2: counterfeit and shoddy goods."""

TODAY = """
c213.income             illegal_income           30000
c213.income_next        illegal_income          300000
c213.business           illegal_business_amount  50000
c213.business_next      illegal_business_amount 500000
c213.multi_income       illegal_income           20000 marks=2
c213.multi_income_next  illegal_income          200000 marks=2
c213.multi_business     illegal_business_amount  30000 marks=2
c213.multi_business_next illegal_business_amount 300000 marks=2
c213.repeat_income      illegal_income           20000 prior_punished_within_2y
c213.repeat_income_next illegal_income          200000 prior_punished_within_2y
c213.repeat_business    illegal_business_amount  30000 prior_punished_within_2y
c213.repeat_business_next illegal_business_amount 300000 prior_punished_within_2y
c213.service_income     illegal_income           50000 service_mark
c213.service_income_next illegal_income         500000 service_mark
c213.service_multi_income illegal_income         30000 service_mark marks=2
c213.service_multi_income_next illegal_income   300000 service_mark marks=2
c213.service_repeat_income illegal_income        30000 service_mark prior_punished_within_2y
c213.service_repeat_income_next illegal_income  300000 service_mark prior_punished_within_2y
c214.income             illegal_income           30000
c214.income_next        illegal_income          300000
c214.sales              sales_amount             50000
c214.sales_next         sales_amount            500000
c214.unsold             unsold_value            150000
c214.unsold_next        unsold_value           1500000
c214.sum                unsold_value            110000 sales_amount=40000
c214.sum_next           unsold_value           1100000 sales_amount=400000
c214.repeat_income      illegal_income           20000 prior_punished_within_2y
c214.repeat_income_next illegal_income          200000 prior_punished_within_2y
c214.repeat_sales       sales_amount             30000 prior_punished_within_2y
c214.repeat_sales_next  sales_amount            300000 prior_punished_within_2y
c214.repeat_unsold      unsold_value             90000 prior_punished_within_2y
c214.repeat_unsold_next unsold_value            900000 prior_punished_within_2y
c214.repeat_sum         unsold_value             70000 sales_amount=20000 prior_punished_within_2y
c214.repeat_sum_next    unsold_value            700000 sales_amount=200000 prior_punished_within_2y
c215.pieces             label_pieces             10000
c215.pieces_next        label_pieces             50000
c215.income             illegal_income           20000
c215.income_next        illegal_income          100000
c215.business           illegal_business_amount  30000
c215.business_next      illegal_business_amount 150000
c215.unsold             label_unsold             30000
c215.unsold_next        label_unsold            150000
c215.multi_pieces       label_pieces              5000 marks=2
c215.multi_pieces_next  label_pieces             25000 marks=2
c215.multi_income       illegal_income           10000 marks=2
c215.multi_income_next  illegal_income           50000 marks=2
c215.multi_business     illegal_business_amount  20000 marks=2
c215.multi_business_next illegal_business_amount 100000 marks=2
c215.multi_unsold       label_unsold             15000 marks=2
c215.multi_unsold_next  label_unsold             75000 marks=2
c215.repeat_pieces      label_pieces              5000 prior_punished_within_2y
c215.repeat_pieces_next label_pieces             25000 prior_punished_within_2y
c215.repeat_income      illegal_income           10000 prior_punished_within_2y
c215.repeat_income_next illegal_income           50000 prior_punished_within_2y
c215.repeat_business    illegal_business_amount  20000 prior_punished_within_2y
c215.repeat_business_next illegal_business_amount 100000 prior_punished_within_2y
c215.repeat_unsold      label_unsold             15000 prior_punished_within_2y
c215.repeat_unsold_next label_unsold             75000 prior_punished_within_2y
c216.income             illegal_income          100000
c216.business           illegal_business_amount 200000
c216.loss               loss                    300000
c216.multi_income       illegal_income           50000 patents=2
c216.multi_business     illegal_business_amount 100000 patents=2
c216.repeat_income      illegal_income           50000 prior_punished_within_2y
c216.repeat_business    illegal_business_amount 100000 prior_punished_within_2y
c217.income             illegal_income           30000
c217.income_next        illegal_income          300000
c217.business           illegal_business_amount  50000
c217.business_next      illegal_business_amount 500000
c217.copies             copies                     500
c217.copies_next        copies                    5000
c217.works              works                      500
c217.works_next         works                     5000
c217.downloads          downloads                10000
c217.downloads_next     downloads               100000
c217.clicks             clicks                  100000
c217.clicks_next        clicks                 1000000
c217.members            members                   1000
c217.members_next       members                  10000
c217.two_halves         works                      250 downloads=5000 clicks=0 members=0
c217.two_halves         downloads                 5000 clicks=50000 works=0 members=0
c217.two_halves         clicks                   50000 members=500 works=0 downloads=0
c217.two_halves_next    members                   5000 works=2500 downloads=0 clicks=0
c217.repeat_income      illegal_income           20000 prior_punished_within_2y
c217.repeat_income_next illegal_income          200000 prior_punished_within_2y
c217.repeat_business    illegal_business_amount  30000 prior_punished_within_2y
c217.repeat_business_next illegal_business_amount 300000 prior_punished_within_2y
c218.income             illegal_income           50000
c218.sales              sales_amount            100000
c218.copies             copies                    1000
c218.unsold             unsold_value            300000
c218.repeat_income      illegal_income           30000 prior_punished_within_2y
c218.repeat_sales       sales_amount             50000 prior_punished_within_2y
c219.loss               loss                    300000
c219.loss_next          loss                   3000000
c219.income             illegal_income          300000
c219.income_next        illegal_income         3000000
c219.repeat_loss        loss                    100000 prior_punished_within_2y
c219.repeat_income      illegal_income          100000 prior_punished_within_2y
"""
"""law.md 2.3: the crimes against IP since 2025-04-26."""

STATED = """
2010-12-01 ip_2004      c219.bankruptcy     holder_bankrupt
2010-12-01 goods_2001   c141.toxic          lab_findings=toxic_over_standard
2010-12-01 goods_2001   c141.no_ingredient  lab_findings=no_active_ingredient
2010-12-01 goods_2001   c141.beyond_indication lab_findings=beyond_indication
2010-12-01 goods_2001   c141.emergency      lab_findings=lacks_emergency_ingredient
2010-12-01 goods_2001   c143.poisoning      lab_findings=food_poisoning
2010-12-01 goods_2001   c145.danger         lab_findings=device_danger
2010-12-01 goods_2001   c142.injury         injury_level=light
2010-12-01 goods_2001   c145.injury         injury_level=light
2010-12-01 goods_2001   c146.injury         injury_level=serious
2010-12-01 goods_2001   c148.disfigurement  disfigurement
2025-12-01 ip_2025      c219.bankruptcy_next holder_bankrupt
"""
"""Rows without a figure: the day, the file, the row, and what must be stated."""

ALWAYS = {"goods_2001.c141.conduct", "goods_2001.c144.conduct"}
"""Rows that the conduct itself meets."""

MONEY = {"illegal_business_amount", "illegal_income", "sales_amount", "unsold_value", "loss", "production_loss"}


def value(text: str) -> tuple[str, object]:
    """Read ``marks=2``, ``sales_amount=40000`` (yuan), ``lab_findings=none`` or a bare ``service_mark``."""
    name, _, said = text.partition("=")
    if not said:
        return name, True
    if name == "lab_findings":
        return name, [said]
    return name, fen(name, int(said)) if said.isdecimal() else said


def fen(name: str, figure: int) -> int:
    """A figure as it is stated: amounts in fen."""
    return figure * 100 if name in MONEY else figure

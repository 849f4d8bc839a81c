"""Returns tallied: every body in one list, what they state summed up, and the same on the page and by the command."""

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from visitor import Visitor
from world import advance, begin, do, open_one

from commands.serving import Standing, serving_console
from engine.errors import Invalid, NotFound
from engine.lists import Wanted
from engine.tallies import named_periods, periods, return_of, tally
from workflows.workspace import Workspace

PLACE = "periodic_return/weekly_return/2010-W50/"

FIGURES = {
    "actions": 2, "joint_actions": 1, "person_times": 30, "premises": 12, "markets": 1, "areas": 0, "cases_filed": 3,
    "cases_closed": 1, "case_value": 4_500_050, "fines": 0, "dens": 0, "transferred": 1,
}  # fmt: skip


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    """Give the week of 13 December 2010: two returns in time, one of them zero, one late, one written off, eleven silent."""
    found = begin(db_url, "baodi-2010", at="2010-12-10T08:00")
    advance(found, "2010-12-13T12:00")
    do(found, PLACE + "wujia", "submit", "wujia.liaison", **FIGURES)
    do(found, PLACE + "sifa", "report_zero", "sifa.liaison")
    advance(found, "2010-12-14T12:00")
    do(found, PLACE + "nongwei", "submit", "nongwei.liaison", **{**FIGURES, "person_times": 7})
    do(found, PLACE + "xwcb", "write_off", "bgs.admin")
    yield found
    found.close()


def figure(found: dict[str, Any], code: str) -> tuple[int, int]:
    return next((each["sum"], each["on_time"]) for each in found["figures"] if each["code"] == code)


def test_every_body_stands_in_one_list_and_the_figures_add_up(office: Workspace) -> None:
    spec = return_of(office.campaign, "weekly_return")
    found = tally(office.reader, spec, "2010-W50")

    lists = found["lists"]
    assert (lists["on_time"], lists["zero"], lists["late"]) == (["wujia", "sifa"], ["sifa"], ["nongwei"])
    assert "xwcb" in lists["missing"], "what was written off was never made"
    assert found["owed"] == 15 == sum(len(lists[name]) for name in ("on_time", "late", "missing", "open"))
    assert figure(found, "person_times") == (37, 30), "all that was stated, and what was stated in time"
    assert figure(found, "case_value") == (9_000_100, 4_500_050)
    assert {code for each in found["rows"] for code in each["figures"]} == set(FIGURES)
    (week,) = periods(office.reader, spec)
    assert [week[name] for name in ("period", "last_day", "owed", "on_time", "zero", "late", "missing", "open")] == [
        "2010-W50", "2010-12-13", 15, 2, 1, 1, 12, 0,
    ]  # fmt: skip
    assert [name for name, _ in named_periods(office.reader, spec)] == ["2010-W50"]
    with pytest.raises(NotFound, match="there are: 2010-W50"):
        tally(office.reader, spec, "2010-W51")
    with pytest.raises(NotFound, match="there are: weekly_return"):
        return_of(office.campaign, "daily")


def test_the_page_shows_the_last_period_that_is_due_and_each_sees_his_own(office: Workspace) -> None:
    with serving_console(office, Standing(office, heart=False), "127.0.0.1", 0) as site:
        clerk = Visitor(site)
        clerk.enter("bgs.admin")
        code, page = clerk.ask("/statistics/returns")
        assert code == 200 and "案件查办周报 2010-W50" in page and "逾期报送 1" in page and "90,001.00" in page
        code, text = clerk.ask("/statistics/returns?of=weekly_return/2010-W50&csv=1")
        rows = {row[0]: row for row in csv.reader(text.removeprefix("\ufeff").splitlines())}
        at = rows["单位"].index("出动执法人员（人次）")
        assert [rows[name][at] for name in ("区物价局", "合计", "其中按时报送", "区法院")] == ["30", "37", "30", ""]
        assert clerk.ask("/statistics/returns?of=weekly_return/2010-W51")[0] == 404
        clerk.enter("wujia.liaison")
        page = clerk.ask("/statistics/returns")[1]
        assert "区物价局" in page and "区农委" not in page and "应报 1 家" in page.replace("</span>", "")


def test_the_table_of_statistics_counts_a_return_as_the_tally_does(office: Workspace) -> None:
    with serving_console(office, Standing(office, heart=False), "127.0.0.1", 0) as site:
        clerk = Visitor(site)
        clerk.enter("bgs.admin")
        page = clerk.ask("/statistics")[1].split('id="h-returns"')[1]
        text = clerk.ask("/statistics/table.csv?table=returns")[1]
        found = [re.findall(r"[^<>]+(?=</t[hd]>|</a></td>)", line) for line in page.split("<tr>")[1:]]
        _, *rows = csv.reader(text.removeprefix("\ufeff").splitlines())
        (week,) = periods(office.reader, return_of(office.campaign, "weekly_return"))
        names = ("owed", "on_time", "zero", "late", "missing", "open")
        assert [row[0] for row in found[1:]] == [row[0] for row in rows] and rows[-1][0] == "合计"
        assert [int(each) for each in rows[-1][1:]] == [week[name] for name in names] == [15, 2, 1, 1, 12, 0]
        assert found[1 + [row[0] for row in rows].index("区新闻出版（版权）局")][1:] == [
            "1",
            "0",
            "0",
            "0",
            "1",
            "0",
        ], "written off"
        links = [(unescape(url), int(count)) for url, count in re.findall(r'href="(/matters[^"]+)">(\d+)<', page)]
        assert len(links) > 30
        for url, count in links[-2:]:
            assert f"共 {count} 项" in clerk.ask(url)[1], url
        assert "没有这一项" in clerk.ask("/matters?standing=submit:never")[1]
    before = datetime(2010, 12, 14, 9, tzinfo=office.campaign.zone)
    missing = Wanted(kind="periodic_return", standing="submit:missing")
    assert len(office.reader.matching(missing)["items"]) == 12
    assert len(office.reader.matching(missing, before)["items"]) == 13, "what came late was missing in the morning"
    with pytest.raises(Invalid, match="one of: on_time, late, missing, open"):
        office.reader.matching(Wanted(standing="submit:never"))


def test_the_form_of_the_bulletin_is_filled_in_from_the_tally_of_its_week(office: Workspace) -> None:
    advance(office, "2010-12-15T10:00")
    one, other = "bulletin/2010-W50", "bulletin/seven"
    asked = next(each.asks for each in office.campaign.kind("bulletin").doc.transitions if each.trigger == "draft")
    do(office, one, "draft", "bgs.admin", docs="draft", **dict.fromkeys(asked, 0))
    do(office, one, "review", "bgs.head")
    do(office, one, "issue", "lxz.chair", docs="bulletin", issue_no=4)
    open_one(office, "bulletin", "bgs.admin", "bgs", ref=other, period="2010-W50", series="brief")
    with serving_console(office, Standing(office, heart=False), "127.0.0.1", 0) as site:
        clerk = Visitor(site)
        clerk.enter("bgs.admin")
        page = clerk.ask(f"/m/{other}")[1]
        assert 'href="/statistics/returns?of=weekly_return%2F2010-W50"' in page
        filled = filled_in(page, "draft")
        assert filled | {"returns_received": "3", "returns_missing": "12", "person_times": "37", "dens": "0"} == filled
        assert "其中按时报送30" in page and "其中按时报送2" in page and "应报15家" in page
        typed = {f"fact.{code}": "0" for code in asked} | {"fact.person_times": "99"}
        code, page = clerk.ask(f"/do/{other}", {"csrf": clerk.csrf(), "trigger": "draft", **typed})
        assert code == 409 and filled_in(page, "draft")["person_times"] == "99", "what was typed stays"
        assert "据报表汇总，其中按时报送30：37" in page
        do(office, other, "draft", "bgs.admin", docs="draft", **dict.fromkeys(asked, 0))
        do(office, other, "review", "bgs.head")
        clerk.enter("lxz.chair")
        page = clerk.ask(f"/m/{other}")[1]
        assert filled_in(page, "issue") == {"issue_no": "5"} and "接上一期编号" in page


def filled_in(page: str, act: str) -> dict[str, str]:
    """What stands in the fields of numbers of an act's form."""
    fields = re.findall(rf'<input id="f-{act}-(\w+)"[^>]* value="([^"]*)"', page)
    return {code: value for code, value in fields if value}

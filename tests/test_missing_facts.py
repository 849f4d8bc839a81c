"""A matter that was opened by its parent's move without a fact that its kind asks for says so until it is stated."""

from pytest import CaptureFixture
from sqlalchemy import select
from world import begin, flaws

from commands.call import Call
from commands.pages import show_page
from engine.desk import Desk
from engine.opening import open_child
from engine.orders import SYSTEM, Correct
from engine.rows import M, MatterRow
from engine.statement import Statement
from web.console.matter_view import waits_rows
from web.console.shell import Speech
from web.console.telling import Teller
from workflows.workspace import Workspace


def child_without(office: Workspace) -> str:
    """A case that some parent opened without having stated the infringement."""

    def work(tx):  # type: ignore[no-untyped-def]
        parent = MatterRow(*tx.rows(Statement(select(M).where(M.c.kind == "department_task").limit(1)))[0])
        now = office.clock.now()
        desk = Desk(office.campaign, office.people, tx, now, SYSTEM)
        return open_child(desk, "case", "gongshang", {}, "假冒注册商标案", parent, now).ref

    ref: str = office.engine.in_transaction(work)
    return ref


def test_the_fact_is_named_where_one_looks_until_a_correction_states_it(
    db_url: str, capsys: CaptureFixture[str]
) -> None:
    office = begin(db_url, "baodi-2010")
    ref = child_without(office)

    shown = office.reader.show(ref)
    assert [each["code"] for each in shown["facts_missing"]] == ["infringement"]
    call = Call()
    call.use(office)
    show_page(call, shown)
    assert "缺填" in capsys.readouterr().out
    teller = Teller(office.campaign, office.campaign.kind("case"), Speech("zh", office.campaign.zone))
    assert "立项时未填" in waits_rows(teller, shown)[-1]["what"]

    second = office.actor("bgs.admin2")
    order = Correct(ref=ref, facts={"infringement": "c213"}, reason="补填", approved_by=second)
    office.engine.execute(order, office.actor("bgs.admin"))
    assert office.reader.show(ref)["facts_missing"] == []
    assert flaws(office) == []
    office.close()

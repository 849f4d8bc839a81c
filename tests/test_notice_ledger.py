"""The ledger answers who was told, by whom, and whether it was acknowledged; now, and as the record stood on a past day."""

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import small_office
from world import advance, fire, flaws, local, open_one, set_clock, sql

from engine.errors import NotFound
from engine.notice_desk import NoticeDesk
from engine.notice_ledger import Ledger, Where, summary
from engine.orders import Urge
from engine.rows import NoticeRow
from engine.verifying import verify
from scheduler.channels import PermanentFailure
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"


class Shaky:
    """A way out that fails as it is told, then works."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    def send(self, notice: NoticeRow, campaign: str) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "taken"


def ledger(workspace: Workspace) -> Ledger:
    return Ledger(workspace.database, workspace.campaign, workspace.clock)


def listed(workspace: Workspace, as_of: str | None = None, **where: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ledger(workspace).listed(Where(**where), local(as_of) if as_of else None)["items"]
    return items


def deliver(workspace: Workspace, *errors: Exception) -> tuple[int, int]:
    return Dispatcher(workspace, {"console": Shaky(*errors)}).deliver()


def findings(workspace: Workspace) -> list[str]:
    with workspace.database.snapshot() as tx:
        found = verify(tx, workspace.campaign)["findings"]
    return [each["code"] for each in found]


def lived(workspace: Workspace) -> str:
    """Alpha is reminded on the 3rd: it fails, goes out an hour later, and is acknowledged the day after."""
    fire(workspace, DUE)
    assert deliver(workspace, OSError("shut"), OSError("shut")) == (0, 2)
    set_clock(workspace, "2010-11-03T10:00")
    assert deliver(workspace) == (2, 0)
    set_clock(workspace, "2010-11-04T08:00")
    (mine,) = listed(workspace, recipient="alpha.liaison")
    NoticeDesk(workspace.engine, workspace.actor("alpha.head")).acknowledge(mine["id"])
    return str(mine["id"])


def test_the_ledger_says_as_of_each_moment_what_had_come_of_a_notice_by_then(workspace: Workspace) -> None:
    ident = lived(workspace)

    def then(as_of: str | None) -> list[Any]:
        return [
            (each["status"], each["sent_at"], each["acknowledged_at"], each["acknowledged_by"], each["attempts"])
            for each in listed(workspace, as_of, body="alpha")
        ]

    sent, received = "2010-11-03T02:00:00Z", "2010-11-04T00:00:00Z"
    assert then("2010-11-03T08:59") == []
    assert then("2010-11-03T09:30") == [("failed", None, None, None, 1)]
    assert then("2010-11-03T10:00") == [("sent", sent, None, None, 2)]
    assert then("2010-11-04T07:59") == [("sent", sent, None, None, 2)]
    assert then("2010-11-04T08:00") == then(None) == [("acknowledged", sent, received, "alpha.head", 2)]
    assert [each["id"] for each in listed(workspace, status="acknowledged")] == [ident]
    assert findings(workspace) == []


def test_what_is_on_todays_row_does_not_change_what_the_record_says_of_the_past(workspace: Workspace) -> None:
    lived(workspace)
    before = listed(workspace, "2010-11-03T12:00", body="alpha")
    assert before[0]["status"] == "sent"

    sql(workspace.database, "update notice set status = 'dead', sent_at = null, acknowledged_at = null")

    assert listed(workspace, "2010-11-03T12:00", body="alpha") == before


def test_each_filter_narrows_the_list_and_its_days_are_the_campaigns(workspace: Workspace) -> None:
    advance(workspace, "2010-11-05T10:00")
    workspace.engine.execute(Urge(ref="errand/alpha", reason="请抓紧"), workspace.actor("bgs.admin"))
    found = listed(workspace)

    urged = listed(workspace, kind="urge")
    assert {(each["recipient"], each["by"]) for each in urged} == {
        ("alpha.liaison", "bgs.admin"), ("alpha.head", "bgs.admin"),
    }  # fmt: skip
    assert {each["by"] for each in found if each["kind"] != "urge"} == {"system"}
    assert {each["body"] for each in listed(workspace, body="beta")} == {"beta"}
    assert {each["recipient"] for each in listed(workspace, recipient="alpha.head")} == {"alpha.head"}
    third = listed(workspace, since=local("2010-11-03"), until=local("2010-11-04"))
    assert {each["planned_at"] for each in third} == {"2010-11-03T01:00:00Z"}
    assert listed(workspace, until=local(DUE)) == [], "the end is exclusive"
    assert len(listed(workspace, since=local(DUE))) == len(found)


def test_every_failed_attempt_and_the_dead_letter_are_on_the_chained_record(workspace: Workspace) -> None:
    open_one(workspace, "errand", "bgs.admin", "alpha", ref="errand/alpha-2")
    fire(workspace, DUE)
    deliver(workspace, PermanentFailure("no li@alpha.example"), OSError("shut"))
    dead, tried = listed(workspace, status="dead"), listed(workspace, status="failed")
    assert (len(dead), len(tried)) == (1, 1)
    assert [each["id"] for each in listed(workspace, status="owed")] and dead[0]["id"] not in [
        each["id"] for each in listed(workspace, status="owed")
    ]

    shown = ledger(workspace).shown(dead[0]["id"], addresses=False)

    assert [(act["what"], act["error"], act["actor"]) for act in shown["acts"]] == [
        ("dead", "no li@alpha.example", "system")
    ]
    assert shown["words_check"]["same"] is None
    records = [row[0] for row in sql(workspace.database, "select record from entry where kind = 'notice'")]
    assert sorted(json.loads(each)["trigger"] for each in records if '"failed"' in each or '"dead"' in each) == [
        "dead", "failed",
    ]  # fmt: skip
    assert not any("li@alpha" in each for each in records), "errors name addresses: commitments only"
    NoticeDesk(workspace.engine, workspace.actor("bgs.admin")).retry(dead[0]["id"])
    assert deliver(workspace)[0] >= 1
    again = ledger(workspace).shown(dead[0]["id"], addresses=False)
    assert [act["what"] for act in again["acts"]] == ["dead", "retry", "sent"]
    assert (flaws(workspace), findings(workspace)) == ([], [])


def test_one_notice_is_shown_with_its_text_the_act_that_owed_it_and_its_proof(workspace: Workspace) -> None:
    ident = lived(workspace)

    shown = ledger(workspace).shown(ident, addresses=False)

    assert [act["what"] for act in shown["acts"]] == ["failed", "sent", "acknowledge"]
    assert shown["acts"][1]["proof"] == shown["proof"]
    (entry,) = sql(workspace.database, "select stream, seq from entry where hash = :h", h=shown["proof"]["hash"])
    assert entry == ("notices/errand/alpha", 2)
    cause = shown["caused_by"]
    assert (cause["stream"], cause["kind"], cause["actor"]) == ("matter/errand/alpha", "deadline", "system")
    assert shown["words_check"]["same"] is True
    assert "甲局的差事" in shown["text"]
    for nonsense in ("1", "x", "9" * 30, ""):
        with pytest.raises(NotFound):
            ledger(workspace).shown(nonsense, addresses=False)


@pytest.mark.parametrize(
    ("tampering", "code"),
    [
        ("text = text || '。'", "notice_text"),
        ("subject = 'x'", "notice_text"),
        ("recipient = 'beta.head'", "notice_text"),
        ("acknowledged_at = acknowledged_at + 1", "notice_row"),
    ],
)
def test_a_notice_that_is_not_what_was_sent_is_found(tampering: str, code: str, workspace: Workspace) -> None:
    ident = lived(workspace)

    sql(workspace.database, f"update notice set {tampering} where id = {ident}")

    assert code in findings(workspace)
    if "text" in tampering:
        assert ledger(workspace).shown(ident, addresses=False)["words_check"]["same"] is False


def test_what_is_called_sent_or_received_without_an_entry_is_found_and_so_is_one_that_is_gone(
    workspace: Workspace,
) -> None:
    fire(workspace, DUE)
    sql(
        workspace.database,
        "update notice set status = 'acknowledged', acknowledged_at = 1 where recipient like 'alpha%'",
    )
    assert set(findings(workspace)) == {"notice_row"}

    sql(workspace.database, "update notice set status = 'owed', acknowledged_at = null")
    deliver(workspace)
    sql(workspace.database, "delete from notice where recipient like 'alpha%'")
    assert set(findings(workspace)) == {"notice_gone"}


def test_the_summary_counts_told_acknowledged_and_never_delivered(workspace: Workspace) -> None:
    lived(workspace)
    fire(workspace, "2010-11-05T09:00")
    deliver(workspace, PermanentFailure("no"))

    said = summary(listed(workspace))

    people = {each["recipient"]: each for each in said["items"]}
    assert people["alpha.liaison"]["acknowledged"] == 1
    assert people["alpha.liaison"]["median_to_acknowledge_s"] == 22 * 3600
    total = said["total"]
    assert total["not_delivered"] == 1
    assert total["owed"] == total["told"] + total["not_delivered"] + total["waiting"] == len(listed(workspace))
    assert {each["body"] for each in said["bodies"]} == {"alpha", "beta"}
    assert sum(each["owed"] for each in said["bodies"]) == total["owed"]
    assert summary([])["total"]["median_to_acknowledge_s"] is None


def test_was_a_body_warned_before_a_day_is_one_command(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    office.json("clock", "advance", "--to", "2010-11-04T10:00")

    (told,) = office("notice", "list", "--body", "alpha", "--until", "2010-11-04").rows

    assert (told["recipient"], told["sent_at"], told["acknowledged_at"], told["by"], told["status"]) == (
        "alpha.liaison", "2010-11-03 09:00", "", "system", "sent",
    )  # fmt: skip
    office.json("--as", "alpha.liaison", "notice", "ack", told["id"])
    assert office.json("notice", "list", "--body", "alpha", "--day", "2010-11-03")["items"][0]["acknowledged_at"]
    past = office.json("notice", "list", "--body", "alpha", "--as-of", "2010-11-03T12:00")
    assert [each["status"] for each in past["items"]] == ["sent"]
    shown = office("notice", "show", told["id"])
    assert shown.code == 0 and "甲局的差事" in shown.out and told["words"] in shown.out
    assert office("--lang", "en", "notice", "show", told["id"]).out.count("acknowledged") >= 1
    counted = office("notice", "list", "--summary").rows
    assert {"alpha.liaison", "*"} <= {row["recipient"] for row in counted}
    assert "共 " in office("notice", "list", terminal=True).out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("list", "--day", "x"), 7),
        (("list", "--day", "2010-11-03", "--until", "2010-11-04"), 2),
        (("list", "--to", "nobody"), 3),
        (("list", "--body", "nobody"), 7),
        (("list", "errand/none"), 3),
        (("show", "7"), 3),
        (("show", "x"), 3),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(words: tuple[str, ...], code: int, tmp_path: Path) -> None:
    assert small_office(tmp_path)("notice", *words).politely().code == code

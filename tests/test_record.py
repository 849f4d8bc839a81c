"""The record: appended to and never changed, in canonical form, and with nothing about persons that cannot be erased."""

import json
import re
import unicodedata
from typing import Any

import pytest
import world
from world import attach, correct, do, open_one, sql

from engine.canonical import canonical, commitment
from engine.errors import DubanError, NotFound
from engine.verifying import verify
from workflows.workspace import Workspace

REF = "probe/2010-0001"
SECRETS = ("王小二", "举报人来电", "王小二的身份证.pdf", "关于王小二的线索")


def confide(rich: Workspace) -> None:
    """A matter into which everything went that concerns a person: a personal fact, a reason, a file's name, a title."""
    name, why, file, title = SECRETS
    open_one(rich, "probe", "alpha.liaison", reporter=name, size=3, title=title)
    correct(rich, REF, "alpha.head", reason=why, size=4)
    papers = [type(each)(each.kind, file, each.sha256, each.size) for each in world.papers(rich, "paper")]
    order = world.Attach(ref=REF, documents=tuple(papers))
    rich.engine.execute(order, rich.actor("alpha.head"))
    world.advance(rich, "2010-11-05T10:00")


def verified(workspace: Workspace) -> dict[str, Any]:
    with workspace.database.snapshot() as tx:
        return verify(tx, workspace.campaign)


def records(workspace: Workspace) -> list[str]:
    return [record for (record,) in sql(workspace.database, "select record from entry order by stream, seq")]


@pytest.mark.parametrize("table", ["entry", "firing"])
@pytest.mark.parametrize("change", ["update {} set {} = {}", "delete from {}"], ids=["update", "delete"])
def test_the_database_itself_refuses_to_change_what_has_happened(table: str, change: str, rich: Workspace) -> None:
    world.fire(rich, "2010-11-10T10:00")
    before = world.everything(rich)
    column = {"entry": "kind", "firing": "merged"}[table]
    assert before[table]

    with pytest.raises(Exception, match="append-only"):
        sql(rich.database, change.format(table, column, column))

    assert world.everything(rich) == before


def test_the_history_cannot_be_emptied_at_one_stroke(pg_url: str) -> None:
    workspace = world.begin(pg_url)
    before = records(workspace)
    assert before

    with pytest.raises(Exception, match="append-only"):
        sql(workspace.database, "truncate entry")

    assert records(workspace) == before
    workspace.close()


def test_nothing_about_a_person_stands_in_an_entry(rich: Workspace) -> None:
    confide(rich)

    entries = [str(row) for row in world.everything(rich)["entry"]]

    assert [each for each in entries for secret in SECRETS if secret in each] == []
    shown = [each for each in world.history(rich, REF) if each["reason"]]
    assert shown[0]["reason"] == SECRETS[1]


def test_a_commitment_opens_with_its_salt_and_value_and_equal_values_do_not_look_equal(rich: Workspace) -> None:
    confide(rich)
    correct(rich, REF, "alpha.head", reason=SECRETS[1], reporter=SECRETS[0])
    private = sql(
        rich.database, "select seq, field, salt, value from entry_private where stream = :s", s=f"matter/{REF}"
    )

    bodies = {body["seq"]: body for body in map(json.loads, records(rich)) if body["stream"] == f"matter/{REF}"}

    assert {(seq, field) for seq, field, _, _ in private} == {
        (seq, field) for seq, body in bodies.items() for field in body.get("commit", ())
    }
    assert all(bodies[seq]["commit"][field] == commitment(salt, json.loads(v)) for seq, field, salt, v in private)
    assert len({salt for _, _, salt, _ in private}) == len(private)
    assert all(len(bytes.fromhex(salt)) == 32 for _, _, salt, _ in private)
    said = [bodies[seq]["commit"][field] for seq, field, _, value in private if json.loads(value) == SECRETS[0]]
    assert len(said) == len(set(said)) == 2


def test_clear_text_that_nobody_erased_by_law_is_missed_and_the_chain_still_holds(rich: Workspace) -> None:
    confide(rich)
    before = records(rich)

    sql(rich.database, "delete from entry_private where field <> 'title'")

    assert {each["code"] for each in verified(rich)["findings"]} == {"private_gone", "row_differs", "document_differs"}
    assert records(rich) == before
    assert not any(secret in str(world.history(rich, REF)) for secret in SECRETS)


def test_every_entry_is_canonical_text_without_a_fraction(rich: Workspace) -> None:
    decomposed = unicodedata.normalize("NFD", "Café Ångström")
    ref = open_one(rich, "probe", "alpha.liaison", title=decomposed, size=2**53 - 1).ref
    do(rich, ref, "receive", "alpha.liaison", received_at="2010-11-01T09:00:00.5+08:00")
    correct(rich, ref, "alpha.head", reason=decomposed, reporter=decomposed, size=0)
    attach(rich, ref, "alpha.head", "paper stamp")
    world.advance(rich, "2010-11-10T10:00")

    for record in records(rich):
        body = json.loads(record, parse_float=pytest.fail)
        assert record == canonical(body)
        assert unicodedata.is_normalized("NFC", record), record
        assert list(body) == sorted(body)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", body["recorded_at"])
        assert "\\u" not in record


def test_streams_count_from_one_without_a_gap_and_time_never_runs_back(rich: Workspace) -> None:
    confide(rich)

    assert world.broken_links(rich) == []
    assert verified(rich)["entries"] == len(records(rich))


@pytest.mark.parametrize("ref", ["probe/2010-0009", "nothing/1", "", "matter/probe/2010-0001"])
def test_what_has_no_history_is_not_found(ref: str, rich: Workspace) -> None:
    for ask in (rich.reader.history, rich.reader.show):
        with pytest.raises(NotFound) as caught:
            ask(ref)

        assert isinstance(caught.value, DubanError)

"""Entries in the form used before are held against what they came from: nobody is accused of them, and nothing hides behind them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from production import admin, hire
from test_contacts_order import office, owed, sent_to
from test_delivery_windows import copied
from test_digests import DUE, ON, Shut, by, of
from world import advance, begin, open_one, sql

from engine import notice_desk, successors
from engine.notice_desk import NoticeDesk
from engine.verifying import verify
from workflows.workspace import Workspace

__all__ = ["office"]


def checked(office: Workspace) -> tuple[list[tuple[str, str]], list[str]]:
    """What a check finds, and what it does not vouch for."""
    with office.database.snapshot() as tx:
        said = verify(tx, office.campaign)
    return [(each["code"], each["message"]) for each in said["findings"]], [
        each["code"] for each in said["reservations"]
    ]


@pytest.fixture
def passed_on(office: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A production in which a notice was passed on as it was entered before: the heirs in ``to``, and no word of what is owed."""
    append = successors.append

    def before(tx: Any, chain: Any, line: Any) -> Any:
        said = {name: value for name, value in line.more.items() if name not in ("heirs", "owed")}
        return append(tx, chain, replace(line, more={**said, "to": line.more["heirs"]}))

    monkeypatch.setattr(successors, "append", before)
    hire(office, "li.ming", "alpha.liaison")
    owed(office)
    hire(office, "wang.li", "alpha.liaison")
    admin(office).disable("li.ming")
    assert "wang.li" in sent_to(office)
    return office


def test_what_was_passed_on_in_the_old_form_is_no_forgery(passed_on: Workspace) -> None:
    found, reserved = checked(passed_on)
    assert found == [] and "older_notices" in reserved


FORGED = {
    "another kind": "kind = 'urge'",
    "other words": "text = '别的话'",
    "another matter's deadline": "level = level + 1",
    "another body": "body = 'beta'",
    "another hour": "effective_at = effective_at + 1000000",
    "another recipient": "recipient = 'beta.head'",
    "another key": "dedup = dedup || 'x'",
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_what_an_heir_was_told_is_still_held_against_what_was_passed_on(passed_on: Workspace, change: str) -> None:
    sql(passed_on.database, f"update notice set {change} where recipient = 'wang.li'")
    assert checked(passed_on)[0]


def test_an_heir_whose_notice_was_taken_away_is_missed(passed_on: Workspace) -> None:
    sql(passed_on.database, "delete from notice where recipient = 'wang.li'")
    assert {code for code, _ in checked(passed_on)[0]} == {"notice_gone"}


def test_no_notice_can_be_added_beside_those_of_the_heirs(passed_on: Workspace) -> None:
    database = passed_on.database
    names = [each for each in columns(passed_on) if each not in ("id", "dedup")]
    listed = ", ".join(f'"{each}"' for each in names)
    sql(
        database,
        f"insert into notice (id, dedup, {listed}) select -id, dedup || '>wang.li', {listed} from notice "
        "where recipient = 'wang.li'",
    )
    assert ("notice_row" in {code for code, _ in checked(passed_on)[0]}) is True


def columns(office: Workspace) -> list[str]:
    from engine.rows import N

    return [each.name for each in N.c]


def test_a_state_in_the_column_of_such_an_entry_is_found(passed_on: Workspace) -> None:
    from test_record_tampering import FREE

    for each in FREE[passed_on.database.wire.name]:
        sql(passed_on.database, each)
    sql(passed_on.database, "update entry set dst = 'done' where trigger = 'passed_on'")
    assert "column" in {code for code, _ in checked(passed_on)[0]}


@pytest.fixture
def retried(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A message of several that could not be delivered and is sent again, without an entry for what rides in it."""
    found = begin(db_url, copied(tmp_path, ON))
    for number in (1, 2):
        open_one(found, "errand", "bgs.admin", body="alpha", ref=f"errand/more-{number}", title=f"差事{number}号")
    advance(found, DUE, by(Shut()))
    monkeypatch.setattr(notice_desk, "record", lambda *_: None)
    NoticeDesk(found.engine, found.actor("bgs.admin")).retry(of(found, "alpha.liaison")[0]["id"])
    yield found
    found.close()


def test_what_rides_in_a_message_that_was_sent_again_is_no_forgery(retried: Workspace) -> None:
    found, reserved = checked(retried)
    assert found == [] and "older_notices" in reserved


def test_a_dead_notice_is_not_owed_again_with_another_message_or_without_its_retry(retried: Workspace) -> None:
    digest, riding = of(retried, "alpha.liaison")
    sql(retried.database, f"update notice set digest_id = null where id = {riding[0]['id']}")
    assert ("notice_row", f"the notice {riding[0]['id']}: it is owed; by the record it is dead") in checked(retried)[0]
    sql(retried.database, f"update notice set digest_id = {digest['id']} where id = {riding[0]['id']}")
    assert checked(retried)[0] == []
    sql(retried.database, f"update notice set status = 'dead' where id = {digest['id']}")
    assert len([words for _, words in checked(retried)[0] if "by the record it is dead" in words]) == len(riding)

"""A matter that the database shows in a forbidden situation is found, with the acts that led there; orders cannot do it."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import bindparam, select, update
from world import begin, do, open_one, sql

from engine.clock import rfc3339
from engine.rows import M
from engine.store import Statement
from scheduler.lookout import declared, findings
from workflows.workspace import Workspace

FORGED = Statement(
    update(M).where(M.c.ref == bindparam("b_ref")).values(state=bindparam("state"), stage=bindparam("state"), closed=1)
)


@pytest.fixture
def small(db_url: str) -> Iterator[Workspace]:
    """The small campaign on either database."""
    found = begin(db_url)
    yield found
    found.close()


def forge(workspace: Workspace, ref: str, state: str) -> None:
    """Put a matter into *state* by hand, past the one road."""
    with workspace.database.tx() as tx:
        ((data,),) = tx.select(select(M.c.data).where(M.c.ref == ref))
        assert json.loads(data)["documents"] == {}
        tx.write(FORGED, {"b_ref": ref, "state": state})


def test_a_forbidden_situation_is_found_with_the_acts_that_led_there(small: Workspace) -> None:
    ref = open_one(small, "errand", "alpha.liaison").ref
    do(small, ref, "take", "alpha.liaison")
    assert findings(small)["items"] == []

    forge(small, ref, "closed")

    (found,) = findings(small)["items"]
    assert (found["monitor"], found["ref"], found["status"], found["kind"]) == (
        "closed_with_report",
        ref,
        "broken",
        "errand",
    )
    assert [act["trigger"] for act in found["acts"]] == ["open", "take"]
    assert findings(small, body="beta")["items"] == findings(small, ref="errand/beta")["items"] == []


def test_what_was_so_at_an_earlier_instant_is_judged_as_it_was(small: Workspace) -> None:
    ref = open_one(small, "errand", "alpha.liaison").ref
    then = small.clock.now()
    forge(small, ref, "closed")
    sql(small.database, "UPDATE matter SET updated_at = updated_at + 1 WHERE ref = :ref", ref=ref)

    assert findings(small, as_of=then)["items"] == [], rfc3339(then)


def test_invariants_are_listed_among_what_is_watched(small: Workspace) -> None:
    (listed,) = [each for each in declared(small) if each["monitor"] == "closed_with_report"]

    assert (listed["kind"], listed["what"]) == ("errand", "invariant")
    assert listed["never"] == "state('closed') and not has('report')"

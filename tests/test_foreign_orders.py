"""Orders on what is not one's own: answered as for a matter that does not exist, and nothing is changed."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from test_orders import refused
from world import attach, correct, do, open_one, papers

from engine.definition_schema import FactSpec
from engine.errors import NotFound
from engine.foreign_keys import refuse_foreign
from engine.orders import Do
from engine.rows import CLOCKS_OF_REF, DEADLINES_OF_REF, LOCK_MATTER, MATTER_BY_REF
from engine.sight import sight_of
from engine.stamp import BEARING
from engine.store import Tx
from workflows.workspace import Workspace

FOREIGN: dict[str, Callable[[Workspace, str], Any]] = {
    "a clerk": lambda at, ref: do(at, ref, "take", "beta.liaison"),
    "a head who corrects": lambda at, ref: correct(at, ref, "beta.head", reason="x", urgent=True),
    "a document": lambda at, ref: attach(at, ref, "beta.liaison", "report"),
    "who presses a version": lambda at, ref: do(at, ref, "take", "beta.liaison", if_version=99),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_for_another_body_a_matter_is_not_there(name: str, workspace: Workspace) -> None:
    error = refused(workspace, lambda: FOREIGN[name](workspace, "errand/alpha"))
    missing = refused(workspace, lambda: FOREIGN[name](workspace, "errand/omega"))

    assert (error.exit_code, error.code, error.reasons) == (missing.exit_code, missing.code, []) == (3, "no_matter", [])
    assert error.message.replace("alpha", "omega") == missing.message


@pytest.mark.parametrize("name", FOREIGN)
def test_of_another_bodys_matter_nothing_is_locked_or_read_but_its_place(
    name: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is waited for, or a row that is read, would tell by its time which matters there are."""
    asked: list[object] = []
    rows, fetch = Tx.rows, Tx.fetch

    def counted(tx: Tx, statement: Any, **values: Any) -> Any:
        asked.append(statement)
        return rows(tx, statement, **values)

    def gathered(tx: Tx, reads: Any) -> Any:
        asked.extend(statement for statement, _ in reads)
        return fetch(tx, reads)

    monkeypatch.setattr(Tx, "rows", counted)
    monkeypatch.setattr(Tx, "fetch", gathered)
    found = []
    for ref in ("errand/alpha", "errand/omega"):
        asked.clear()
        with pytest.raises(NotFound):
            FOREIGN[name](workspace, ref)
        found.append(list(asked))

    assert found[0] == found[1]
    assert not {LOCK_MATTER, *BEARING.values(), CLOCKS_OF_REF, DEADLINES_OF_REF, MATTER_BY_REF} & set(found[0])


def test_a_party_to_what_was_just_saved_is_let_through_without_a_look_and_nobody_else(workspace: Workspace) -> None:
    campaign = workspace.campaign
    other, own = (sight_of(campaign, workspace.people.believed(f"{body}.liaison")) for body in ("beta", "alpha"))

    def look(tx: Tx) -> None:
        workspace.engine.run(tx, Do(ref="errand/alpha", trigger="take", documents=papers(workspace, "")), actor)
        tx.rows = refuse  # type: ignore[method-assign]
        own.must_be_there(tx, "errand/alpha")
        with pytest.raises(AssertionError, match="asked"):
            other.must_be_there(tx, "errand/alpha")
        tx.kept[campaign.id, "errand/alpha"].parties |= {"beta"}
        other.must_be_there(tx, "errand/alpha")

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("asked")

    actor = workspace.people.believed("alpha.liaison")
    workspace.engine.in_transaction(look)


def test_a_matter_that_a_fact_names_is_looked_at_no_further_than_one_that_is_not_there(workspace: Workspace) -> None:
    office = workspace.people.believed("bgs.admin")
    own = workspace.people.believed("beta.liaison")
    machine = Named()

    with workspace.database.snapshot() as tx:
        for ref in ("errand/alpha", "errand/omega"):
            with pytest.raises(NotFound, match=ref):
                refuse_foreign(tx, workspace.campaign, own, machine, {"about": ref})  # type: ignore[arg-type]
        refuse_foreign(tx, workspace.campaign, own, machine, {"about": "errand/beta"})  # type: ignore[arg-type]
        refuse_foreign(tx, workspace.campaign, office, machine, {"about": "errand/alpha"})  # type: ignore[arg-type]
        with pytest.raises(NotFound, match="errand/omega"):
            refuse_foreign(tx, workspace.campaign, office, machine, {"about": "errand/omega"})  # type: ignore[arg-type]


class Facts:
    """The facts of a kind, of which one names a matter."""

    facts: ClassVar = {"about": FactSpec(type="text", label={"zh": "事项", "en": "matter"}, matter=True)}


class Named:
    """A machine of that kind."""

    doc = Facts


def test_whoever_has_lost_his_post_is_not_told_again_what_he_did(workspace: Workspace) -> None:
    """The answer to a request that is sent again shows the matter: it is for whoever sees it now."""
    do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1")
    open_one(workspace, "errand", "alpha.liaison", "alpha", title="差事", urgent=True, request_id="r-2")
    workspace.people.rehearsal["alpha.liaison"] = frozenset({("beta", "liaison")})

    again = refused(workspace, lambda: do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1"))
    opened = refused(
        workspace,
        lambda: open_one(workspace, "errand", "alpha.liaison", "alpha", title="差事", urgent=True, request_id="r-2"),
    )

    assert (again.code, opened.code) == ("no_matter", "no_matter")


def test_whose_a_request_id_is_tells_nothing_of_the_matter(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1")

    error = refused(workspace, lambda: do(workspace, "errand/beta", "take", "beta.liaison", request_id="r-1"))

    assert (error.code, "alpha" in error.message) == ("request_id_reused", False)

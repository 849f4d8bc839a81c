"""Orders on what is not one's own: answered as for a matter that does not exist, and nothing is changed."""

from collections.abc import Callable
from typing import Any

import pytest
from test_orders import refused
from world import attach, correct, do

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

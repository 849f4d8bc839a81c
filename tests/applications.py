"""Applications for more time: an item under way, how one asks, and a refusal that changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from world import do, everything, open_one

from engine.errors import DubanError
from workflows.workspace import Workspace


def why_not(workspace: Workspace, act: Callable[[], Any]) -> DubanError:
    """The refusal of *act*, which must change nothing at all."""
    before = everything(workspace)
    with pytest.raises(DubanError) as caught:
        act()
    assert everything(workspace) == before
    return caught.value


def supervised(baodi: Workspace) -> str:
    """An item under way, due on 10 December."""
    ref = open_one(baodi, "supervision", "bgs.admin", "wujia", requirement="查清").ref
    do(baodi, ref, "open_item", "bgs.admin", item_no="1")
    do(baodi, ref, "assign", "bgs.admin", due_on="2010-12-10")
    do(baodi, ref, "sign", "wujia.head")
    do(baodi, ref, "start", "wujia.liaison")
    return ref


def ask(baodi: Workspace, ref: str) -> None:
    said = {"requested_until": "2010-12-31", "progress": "过半", "reason": "待鉴定"}
    do(baodi, ref, "ask_extension", "wujia.head", docs="extension_request", **said)

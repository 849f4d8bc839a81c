"""The program that verifies a bundle without us, run by itself on a bundle of a workspace, with receipts held against it."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.standalone import verify_bundle
from engine.bundles import Contents, write_bundle
from engine.checkpoints import seal
from engine.log_keys import begin_key
from engine.signing_key import load_key
from workflows.workspace import Workspace

PROGRAM = Path(verify_bundle.__file__)


def keyed(workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the log of *workspace* a key, and this process the way to it."""
    path = folder / "log.pem"
    monkeypatch.setenv("DUBAN_KEY", str(path))
    monkeypatch.setenv("DUBAN_STATE", str(folder / "state"))
    monkeypatch.delenv("DUBAN_ANCHORS", raising=False)
    vars(workspace).pop("signing", None)
    begin_key(workspace.engine, workspace.actor("bgs.admin"), path)
    return path


def sealed(workspace: Workspace, key: Path) -> None:
    """Put everything under a checkpoint."""
    private = load_key(key)
    assert private is not None
    assert seal(workspace.database, workspace.campaign, workspace.clock.now(), private) is not None


def held_against(workspace: Workspace, folder: Path, receipts: Iterable[str | Mapping[str, Any]]) -> dict[str, Any]:
    """What the program says of a bundle of everything and of *receipts*, texts of files or what is in them."""
    bundle = folder / "all.zip"
    bundle.unlink(missing_ok=True)
    with workspace.database.snapshot() as tx:
        write_bundle(tx, workspace.campaign, bundle, Contents())
    given = []
    for number, each in enumerate(receipts):
        path = folder / f"receipt-{number}.json"
        path.write_text(each if isinstance(each, str) else json.dumps(each), "utf-8")
        given += ["--receipt", str(path)]
    asked = [sys.executable, "-I", str(PROGRAM), str(bundle), "--json", *given]
    ended = subprocess.run(asked, capture_output=True, check=False, cwd=folder, timeout=120)
    assert ended.returncode in (0, 9), ended.stderr.decode()
    said: dict[str, Any] = json.loads(ended.stdout)
    return said

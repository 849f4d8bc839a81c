"""A bundle that is built to hurt: one finding, soon, in little room, whatever it swells to."""

import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import small_office

from commands.standalone.verify_bundle import check

ZEROES = 64
"""Megabytes; with more of them the same happens, later."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("bundle")
    office = small_office(folder, KEY=str(folder / "log.pem"))
    assert office("audit", "key", "new").code == 0
    assert office("audit", "checkpoint").code == 0
    assert office("audit", "export", "--out", str(folder / "sound.zip")).code == 0
    with zipfile.ZipFile(folder / "sound.zip") as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def bundled(path: Path, files: dict[str, bytes], **more: Any) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in {**files, **more}.items():
            bundle.writestr(name, content)
    return str(path)


HOSTILE: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "zeroes for entries": lambda files: {**files, "entries.jsonl": bytes(ZEROES << 20)},
    "zeroes for a checkpoint": lambda files: {**files, "checkpoint.txt": bytes(ZEROES << 20)},
    "zeroes for a manifest": lambda files: {**files, "manifest.json": bytes(ZEROES << 20)},
    "zeroes for a document": lambda files: {**files, f"documents/{'a' * 64}": bytes(ZEROES << 20)},
    "a line without an end": lambda files: {**files, "entries.jsonl": os.urandom(ZEROES << 19).hex().encode()},
    "JSON ten million deep": lambda files: {**files, "manifest.json": b"[" * 10_000_000},
    "an entry ten million deep": lambda files: {**files, "entries.jsonl": b'{"record":' + b"[" * 10_000_000},
    "no manifest": lambda files: {name: files[name] for name in files if name != "manifest.json"},
    "a way out": lambda files: {**files, "documents/../../../../tmp/out": b"x"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_is_one_finding_in_little_room(name: str, sound: dict[str, bytes], tmp_path: Path) -> None:
    path = bundled(tmp_path / "hostile.zip", HOSTILE[name](sound))

    tracemalloc.start()
    said = check(path)
    room = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert said["ok"] is False and said["count"] == 1
    assert len(said["first"]["message"]) < 400
    assert room < ZEROES << 20
    assert not Path("/tmp/out").exists()


def test_a_bundle_cut_short_or_with_a_name_twice_is_no_bundle(sound: dict[str, bytes], tmp_path: Path) -> None:
    whole = Path(bundled(tmp_path / "whole.zip", sound)).read_bytes()
    (tmp_path / "short.zip").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "whole.zip", "a") as bundle, pytest.warns(UserWarning, match="Duplicate"):
        bundle.writestr("manifest.json", b"{}")

    assert [check(str(tmp_path / name))["first"]["code"] for name in ("short.zip", "whole.zip")] == ["bundle", "bundle"]

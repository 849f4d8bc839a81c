"""Files that are brought as receipts and are none, or are forged: each is refused or found, and none is passed over."""

import json
from pathlib import Path

import pytest
from commandline import Office, small_office
from standalone import held_against, keyed, sealed

from workflows.workspace import Workspace, open_workspace


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return small_office(tmp_path_factory.mktemp("forged"))


NO_RECEIPTS = {
    "nothing": ("", 7), "an empty line": ("\n \n", 7), "an empty list": ("[]", 7), "null": ("null", 9), "a number": ("7", 9),
    "an object of nothing": ("{}", 9), "a list of nothing": ("[{}, null]", 9), "an abyss": ("[" * 100_000, 7),
    "numbers as names": ('{"log": 1, "stream": [], "seq": "x", "leaf": {}}', 9),
    "a number beyond": ('{"log": "LOG", "stream": "matter/errand/alpha", "seq": 99999999999999999999, "leaf": "00"}', 9),
    "half a number": ('{"log": "LOG", "stream": "matter/errand/alpha", "seq": 1.5, "leaf": "00"}', 9),
    "a NUL": ('{"log": "LOG", "stream": "a\\u0000b", "seq": 1, "leaf": "00"}', 9),
    "half a character": ('{"log": "LOG", "stream": "\\ud800", "seq": 1, "leaf": "\\ud800"}', 9),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_RECEIPTS)
def test_a_file_without_a_receipt_is_never_held_to_be_one_that_was_found(
    name: str, office: Office, tmp_path: Path
) -> None:
    text, code = NO_RECEIPTS[name]
    path = tmp_path / "none.json"
    path.write_text(text.replace("LOG", _log(office)), "utf-8")

    assert office("audit", "verify", "--receipt", str(path)).politely().code == code


@pytest.mark.parametrize(
    "form", ["[{}]", '{{"receipts": [{}]}}', '{{"items": [{{"receipt": {}}}]}}', '{{"receipt": {}}}']
)
def test_a_receipt_is_held_against_the_record_however_it_is_wrapped(form: str, office: Office, tmp_path: Path) -> None:
    """One in a list was passed over: whoever had it checked was told that all was well."""
    forged = {"log": _log(office), "stream": "matter/errand/alpha", "seq": 1, "leaf": "00"}
    path = tmp_path / "forged.json"
    path.write_text(form.format(json.dumps(forged)), "utf-8")

    said = office("--json", "audit", "verify", "--receipt", str(path))

    assert said.code == 9 and [each["code"] for each in said.json["findings"]] == ["receipt_missing"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "receipt_unreadable"), ("[]", "receipt_unreadable"), ("null", "receipt_unreadable"), ("[{}]", "receipt_missing"),
     ('{{"receipts": [{}]}}', "receipt_missing")],
)  # fmt: skip
def test_the_program_that_verifies_without_us_passes_over_none_either(
    text: str, code: str, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(workspace, keyed(workspace, tmp_path, monkeypatch))
    forged = {"log": workspace.campaign.log, "stream": "matter/errand/alpha", "seq": 1, "leaf": "00"}

    said = held_against(workspace, tmp_path, [text.format(json.dumps(forged)) if "{}" in text else text])

    assert [each["code"] for each in said["findings"]] == [code]


def _log(office: Office) -> str:
    workspace = open_workspace(str(office.url))
    try:
        return workspace.campaign.log
    finally:
        workspace.close()

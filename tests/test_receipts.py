"""Receipts of everything that leaves an entry: signed, held against the record, and missed when what they prove is gone."""

import json
from pathlib import Path

import pytest
from commandline import Office
from test_record_tampering import FREE
from world import sql

from workflows.workspace import open_workspace

DELEGATE = ("--to", "wujia.liaison", "--from", "2010-11-26", "--until", "2010-12-03", "--reason", "出差")
ACTS = {
    "an urging": ("notice", "urge", "department_task/xwcb", "--text", "请抓紧"),
    "a comment": ("comment", "department_task/xwcb", "--text", "请于周五前报送"),
    "a hold": ("notice", "hold", "--all", "--reason", "核查"),
    "a delegation": ("user", "delegate", "wujia.head", *DELEGATE),
    "a contact": ("contact", "set", "wujia.head", "--channel", "file", "--address", "x@wujia.example"),
    "a calendar address": ("user", "feed-token", "wujia.head"),
    "a key": ("audit", "key", "rotate"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("receipts")
    made = Office(f"sqlite:///{folder / 'duban.db'}", KEY=str(folder / "log.pem"))
    assert made("init", "--rehearsal").code == 0
    assert made("audit", "key", "new").code == 0
    return made


@pytest.mark.parametrize("name", ACTS)
def test_whatever_leaves_an_entry_gives_a_signed_receipt(name: str, office: Office, tmp_path: Path) -> None:
    path = tmp_path / "act.receipt"

    assert office(*ACTS[name], "--receipt", str(path)).code == 0

    said = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert said and all(each["sig"] for each in said)
    ended = office.json("audit", "verify", "--receipt", str(path))
    assert (ended["ok"], ended["receipts"]) == (True, len(said))


def test_what_is_only_looked_at_has_no_receipt_and_says_so(office: Office, tmp_path: Path) -> None:
    ended = office("--lang", "en", "board", "--receipt", str(tmp_path / "none"))

    assert ended.code == 0 and "no receipt" in ended.err
    assert (tmp_path / "none").read_text() == ""


def test_a_receipt_that_cannot_be_written_is_refused_before_anything_is_done(office: Office) -> None:
    before = office.json("audit", "verify")["entries"]

    ended = office(*ACTS["an urging"], "--receipt", "/nowhere/at/all").politely()

    assert ended.code == 8
    assert office.json("audit", "verify")["entries"] == before


def test_an_act_that_was_dropped_behind_the_back_of_the_program_is_missed_by_its_receipt(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "contact.receipt"
    assert office("contact", "drop", "wujia.head", "--channel", "file", "--receipt", str(path)).code == 0
    said = json.loads(path.read_text("utf-8"))
    workspace = open_workspace(str(office.url))
    for statement in FREE["sqlite"]:
        sql(workspace.database, statement)
    sql(workspace.database, f"delete from entry where stream = '{said['stream']}' and seq = {said['seq']}")
    workspace.close()

    ended = office("--json", "audit", "verify", "--receipt", str(path))

    assert ended.code == 9
    assert "receipt_missing" in {each["code"] for each in ended.json["findings"]}

"""What an erasure would take is seen before; two end a hold; the record, the ledger and the files are held against it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import world
from test_privacy import LATER, REF, codes, desk, refused
from world import correct, do, open_one, sql

from engine.accounts import Accounts
from engine.documents import FileStore, keep
from engine.erased_words import Needles
from engine.erasing import TABLES
from engine.erasing_again import erase_again, ledger, read_ledger
from engine.log_keys import begin_key, rotate_key
from engine.orders import Comment
from engine.unscrubbed import scrub_and_note, unscrubbed
from engine.verifying import Scope, verify
from workflows.erased_papers import destroy_papers
from workflows.workspace import Workspace

NAME = "张三"


@pytest.fixture
def rich(sqlite_url: str) -> Iterator[Workspace]:
    """A closed matter about somebody with a short name, beside others whose names contain it."""
    workspace = world.begin(sqlite_url, "rich")
    Accounts(workspace.engine, workspace.actor("bgs.admin")).add("zhang", "张三立")
    open_one(workspace, "probe", "alpha.liaison", reporter=NAME, size=3, title=f"{NAME}举报张三超市")
    open_one(workspace, "probe", "alpha.liaison", reporter="张三超市、张三丰、张三等", size=3)
    correct(workspace, REF, "alpha.head", reason="张三立已复核，与张三丰无关", size=4)
    correct(workspace, REF, "alpha.head", reason="再访张三本人", size=5)
    correct(workspace, REF, "alpha.head", reason="另有张三来电", size=6)
    for ref in (REF, "probe/2010-0002"):
        do(workspace, ref, "abandon", "alpha.liaison")
    world.set_clock(workspace, LATER)
    yield workspace
    workspace.close()


def erased(rich: Workspace, *spare: str) -> dict[str, Any]:
    asked = desk(rich, "bgs.admin").ask(REF, [], "withdrawn", "本人要求", NAME, spare)["request"]["id"]
    return desk(rich, "bgs.admin2").approve(asked)["request"]


def test_each_place_is_seen_before_and_may_be_left_out_and_longer_names_are_never_touched(rich: Workspace) -> None:
    seen = desk(rich, "bgs.admin").preview(REF, [], NAME)
    where = {each["place"]: each["context"] for each in seen["items"]}
    assert where[f"matter/{REF}#1:title"] == "【张三】举报张三超市"
    assert where[f"matter/{REF}#3:reason"] == "再访【张三】本人"
    assert f"matter/{REF}#2:reason" not in where
    assert seen["kept"] == ["张三丰", "张三立", "张三超市"]
    assert seen["title"]["after"] == "〔已依法删除〕举报张三超市"
    assert refused(desk(rich, "alpha.liaison").preview, REF, [], NAME) == "forbidden"
    assert refused(desk(rich, "beta.head").preview, REF, [], NAME) == "no_matter"
    assert refused(desk(rich, "bgs.admin").ask, REF, [], "withdrawn", "x", NAME, ["matter/x#1:y"]) == "place"

    asked = desk(rich, "bgs.admin").ask(REF, [], "withdrawn", "本人要求", NAME, [f"matter/{REF}#4:reason"])["request"][
        "id"
    ]
    for_second = desk(rich, "bgs.admin2").preview_of(asked)
    assert {each["context"] for each in for_second["items"] if each["stream"].startswith("privacy/")} == {f"【{NAME}】"}
    assert for_second["left_out"] == [f"matter/{REF}#4:reason"]
    rich.engine.execute(Comment(ref=REF, reason="张三又来"), rich.actor("alpha.head"))
    assert refused(desk(rich, "bgs.admin2").approve, asked, for_second["digest"]) == "changed"
    desk(rich, "bgs.admin2").approve(asked, desk(rich, "bgs.admin2").preview_of(asked)["digest"])

    assert rich.reader.show(REF)["title"] == "〔已依法删除〕举报张三超市"
    reasons = [each["reason"] for each in world.history(rich, REF)]
    assert ("张三立已复核，与张三丰无关" in reasons, "再访张三本人" in reasons, "另有张三来电" in reasons) == (
        True,
        False,
        True,
    )
    assert codes(rich) == set()
    assert refused(desk(rich, "bgs.admin2").preview_of, asked) == "decided"


def test_a_word_beside_a_name_makes_no_other_name_of_it() -> None:
    needles = Needles([NAME], {"张三丰", "张三"})
    assert [needles.within(each) for each in ("张三丰来了", "张三来了", "丰张三")] == [False, True, True]
    assert needles.blotted("张三丰和张三") == "张三丰和〔已依法删除〕"


def test_one_person_alone_ends_no_hold_and_a_refused_release_leaves_it(rich: Workspace) -> None:
    desk(rich, "bgs.admin").hold(REF, "检察院要求保全")
    assert desk(rich, "bgs.admin").release(REF, "不再需要")["ended"] is False
    assert refused(desk(rich, "bgs.admin").release, REF, "不再需要") == "same_person"
    assert refused(desk(rich, "bgs.admin2").ask, REF, [], "withdrawn", "x") == "legal_hold"
    desk(rich, "alpha.head").hold(REF, "仍需保全")
    assert desk(rich, "alpha.head").listed()["holds"][0]["release_asked_by"] is None
    assert desk(rich, "alpha.head").release(REF, "结案")["ended"] is False
    assert desk(rich, "bgs.admin2").release(REF, "同意")["ended"] is True
    assert desk(rich, "bgs.admin2").listed()["holds"] == []
    assert codes(rich) == set()


def test_an_erasure_is_owed_its_rewriting_until_the_files_are_written_anew(rich: Workspace) -> None:
    def owed() -> int:
        with rich.database.snapshot() as tx:
            return unscrubbed(tx, rich.campaign)

    assert owed() == 0
    erased(rich)
    assert (owed(), desk(rich, "bgs.admin").listed()["unscrubbed"]) == (1, 1)
    assert scrub_and_note(rich.engine, rich.actor("bgs.admin"), TABLES)
    assert owed() == 0
    assert codes(rich) == set()


def test_a_ledger_is_believed_under_the_logs_key_alone(rich: Workspace, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("DUBAN_KEY", str(tmp_path / "log.pem"))
    erased(rich)
    unsigned = ledger(desk(rich, "bgs.admin"))
    assert unsigned["sig"] is None
    begin_key(rich.engine, rich.actor("bgs.admin"), tmp_path / "log.pem")
    said = ledger(desk(rich, "bgs.admin"))

    def read(ledger: dict[str, Any]) -> Any:
        return read_ledger(json.dumps(ledger).encode(), desk(rich, "bgs.admin"))

    assert len(read(said)) == 1
    again = erase_again(read(said), desk(rich, "bgs.admin"), desk(rich, "bgs.admin2"))
    assert [each["status"] for each in again] == ["already"]
    assert refused(read, unsigned) == "ledger_unsigned"
    assert refused(read, {**said, "erasures": []}) == "ledger_forged"
    assert refused(read, {**said, "keys": 7}) == "ledger_forged"
    rotate_key(rich.engine, rich.actor("bgs.admin"), tmp_path / "log.pem")
    newer = ledger(desk(rich, "bgs.admin"))
    for each in (*GUARDS, "delete from entry where trigger = 'rotate'"):
        sql(rich.database, each)
    assert len(read(newer)) == 1, "a database restored from before the change believes the key that the old one signed"
    newer["keys"][-1]["by_old"] = "00"
    assert refused(read, newer) == "ledger_forged"


def test_the_bytes_of_a_document_are_destroyed_unless_another_matter_uses_them(rich: Workspace) -> None:
    def checked() -> set[str]:
        with rich.database.snapshot() as tx:
            said = verify(tx, rich.campaign, Scope(documents=rich.documents))
        return {each["code"] for each in said["findings"]} | {each["code"] for each in said["reservations"]}

    def attach(ref: str, content: bytes) -> str:
        paper = keep(rich.documents, "stamp", "a.pdf", content)
        rich.engine.execute(world.Attach(ref=ref, documents=(paper,)), rich.actor("alpha.head"))
        return paper.sha256

    refs = [str(open_one(rich, "probe", "alpha.liaison", reporter="李四", size=3).ref) for _ in range(2)]
    own, shared = attach(refs[0], b"scan of his identity card"), attach(refs[0], b"shared")
    attach(refs[1], b"shared")
    for ref in refs:
        do(rich, ref, "abandon", "alpha.liaison")
    world.set_clock(rich, "2032-02-01T09:00")
    ask = desk(rich, "bgs.admin").ask
    assert refused(ask, refs[0], ["papers"], "withdrawn", "本人要求") == "document_used"
    seen = desk(rich, "bgs.admin").preview(refs[0], ["papers"])["papers"]
    assert {(each["place"], each["used"]) for each in seen} == {(f"paper/{own}", False), (f"paper/{shared}", True)}
    asked = ask(refs[0], ["papers"], "withdrawn", "本人要求", None, [f"paper/{shared}"])["request"]["id"]
    assert desk(rich, "bgs.admin2").approve(asked)["request"]["papers"] == [own]
    assert world.history(rich, refs[0])[-1]["erasure"]["papers"] == [own]
    assert "erased_there" in checked(), "it is not done before the bytes are gone"
    assert destroy_papers(rich) == 0
    assert [rich.documents.has(each) for each in (own, shared)] == [False, True]
    assert checked() & {"erased_there", "document_missing", "erased_documents"} == {"erased_documents"}
    (again,) = erase_again(
        ledger(desk(rich, "bgs.admin"))["erasures"], desk(rich, "bgs.admin"), desk(rich, "bgs.admin2")
    )
    assert again["status"] == "already"


def test_bytes_that_were_just_sent_again_are_left_and_told(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "papers")
    sha256 = store.put(b"scan")
    put = (store.folder / sha256[:2] / sha256).stat().st_mtime
    assert store.drop(sha256, put - 1) == 0 and store.has(sha256)
    assert store.drop(sha256, put + 1) == 4 and not store.has(sha256)


GUARDS = tuple(f"drop trigger entry_no_{of}" for of in ("update", "delete"))
"""What an owner of the database takes away before he changes the record."""

FORGERIES = {
    "erased_unasked": 'update entry set record = replace(record, \'"trigger":"erase"\', \'"trigger":"eraze"\')',
    "erased_otherwise": 'update entry set record = replace(record, \'"ground":"withdrawn"\', \'"ground":"other"\')'
    " where kind = 'erased'",
    "erased_unentered": f"delete from entry where kind = 'erased' and stream = 'matter/{REF}'",
    "erased_alone": 'update entry set record = replace(record, \'"actor":"bgs.admin2"\', \'"actor":"bgs.admin"\')'
    " where kind = 'privacy'",
}


def test_what_was_erased_is_held_against_its_request(rich: Workspace) -> None:
    erased(rich)
    assert codes(rich) == set()
    for code, statement in FORGERIES.items():
        assert code in _forged(rich, statement), code


def _forged(rich: Workspace, statement: str) -> set[str]:
    class Undo(Exception):
        pass

    found: set[str] = set()
    with pytest.raises(Undo), rich.database.tx() as tx:
        tx.fetch()
        rich.database.wire.write(tx.connection, [(each, (), False) for each in (*GUARDS, statement)])
        found = {each["code"] for each in verify(tx, rich.campaign)["findings"]}
        raise Undo
    return found

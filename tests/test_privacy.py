"""Erasing personal data: asked for by one, decided by another, gone everywhere at once, and the record stays whole."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import world
from pgtemp import PgTemp
from visitor import visiting
from world import correct, do, open_one, sql

from engine.accounts import Accounts
from engine.contacts import Contacts
from engine.erasing import TABLES
from engine.erasing_again import erase_again, ledger, read_ledger
from engine.erasure_grounds import ERASED_MARK
from engine.errors import DubanError
from engine.privacy_desk import PrivacyDesk
from engine.privacy_finding import Holdings
from engine.saved_views import SavedViews
from engine.verifying import verify
from workflows.workspace import Workspace

REF = "probe/2010-0001"
NAME = "王小二甲乙"
LATER = "2021-02-01T09:00"
"""After the period of keeping of a matter that closed in 2010."""


def desk(workspace: Workspace, login: str) -> PrivacyDesk:
    actor = workspace.actor(login)
    return PrivacyDesk(workspace.engine, actor, workspace.sight(actor))


def verified(workspace: Workspace) -> dict[str, Any]:
    with workspace.database.snapshot() as tx:
        return verify(tx, workspace.campaign)


def codes(workspace: Workspace) -> set[str]:
    return {each["code"] for each in verified(workspace)["findings"]}


def confide(rich: Workspace) -> None:
    """A matter into which a name went in every way: as a fact, in title, comment, file's name, messages, a kept search."""
    open_one(rich, "probe", "alpha.liaison", reporter=NAME, size=3, title=f"{NAME}举报案", request_id="opened")
    correct(rich, REF, "alpha.head", reason=f"{NAME}来电更正", size=4)
    papers = [type(each)(each.kind, f"{NAME}.pdf", each.sha256, each.size) for each in world.papers(rich, "stamp")]
    rich.engine.execute(world.Attach(ref=REF, documents=tuple(papers)), rich.actor("alpha.head"))
    world.advance(rich, "2010-11-08T10:00")
    SavedViews(rich.engine, rich.actor("alpha.head")).save(f"{NAME}的事", {"text": NAME})
    do(rich, REF, "abandon", "alpha.liaison", reason="撤回")


def refused(act: Any, *args: Any) -> str:
    with pytest.raises(DubanError) as caught:
        act(*args)
    return caught.value.code


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def erased(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The matter after its reporter was erased, on each system in turn; nobody changes it any more."""
    if request.param == "sqlite":
        yield from _erased(f"sqlite:///{tmp_path_factory.mktemp('erased') / 'a.db'}")
        return
    server: PgTemp = request.getfixturevalue("pg_server")
    with server.database() as url:
        yield from _erased(url)


def _erased(url: str) -> Iterator[Workspace]:
    workspace = world.begin(url, "rich")
    confide(workspace)
    world.set_clock(workspace, LATER)
    assert NAME in str(world.everything(workspace)["notice"])
    asked = desk(workspace, "alpha.head").ask(REF, [], "retention", f"{NAME}本人申请")
    desk(workspace, "bgs.admin").approve(asked["request"]["id"])
    yield workspace
    workspace.close()


def test_a_value_that_was_erased_stands_in_no_table_and_the_record_is_whole(erased: Workspace) -> None:
    found = {table: [row for row in rows if NAME in str(row)] for table, rows in world.everything(erased).items()}

    assert {table for table, rows in found.items() if rows} == set()
    assert verified(erased)["findings"] == []
    assert [
        each["message"].partition(" ")[0] for each in verified(erased)["reservations"] if each["code"] == "erased"
    ] == ["5"]


def files(workspace: Workspace) -> bytes:
    """All bytes of an SQLite database, its log's too; nothing of one on a server."""
    if workspace.database.wire.name != "sqlite":
        return b""
    file = Path(str(workspace.database.url.database))
    return b"".join(each.read_bytes() for each in sorted(file.parent.glob(file.name + "*")))


def test_nothing_of_it_is_left_in_the_database_file_or_its_log(erased: Workspace) -> None:
    assert not files(erased) or NAME.encode() in files(erased)

    assert erased.database.scrub(TABLES)

    assert NAME.encode() not in files(erased)
    assert verified(erased)["findings"] == []


def test_a_mark_stands_in_its_place_now_and_as_of_any_earlier_instant(erased: Workspace) -> None:
    for as_of in (None, world.local("2010-11-07T09:00")):
        shown = erased.reader.show(REF, as_of)
        assert (shown["erased"], shown["title"]) == (["reporter"], f"{ERASED_MARK}举报案")
        assert [each["name"] for each in shown["documents"]] == [ERASED_MARK]
    lines = world.history(erased, REF)
    assert [each["erased"] for each in lines if each["erased"]] == [
        ["fact:reporter", "title"],
        ["reason"],
        ["name:stamp"],
    ]
    said = lines[-1]["erasure"]
    assert (lines[-1]["actor"], said["asked_by"], said["ground"]) == ("bgs.admin", "alpha.head", "retention")
    assert said["basis"] == "《个人信息保护法》第四十七条第一款第（二）项"
    assert said["fields"]["1"] == ["fact:reporter", "title"]


def test_what_is_held_is_found_and_hidden_from_whom_it_does_not_concern(erased: Workspace) -> None:
    def found(login: str) -> list[str]:
        sight = erased.sight(erased.actor(login))
        holdings = Holdings(erased.database, erased.campaign, erased.clock, sight)
        assert holdings.of_text(NAME)["items"] == []
        return [each["status"] for each in holdings.of_matter(REF)["items"]]

    assert found("alpha.head") == ["erased", "erased", "erased", "erased", "held", "held"]
    with pytest.raises(DubanError):
        found("beta.head")


FORGERIES = {
    "a value deleted by nobody": ("delete from entry_private where field = 'reason'", "private_gone"),
    "a title put back": (f"update matter set title = '{NAME}举报案'", "row_differs"),
    "a fact put back": (
        """update matter set data = replace(data, '"facts":{', '"facts":{"reporter":"甲",')""",
        "row_differs",
    ),
    "a name put back": ("update attachment set name = 'a.pdf'", "row_differs"),
    "words of a notice changed": ("update notice set text = 'x'", "notice_text"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_no_erasure_covers_is_still_accused(name: str, erased: Workspace) -> None:
    statement, code = FORGERIES[name]

    class Undo(Exception):
        pass

    with pytest.raises(Undo), erased.database.tx() as tx:
        tx.fetch()
        erased.database.wire.write(tx.connection, [(statement, (), False)])
        found = {each["code"] for each in verify(tx, erased.campaign)["findings"]}
        assert code in found or {"document_differs"} & found, found
        raise Undo


def test_a_restored_backup_is_erased_again_by_two_persons(erased: Workspace, sqlite_url: str) -> None:
    text = json.dumps(ledger(desk(erased, "bgs.admin"))).encode()
    assert NAME not in text.decode()
    assert refused(read_ledger, b"[]", desk(erased, "bgs.admin")) == "ledger"
    erasures = read_ledger(text, desk(erased, "bgs.admin"))

    assert [
        each["status"] for each in erase_again(erasures, desk(erased, "bgs.admin"), desk(erased, "bgs.admin2"))
    ] == ["already"]
    assert refused(erase_again, erasures, desk(erased, "bgs.admin"), desk(erased, "bgs.admin")) == "same_person"
    older = world.begin(sqlite_url, "rich", at="2010-11-01T09:00")  # begun by itself: another log
    confide(older)
    world.set_clock(older, LATER)
    assert refused(read_ledger, text, desk(older, "bgs.admin")) == "another_log"
    done = erase_again(erasures, desk(older, "bgs.admin"), desk(older, "bgs.admin2"))
    assert [each["status"] for each in done] == ["erased"]
    assert NAME not in str([rows for table, rows in world.everything(older).items()])
    assert verified(older)["findings"] == []
    older.close()


def test_whatever_has_a_name_in_it_goes_also_from_texts_and_from_the_request_itself(sqlite_url: str) -> None:
    rich = world.begin(sqlite_url, "rich")
    confide(rich)
    correct(rich, REF, "alpha.head", reason=f"再访{NAME[:3]}", size=5)
    world.set_clock(rich, LATER)

    assert refused(desk(rich, "bgs.admin").ask, REF, [], "withdrawn", "本人要求", "查无此人") == "nothing_held"
    declined = desk(rich, "bgs.admin").ask(REF, [], "withdrawn", f"{NAME}要求", NAME)["request"]["id"]
    desk(rich, "bgs.admin2").decline(declined, f"{NAME}未附证明")
    desk(rich, "bgs.admin").hold(REF, f"{NAME}诉讼未结")
    desk(rich, "bgs.admin").release(REF, f"{NAME}案已审结")
    desk(rich, "bgs.admin2").release(REF, f"{NAME}案已审结")
    asked = desk(rich, "bgs.admin").ask(REF, [], "withdrawn", f"{NAME[:3]}本人要求", NAME[:3])
    assert NAME[:3] in str(world.everything(rich)["entry_private"])
    done = desk(rich, "bgs.admin2").approve(asked["request"]["id"])["request"]

    assert (done["note"], done["erased"]["privacy/rich-2010"]) == (
        None,
        {
            "1": ["reason", "text"],
            "2": ["reason"],
            "3": ["reason"],
            "4": ["reason"],
            "5": ["reason"],
            "6": ["reason", "text"],
        },
    )
    assert NAME[:3] not in str(world.everything(rich))
    assert rich.reader.show(REF)["title"] == f"{ERASED_MARK}甲乙举报案"
    assert verified(rich)["findings"] == []
    rich.close()


def test_a_holder_of_a_disabled_account_is_erased_and_the_login_stays(db_url: str) -> None:
    rich = world.begin(db_url, "rich")
    accounts, address = Accounts(rich.engine, rich.actor("bgs.admin")), "yuan@example.org"
    accounts.add("li.ming", "李明远舟")
    Contacts(rich.engine, rich.actor("bgs.admin")).set("li.ming", "file", address)
    ask = desk(rich, "bgs.admin").ask_of

    assert refused(ask, "li.ming", "purpose", "离职") == "still_used"
    accounts.disable("li.ming")
    assert refused(ask, "li.ming", "purpose", "离职") == "retention"
    world.set_clock(rich, LATER)
    assert refused(ask, "nobody", "purpose", "离职") == "no_login"
    assert refused(desk(rich, "alpha.head").ask_of, "li.ming", "purpose", "离职") == "forbidden"
    asked = ask("li.ming", "purpose", "李明远舟离职")["request"]["id"]
    assert refused(desk(rich, "bgs.admin").approve, asked) == "same_person"
    desk(rich, "bgs.admin2").approve(asked)

    everything = str(world.everything(rich))
    assert ("李明远舟" in everything, address in everything, "li.ming" in everything) == (False, False, True)
    assert verified(rich)["findings"] == []
    assert refused(ask, "li.ming", "purpose", "离职") == "nothing_held"
    sql(rich.database, "update person set name = '乙' where login = 'li.ming'")
    assert codes(rich) == {"access_differs"}
    rich.close()


def test_the_pages_show_what_was_erased_by_whom_and_on_which_ground(sqlite_url: str) -> None:
    for workspace in _erased(sqlite_url):
        with visiting(workspace) as visitor:
            visitor.enter("bgs.admin")
            _, page = visitor.fetch_page(f"/m/{REF}")
            assert NAME not in page
            for words in (
                "已依法删除：举报人、标题",
                "保存期限已届满（《个人信息保护法》第四十七条第一款第（二）项）",
                "alpha.head",
            ):
                assert words in page
            _, page = visitor.fetch_page("/audit?kind=erased")
            assert "保存期限已届满，alpha.head 申请，3条留痕" in page
            _, page = visitor.fetch_page("/audit?kind=privacy")
            assert "批准并删除" in page

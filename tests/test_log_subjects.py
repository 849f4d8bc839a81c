"""What else leaves an entry: accounts, exports, configuration; and the root that is printed below every list."""

from pathlib import Path
from typing import Any

import pytest
import world
from production import admin, hire, producing, watch
from sqlalchemy import text

from engine.checkpoints import seal, short_root
from engine.signing_key import new_key
from engine.store import Statement, Tx
from engine.verifying import Scope, verify
from scheduler.announcing import Announcer
from scheduler.configuration import note_channels
from workflows.workspace import Workspace


def entries(workspace: Workspace, stream: str) -> list[dict[str, Any]]:
    import json

    rows = world.sql(workspace.database, "select record from entry where stream = :s order by seq", s=stream)
    return [json.loads(record) for (record,) in rows]


def codes(workspace: Workspace, *statements: str, **values: Any) -> set[tuple[str, str]]:
    """What a check finds after *statements*, which are taken back."""

    class Undo(Exception):
        pass

    found: set[tuple[str, str]] = set()
    try:
        with workspace.database.tx() as tx:
            for statement in statements:
                tx.write(Statement(text(statement)), values)
                tx.flush()
            said = verify(tx, workspace.campaign, Scope(timed=True, documents=workspace.documents))
            found = {(each["code"], each["stream"] or "") for each in said["findings"]}
            raise Undo
    except Undo:
        return found


def staffed(office: Workspace) -> None:
    hire(office, "li.ming", "alpha.head")
    watch(office).later(minutes=1)
    hire(office, "wang.fang", "beta.liaison", until=office.clock.now().replace(year=2099))
    watch(office).later(minutes=1)
    admin(office).disable("wang.fang")


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("update post_grant set post = 'liaison' where login = 'li.ming'", ("grant_differs", "authz/li.ming")),
        ("update post_grant set valid_to = null where login = 'wang.fang'", ("grant_differs", "authz/wang.fang")),
        ("delete from post_grant where login = 'li.ming'", ("grant_differs", "authz/li.ming")),
        ("update person set disabled_at = null where login = 'wang.fang'", ("account_differs", "authz/wang.fang")),
        ("delete from person where login = 'li.ming'", ("account_differs", "authz/li.ming")),
        ("update access_token set revoked_at = null", ("token_differs", "authz/wang.fang")),
        ("update access_token set hash = 'ab' where login = 'li.ming'", ("token_differs", "authz/li.ming")),
        ("update access_token set login = 'li.ming'", ("token_differs", "authz/li.ming")),
        (
            "insert into post_grant select -id, campaign_id, 'li.ming', 'alpha', 'officer', valid_from, null, 'x' "
            "from post_grant where login = 'li.ming'",
            ("grant_differs", "authz/li.ming"),
        ),
        (
            "insert into post_grant select -id, campaign_id, 'li.ming', 'alpha', 'officer', 0, null, 'x' "
            "from post_grant where login = 'li.ming'",
            ("grant_differs", "authz/li.ming"),
        ),
    ],
)
def test_whoever_gives_himself_rights_behind_the_program_s_back_is_found(
    statement: str, found: tuple[str, str], db_url: str
) -> None:
    with producing(db_url) as office:
        staffed(office)

        # tokens that admin() makes for the tests are entered nowhere
        told = [each["account"].get("token_id") for each in entries(office, "authz/bgs.admin")]
        known = ", ".join(f"'{each}'" for each in told)
        quiet = (f"delete from access_token where login = 'bgs.admin' and id not in ({known})",)
        assert codes(office, *quiet) == set()
        assert found in codes(office, *quiet, statement)
        assert found in codes(office, *quiet, "update log_state set since = 9000000000000000", statement)


def test_the_beginning_of_a_production_is_on_record_with_its_first_account(db_url: str) -> None:
    with producing(db_url) as office:
        (begun,) = entries(office, f"log/{office.campaign.code}")
        account = entries(office, "authz/bgs.admin")

        assert begun["configured"]["hash"] == "sha256"
        assert set(begun["configured"]["definitions"]) == {"errand@1"}
        assert begun["configured"]["mode"] == "production"
        assert [each["trigger"] for each in account[:2]] == ["add", "grant"]
        assert codes(office) == set()
        assert codes(office, "update meta set value = 'rehearsal' where key = 'mode'") == {
            ("mode_differs", f"log/{office.campaign.code}")
        }


def test_another_channels_file_is_put_on_record_once(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not note_channels(workspace)
    path = tmp_path / "channels.yaml"
    monkeypatch.setenv("DUBAN_CHANNELS", str(path))
    for content in ("a", "a", "b"):
        path.write_text(content)
        note_channels(workspace)
    monkeypatch.delenv("DUBAN_CHANNELS")
    assert note_channels(workspace)

    said = entries(workspace, f"log/{workspace.campaign.code}")
    assert [each["trigger"] for each in said] == ["init", *["channels"] * 3]
    assert said[-1]["configured"]["sha256"] == ""


def lined(workspace: Workspace) -> list[str]:
    def work(tx: Tx) -> list[str]:
        return Announcer(workspace).with_root(tx, ["按时完成（1）：甲"])

    with workspace.database.snapshot() as tx:
        return work(tx)


def test_the_sealed_root_is_printed_below_what_is_made_known(workspace: Workspace, tmp_path: Path) -> None:
    assert len(lined(workspace)) == 1
    made = seal(workspace.database, workspace.campaign, workspace.clock.now(), new_key(tmp_path / "k"))

    assert made is not None
    with workspace.database.snapshot() as tx:
        root = short_root(tx, workspace.campaign)
    assert lined(workspace)[-1] == f"留痕根值：{root}"
    assert root == f"{made.checkpoint.root.hex()[:16]}@{made.checkpoint.size}"


def test_the_words_of_a_notice_and_the_bytes_of_a_document_are_held_against_the_record(rich: Workspace) -> None:
    ref = world.open_one(rich, "probe", "alpha.liaison", size=3, docs="paper").ref
    world.advance(rich, "2010-11-10T10:00")
    sent = world.sql(rich.database, "select id, ref from notice where status = 'sent' order by id")
    where = f"where id = {sent[0][0]}"
    stream = f"notices/{sent[0][1]}"

    assert codes(rich) == set()
    assert codes(rich, f"update notice set text = 'x' {where}") == {("notice_text", stream)}
    assert codes(rich, f"update notice set recipient = 'x' {where}") == {("notice_text", stream)}
    assert codes(rich, f"update notice set sent_at = sent_at + 1 {where}") == {("notice_row", stream)}
    assert codes(rich, f"delete from notice {where}") == {("notice_gone", stream)}
    assert codes(rich, "update attachment set sha256 = 'x'") >= {("document_differs", f"matter/{ref}")}
    assert codes(rich, "delete from attachment") == {("document_differs", f"matter/{ref}")}
    kept: Any = rich.documents
    (sha256,) = {row[0] for row in world.sql(rich.database, "select sha256 from attachment")}
    kept._kept[sha256] = b"another"
    assert codes(rich) == {("document_changed", f"matter/{ref}")}
    del kept._kept[sha256]
    assert codes(rich) == {("document_missing", f"matter/{ref}")}

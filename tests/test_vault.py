"""The reporter's vault: who reported is read by approval only, and stands nowhere else."""

import json
import stat
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import world
from commandline import Office
from production import producing

from engine.errors import Conflict, Invalid, Unavailable
from engine.sealing_key import new_key_file
from engine.vault import Vault, load_vault

CANARY = "赵金丝雀"
LEAD: dict[str, Any] = {"channel": "letter", "anonymous": False, "content": "市场三排有假货"}


@pytest.fixture
def office(sqlite_url: str) -> Office:
    made = Office(sqlite_url)
    assert made("init", "--rehearsal").code == 0
    return made


def reported(office: Office, *more: str) -> str:
    facts = [word for name, value in LEAD.items() for word in ("--fact", f"{name}={value}")]
    said = office.json(
        "--as",
        "gongshang.officer",
        "open",
        "lead",
        "--body",
        "gongshang",
        *facts,
        "--fact",
        f"reporter={CANARY}",
        *more,
    )
    return str(said["matter"]["ref"])


def asked(office: Office, ref: str, who: str = "gongshang.officer") -> str:
    return str(office.json("--as", who, "vault", "request", ref, "--purpose", "核实举报内容")["request"]["id"])


def test_who_reported_is_read_once_another_person_has_approved(office: Office) -> None:
    ref = reported(office)
    ident = asked(office, ref)

    assert office.as_("gongshang.officer", "vault", "reveal", ident).code == 4
    assert office.as_("gongshang.officer", "vault", "approve", ident).code == 5
    assert office.as_("wujia.head", "vault", "approve", ident).code == 3, "for him there is no such lead"
    assert office.as_("bgs.admin", "vault", "approve", ident).code == 5
    assert office.as_("gongshang.head", "vault", "approve", ident).code == 0
    assert office.as_("gongshang.head", "vault", "approve", ident).code == 4
    assert office.as_("gongshang.head", "vault", "reveal", ident).code == 5, "only who asked"
    assert office.json("--as", "gongshang.officer", "vault", "reveal", ident)["identity"] == CANARY


def test_whoever_asks_himself_does_not_approve(office: Office) -> None:
    ident = asked(office, reported(office), "gongshang.head")

    ended = office.as_("gongshang.head", "--lang", "zh", "vault", "approve", ident)

    assert ended.code == 5 and "不得是申请人本人" in ended.err


def test_an_approval_ends(office: Office) -> None:
    ident = asked(office, reported(office))
    office.as_("gongshang.head", "vault", "approve", ident)
    assert office("clock", "advance", "--to", "2010-11-26T14:59").code == 0
    assert office.as_("gongshang.officer", "vault", "reveal", ident).code == 0
    assert office("clock", "advance", "--to", "2010-11-26T15:00").code == 0

    assert office.as_("gongshang.officer", "vault", "reveal", ident).code == 4


def test_the_list_of_readings_is_for_auditor_and_procuratorate_and_names_nobody(office: Office) -> None:
    ident = asked(office, reported(office))
    office.as_("gongshang.head", "vault", "approve", ident)
    for _ in range(2):
        office.as_("gongshang.officer", "vault", "reveal", ident)

    for who, seen in {
        "auditor": 1,
        "jianchayuan.head": 1,
        "gongshang.head": 1,
        "wujia.head": 0,
        "bgs.admin": 0,
    }.items():
        items = office.json("--as", who, "vault", "list")["items"]
        assert [(each["id"], each["readings"]) for each in items] == [(ident, 2)] * seen, who
        assert CANARY not in json.dumps(items, ensure_ascii=False)


def test_each_step_is_an_entry_and_the_record_is_sound(office: Office) -> None:
    ref = reported(office)
    ident = asked(office, ref)
    office.as_("gongshang.head", "vault", "approve", ident)
    office.as_("gongshang.officer", "vault", "reveal", ident)

    assert office.json("audit", "verify")["findings"] == []
    from workflows.workspace import open_workspace

    workspace = open_workspace(str(office.url))
    rows = world.sql(workspace.database, f"select trigger, actor from entry where stream = 'vault/{ref}' order by seq")
    workspace.close()
    assert rows == [("request", "gongshang.officer"), ("approve", "gongshang.head"), ("reveal", "gongshang.officer")]


def test_who_reported_stands_nowhere_but_sealed(office: Office, tmp_path: Path) -> None:
    """The taint test: a planted identity, then everything is done that writes, and every byte is searched."""
    ref = reported(office, "--request-id", "letter-7")
    again = reported(office, "--request-id", "letter-7")
    ident = asked(office, ref)
    office.as_("gongshang.head", "vault", "approve", ident)
    assert office.json("--as", "gongshang.officer", "vault", "reveal", ident)["identity"] == CANARY
    said = [office.as_("gongshang.officer", "vault", "reveal", "1"), office.as_("auditor", "show", ref)]
    office.as_("gongshang.officer", "do", ref, "register", "--fact", "secrecy=internal")
    office.as_("bgs.admin", "correct", ref, "--fact", f"reporter={CANARY}二", "--reason", "姓名补全")
    office.as_("bgs.admin", "do", ref, "assign", "--fact", "assignee=zhijian")
    office.as_("bgs.admin", "notice", "urge", ref, "--text", "请抓紧")
    office("clock", "advance", "--to", "2010-12-20")
    exports = {"csv": "e.csv", "xes": "e.xes", "ocel": "e.json", "ics": "e.ics"}
    said += [office("export", form, "--out", str(tmp_path / file)) for form, file in exports.items()]
    office.variables |= {"DUBAN_KEY": str(tmp_path / "log.pem"), "DUBAN_ANCHORS": str(tmp_path / "anchors")}
    said += [office("audit", "key", "new"), office("audit", "checkpoint")]
    said.append(office("audit", "export", "--out", str(tmp_path / "e.zip"), "--private"))
    ZipFile(tmp_path / "e.zip").extractall(tmp_path / "bundle")
    said.append(office("db", "backup", "--to", str(tmp_path / "b.tar")))
    looks = (["show", ref], ["history", ref], ["list"], ["notice", "list"], ["report", "knew", ref], ["can", ref])
    said += [office("--json", *words) for words in looks]
    said.append(office.as_("gongshang.officer", "show", ref))

    assert again == ref, "the same request again is no other order"
    assert [ended.code for ended in said[2:]] == [0] * len(said[2:])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    needle = CANARY.encode()
    escaped = json.dumps(CANARY).strip('"').encode()
    guilty = [path.name for path in files if needle in path.read_bytes() or escaped in path.read_bytes()]
    assert (len(files) > 10, guilty) == (True, [])
    assert [path for path in tmp_path.rglob("*") if CANARY in path.name] == []
    assert [ended for ended in said if CANARY in ended.out + ended.err] == []


def test_a_production_without_a_key_takes_nobody_in(sqlite_url: str) -> None:
    with producing(sqlite_url, "baodi-2010") as workspace:
        before = world.counted(workspace)
        with pytest.raises(Unavailable) as refused:
            world.open_one(workspace, "lead", "bgs.admin", "bgs", reporter=CANARY, **LEAD)

        assert refused.value.code == "no_vault_key"
        assert CANARY not in refused.value.message
        assert world.counted(workspace) == before
        assert world.open_one(workspace, "lead", "bgs.admin", "bgs", **LEAD).ref, "without a name it is taken"


def test_the_key_is_its_owners_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    new_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Invalid):
        new_key_file(path)
    path.chmod(0o640)
    with pytest.raises(Invalid) as refused:
        load_vault(path)
    assert refused.value.code == "key_mode"
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(Invalid):
        load_vault(path)


def test_what_was_changed_or_sealed_with_another_key_is_not_opened(db_url: str) -> None:
    workspace = world.begin(db_url, "baodi-2010")
    name = world.open_one(workspace, "lead", "bgs.admin", "bgs", reporter=CANARY, **LEAD).facts["reporter"]
    vault = workspace.engine.vault()
    with workspace.database.snapshot() as tx:
        assert vault.opened(tx, workspace.campaign, name) == CANARY
        with pytest.raises(Unavailable, match="sealed with the key"):
            Vault(b"k" * 32).opened(tx, workspace.campaign, name)
    world.sql(workspace.database, "update vault_item set name = 'R-AAAAAAAAAAAA'")
    with workspace.database.snapshot() as tx, pytest.raises(Unavailable, match="changed"):
        vault.opened(tx, workspace.campaign, "R-AAAAAAAAAAAA")
    workspace.close()


def test_the_same_request_id_with_another_reporter_is_another_order(db_url: str) -> None:
    workspace = world.begin(db_url, "baodi-2010")
    said = {**LEAD, "request_id": "x-1"}
    ref = world.open_one(workspace, "lead", "bgs.admin", "bgs", reporter=CANARY, **said).ref
    assert (
        world.open_one(workspace, "lead", "bgs.admin", "bgs", reporter=CANARY, **{**LEAD, "request_id": "x-1"}).ref
        == ref
    )

    with pytest.raises(Conflict):
        world.open_one(workspace, "lead", "bgs.admin", "bgs", reporter="别人", **{**LEAD, "request_id": "x-1"})
    assert len(world.sql(workspace.database, "select 1 from vault_item")) == 1
    workspace.close()

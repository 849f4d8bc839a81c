"""Receipts over the interface for programs: of every family of acts, asked for again, and held against the record outside."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from callers import Caller, House, house_of, refused, token_of
from commandline import ROOT, Office
from newversion import version
from standalone import held_against, keyed, sealed
from world import SAMPLES, advance, begin, set_clock, sql

from commands.programs import SchedulersFigures
from engine.log_keys import rotate_key
from workflows.workspace import Workspace

CAMPAIGN = (SAMPLES / "small_campaign.yaml").read_text("utf-8")
CHANGED = {
    "small_campaign.yaml": CAMPAIGN.replace("Bureau Alpha", "Bureau Alpha renamed"),
    "small.yaml": (SAMPLES / "small.yaml").read_text("utf-8"),
}
PROPOSALS = "/campaign/proposals"


@pytest.fixture
def house(workspace: Workspace) -> Iterator[House]:
    with house_of(workspace, figures=SchedulersFigures(workspace)) as found:
        yield found


@pytest.fixture
def lone(sqlite_url: str) -> Iterator[House]:
    """On SQLite alone, for what has nothing to do with storage."""
    workspace = begin(sqlite_url)
    with house_of(workspace, figures=SchedulersFigures(workspace)) as found:
        yield found
    workspace.close()


def acts(house: House, folder: Path) -> dict[str, Callable[[], Any]]:
    """An act of each family, in an order in which all of them are possible; each gives its answer."""
    admin, chair, head = (
        house.as_("bgs.admin"),
        house.as_("lxz.chair", "read", "admin", "approve"),
        house.as_("alpha.head"),
    )
    made: dict[str, str] = {}

    def proposed(said: str, path: str = PROPOSALS, **more: Any) -> Any:
        answer = admin.post(path, {**more, "said": said})
        made[said] = answer.json["id"]
        return answer

    def decided(said: str, how: str, by: Caller = chair, **more: Any) -> Any:
        return by.post(f"{PROPOSALS}/{made[said]}/{how}", more)

    files = {path.name: path.read_text("utf-8") for path in [Path(version(folder))]}
    holidays = next((ROOT / "workflows" / "calendars").rglob("cn-2011.yaml"))
    notice = {"name": holidays.name, "content": holidays.read_text("utf-8").replace("40号", "41号"), "apply": True}
    contact = {"holder": "alpha.head", "channel": "file"}
    away = {"login": "alpha.head", "to": "alpha.liaison"}
    return {
        "an order": lambda: house.as_("alpha.liaison").post("/matters/errand/alpha/do", {"trigger": "take"}),
        "a comment": lambda: admin.post("/matters/errand/alpha/comment", {"text": "请报送"}),
        "an urging": lambda: admin.post("/matters/errand/beta/urge", {"text": "请抓紧"}),
        "a hold": lambda: admin.post("/notices/hold", {"all": True, "reason": "核查"}),
        "a release": lambda: admin.post("/notices/release", {"all": True, "reason": "核定"}),
        "a contact": lambda: head.post("/contacts", {**contact, "address": "x@alpha.example"}),
        "a contact dropped": lambda: head.post("/contacts/drop", contact),
        "a calendar address": lambda: head.post("/me/feed-token", {}),
        "a delegation": lambda: head.post("/delegations", {**away, "from": "2010-12-10", "until": "2010-12-12", "reason": "出差"}),
        "its end": lambda: head.post("/delegations/end", away),
        "a calendar": lambda: admin.post("/calendar", notice),
        "a proposal": lambda: proposed("更名", files=CHANGED),
        "a rejection": lambda: decided("更名", "reject", reason="日期有误"),
        "another": lambda: proposed("再改", files=CHANGED),
        "a withdrawal": lambda: decided("再改", "withdraw", admin),
        "the last": lambda: proposed("定稿", files=CHANGED),
        "an amendment": lambda: decided("定稿", "approve"),
        "a new version": lambda: proposed("新版", files=files),
        "its publication": lambda: decided("新版", "approve"),
        "a migration": lambda: proposed("启用", "/definitions/errand/2/migration"),
        "its approval": lambda: decided("启用", "approve"),
    }  # fmt: skip


def test_every_family_of_acts_gives_a_receipt_that_the_program_without_us_accepts(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = house.workspace
    key = keyed(workspace, tmp_path, monkeypatch)
    monkeypatch.setattr(house.parts.proofs, "ask", lambda job: {"ok": True, "problems": [], "proofs": [], "failed": ""})
    set_clock(workspace, "2010-12-10T09:00")
    receipts: list[dict[str, Any]] = []

    for name, act in acts(house, tmp_path).items():
        answer = act()
        assert answer.code in (200, 201), (name, answer)
        said = answer.json
        assert said.get("receipt", {}).get("sig"), (name, said)
        assert said["receipt"]["log"] == workspace.campaign.log, name
        assert f"</receipts/{said['receipt']['stream']}/{said['receipt']['seq']}>" in answer.headers["link"], name
        assert said.get("receipts", [said["receipt"]])[0] == said["receipt"], name
        receipts += said.get("receipts", [said["receipt"]])
    sealed(workspace, key)

    said = held_against(workspace, tmp_path, receipts)
    assert (said["ok"], said["findings"]) == (True, []) and said["entries"] >= len(receipts) > 20
    spoilt = {**receipts[5], "leaf": "0" * 64}
    assert {each["code"] for each in held_against(workspace, tmp_path, [spoilt])["findings"]} == {"receipt_missing"}


def test_a_receipt_is_asked_for_again_and_says_not_yet_until_a_checkpoint_covers_it(
    house: House, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, head = house.workspace, house.as_("alpha.head")
    key = keyed(workspace, tmp_path, monkeypatch)
    said = head.post("/contacts", {"holder": "alpha.head", "channel": "file", "address": "x@alpha.example"}).json
    where = f"/receipts/{said['receipt']['stream']}/{said['receipt']['seq']}"

    early = head.get(where)
    sealed(workspace, key)
    late = head.get(where)

    assert early.json == {**said["receipt"], "sealed": None} and int(early.headers["retry-after"]) > 0
    assert "retry-after" not in late.headers and late.json["sig"] == said["receipt"]["sig"]
    seal = late.json["sealed"]
    assert seal["idx"] < seal["size"] and seal["checkpoint"].startswith(f"duban/{workspace.campaign.log}\n")
    assert held_against(workspace, tmp_path, [late.content.decode()])["ok"]
    kept = tmp_path / "kept.json"
    for answer in (early, late):
        kept.write_bytes(answer.content)
        said = Office(db_url)("--json", "audit", "verify", "--receipt", str(kept)).json
        assert said["receipts"] == 1 and not [each for each in said["findings"] if "receipt" in each["code"]]
    assert head.get(where, headers={"If-None-Match": late.headers["etag"]}).code == 304


def test_what_one_did_is_listed_with_its_receipts_and_nothing_of_others(house: House) -> None:
    head, liaison = house.as_("alpha.head"), house.as_("alpha.liaison")
    first = head.post("/contacts", {"holder": "alpha.head", "channel": "file", "address": "x@alpha.example"}).json
    liaison.post("/matters/errand/alpha/do", {"trigger": "take"})
    second = head.post("/me/feed-token", {}).json

    listed = head.all("/receipts", limit=1)

    assert [each["receipt"] for each in listed] == [second["receipt"], first["receipt"]]
    assert not any(each["sealed"] for each in listed)
    assert {each["receipt"]["stream"] for each in liaison.all("/receipts")} == {"matter/errand/alpha"}
    assert head.get("/receipts", params={"until": "2010-11-01"}).json["items"] == []


def test_nobody_gets_the_receipt_of_what_he_does_not_see(house: House) -> None:
    office, alpha, beta = house.as_("bgs.admin"), house.as_("alpha.head"), house.as_("beta.head")
    token = alpha.post("/me/feed-token", {}).json["receipt"]
    took = house.as_("alpha.liaison").post("/matters/errand/alpha/do", {"trigger": "take"}).json["receipt"]
    own, foreign = f"/receipts/{token['stream']}/{token['seq']}", f"/receipts/{took['stream']}/{took['seq']}"

    assert alpha.get(own).code == alpha.get(foreign).code == office.get(own).code == office.get(foreign).code == 200
    for path in (own, foreign):
        there, gone = beta.get(path), beta.get(f"{path.rpartition('/')[0]}/777")
        refused(there, 404, "no_entry")
        assert there.content == gone.content.replace(b"777", path.rpartition("/")[2].encode())
    for path in ("/receipts/nothing/1", "/receipts/matter/errand/alpha/0", f"/receipts/matter/errand/alpha/{2**70}"):
        refused(alpha.get(path), 404, "no_entry")
    refused(alpha.get("/receipts/matter/errand/alpha/x"), 422, "invalid")


def test_a_narrow_token_gets_the_receipts_of_its_owners_acts_alone(lone: House) -> None:
    narrow = lone.holding(token_of(lone.workspace, "alpha.liaison", frozenset({"act"})))
    mine = narrow.post("/matters/errand/alpha/do", {"trigger": "take"}).json["receipt"]
    others = lone.as_("bgs.admin").post("/matters/errand/alpha/comment", {"text": "知悉"}).json["receipt"]

    assert narrow.get(f"/receipts/{mine['stream']}/{mine['seq']}").code == 200
    refused(narrow.get(f"/receipts/{others['stream']}/{others['seq']}"), 404, "no_entry")
    assert lone.as_("alpha.liaison").get(f"/receipts/{others['stream']}/{others['seq']}").code == 200


def test_what_puts_nothing_on_record_has_no_receipt_and_a_refusal_none_either(lone: House) -> None:
    admin = lone.as_("bgs.admin")

    kept = admin.post("/views", {"name": "红灯", "filter": {"light": "red"}})
    refusal = lone.as_("alpha.head").post("/matters/errand/beta/do", {"trigger": "take"})

    assert kept.code == 201 and "receipt" not in kept.json and "link" not in kept.headers
    assert refusal.code == 404 and "receipt" not in refusal.json and "link" not in refusal.headers
    assert "link" not in admin.get("/matters").headers


def test_each_line_of_a_batch_has_its_receipt_also_a_notice_received(house: House) -> None:
    advance(house.workspace, "2010-11-09T10:00")
    query = "select id from notice where recipient = 'alpha.liaison' and status = 'sent'"
    ident = sql(house.workspace.database, query)[0][0]
    orders = [{"order": "ack", "notice": str(ident)}, {"order": "do", "ref": "errand/alpha", "trigger": "take"}]
    content = "\n".join(map(json.dumps, orders)).encode()

    told = house.as_("alpha.liaison").post("/orders", headers={"Content-Type": "application/jsonl"}, content=content)

    streams = [each["receipt"]["stream"] for each in told.lines[:2]]
    assert streams == ["notices/errand/alpha", "matter/errand/alpha"]


def test_a_process_that_lasts_signs_with_the_key_that_is_in_force(
    lone: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, head = lone.workspace, lone.as_("alpha.head")
    assert "sig" not in head.post("/me/feed-token", {}).json["receipt"]
    key = keyed(workspace, tmp_path, monkeypatch)
    before = head.post("/me/feed-token", {}).json["receipt"]
    rotate_key(workspace.engine, workspace.actor("bgs.admin"), key)
    after = head.post("/me/feed-token", {}).json["receipt"]
    sealed(workspace, key)

    assert held_against(workspace, tmp_path, [before, after])["ok"] and before["sig"] != after["sig"]
    key.chmod(0o644)
    assert "sig" not in head.post("/me/feed-token", {}).json["receipt"], "a key that others can read proves nothing"


def test_the_document_says_where_the_receipt_of_every_act_stands(lone: House) -> None:
    document = lone.as_("bgs.admin").get("/openapi.json").json

    for path, item in document["paths"].items():
        for method, operation in item.items():
            shown = json.dumps(
                [each.get("content", {}).get("application/json") for each in operation["responses"].values()]
            )
            assert method == "get" or path == "/orders" or "#/components/schemas/Receipted" in shown, path
    assert "null" in json.dumps(document["components"]["schemas"]["SealedReceipt"])

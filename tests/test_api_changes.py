"""What the office changes through the interface for programs: drafts proposed and decided, calendars, comments, the player."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from callers import Caller, House, house_of, refused
from commandline import ROOT
from newversion import version
from world import SAMPLES, begin, counted, notices, set_clock, sql

from commands.serving import Standing
from workflows.workspace import Workspace

CAMPAIGN = (SAMPLES / "small_campaign.yaml").read_text("utf-8")
ERRAND = (SAMPLES / "small.yaml").read_text("utf-8")
CHANGED = {"small_campaign.yaml": CAMPAIGN.replace("Bureau Alpha", "Bureau Alpha renamed"), "small.yaml": ERRAND}
PROPOSALS = "/campaign/proposals"

DECIDES = ("read", "admin", "approve")
"""What a token is made for with which changes of the campaign are decided."""


@pytest.fixture
def house(workspace: Workspace) -> Iterator[House]:
    with house_of(workspace) as found:
        yield found


@pytest.fixture
def lone(sqlite_url: str) -> Iterator[House]:
    """On SQLite alone, for what has nothing to do with storage."""
    workspace = begin(sqlite_url)
    with house_of(workspace, machinery=Standing(workspace, heart=False)) as found:
        yield found
    workspace.close()


def proved(caller: Caller, ident: str) -> dict:
    """A proposal when its proof is there."""
    for _ in range(300):
        said = caller.get(f"{PROPOSALS}/{ident}").json
        if said["proof"] is not None:
            return said
        time.sleep(0.2)
    raise AssertionError("the proof does not come")


def test_what_one_proposes_another_puts_in_force(house: House) -> None:
    admin, chair = house.as_("bgs.admin"), house.as_("lxz.chair", *DECIDES)
    before = counted(house.workspace)
    looked = admin.post("/campaign/drafts", {"files": CHANGED})
    assert (looked.code, looked.json["sort"], looked.json["impact"]["known"]) == (200, "amend", False)
    assert "renamed" in json.dumps(looked.json["impact"]["diff"])
    assert dict(counted(house.workspace))["proposal"] == dict(before)["proposal"]

    made = admin.post(PROPOSALS, {"files": CHANGED, "said": "更名"})
    ident = made.json["id"]

    assert made.code == 201 and made.headers["location"].endswith(f"{PROPOSALS}/{ident}")
    refused(house.as_("bgs.admin", "approve").post(f"{PROPOSALS}/{ident}/approve"), 403, "forbidden")
    assert admin.get(f"{PROPOSALS}/{ident}").json["against"][0]["code"] == "forbidden"
    shown = proved(chair, ident)
    assert (shown["against"], shown["proof"]["ok"], shown["overtaken"], shown["said"]) == ([], True, False, "更名")
    done = chair.post(f"{PROPOSALS}/{ident}/approve", {})
    assert (done.code, done.json["status"], done.json["decided_by"]) == (200, "applied", "lxz.chair")
    assert any(each["name"]["en"] == "Bureau Alpha renamed" for each in chair.get("/campaign").json["bodies"])
    refused(chair.post(f"{PROPOSALS}/{ident}/approve"), 409, "decided")
    kinds = sql(house.workspace.database, "select kind from entry where stream = 'campaign/small-2010'")
    assert {("proposed",), ("amended",), ("proposal_applied",)} <= set(kinds)


def test_no_token_approves_unless_it_was_made_for_it(house: House) -> None:
    admin, chair, before = house.as_("bgs.admin"), house.as_("lxz.chair"), counted(house.workspace)
    ident = admin.post(PROPOSALS, {"files": CHANGED, "said": "更名"}).json["id"]
    narrowed = house.as_("lxz.chair", "read", "act", "admin")

    for caller in (chair, narrowed):
        said = refused(caller.post(f"{PROPOSALS}/{ident}/approve"), 403, "scope")
        assert "duban user token lxz.chair --scope approve" in said["reasons"][0]["text"]["zh"]
        assert "made to approve changes of the campaign" in said["detail"]
        assert caller.get(f"{PROPOSALS}/{ident}").json["status"] == "open"
    assert chair.post(f"{PROPOSALS}/{ident}/reject", {"reason": "不妥"}).code == 200, "everything else it may as before"
    assert dict(counted(house.workspace))["campaign_version"] == dict(before)["campaign_version"]
    document = admin.get("/openapi.json").json
    assert document["paths"][f"{PROPOSALS}/{{ident}}/approve"]["post"]["x-scope"] == "approve"
    assert "--scope approve" in document["info"]["description"]


def test_nothing_unproved_comes_into_force(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[dict | None] = [None, {"ok": False, "problems": [], "proofs": [], "failed": ""}]
    monkeypatch.setattr(house.parts.proofs, "ask", lambda job: answers[0])
    admin, chair = house.as_("bgs.admin"), house.as_("lxz.chair", *DECIDES)
    ident = admin.post(PROPOSALS, {"files": CHANGED}).json["id"]

    refused(chair.post(f"{PROPOSALS}/{ident}/approve"), 409, "proving")
    answers.pop(0)
    refused(chair.post(f"{PROPOSALS}/{ident}/approve"), 409, "unproved")

    assert chair.get(f"{PROPOSALS}/{ident}").json["status"] == "open"


def test_a_proposal_is_rejected_with_a_reason_or_withdrawn_by_who_made_it(lone: House) -> None:
    admin, chair = lone.as_("bgs.admin"), lone.as_("lxz.chair", *DECIDES)
    first, second = (admin.post(PROPOSALS, {"files": CHANGED, "said": said}).json["id"] for said in ("甲", "乙"))

    refused(chair.post(f"{PROPOSALS}/{first}/reject", {"reason": ""}), 422, "invalid")
    refused(chair.post(f"{PROPOSALS}/{first}/withdraw"), 403, "forbidden")
    assert chair.post(f"{PROPOSALS}/{first}/reject", {"reason": "日期有误"}).json["reason"] == "日期有误"
    assert admin.post(f"{PROPOSALS}/{second}/withdraw").json["status"] == "withdrawn"

    listed = chair.get(PROPOSALS).json
    assert [(each["id"], each["status"]) for each in listed["items"]] == [(second, "withdrawn"), (first, "rejected")]
    assert [each["id"] for each in chair.get(PROPOSALS, params={"before": second}).json["items"]] == [first]
    refused(chair.get(f"{PROPOSALS}/999"), 404, "no_proposal")


def test_a_draft_with_mistakes_gets_all_of_them_and_only_the_office_sends_one(lone: House) -> None:
    admin, before = lone.as_("bgs.admin"), counted(lone.workspace)
    broken = {**CHANGED, "small_campaign.yaml": CAMPAIGN.replace("zone: Asia/Shanghai", "zone: Nowhere\nzoo: 1")}

    said = refused(admin.post("/campaign/drafts", {"files": broken}), 422, "invalid")

    assert len(said["problems"]) >= 2 and all(each["line"] for each in said["problems"])
    refused(admin.post("/campaign/drafts", {"files": {"../x.yaml": "a: 1"}}), 422, "invalid")
    refused(lone.as_("alpha.liaison").post("/campaign/drafts", {"files": CHANGED}), 403, "forbidden")
    refused(lone.as_("alpha.liaison").post(PROPOSALS, {"files": CHANGED}), 403, "forbidden")
    assert dict(counted(lone.workspace))["proposal"] == dict(before)["proposal"]


def test_a_new_version_is_published_and_live_matters_are_taken_over(lone: House, tmp_path: Path) -> None:
    admin, chair = lone.as_("bgs.admin"), lone.as_("lxz.chair", *DECIDES)
    path = Path(version(tmp_path))
    ident = admin.post(PROPOSALS, {"files": {path.name: path.read_text("utf-8")}}).json["id"]
    proved(chair, ident)
    assert chair.post(f"{PROPOSALS}/{ident}/approve").code == 200

    plan = chair.get("/definitions/errand/2/migration").json
    assert plan["sound"] is True
    taking = admin.post("/definitions/errand/2/migration", {"said": "启用"})
    assert (taking.code, taking.json["sort"]) == (201, "migrate")
    assert chair.get(f"{PROPOSALS}/{taking.json['id']}").json["plan"] is not None
    assert chair.post(f"{PROPOSALS}/{taking.json['id']}/approve").json["status"] == "applied"

    assert lone.as_("alpha.head").get("/matters/errand/alpha").json["definition"].endswith("@2")
    refused(chair.get("/definitions/errand/9/migration"), 404, "no_version")


def test_a_notice_of_holidays_is_looked_at_and_then_taken_over(house: House) -> None:
    admin = house.as_("bgs.admin")
    set_clock(house.workspace, "2010-12-10T09:00")  # the notice was issued the day before
    path = next((ROOT / "workflows" / "calendars").rglob("cn-2011.yaml"))
    files = {"name": path.name, "content": path.read_text("utf-8")}

    looked = admin.post("/calendar", files)
    taken = admin.post("/calendar", {**files, "apply": True})

    assert (looked.code, looked.json.get("year"), looked.json.get("applied")) == (200, 2011, False), looked
    assert taken.json["applied"] is not looked.json["known"]
    days = {day["day"]: day["work"] for day in admin.get("/calendar/2011").json["days"]}
    assert days["2011-04-02"] is True and days["2011-10-03"] is False
    refused(house.as_("alpha.head").post("/calendar", files), 403, "forbidden")
    refused(admin.post("/calendar", {"name": "x.yaml", "content": "a: [1"}), 422, "invalid")
    refused(admin.get("/calendar/1848"), 422, "invalid")


def test_words_are_put_on_record_once_and_copied(house: House) -> None:
    office, key = house.as_("bgs.admin"), {"Idempotency-Key": "words"}
    said = {"text": "请于周五前报送", "copy_to": ["beta"]}

    first = office.post("/matters/errand/alpha/comment", said, headers=key)
    again = office.post("/matters/errand/alpha/comment", said, headers=key)

    assert (first.code, first.json["entry"]["kind"], again.headers["idempotency-replayed"]) == (200, "comment", "true")
    assert {each["body"] for each in notices(house.workspace) if each["kind"] == "copy"} >= {"beta"} or first.json[
        "notices"
    ]
    refused(office.post("/matters/errand/alpha/comment", said, headers={"If-Match": '"1"'}), 400, "if_match")
    refused(office.post("/matters/errand/alpha/comment", {"text": "x", "copy_to": ["nowhere"]}), 422, "no_body")
    line = json.dumps({"order": "comment", "ref": "errand/alpha", "reason": "批注", "copy_to": ["beta"]}).encode()
    told = office.post("/orders", headers={"Content-Type": "application/jsonl"}, content=line).lines
    assert [each.get("status") for each in told[:-1]] == ["done"]


def test_the_standards_are_asked_before_anything_is_stated(sqlite_url: str) -> None:
    workspace = begin(sqlite_url, "baodi-2010")
    with house_of(workspace) as house:
        officer, before = house.as_("gongshang.officer"), counted(workspace)
        said = {"kind": "case", "facts": {"infringement": "c214", "sales_amount": 6_000_000}}

        met = officer.post("/verdicts", said).json
        denied = officer.post("/verdicts", {**said, "facts": {**said["facts"], "threshold_met": False}}).json

        assert met["follows"]["threshold_met"] is True and met["against"] is None
        assert denied["against"]["code"] == "standard_met" and denied["follows"]["threshold_met"] is True
        few = officer.post("/verdicts", {"kind": "case", "facts": {"infringement": "c214", "sales_amount": 100}}).json
        assert "threshold_met" not in few["follows"] or few["follows"]["threshold_met"] is not True
        refused(house.as_("auditor").post("/verdicts", said), 403, "forbidden")
        refused(officer.post("/verdicts", {**said, "on": "2010-02-30"}), 422, "day")
        groups = house.as_("jianchayuan.officer").get("/supervision").json["groups"]
        assert {"transfers", "untransferred", "instead", "refusals"} <= {each["code"] for each in groups}
        assert _but_people(counted(workspace)) == _but_people(before)
    workspace.close()


def _but_people(counts: object) -> dict:
    return {name: each for name, each in dict(counts).items() if name in ("matter", "deadline", "notice")}  # type: ignore[call-overload]


def test_a_rehearsal_goes_on_to_an_instant(lone: House) -> None:
    admin = lone.as_("bgs.admin")
    now = admin.get("/rehearsal").json["now"]

    refused(admin.post("/rehearsal/advance", {"to": "2010-11-01"}), 422, "clock_back")
    refused(lone.as_("auditor").post("/rehearsal/pause"), 403, "forbidden")
    after = admin.post("/rehearsal/advance", {"to": "2010-11-16"}).json

    assert now < after["now"] == "2010-11-15T16:00:00Z"
    refused(admin.post("/rehearsal/play", {"days_per_s": 1}), 409, "no_machinery")

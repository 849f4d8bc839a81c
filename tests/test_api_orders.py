"""Orders over the interface for programs: given once, on terms, with documents, one or many; and what is done with notices."""

import base64
import io
import zipfile
from collections.abc import Iterator

import pytest
from callers import House, house_of, refused
from world import advance, begin, everything, notices, sql

from commands.programs import SchedulersFigures
from engine.callers_keys import own_request
from engine.errors import Invalid
from engine.orders import Do
from workflows.workspace import Workspace

ALPHA = "/matters/errand/alpha"


@pytest.fixture
def house(workspace: Workspace) -> Iterator[House]:
    with house_of(workspace) as found:
        yield found


@pytest.fixture
def lone(sqlite_url: str) -> Iterator[House]:
    """The same on SQLite alone, for what has nothing to do with storage."""
    workspace = begin(sqlite_url)
    with house_of(workspace) as found:
        yield found
    workspace.close()


def test_an_order_is_carried_out_once_however_often_it_is_sent(house: House) -> None:
    caller, key, head = house.as_("alpha.liaison"), {"Idempotency-Key": '"one"'}, house.as_("alpha.head")
    head.get("/me")

    first = caller.post(f"{ALPHA}/do", {"trigger": "take"}, headers=key)
    before = everything(house.workspace)
    again = caller.post(f"{ALPHA}/do", {"trigger": "take"}, headers={"Idempotency-Key": "one"})

    assert (first.code, again.code) == (200, 200)
    assert "idempotency-replayed" not in first.headers and again.headers["idempotency-replayed"] == "true"
    assert again.json["entry"] == first.json["entry"] and again.json["receipt"] == first.json["receipt"]
    refused(caller.post(f"{ALPHA}/do", {"trigger": "pause"}, headers=key), 409, "request_id_reused")
    for bad in ("campaign:x", "x" * 129):
        refused(caller.post(f"{ALPHA}/do", {"trigger": "take"}, headers={"Idempotency-Key": bad}), 422, "request_id")
    refused(caller.post(f"{ALPHA}/do", {"trigger": "take"}, headers={"Idempotency-Key": "x" * 201}), 422, "request_id")
    assert everything(house.workspace) == before
    assert first.json["entry"]["request_id"] == "alpha.liaison/one"
    other = head.post("/matters/errand/alpha/comment", {"text": "收到"}, headers=key)
    assert (other.code, "idempotency-replayed" in other.headers) == (200, False)
    refused(head.post("/matters/errand/alpha/comment", {"text": "改"}, headers=key), 409, "request_id_reused")


def test_a_key_from_before_they_were_told_apart_stays_its_callers(lone: House) -> None:
    order = Do(ref="errand/alpha", trigger="take", request_id="old")
    lone.workspace.engine.execute(order, lone.workspace.actor("alpha.liaison"))

    again = lone.as_("alpha.liaison").post(f"{ALPHA}/do", {"trigger": "take"}, headers={"Idempotency-Key": "old"})

    assert (again.code, again.headers["idempotency-replayed"]) == (200, "true")


def test_a_key_that_no_database_can_keep_is_refused(lone: House) -> None:
    for key in ("a\0b", "\ud800", "", "x" * 129):
        with pytest.raises(Invalid):
            own_request(lone.workspace.engine, lone.workspace.actor("alpha.liaison"), key)


def test_an_order_on_a_condition_is_refused_once_somebody_was_faster(house: House) -> None:
    caller = house.as_("alpha.liaison")
    seen = caller.get(ALPHA)
    tag = seen.headers["etag"]
    assert tag.startswith(f'"{seen.json["version"]}.')

    took = caller.post(f"{ALPHA}/do", {"trigger": "take"}, headers={"If-Match": tag})
    late = caller.post(f"{ALPHA}/do", {"trigger": "note_cost", "facts": {"cost_fen": 5}}, headers={"If-Match": tag})

    assert took.code == 200
    assert refused(late, 412, "stale_version")["exit_code"] == 6
    assert late.headers["etag"] == caller.get(ALPHA).headers["etag"]
    assert caller.post(f"{ALPHA}/do", {"trigger": "note_cost", "facts": {"cost_fen": 5}},
                       headers={"If-Match": f'"77", {took.headers["etag"]}'}).code == 200  # fmt: skip
    refused(caller.post(f"{ALPHA}/do", {"trigger": "submit"}, headers={"If-Match": "nonsense"}), 400, "if_match")


def test_a_matter_is_opened_moved_corrected_and_its_clock_put_off(house: House) -> None:
    office, clerk = house.as_("bgs.admin"), house.as_("beta.liaison")

    opened = office.post("/matters", {"kind": "errand", "body": "beta", "title": "新差事"})
    assert opened.code == 201
    ref = opened.json["matter"]["ref"]
    assert opened.headers["location"] == f"/matters/{ref}"
    assert clerk.post(f"/matters/{ref}/do", {"trigger": "take"}).json["matter"]["state"] == "doing"
    corrected = house.as_("beta.head").post(f"/matters/{ref}/correct", {"facts": {"urgent": False}, "reason": "漏填"})
    assert corrected.json["matter"]["facts"] == {"urgent": False}
    urged = office.post(f"/matters/{ref}/urge", {"text": "请抓紧"})
    assert urged.code == 200 and urged.json["notices"][0]["kind"] == "urge"
    (clock,) = [each for each in clerk.get("/deadlines", params={"ref": ref}).json["items"] if each["code"] == "answer"]
    assert clerk.get(f"/deadlines/{clock['id']}").json["derivation"]
    extended = house.as_("bgs.head").post(f"/deadlines/{clock['id']}/extend", {"reason": "节日"})
    assert extended.code in (200, 403, 409, 422), extended
    refused(clerk.get("/deadlines/77"), 404, "no_deadline")
    told = clerk.get(f"/matters/{ref}/history").json["items"]
    assert [each["kind"] for each in told][:3] == ["opened", "moved", "corrected"]


def test_a_document_comes_up_as_a_form_or_as_json_and_down_as_an_attachment(house: House) -> None:
    caller = house.as_("alpha.liaison")
    caller.post(f"{ALPHA}/do", {"trigger": "take"})

    sent = caller.post(
        f"{ALPHA}/attach", files={"report": ("办理 报告.pdf", b"%PDF-1.7 one")}, data={"order": '{"reason": "补"}'}
    )
    assert sent.code == 200, sent
    two = {"name": "two.txt", "content": base64.b64encode("二".encode()).decode()}
    assert caller.post(f"{ALPHA}/attach", {"documents": {"report": two}}).code == 200

    papers = caller.get(f"{ALPHA}/documents").json["items"]
    assert [each["name"] for each in papers] == ["办理 报告.pdf", "two.txt"]
    down = caller.get(f"{ALPHA}/documents/{papers[0]['sha256']}")
    assert down.content == b"%PDF-1.7 one"
    assert down.headers["content-type"] == "application/octet-stream"
    assert down.headers["content-disposition"].startswith(
        "attachment; filename=\"__ __.pdf\"; filename*=UTF-8''%E5%8A%9E"
    )
    assert "sandbox" in down.headers["content-security-policy"] and down.headers["x-content-type-options"] == "nosniff"
    refused(caller.get(f"{ALPHA}/documents/{'0' * 64}"), 404, "no_document")
    refused(house.as_("beta.liaison").get(f"{ALPHA}/documents/{papers[0]['sha256']}"), 404, "no_matter")


def test_an_upload_that_is_not_what_it_says_is_refused_and_changes_nothing(lone: House) -> None:
    caller = lone.as_("alpha.liaison")
    caller.get("/me")
    before = everything(lone.workspace)
    for strange in ("null", "[]", "7"):
        order = {"order": f'{{"documents": {strange}}}'}
        refused(caller.post(f"{ALPHA}/attach", files={"report": ("a.txt", b"x")}, data=order), 422, "invalid")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 30_000_000)

    for name, content, code in (
        ("a.exe", b"MZ", "document_form"), ("a.pdf", b"<html>", "document_content"), ("a.txt", b"", "empty_document"),
        ("a.zip", bomb.getvalue(), "zip_bomb"), ("a.html", b"<script>", "document_form"), ("../a", b"x", "document_form"),
    ):  # fmt: skip
        refused(caller.post(f"{ALPHA}/attach", files={"report": (name, content)}), 422, code)
    refused(
        caller.post(f"{ALPHA}/attach", {"documents": {"report": {"name": "a.txt", "content": "%%"}}}), 422, "not_base64"
    )
    refused(caller.post(f"{ALPHA}/attach", files={"report": ("a.txt", b"x" * 21_000_000)}), 413, "too_large")
    refused(caller.post(f"{ALPHA}/attach", headers={"Content-Type": "multipart/form-data; boundary=x"}, content=b"junk"), 400,
            "bad_request")  # fmt: skip
    for charset in ("unicode_escape", "punycode", "undefined", "utf-7"):
        part = b'--x\r\nContent-Disposition: form-data; name="order"\r\n\r\n{"reason": "\\ud800"}\r\n--x--\r\n'
        media = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
        refused(caller.post(f"{ALPHA}/attach", headers=media, content=part), 415, "content_type")
    assert everything(lone.workspace) == before


def test_many_orders_are_told_line_by_line_and_a_rerun_is_safe(house: House) -> None:
    caller, kind = house.as_("alpha.liaison"), {"Content-Type": "application/jsonl"}
    lines = (
        b'{"order": "do", "ref": "errand/alpha", "trigger": "take"}\n\n'
        b'{"order": "do", "ref": "errand/alpha", "trigger": "take"}\n'
        b'{"order": "do", "ref": "errand/alpha"}\nnonsense\n'
        b'{"order": "do", "ref": "errand/alpha", "trigger": "note_cost", "facts": {"cost_fen": 300}, "if_version": 2}'
    )

    first = caller.post("/orders", headers=kind, content=lines)
    again = caller.post("/orders", headers=kind, content=lines)

    assert first.headers["content-type"].startswith("application/jsonl")
    assert [each.get("status") for each in first.lines] == ["done", "refused", "invalid", "invalid", "done", None]
    assert [each.get("code") for each in first.lines] == [
        None,
        "not_possible_here",
        "missing_key",
        "not_json",
        None,
        None,
    ]
    assert first.lines[-1] == {"summary": {"done": 2, "already": 0, "refused": 1, "invalid": 2}}
    assert [each.get("status") for each in again.lines][:1] == ["already"]
    assert again.lines[-1]["summary"]["already"] == 2
    refused(caller.post("/orders", {"order": "do"}), 415, "content_type")
    refused(caller.post("/orders", headers=kind, content=b"{}\n" * 2002), 413, "too_large")


def test_notices_are_acknowledged_held_and_released_by_whom_they_concern(house: House) -> None:
    advance(house.workspace, "2010-11-03T09:00")
    caller, office = house.as_("alpha.liaison"), house.as_("bgs.admin")
    (mine,) = caller.get("/notices", params={"to": "alpha.liaison"}).json["items"]

    assert caller.get(f"/notices/{mine['id']}").json["words_check"]["same"] is True
    for method, path in (("GET", f"/notices/{mine['id']}"), ("POST", f"/notices/{mine['id']}/ack")):
        refused(house.as_("beta.liaison")(method, path), 404, "no_notice")
    assert caller.post(f"/notices/{mine['id']}/ack").code == 200
    again = caller.post(f"/notices/{mine['id']}/ack", {})
    assert (again.code, again.headers["idempotency-replayed"]) == (200, "true")
    assert [each["status"] for each in notices(house.workspace) if each["recipient"] == "alpha.liaison"] == [
        "acknowledged"
    ]
    refused(caller.post("/notices/hold", {"all": True, "reason": "核查"}), 403, "forbidden")
    assert office.post("/notices/hold", {"all": True, "reason": "核查"}).code == 200
    assert office.get("/notices/held").json["mode"]["by"] == "bgs.admin"
    assert office.post("/notices/release", {"all": True}).json["mode_ended"] is True
    refused(office.post("/notices/drop", {"ids": ["1"], "all": True}), 400, "which")
    refused(office.post("/notices/drop", {"ids": ["1"], "reason": "x"}), 404, "no_notice")
    assert {each["kind"] for each in caller.get("/notices/forecast", params={"until": "2010-11-20"}).json["items"]} >= {
        "overdue"
    }


def test_who_stands_in_acts_for_another_by_a_delegation_alone(house: House) -> None:
    head, clerk = house.as_("alpha.head"), house.as_("alpha.officer")
    take = {"trigger": "take", "on_behalf_of": "alpha.liaison"}
    refused(clerk.post(f"{ALPHA}/do", take), 403, "no_delegation")

    stands = {
        "login": "alpha.liaison",
        "to": "alpha.officer",
        "from": "2010-11-01",
        "until": "2010-11-05",
        "reason": "出差",
    }
    refused(head.post("/delegations", stands), 403, "forbidden")
    assert house.as_("alpha.liaison").post("/delegations", stands).code == 201
    refused(house.as_("alpha.liaison").post("/delegations", stands), 409, "delegated_already")
    assert clerk.get("/me").json["deputy"][0]["on_behalf_of"] == "alpha.liaison"
    assert clerk.post(f"{ALPHA}/do", take).json["entry"]["on_behalf_of"] == "alpha.liaison"
    assert clerk.post("/delegations/end", {"login": "alpha.liaison", "to": "alpha.officer"}).code == 200
    assert [each["status"] for each in clerk.get("/delegations").json["items"]] == ["ended"]


def test_an_act_over_the_interface_is_on_record_with_the_token(house: House) -> None:
    house.as_("alpha.liaison").post(f"{ALPHA}/do", {"trigger": "take"})

    rows = sql(house.workspace.database, "select record from entry where trigger = 'take'")
    assert '"actor_auth":"token:' in rows[0][0]


def test_people_say_how_they_are_reached_themselves(workspace: Workspace) -> None:
    with house_of(workspace, figures=SchedulersFigures(workspace)) as house:
        caller, way = house.as_("alpha.head"), {"holder": "alpha.head", "channel": "console", "address": "head"}

        said = caller.post("/contacts", {**way, "quiet": "22:00-07:00"})
        assert (said.code, said.json["put_aside"]) == (200, [])
        (found,) = caller.get("/contacts").json["items"]
        assert found == {**way, "quiet": "22:00-07:00", "rank": 1}
        refused(house.as_("alpha.liaison").post("/contacts", way), 403, "forbidden")
        assert house.as_("alpha.liaison").get("/contacts").json["items"] == []
        assert house.as_("bgs.admin").get("/contacts").json["items"] == [found]
        assert caller.post("/contacts/drop", {"holder": "alpha.head", "channel": "console"}).code == 200
        assert caller.get("/contacts").json["items"] == []

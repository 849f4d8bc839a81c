"""The matrix over the interface: each login × each operation of the document × (a matter of its own, a foreign one).

What is expected comes from the table that `test_sight_matrix` holds the engine against; an operation that nobody put into
the tables here fails the test.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sightworld as at
from callers import Answer, Caller, House, house_of
from world import counted

from commands.programs import SchedulersFigures
from engine.masking import MASK

CLASSES = (
    "bgs.admin", "lxz.chair", "auditor", "wujia.head", "gongshang.officer", "zhijian.officer", "gongan.officer",
    "jianchayuan.officer", "fayuan.officer", "bgs.operator", "bgs.security", "nobody",
)  # fmt: skip
"""A login of each class of the policy, and one without a post."""

SEES = {**at.SEES, "bgs.operator": set[str](), "bgs.security": set[str](), "nobody": set[str]()}

OFFICE, GROUP = {"bgs.admin"}, {"lxz.chair"}
BODIES = {"wujia.head", "gongshang.officer", "zhijian.officer", "gongan.officer", "jianchayuan.officer"}
COURT, AUDITOR, SYSTEM = {"fayuan.officer"}, {"auditor"}, {"bgs.operator", "bgs.security"}
LOOKING = OFFICE | GROUP | BODIES | COURT | AUDITOR
POSTED = LOOKING | SYSTEM

MAY = {
    "": POSTED,
    "own": set(CLASSES),
    "notices": LOOKING,
    "forecast": LOOKING - AUDITOR,
    "statistics": {login for login in CLASSES if login in at.MAY["statistics"]},
    "monitors": LOOKING - COURT,
    "definitions": OFFICE | GROUP,
    "audit": {login for login in CLASSES if login in at.MAY["audit"]},
    "exports_own": {login for login in CLASSES if login in at.MAY["exports_own"]},
    "supervise": {login for login in CLASSES if login in at.MAY["supervise"]},
}
"""Who has which function; nothing stands for any post, ``own`` for what everybody has of himself."""

NEEDS = {
    "/me": "own", "/receipts": "own",
    "/delegations": "own", "/campaign": "", "/campaign/versions": "", "/definitions": "", "/definitions/diff": "",
    "/definitions/{kind}/{version}": "definitions", "/definitions/{kind}/{version}/diagram": "", "/people": "", "/contacts": "",
    "/matters": "", "/deadlines": "", "/work": "", "/work-groups/{group}": "", "/views": "", "/board": "", "/board/kinds": "",
    "/board/phases/{kind}": "", "/board/duties/{kind}": "", "/comparison": "", "/statistics": "statistics",
    "/statistics/{axis}": "statistics", "/monitors": "monitors", "/findings": "monitors", "/notices": "notices",
    "/notices/summary": "notices", "/notices/urged": "notices", "/notices/held": "notices", "/notices/forecast": "forecast",
    "/audit/checkpoints": "", "/audit/growth": "", "/audit/entries": "audit", "/exports/events.csv": "exports_own",
    "/campaign/proposals": "definitions", "/definitions/{kind}/{version}/migration": "definitions", "/calendar/{year}": "",
    "/supervision": "supervise", "/rehearsal": "",
    "/exports/events.xes": "exports_own", "/exports/events.ocel": "exports_own", "/calendar.ics": "exports_own", "/events": "",
}  # fmt: skip
"""What is looked at as a whole, with the function that it needs."""

OF_A_MATTER = {
    "/matters/{ref}", "/matters/{ref}/possibilities", "/matters/{ref}/history", "/matters/{ref}/knowledge",
    "/matters/{ref}/proof", "/matters/{ref}/documents", "/matters/{ref}/alike",
}  # fmt: skip
"""What is looked at of one matter."""

ELSEWHERE = {
    "/campaign/proposals/{ident}", "/receipts/{stream}/{seq}",
    "/jobs/{ident}", "/views/{name}/matters", "/notices/{ident}", "/deadlines/{ident}", "/matters/{ref}/documents/{sha256}",
}  # fmt: skip
"""What has an id of its own; see below."""

ORDERS = {
    "do": {"trigger": "acknowledge"}, "attach": {}, "urge": {"text": "请抓紧"}, "comment": {"text": "知悉"},
    "correct": {"facts": {"x": 1}, "reason": "x"},
}  # fmt: skip
"""What is done to one matter; for who does not see it there is none."""

DONE_ELSEWHERE = {
    "/matters", "/orders", "/deadlines/{ident}/extend", "/deadlines/{ident}/pause", "/deadlines/{ident}/resume",
    "/notices/{ident}/ack", "/notices/{ident}/retry", "/notices/hold", "/notices/release", "/notices/drop", "/delegations",
    "/delegations/end", "/me/feed-token", "/contacts", "/contacts/drop", "/views", "/views/{name}", "/audit/verifications",
    "/definitions/{kind}/{version}/checks", "/campaign/drafts", "/campaign/proposals", "/campaign/proposals/{ident}/approve",
    "/campaign/proposals/{ident}/reject", "/campaign/proposals/{ident}/withdraw", "/definitions/{kind}/{version}/migration",
    "/calendar", "/verdicts", "/rehearsal/play", "/rehearsal/pause", "/rehearsal/advance",
}  # fmt: skip
"""What is done otherwise; see below and the other tests."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, str]]]:
    workspace, refs = at.played(f"sqlite:///{tmp_path_factory.mktemp('matrix') / 'duban.db'}")
    with workspace.database.tx() as tx:
        workspace.people.add(tx, "nobody", "nobody", workspace.clock.now())
    workspace.people.rehearsal.update({f"bgs.{post}": frozenset({("bgs", post)}) for post in ("operator", "security")})
    with house_of(workspace, stream_s=0.0, figures=SchedulersFigures(workspace)) as house:
        yield house, refs
    workspace.close()


@pytest.fixture(scope="module")
def callers(here: tuple[House, dict[str, str]]) -> dict[str, Caller]:
    found = {login: here[0].as_(login) for login in CLASSES}
    for each in found.values():
        each.get("/me")
    return found


def passed(answer: Answer) -> bool:
    """Whether the caller was let through; that a log without a checkpoint proves nothing is another matter."""
    return answer.code == 200 or (answer.code == 404 and answer.json["code"] == "no_checkpoint")


def paths(house: House, *methods: str) -> set[str]:
    document = house.as_("bgs.admin").get("/openapi.json").json
    return {path for path, item in document["paths"].items() if set(methods) & item.keys()}


def test_every_operation_of_the_document_is_in_a_table(here: tuple[House, dict[str, str]]) -> None:
    house, _ = here

    assert paths(house, "get") == {*NEEDS, *OF_A_MATTER, *ELSEWHERE}
    assert paths(house, "post", "delete") == {*(f"/matters/{{ref}}/{name}" for name in ORDERS), *DONE_ELSEWHERE}


@pytest.mark.parametrize("login", CLASSES)
def test_a_whole_is_for_those_who_have_its_function(
    login: str, here: tuple[House, dict[str, str]], callers: dict[str, Caller]
) -> None:
    asked = {
        "/comparison": {"since": "2010-11-20"}, "/notices/forecast": {"until": "2010-12-20"}, "/audit/growth": {"since": "0"},
        "/definitions/diff": {"old": "case@1", "new": "case@1"},
    }  # fmt: skip
    for path, function in NEEDS.items():
        address = path.replace("{kind}", "duty" if "duties" in path else "case").replace("{version}", "1")
        address = address.replace("{year}", "2010")
        address = address.replace("{group}", "act").replace("{axis}", "body")
        answer = callers[login].get(address, params=asked.get(path, {}))
        allowed = login in MAY[function]
        assert passed(answer) if allowed else answer.code == 403, (login, path, answer)
        assert allowed or answer.json["code"] in ("forbidden", "no_post"), (login, path)


@pytest.mark.parametrize("login", CLASSES)
def test_a_foreign_matter_is_not_there_whatever_is_asked_of_it(
    login: str, here: tuple[House, dict[str, str]], callers: dict[str, Caller]
) -> None:
    house, refs = here
    caller = callers[login]
    for name, ref in refs.items():
        for path in OF_A_MATTER:
            answer = caller.get(path.replace("{ref}", ref))
            expected = 200 if name in SEES[login] else 404 if login in POSTED else 403
            assert passed(answer) if expected == 200 else answer.code == expected, (login, path, name, answer)
            if expected == 404:
                missing = caller.get(path.replace("{ref}", "case/1999-0001"))
                assert missing.content.replace(b"case/1999-0001", ref.encode()) == answer.content
    before = counted(house.workspace)
    for ref in (ref for name, ref in refs.items() if name not in SEES[login]):
        for order, said in ORDERS.items():
            assert caller.post(f"/matters/{ref}/{order}", said).code == 404, (login, order, ref)
        line = json.dumps({"order": "do", "ref": ref, "trigger": "acknowledge"}).encode()
        told = caller.post("/orders", headers={"Content-Type": "application/jsonl"}, content=line)
        assert (told.lines[0]["status"], told.lines[0]["code"]) == ("refused", "no_matter")
    assert _but_denials(counted(house.workspace)) == _but_denials(before)


def _but_denials(counts: Any) -> Any:
    """The tables but for those in which it is counted who asked for what is not his."""
    return {
        name: value for name, value in dict(counts).items() if name not in ("denial", "entry", "log_pending", "chain")
    }


@pytest.mark.parametrize("login", CLASSES)
def test_lists_events_and_exports_hold_nothing_foreign(
    login: str, here: tuple[House, dict[str, str]], callers: dict[str, Caller]
) -> None:
    _, refs = here
    caller, foreign = callers[login], {ref for name, ref in refs.items() if name not in SEES[login]}
    for path in ("/matters", "/deadlines", "/work", "/findings", "/exports/events.csv", "/calendar.ics", "/people"):
        answer = caller.get(path, params={"limit": 200} if path in ("/matters", "/deadlines") else {})
        if answer.code == 200:
            assert not [ref for ref in foreign if f'"{ref}"'.encode() in answer.content], (login, path)
    stream = caller.get("/events", headers={"Last-Event-ID": "0"}).content.decode()
    assert not [ref for ref in foreign if f'"{ref}"' in stream]
    if login in POSTED:
        seen = {each["ref"] for each in caller.all("/matters", limit=200)}
        assert seen & set(refs.values()) == {refs[name] for name in SEES[login]}
        board = caller.get("/board").json["rows"]
        assert sum(sum(row["counts"].values()) for row in board) == len(seen) == caller.get("/matters").json["total"]


@pytest.mark.parametrize("login", CLASSES)
def test_what_has_an_id_of_its_own_is_there_for_who_sees_its_matter(
    login: str, here: tuple[House, dict[str, str]], callers: dict[str, Caller]
) -> None:
    _, refs = here
    office, caller = callers["bgs.admin"], callers[login]
    for name, ref in refs.items():
        for clock in office.get("/deadlines", params={"ref": ref}).json["items"]:
            path = f"/deadlines/{clock['id']}"
            expected = 200 if name in SEES[login] else 404 if login in POSTED else 403
            assert caller.get(path).code == expected, (login, name)
            if name not in SEES[login]:
                assert caller.post(f"{path}/extend", {"reason": "x"}).code == 404
        kept, missing = caller.get(f"/receipts/matter/{ref}/1"), caller.get(f"/receipts/matter/{ref}/9999")
        assert kept.code == (200 if name in SEES[login] else 404) and missing.code == 404, (login, name)
        assert kept.code == 200 or kept.content == missing.content.replace(b"9999", b"1"), (login, name)
        for paper in office.get(f"/matters/{ref}/documents").json["items"]:
            answer = caller.get(f"/matters/{ref}/documents/{paper['sha256']}")
            if name not in SEES[login]:
                assert answer.json["code"] == ("no_matter" if login in POSTED else "no_post"), (login, name)
            elif login in at.MASKED:
                assert (answer.code, answer.json["code"]) == (403, "forbidden"), (login, name)
            else:
                assert answer.code == 200 or answer.json["code"] == "no_document", (login, name)


@pytest.mark.parametrize("login", ["bgs.admin", "auditor", "zhijian.officer"])
def test_personal_facts_are_masked_for_those_who_review(
    login: str, here: tuple[House, dict[str, str]], callers: dict[str, Caller]
) -> None:
    ref = here[1][at.LEAD]
    texts = [
        callers[login].get(path).content.decode()
        for path in (
            f"/matters/{ref}",
            f"/matters/{ref}/history",
            "/matters?kind=lead",
            "/matters?kind=lead&text=举报内容",
        )
    ]

    hidden = login in at.MASKED
    assert [("举报内容" in text) for text in texts[:3]] == [not hidden] * 3
    assert (MASK in texts[0]) is hidden and (ref in texts[3]) is not hidden

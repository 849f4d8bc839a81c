"""A file of orders: the good lines are done, each bad one is told with its number and its reason, a rerun does nothing twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import Ended, Office, small_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "report.txt").write_text("查")
    return small_office(tmp_path)


def line(order: str = "open", **said: Any) -> bytes:
    if order == "open":
        said = {"kind": "errand", "body": "alpha", "as": "bgs.admin", **said}
    return json.dumps({"order": order, **said}, ensure_ascii=False).encode()


def take(ref: str = "errand/alpha", who: str = "alpha.liaison", **said: Any) -> bytes:
    return line("do", ref=ref, trigger="take", **{"as": who, **said})


def apply(office: Office, *lines: bytes, between: bytes = b"\n") -> Ended:
    return office("apply", "-", stdin=between.join(lines) + between).politely()


def told(ended: Ended) -> list[tuple[int, str, str | None]]:
    return [(each["line"], each["status"], each["code"]) for each in ended.lines[:-1]]


def versions(office: Office) -> dict[str, int]:
    return {each["ref"]: each["version"] for each in office.json("list")["items"]}


BAD = [
    (b'{"order": "do"', "not_json", "column"),
    (b"no json at all", "not_json", "column 1"),
    (b"\xff\xfe", "not_utf8", "byte 0"),
    (b'{"order": "open", "kind": "\xd6rtlich"}', "not_utf8", "byte"),
    (b"[]", "not_an_object", "object"),
    (b"3", "not_an_object", "object"),
    (b'{"order": "open", "order": "do"}', "not_json", "twice"),
    (b'{"order": "open", "kind": NaN}', "not_json", "NaN"),
    (b'{"order": "open", "kind": ' + b"9" * 5000 + b"}", "not_json", "5000 digits is too long"),
    (b'{"order": "do", "ref": "errand/alpha", "trigger": "take", "facts": {"cost_fen": 1.5}}', "not_json", "fen"),
    (b"[" * 100_000, "too_deep", "deep"),
    (b'{"order": "open", "facts": ' + b'{"a":' * 9 + b"1" + b"}" * 9 + b"}", "too_deep", "deep"),
    (line("opne", kind="errand"), "unknown_order", "open, do, correct, attach, extend"),
    (b'{"kind": "errand"}', "unknown_order", "missing"),
    (line("ack"), "missing_key", "notice"),
    (line("do", ref="errand/alpha", triger="take"), "unknown_key", "did you mean 'trigger'?"),
    (line("do", ref="errand/alpha"), "missing_key", "'trigger'"),
    (line("do", ref="errand/alpha", trigger="take", title="x"), "key_not_taken", "'title'"),
    (line("do", ref="errand/alpha", trigger="take", if_version="1"), "wrong_type", "whole number"),
    (line("do", ref="errand/alpha", trigger="take", if_version=True), "wrong_type", "whole number"),
    (line("do", ref="errand/alpha", trigger=["take"]), "wrong_type", "a text"),
    (line("attach", ref="errand/alpha", documents={"report": 3}), "wrong_type", "path"),
    (line("attach", ref="errand/alpha", documents={"report": "/none"}), "no_file", "/none"),
    (line(title="a\0b"), "bad_text", "NUL"),
    (b'{"order": "open", "kind": "errand", "title": "\\ud800"}', "bad_text", "character"),
    (line(title="x" * 30_000), "too_long", "30000"),
    (b'{"order": "open", "kind": "errand", "title": "' + b"x" * (1 << 21) + b'"}', "too_long", "1048576"),
    (line(body="nowhere"), "no_body", "alpha, beta"),
    (line(facts={"cots_fen": 3}), "unknown_fact", "cost_fen"),
    (line(occurred="yesterday"), "instant", "2010-11-26T09:00"),
    (line(now="yesterday"), "instant", "2010-11-26T09:00"),
    (line("do", ref="errand/alpha", trigger="tkae"), "unknown_trigger", "take"),
]


@pytest.mark.parametrize(("bad", "code", "reason"), BAD, ids=[f"{at}-{code}" for at, (_, code, _) in enumerate(BAD)])
def test_an_invalid_line_is_told_and_the_lines_about_it_are_done(
    office: Office, bad: bytes, code: str, reason: str
) -> None:
    ended = apply(office, line(ref="errand/a-1"), bad, line(ref="errand/a-3"))

    assert told(ended) == [(1, "done", None), (2, "invalid", code), (3, "done", None)]
    error = ended.lines[1]["error"]
    assert reason in f"{error['message']} {error['hint']}"
    assert ended.code == 7
    assert ended.lines[-1] == {"summary": {"lines": 3, "done": 2, "already": 0, "refused": 0, "invalid": 1}}
    assert {"errand/a-1", "errand/a-3"} <= versions(office).keys()


REFUSED = [
    (take(who="bgs.admin"), "forbidden"),
    (take(who="nobody"), "unknown_login"),
    (take(if_version=9), "stale_version"),
    (take(ref="errand/none"), "no_matter"),
    (line("do", ref="errand/alpha", trigger="accept", **{"as": "alpha.head"}), "not_possible_here"),
    (line(kind="erand"), "no_kind"),
    (line(ref="errand/beta"), "ref_taken"),
    (line("extend", ref="errand/alpha", deadline="none", until="2010-11-10", reason="x"), "no_deadline"),
]


@pytest.mark.parametrize(("bad", "code"), REFUSED, ids=[code for _, code in REFUSED])
def test_a_refused_line_is_told_and_the_lines_about_it_are_done(office: Office, bad: bytes, code: str) -> None:
    before = versions(office)

    ended = apply(office, line(ref="errand/a-1"), bad, line(ref="errand/a-3"))

    assert told(ended) == [(1, "done", None), (2, "refused", code), (3, "done", None)]
    assert ended.code == 4
    assert versions(office) == {**before, "errand/a-1": 1, "errand/a-3": 1}


def test_every_order_may_stand_in_a_file_and_a_rerun_does_nothing_twice(office: Office, tmp_path: Path) -> None:
    lines = [
        line(ref="errand/a-1", title="查处", facts={"urgent": False}, reason="批示", request_id="r-1"),
        take(ref="errand/a-1", if_version=1),
        line("do", ref="errand/a-1", trigger="note_cost", facts={"cost_fen": 100}, **{"as": "alpha.liaison"}),
        line("correct", ref="errand/a-1", facts={"cost_fen": 200}, reason="笔误", **{"as": "alpha.head"}),
        line("extend", ref="errand/a-1", deadline="answer", until="2010-11-10", reason="来函", **{"as": "bgs.admin"}),
        line("attach", ref="errand/a-1", documents={"report": str(tmp_path / "report.txt")}, **{"as": "alpha.head"}),
        line("do", ref="errand/a-1", trigger="submit", now="2010-11-05T10:00", **{"as": "alpha.liaison"}),
    ]
    file = tmp_path / "orders.jsonl"
    file.write_bytes(b"\n".join(lines))

    first = office("apply", str(file))
    after = {name: office(*name.split()).out for name in ("history errand/a-1", "list", "notice list", "clock show")}
    second = office("apply", str(file))

    assert told(first) == [(at, "done", None) for at in range(1, 8)]
    assert [each["ref"] for each in first.lines[:-1]] == ["errand/a-1"] * 7
    assert told(second) == [(at, "already", None) for at in range(1, 8)]
    assert (first.code, second.code) == (0, 0)
    assert second.lines[-1]["summary"] == {"lines": 7, "done": 0, "already": 7, "refused": 0, "invalid": 0}
    assert {name: office(*name.split()).out for name in after} == after
    shown = office.json("show", "errand/a-1")
    assert (shown["state"], shown["version"], shown["facts"]["cost_fen"]) == ("review", 7, 200)
    assert "2010-11-05 10:00" in after["clock show"]
    assert "reminder" in after["notice list"], "what fell due on the way was told"


def test_a_line_that_stands_twice_is_two_orders_and_a_rerun_knows_both(office: Office) -> None:
    same = line(title="一式两份")

    first, second = apply(office, same, same), apply(office, same, same)

    assert [each["ref"] for each in first.lines[:-1]] == ["errand/2010-0001", "errand/2010-0002"]
    assert [each["ref"] for each in second.lines[:-1]] == ["errand/2010-0001", "errand/2010-0002"]
    assert {status for _, status, _ in told(second)} == {"already"}


def test_a_rerun_after_mending_does_only_what_was_missing(office: Office) -> None:
    good, bad, mended = line(ref="errand/a-1"), b"{", line(ref="errand/a-2")

    first, second = apply(office, good, bad), apply(office, good, mended)

    assert [status for _, status, _ in told(first)] == ["done", "invalid"]
    assert [status for _, status, _ in told(second)] == ["already", "done"]


@pytest.mark.parametrize("between", [b"\n", b"\r\n", b"\n\n", b"\n \t\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_windows_files_and_empty_lines_are_read(office: Office, between: bytes, mark: bytes) -> None:
    ended = apply(office, mark + line(title="第一"), line(title="第二"), between=between)

    second = 2 if len(between.split(b"\n")) == 2 else 3
    assert told(ended) == [(1, "done", None), (second, "done", None)]
    assert ended.code == 0


def test_a_mark_of_byte_order_helps_only_at_the_beginning(office: Office) -> None:
    assert told(apply(office, line(), b"\xef\xbb\xbf" + line()))[1] == (2, "invalid", "not_json")


def test_a_file_with_nothing_in_it_is_nothing_done(office: Office) -> None:
    assert apply(office).lines == [{"summary": dict.fromkeys(("lines", "done", "already", "refused", "invalid"), 0)}]
    assert apply(office).code == 0


def test_many_lines_are_done_in_their_order(office: Office) -> None:
    """More than fit into one transaction, with refusals and repetitions strewn in."""
    lines = []
    for at in range(250):
        lines.append(line(ref=f"errand/m-{at}", title=f"第{at}件"))
        lines.append(take(f"errand/m-{at}", "beta.liaison" if at % 7 == 0 else "alpha.liaison"))
    lines[301] = b"{"

    ended = apply(office, *lines)

    assert [each["line"] for each in ended.lines[:-1]] == list(range(1, 501))
    assert ended.lines[-1]["summary"] == {"lines": 500, "done": 463, "already": 0, "refused": 36, "invalid": 1}
    assert ended.code == 7
    found = versions(office)
    assert sum(version == 2 for version in found.values()) == 213
    assert apply(office, *lines).lines[-1]["summary"]["already"] == 463
    assert versions(office) == found
    assert office("audit", "verify").code == 0


def test_a_line_without_a_name_is_given_by_who_called(office: Office) -> None:
    ended = office.as_("alpha.liaison", "apply", "-", stdin=b'{"order":"do","ref":"errand/alpha","trigger":"take"}')

    assert ended.code == 0
    assert office.json("history", "errand/alpha")["items"][-1]["actor"] == "alpha.liaison"


def test_the_output_is_json_lines_with_or_without_asking(office: Office) -> None:
    ended = office("--json", "apply", "-", stdin=take() + b"\n")
    again = office("apply", "-", stdin=take() + b"\n", terminal=True)

    assert [next(iter(each)) for each in ended.lines] == ["line", "summary"]
    first, second = ended.lines[0], again.lines[0]
    assert first.pop("receipt") == second.pop("receipt"), "a rerun is acknowledged by the same entry"
    assert first == {"line": 1, "status": "done", "ref": "errand/alpha", "code": None}
    assert second == {"line": 1, "status": "already", "ref": "errand/alpha", "code": None}


def test_a_clock_is_paused_and_resumed_by_lines_as_by_commands(office: Office) -> None:
    def paused(order: str, who: str = "alpha.head", **said: Any) -> bytes:
        return line(order, **{"ref": "errand/alpha", "deadline": "answer", "reason": "等待鉴定", "as": who, **said})

    lines = [
        take(),
        paused("pause", "beta.head"),
        paused("pause"),
        paused("pause", until="2010-11-20"),
        paused("pause", deadline="none"),
        paused("resume", now="2010-11-03T10:00"),
        paused("resume", reason="再次"),
    ]
    ended = apply(office, *lines)
    again = apply(office, *lines)

    assert told(ended) == [
        (1, "done", None),
        (2, "refused", "no_matter"),
        (3, "done", None),
        (4, "invalid", "key_not_taken"),
        (5, "refused", "no_deadline"),
        (6, "done", None),
        (7, "refused", "not_paused"),
    ]
    (clock,) = [each for each in office.json("show", "errand/alpha")["deadlines"] if each["code"] == "answer"]
    assert clock["status"] == "running"
    assert [each["trigger"] for each in office.json("history", "errand/alpha")["items"]][-2:] == ["pause", "resume"]
    assert [each[1] for each in told(again) if each[0] in (1, 3, 6)] == ["already"] * 3

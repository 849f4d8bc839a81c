"""The strip of hand-overs: each with its two sides, its answer, and the clocks of both."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from drawn import HOSTILE, SVG, overlapping, read_back, rectangle, texts

from web.pictures.handover_strip import handover_strip

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime.fromisoformat("2010-12-20T00:00:00Z")
BODIES = {"gongshang": "工商宝坻分局", "gongan": "公安宝坻分局"}


def handover(**changes: Any) -> dict[str, Any]:
    return {
        "code": "transfer", "label": {"zh": "移送涉嫌犯罪案件", "en": "Transfer of the suspected crime"}, "basis": "第310号 第五条",
        "mark": "V", "status": "sent", "from": "gongshang", "to": "gongan", "sent_at": "2010-12-06T02:00:00Z",
        "enclosures": [{"kind": "transfer_letter", "label": {"zh": "移送书", "en": "Letter"}}], "received_at": None,
        "returned_at": None, "reason": None, "copies": [], "clocks": [], **changes,
    }  # fmt: skip


def clock(side: str, code: str, status: str = "running") -> dict[str, Any]:
    return {
        "side": side, "code": code, "owner": "gongan", "started_at": "2010-12-06T02:00:00Z", "last_day": "2010-12-09",
        "breach_at": "2010-12-09T16:00:00Z", "status": status, "stopped_at": None,
    }  # fmt: skip


def test_a_hand_over_is_told_with_its_answer_and_the_clocks_of_both_sides() -> None:
    clocks = [clock("sender", "handover", "met"), clock("receiver", "review")]
    received = handover(status="received", received_at="2010-12-07T02:00:00Z", clocks=clocks)

    root = read_back(handover_strip([received], NOW, ZONE, "zh", BODIES, {"review": "立案审查"}))

    assert {"工商宝坻分局", "公安宝坻分局", "2010-12-06 10:00", "✓ 签收 2010-12-07 10:00"} <= set(texts(root))
    assert [each.get("data-clock") for each in root.iter(f"{SVG}g") if each.get("data-clock")] == ["handover", "review"]
    assert [each.get("data-light") for each in root.iter(f"{SVG}g") if each.get("data-light")] == ["green", "red"]
    assert "立案审查 2010-12-09" in texts(root)


def test_a_return_and_a_missing_receipt_are_told_in_words() -> None:
    returned = handover(status="returned", returned_at="2010-12-08T02:00:00Z", reason="材料不全")

    root = read_back(handover_strip([returned, handover(), handover(status="lapsed")], NOW, ZONE, "en", BODIES))

    seen = texts(root)
    assert "✕ returned 2010-12-08 10:00" in seen
    assert "… sent, no receipt yet" in seen
    assert "… lapsed" in seen
    assert any("材料不全" in (each.text or "") for each in root.iter(f"{SVG}title"))


def test_a_body_may_hand_over_to_itself_and_there_may_be_nothing() -> None:
    read_back(
        handover_strip(
            [handover(to="gongshang", clocks=[clock("sender", "a"), clock("receiver", "b")])], NOW, ZONE, "zh"
        )
    )

    assert "没有移交" in texts(read_back(handover_strip([], NOW, ZONE, "zh")))


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_break_the_strip(words: str) -> None:
    evil = handover(
        label={"zh": words, "en": words}, reason=words, clocks=[clock("sender", words)], to=words, basis=words
    )

    root = read_back(handover_strip([evil], NOW, ZONE, "en", {"gongshang": words}, {words: words}))

    heads = [rectangle(each[1]) for each in root.iter(f"{SVG}g") if "data-body" in each.attrib]
    assert len(heads) == 2
    assert overlapping(heads) == []

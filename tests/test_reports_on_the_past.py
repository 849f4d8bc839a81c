"""Two days side by side, and who knew what when: from the record, on both databases."""

from pathlib import Path

import pytest
from commandline import small_office
from world import advance, correct, do, open_one
from world import local as at

from engine.errors import Invalid, NotFound
from engine.knowing import knew
from engine.notice_desk import NoticeDesk
from engine.two_days import compare
from workflows.workspace import Workspace

BEFORE, AFTER = at("2010-11-01T09:30"), at("2010-11-08T09:30")


def lived(rich: Workspace) -> None:
    """A week in which something is opened, taken, breached and told."""
    advance(rich, "2010-11-01T10:00")
    open_one(rich, "probe", "alpha.liaison", reporter="王某", size=8)
    do(rich, "errand/alpha", "take", "alpha.liaison")
    advance(rich, "2010-11-08T09:00")
    correct(rich, "probe/2010-0001", "alpha.head", reason="笔误", size=9)
    advance(rich, "2010-11-09T09:00")


def test_two_days_differ_in_what_was_opened_moved_and_in_the_dates_that_changed(rich: Workspace) -> None:
    lived(rich)

    found = compare(rich.reader, BEFORE, AFTER)

    assert {each["ref"] for each in found["opened"]} == {"errand/2010-W45", "probe/2010-0001"}
    assert [(each["ref"], each["from"] != each["to"]) for each in found["moved"]] == [("errand/alpha", True)]
    began = [each for each in found["deadlines"] if each["from"] is None]
    assert {each["ref"] for each in began} >= {"probe/2010-0001"}
    assert found["matters"][1] == found["matters"][0] + 2


def test_what_differs_agrees_with_the_two_boards(rich: Workspace) -> None:
    lived(rich)

    found = compare(rich.reader, BEFORE, AFTER)

    lights = [
        {each["ref"]: each["light"] for each in rich.reader.listed(as_of=then)["items"]} for then in (BEFORE, AFTER)
    ]
    changed = {ref: (lights[0].get(ref), light) for ref, light in lights[1].items() if lights[0].get(ref) != light}
    assert {each["ref"]: (each["from"], each["to"]) for each in found["lights"]} == changed


def test_the_same_instant_twice_is_no_comparison(rich: Workspace) -> None:
    with pytest.raises(Invalid):
        compare(rich.reader, AFTER, BEFORE)


def test_a_body_sees_its_own_matters_and_the_deadlines_it_owes(rich: Workspace) -> None:
    lived(rich)

    found = compare(rich.reader, BEFORE, AFTER, "beta")

    assert found["opened"] == found["moved"] == []
    assert {each["owner"] for each in found["deadlines"]} <= {"beta"}


def test_who_acted_was_told_or_acknowledged_is_on_record_with_its_instant(rich: Workspace) -> None:
    lived(rich)
    told = rich.reader.notices(ref="errand/alpha", status="sent")["items"][-1]
    advance(rich, "2010-11-09T11:00")
    NoticeDesk(rich.engine, rich.actor(told["recipient"])).acknowledge(told["id"])

    items = knew(rich.reader, "errand/alpha")["items"]

    assert [each["at"] for each in items] == sorted(each["at"] for each in items)
    assert ("alpha.liaison", "acted") in {(each["who"], each["how"]) for each in items}
    assert [each["who"] for each in items if each["how"] == "acknowledged"] == [told["recipient"]]
    sent = [each for each in items if each["how"] == "told"]
    assert len(sent) == len(rich.reader.notices(ref="errand/alpha")["items"]) - len(
        rich.reader.notices(ref="errand/alpha", status="owed")["items"]
    )


def test_nobody_knew_what_had_not_happened_yet(rich: Workspace) -> None:
    lived(rich)

    early = knew(rich.reader, "errand/alpha", at("2010-11-01T09:30"))["items"]

    assert early == [
        each for each in knew(rich.reader, "errand/alpha")["items"] if each["at"] <= "2010-11-01T01:30:00Z"
    ]
    with pytest.raises(NotFound):
        knew(rich.reader, "probe/2010-0001", BEFORE)


def test_the_commands_answer_in_both_languages_and_refuse_clearly(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    office("clock", "advance", "--to", "2010-11-12T12:00")

    pages = [office("--lang", lang, "report", "compare", "--from", "2010-11-02") for lang in ("zh", "en")]
    known = office.json("report", "knew", "errand/alpha")

    assert "新立 1 件" in pages[0].out
    assert "1 opened" in pages[1].out
    assert known["items"]
    codes = [
        office(*words).politely().code
        for words in (
            ("report", "compare"),
            ("report", "compare", "--from", "never"),
            ("report", "compare", "--from", "2011-01-01"),
            ("report", "compare", "--from", "2010-11-02", "--body", "nobody"),
            ("report", "knew", "errand/nobody"),
        )
    ]
    assert codes == [2, 7, 7, 7, 3]

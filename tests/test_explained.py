"""An outsider recomputes a date from its explanation alone: event, law, calendar, every skipped day, every change."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from commandline import Office
from test_penalty_definition import ACCEPT, DECLINE, on_case, transferred
from world import ZONE, begin, clock_of, do, extend, open_one, set_clock

from workflows.workspace import Workspace

DAY = timedelta(days=1)
LEAD = {"body": "gongshang", "channel": "letter", "anonymous": True, "content": "卖假货"}


def days(clock: dict[str, Any], kind: str) -> set[date]:
    return {date.fromisoformat(step["date"]) for step in clock["derivation"] if step["step"] == kind}


def steps(clock: dict[str, Any], kind: str) -> list[dict[str, str]]:
    return [step for step in clock["derivation"] if step["step"] == kind]


def local_day(stamp: str) -> date:
    return datetime.fromisoformat(stamp).astimezone(ZONE).date()


def recomputed(clock: dict[str, Any], workdays: int) -> date:
    """Count *workdays* from the start with nothing but the explanation."""
    skipped, day = days(clock, "skipped"), local_day(clock["start"]["counted_from"])
    while workdays:
        day += DAY
        workdays -= day not in skipped
    return day


@pytest.fixture
def lead(db_url: str) -> Any:
    """A lead of December 2026, whose date rests on holidays not announced yet."""
    workspace = begin(db_url, "baodi-2010", at="2026-12-21T23:10")
    ref = open_one(workspace, "lead", "bgs.admin", occurred="2026-12-21T22:00", **LEAD).ref
    yield workspace, ref
    workspace.close()


def test_a_count_of_working_days_is_recomputed_from_the_start_and_the_skipped_days(lead: tuple[Workspace, str]) -> None:
    clock = clock_of(*lead, "check")

    assert str(recomputed(clock, clock["term"]["workdays"])) == clock["last_day"] == "2027-01-12"


def test_so_is_one_that_was_put_off(lead: tuple[Workspace, str]) -> None:
    for trigger, login, facts in (
        ("register", "bgs.admin", {"secrecy": "open"}),
        ("assign", "bgs.admin", {}),
        ("start_check", "gongshang.officer", {"officers": 2}),
    ):
        do(*lead, trigger, login, **facts)

    extend(*lead, "check", "gongshang.head", reason="案情复杂")
    clock = clock_of(*lead, "check")

    assert str(recomputed(clock, 30)) == clock["last_day"]
    (said,) = steps(clock, "extended")
    assert "再15个工作日" in said["zh"] and "up to 15 working days" in said["en"]
    assert said["zh"].endswith("：2027-01-12 → 2027-02-02")


def test_the_event_has_its_three_times_and_the_entry_that_holds_it(lead: tuple[Workspace, str]) -> None:
    clock = clock_of(*lead, "check")

    assert clock["start"] == {
        "entry": 1,
        "trigger": "receive",
        "actor": "bgs.admin",
        "occurred_at": "2026-12-21T14:00:00Z",
        "recorded_at": "2026-12-21T15:10:00Z",
        "counted_from": "2026-12-21T14:00:00Z",
        "fact": None,
    }
    (said,) = steps(clock, "event")
    for words in (said["zh"], said["en"]):
        assert "2026-12-21 22:00" in words and "2026-12-21 23:10" in words
    assert "收到投诉、举报" in said["zh"] and "“接收”（留痕第1条）" in said["zh"]


def test_the_law_is_named_with_its_code_its_version_its_mark_and_who_must_act(lead: tuple[Workspace, str]) -> None:
    clock = clock_of(*lead, "check")

    assert (clock["statute"], clock["mark"]) == ("T-CLUE@2019-04-01", "S")
    assert {key: clock["law"][key] for key in ("code", "valid_from", "valid_to")} == {
        "code": "T-CLUE",
        "valid_from": "2019-04-01",
        "valid_to": None,
    }
    assert clock["law"]["acts"]["en"] == "enforcement department"
    (said,) = steps(clock, "law")
    assert "T-CLUE" in said["zh"] and "2019-04-01" in said["zh"] and "2026-12-21" in said["zh"]
    (rule,) = steps(clock, "rule")
    assert "S 二手来源" in rule["zh"] and "S secondary source" in rule["en"]


def test_the_days_that_are_only_guessed_are_named(lead: tuple[Workspace, str]) -> None:
    clock = clock_of(*lead, "check")

    (said,) = steps(clock, "provisional")
    for words in (said["zh"], said["en"]):
        assert "2027-01-01" in words and "2027-01-12" in words and "12" in words
    assert clock["provisional"] is True


def test_the_calendar_is_named_by_its_whole_digest_and_its_notices(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010", at="2010-12-27T09:00")
    ref = open_one(workspace, "lead", "bgs.admin", **LEAD).ref

    clock = clock_of(workspace, ref, "check")

    assert clock["calendar"]["version"] == workspace.campaign.work.calendar.digest
    assert clock["calendar"]["sources"] == ["国办发明电〔2009〕27号", "国办发明电〔2010〕40号"]
    assert steps(clock, "skipped")[0]["zh"] == "2011-01-01（星期六，元旦）休息，不计"
    workspace.close()


def test_a_pause_says_what_it_took_and_which_days_the_rest_passed_over(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    set_clock(workspace, "2010-11-02T10:00")
    do(workspace, "errand/alpha", "pause", "alpha.head", reason="等待鉴定")
    set_clock(workspace, "2010-11-09T10:00")
    do(workspace, "errand/alpha", "resume", "alpha.head")

    clock = clock_of(workspace, "errand/alpha", "answer")

    (said,) = steps(clock, "resumed")
    assert (
        "扣除5个工作日" in said["zh"] and "5 working days lost" in said["en"] and "entry #4, alpha.head" in said["en"]
    )
    assert said["en"].endswith(": 2010-11-04 → 2010-11-11")
    assert days(clock, "skipped") == {date(2010, 11, 6), date(2010, 11, 7)}
    assert recomputed(clock, 3 + 5) == date(2010, 11, 11)
    assert [(each["op"], each["before"], each["last_day"]) for each in clock["changes"]] == [
        ("started", None, "2010-11-04"),
        ("paused", "2010-11-04", "2010-11-04"),
        ("resumed", "2010-11-04", "2010-11-11"),
    ]


def test_a_pause_of_calendar_days_rolls_and_says_over_which_days(db_url: str) -> None:
    play = transferred(db_url)
    on_case(play, [DECLINE, {**ACCEPT, "occurred": "2010-12-17T10:00:00+08:00"}])

    clock = play.desk.reader.deadline(play.ref, "penalty")

    (said,) = steps(clock, "resumed")
    assert "扣除3日" in said["zh"] and said["zh"].endswith("：2011-03-02 → 2011-03-07")
    assert days(clock, "skipped") == {date(2011, 3, 5), date(2011, 3, 6)}
    assert days(clock, "roll") == {date(2011, 3, 7)}


def test_a_receipt_recorded_later_is_told_with_the_instant_that_counts(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    set_clock(rich, "2010-11-03T15:00")
    do(rich, ref, "receive", "alpha.liaison", received_at="2010-11-02T16:00:00+08:00")

    clock = clock_of(rich, ref, "reply")

    first, second = steps(clock, "event")
    assert "自2010-11-01 09:00起算" in first["zh"]
    assert "发生于2010-11-03 15:00" in second["zh"] and "自2010-11-02 16:00起算（依填写的“收到时间”）" in second["zh"]
    assert "as stated in “Received at”" in second["en"]
    assert (clock["start"]["fact"], clock["start"]["counted_from"]) == ("received_at", "2010-11-02T08:00:00Z")
    assert clock["law"] is None


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["法定期限", "T-CLUE", "2019-04-01 – 今", "办理人", "行政执法机关", "起算事件", "暂定：2027-01-01"]),
        (
            "en",
            [
                "statute",
                "T-CLUE",
                "2019-04-01 – today",
                "acts",
                "enforcement department",
                "started by",
                "provisional: ",
            ],
        ),
    ],
)
def test_the_page_says_it_in_the_language_of_the_reader(
    lead: tuple[Workspace, str], lang: str, words: list[str]
) -> None:
    workspace, ref = lead
    office = Office(workspace.database.url.render_as_string(hide_password=False))

    page = office("--lang", lang, "deadline", "explain", ref, "check").out

    assert [each for each in words if each not in page] == []

"""Campaign files: what is sound loads, and whatever refers to nothing is told with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_definition_file import place_of

from engine.campaign_file import CampaignFile, load_campaign
from engine.definition import Definition, load_definition
from engine.errors import Invalid, Problem

SAMPLES = Path(__file__).parent / "samples"
SAMPLE = (SAMPLES / "small_campaign.yaml").read_text("utf-8")
ERRAND = (SAMPLES / "small.yaml").read_text("utf-8")
NOTICE = "一、由甲局牵头，乙局\n配合。二、甲局、乙局要加强协作。于12月底前报办公室，并及时以简报形式报送。"


def errand(*changes: tuple[str, str]) -> dict[str, Definition]:
    """Load the sample definition, changed."""
    return {"errand": load_definition(changed(*changes, text=ERRAND), "small.yaml")}


def changed(*changes: tuple[str, str], text: str = SAMPLE) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def problems(text: str, definitions: dict[str, Definition] | None = None) -> list[Problem]:
    with pytest.raises(Invalid) as refusal:
        load_campaign(text, "campaign.yaml", definitions)
    return refusal.value.problems


def test_the_sample_loads_with_and_without_its_definitions() -> None:
    campaign = load_campaign(SAMPLE, "campaign.yaml", errand(), NOTICE)

    assert campaign.doc.roster == ["alpha", "beta"]
    assert campaign.source.at(("dates", "plan_due")).line == place_of(SAMPLE, "plan_due:")[0]
    assert load_campaign(SAMPLE, "campaign.yaml", None).digest == campaign.digest


FLAWS = [
    # the form
    ("start: 2010-11-01", "start: 2010/11/01", "bad_form", "‹2010/11/01", "does not have", "YYYY-MM-DD"),
    ('remind_at: "09:00"', "remind_at: 9:00", "bad_form", "remind_at: ‹9:00", "does not have", "HH:MM"),
    ('number: "1.1"', "number: 1", "bad_type", "{number: ‹1, section", "a text is needed", "quotes"),
    ("owed_by: roster", "owed_by: all", "bad_type", "owed_by: ‹all", "'roster' or a list", ""),
    ("owed_by: roster", "owed_by: [Alpha]", "bad_form", "[‹Alpha", "'Alpha'", "lower-case"),
    ("at: -1wd", "at: -1w", "bad_form", "‹-1w,", "'-1w'", "-3wd"),
    ("channel: console", "chanel: console", "bad_value", "‹chanel", "'chanel'", "channel"),
    ("end: 2010-12-31", "end: 2010-10-31", "inconsistent", "‹schema", "ends before it starts", ""),
    # days and times
    ("plan_due: 2010-11-12", "plan_due: 2010-02-30", "no_such_day", "‹2010-02-30", "no day 2010-02-30", ""),
    ("zone: Asia/Shanghai", "zone: Asia/Baodi", "unknown_zone", "‹Asia/Baodi", "no time zone", ""),
    ("zone: Asia/Shanghai", "zone: ../../etc/passwd", "unknown_zone", "‹../..", "no time zone", ""),
    ("zone: Asia/Shanghai", "zone: localtime", "unknown_zone", "‹localtime", "no time zone", ""),
    ("zone: Asia/Shanghai", "zone: Asia", "unknown_zone", "‹Asia", "no time zone", ""),
    ('"2010-11-01T09:00:00+08:00"', "soon", "no_instant", "‹soon", "no instant", "2010-11-25T09:00"),
    ('"2010-11-01T09:00:00+08:00"', "2010-W45-1", "no_instant", "‹2010-W45-1", "no instant", ""),
    ("plan_due: 2010-11-12", "plan_due: 9999-12-31", "no_such_day", "‹9999-12-31", "no day 9999", "1949"),
    # phases
    ("start: 2010-11-15", "start: 2010-11-14", "phase_overlap", "start: ‹2010-11-14", "2010-11-14", ""),
    ("end: 2010-11-14", "end: 2010-10-14", "phase_order", "end: ‹2010-10-14", "before it begins", ""),
    ("number: 2, code: action", "number: 1, code: action", "phase_order", "‹1, code: action", "rise", ""),
    ("code: action", "code: preparation", "duplicate_phase", "2, code: ‹preparation", "twice", ""),
    # bodies
    ("code: beta", "code: alpha", "duplicate_body", "‹alpha, name: {zh: 乙局", "twice", ""),
    ("parent: lxz", "parent: lzx", "unknown_body", "‹lzx", "no body 'lzx'", "did you mean 'lxz'?"),
    ("parent: lxz", "parent: bgs", "own_parent", "‹bgs}", "above itself", ""),
    ("roster: [alpha, beta]", "roster: [alpha, bata]", "unknown_body", "‹bata", "no body 'bata'", "'beta'"),
    ("roster: [alpha, beta]", "roster: [beta, beta]", "duplicate_body", "[beta, ‹beta", "twice", ""),
    ("[{body: bgs, post: admin}]", "[{body: bgs, post: amin}]", "unknown_post", "‹amin", "'amin'", "'admin'"),
    ("administrator: bgs.admin", "administrator: bgs.amin", "unknown_login", "‹bgs.amin", "", "'bgs.admin'"),
    # duties and what is owed
    (
        'number: "1.2"',
        'number: "1.1"',
        "duplicate_duty",
        '- {number: ‹"1.1", section: 第一条, title: {zh: 协',
        "",
        "",
    ),
    ("lead: alpha", "lead: alfa", "unknown_body", "‹alfa", "no body 'alfa'", "did you mean 'alpha'?"),
    ("supports: [beta]", "supports: [各部门]", "unknown_body", "‹各部门", "no body '各部门'", ""),
    ("supports: [beta]", "supports: [beta, alpha]", "lead_supports", "[beta, ‹alpha", "supports it too", ""),
    ("coordinator: lxz", "coordinator: lx", "unknown_body", "‹lx,", "no body 'lx'", "did you mean 'lxz'?"),
    (
        "[alpha, beta], coordinator: lxz",
        "[], coordinator: null",
        "nobodys_duty",
        '‹{number: "1.2"',
        "1.2",
        "",
    ),
    ("phase: action", "phase: acton", "unknown_phase", "‹acton", "no phase 'acton'", "'action'"),
    ("due: summary_due", "due: sumary_due", "unknown_date", "‹sumary_due", "'sumary_due'", "'summary_due'"),
    (
        "addressees: [bgs]",
        "addressees: [bsg]",
        "unknown_body",
        "‹bsg",
        "no body 'bsg'",
        "did you mean 'bgs'?",
    ),
    ("by: [bgs]", "by: [bsg]", "unknown_body", "‹bsg", "no body 'bsg'", "did you mean 'bgs'?"),
    # circles, ladders, rhythms
    (
        "part: leading_group, posts: [chair]",
        "part: group, posts: [x]",
        "unknown_part",
        "part: ‹group, posts",
        "",
        "",
    ),
    ("posts: [chair]}", "posts: [chare]}", "unknown_post", "‹chare", "no post 'chare'", "'chair'"),
    ("  office: {label", "  head: {label", "reserved_circle", "  ‹head: {label", "reserved", ""),
    ("to: [head, office]", "to: [head, offise]", "unknown_circle", "‹offise", "'offise'", "'office'"),
    ("at: +1d", "at: -5d", "rung_order", "at: ‹-5d", "-5d comes before 0", "order of time"),
    ("at: 0h", "at: -30h", "rung_order", "at: ‹-30h", "-30h comes before -4h", "order of time"),
    ("date: summary_due", "date: sumary", "unknown_date", "‹sumary", "no date 'sumary'", "'summary_due'"),
    ("to: [office, group]", "to: [offices]", "unknown_circle", "‹offices", "'offices'", "'office'"),
    ("on: mon", 'on: "3"', "chore_day", 'on: ‹"3"', "no day of the week", ""),
    ("last: 2010-12-31", "last: 2010-10-31", "chore_order", "last: ‹2010-10-31", "before it begins", ""),
    ("opens: errand, opens_body", "opens: errant, opens_body", "unknown_kind", "‹errant", "", "'errand'"),
    ("opens_body: bgs", "opens_body: bsg", "unknown_body", "‹bsg", "no body 'bsg'", "did you mean 'bgs'?"),
    ("{kind: errand, each", "{kind: errant, each", "unknown_kind", "‹errant", "", "did you mean 'errand'?"),
]


@pytest.mark.parametrize(("old", "new", "code", "mark", "message", "hint"), FLAWS)
def test_a_flaw_is_told_with_its_place(old: str, new: str, code: str, mark: str, message: str, hint: str) -> None:
    text = changed((old, new))

    found = problems(text)

    flaw = next((each for each in found if each.code == code), None)
    assert flaw is not None, found
    assert (flaw.line, flaw.column) == place_of(text, mark)
    assert message in flaw.message
    assert hint in flaw.hint


@pytest.mark.parametrize(
    ("change", "code", "mark"),
    [
        (("errand: {version: 1", "errand: {version: 2"), "other_version", "version: ‹2"),
        (("  errand: {version", "  errant: {version"), "unknown_kind", "‹errant: {version"),
        (("deadline: answer, document", "deadline: anwser, document"), "unknown_deadline", "‹anwser"),
        (("document: report", "document: reprot"), "unknown_document", "‹reprot"),
        (("deadline: answer, to", "deadline: anwser, to"), "unknown_deadline", "‹anwser"),
        (("each: roster, title", "each: roster, then: [tak], title"), "unknown_trigger", "‹tak]"),
        (
            (
                "escalation, label: {zh: 督办",
                "escalation, opens: {kind: errand, facts: {x: 1}}, label: {zh: 督办",
            ),
            "unknown_fact",
            "{‹x: 1",
        ),
    ],
)
def test_what_the_campaign_names_in_its_definitions_must_be_there(
    change: tuple[str, str], code: str, mark: str
) -> None:
    text = changed(change)

    found = problems(text, errand())

    assert (code, *place_of(text, mark)) in [(flaw.code, flaw.line, flaw.column) for flaw in found]


@pytest.mark.parametrize(
    ("change", "code", "mark"),
    [
        (("ladder: hours", "ladder: ours"), "unknown_ladder", "ladder: ‹ours"),
        (("copy: office", "copy: [offise]"), "unknown_role_or_circle", "‹offise"),
        (("term: {workdays: 3}", "term: {until: plan_duw}"), "unknown_date", "‹plan_duw"),
        (("grade in ('good', 'fair')", "on_or_after('plan')"), "expression", "‹'plan'"),
        (("grade in ('good', 'fair')", "not children_open('case')"), "unknown_kind", '‹"not children'),
        (('"part:office"', "part:supervisor"), "part", "‹part:supervisor"),
        (('"part:office"', "part:department"), "part", "‹part:department"),
        (("posts: [liaison]", "posts: [juggler]"), "role_unheld", "‹[juggler]"),
        (("values: [good, fair, poor]", "taxonomy: grades"), "unknown_taxonomy", "‹grades"),
        (("    copy: office", "    copy: office\n    spawn: [{kind: lead}]"), "unknown_kind", "‹lead}"),
        (
            ("    copy: office", "    copy: office\n    spawn: [{kind: errand, facts: {urgent: grade}}]"),
            "fact_type",
            "‹grade}}]",
        ),
        (
            ("    copy: office", "    copy: office\n    spawn: [{kind: errand, sets: {grade: bad}}]"),
            "bad_constant",
            "‹bad}}]",
        ),
        (
            ("    copy: office", "    spawn: [{kind: errand}]\n    signals: [{trigger: aksept}]"),
            "unknown_trigger_of_the_parent",
            "‹aksept",
        ),
        (
            ("    copy: office", "    spawn: [{kind: errand}]\n    signals: [{trigger: accept, to: erand}]"),
            "unknown_kind_opened_here",
            "‹erand",
        ),
        (
            ("    copy: office", "    spawn: [{kind: errand}]\n    signals: [{trigger: aksept, to: errand}]"),
            "unknown_trigger_of_errand",
            "‹aksept",
        ),
    ],
)
def test_what_a_definition_needs_of_its_campaign_is_told_at_its_place_in_the_definition(
    change: tuple[str, str], code: str, mark: str
) -> None:
    definitions = errand(change)

    found = problems(SAMPLE, definitions)

    assert {flaw.file for flaw in found} == {"small.yaml"}
    place = place_of(definitions["errand"].text, mark)
    assert (code, *place) in [(flaw.code, flaw.line, flaw.column) for flaw in found]


def test_a_child_matter_must_be_given_what_its_opening_asks_for() -> None:
    definitions = errand(("optional: [urgent, cost_fen]", "asks: urgent"), ("copy: office", "spawn: [{kind: errand}]"))

    found = problems(SAMPLE, definitions)

    assert [(flaw.code, "'urgent'" in flaw.message) for flaw in found] == [("missing_fact", True)]


def test_a_quote_must_stand_in_the_founding_document_whatever_its_line_breaks() -> None:
    text = changed(("于12月底前报办公室", "于12月底以前报办公室"))

    with pytest.raises(Invalid) as refusal:
        load_campaign(text, "campaign.yaml", None, NOTICE)

    [flaw] = refusal.value.problems
    assert (flaw.code, flaw.line, flaw.column) == ("quote", *place_of(text, "于12月底以前"))


def test_all_problems_of_form_and_of_meaning_are_told_at_once() -> None:
    text = changed(
        ("end: 2010-12-31", "end: 2010-10-31"),
        ("lead: alpha", "lead: Alpha"),
        ("roster: [alpha, beta]", "roster: [alpha, bata]"),
        ("phase: action", "phase: acton"),
    )

    codes = [flaw.code for flaw in problems(text, errand(("ladder: hours", "ladder: ours")))]

    assert codes == ["inconsistent", "unknown_body", "bad_form", "unknown_phase", "unknown_ladder"]


def test_rungs_in_order_of_time_are_taken_whatever_their_units() -> None:
    rungs = ("-5wd", "-3wd", "-3d", "0", "-12h", "0h", "+4h", "+1d", "+1wd", "+5d", "+5wd", "+10wd")
    ladder = ", ".join(f"{{at: '{at}', to: owner, label: {{zh: 提醒, en: Reminder}}}}" for at in rungs)

    text = changed(("policy: PLACEHOLDER, rungs: []", f"policy: PLACEHOLDER, rungs: [{ladder}]"))

    assert len(load_campaign(text, "campaign.yaml", None).doc.ladders["quiet"].rungs) == len(rungs)


@given(
    st.integers(0, SAMPLE.count("\n")),
    st.integers(0, 3),
    st.sampled_from(["", "  - x", "zone: 3", "x: {y: [z]}", "bodies: []", "  lxz: {}", "null: null"]),
)
def test_a_mangled_file_brings_a_campaign_or_a_refusal(start: int, length: int, new: str) -> None:
    lines = SAMPLE.split("\n")
    text = "\n".join([*lines[:start], *([new] if new else []), *lines[start + length :]])
    try:
        assert isinstance(load_campaign(text, "campaign.yaml", errand(), NOTICE), CampaignFile)
    except Invalid as refusal:
        assert refusal.problems

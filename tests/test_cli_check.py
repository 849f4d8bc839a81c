"""``campaign check`` tells every mistake of every file at once: where it is, what is wrong, what was probably meant."""

import shutil
from pathlib import Path

import pytest
from commandline import SMALL, Ended, Office

MISTAKES = [
    ("zone: Asia/Shanghai", "Asia/Shanghai", "Asia/Shanghia", "Asia/Shanghai"),
    ("end: 2010-12-31\nlaunched", "2010-12-31", "2010-12-32", "1949 to 2199"),
    ("part: leading_group, posts: [chair]}", "leading_group", "leading_gruop", "'leading_group'"),
    ("parent: lxz}", "lxz", "lxzz", "'lxz'"),
    ("administrator: bgs.admin", "bgs.admin", "bgs.admn", "'bgs.admin'"),
    ("roster: [alpha, beta]", "beta", "betta", "'beta'"),
    ("supports: [beta]", "beta", "bata", "'beta'"),
    ("due: summary_due", "summary_due", "sumary_due", "'summary_due'"),
    ("deadline: answer, document", "answer", "anwser", "'answer'"),
    ("at: +2wd", "+2wd", "+2weeks", "+2wd"),
]
"""Where it is, what is right there, what stands there instead, and what the hint names."""


def spoil(text: str, around: str, right: str, wrong: str) -> tuple[str, tuple[int, int]]:
    """Put *wrong* in the place of *right* within *around*; return the text and the line and column of it."""
    assert text.count(around) == 1, around
    at = text.index(around) + around.rindex(right)
    line_start = text.rfind("\n", 0, at) + 1
    return text[:at] + wrong + text[at + len(right) :], (text.count("\n", 0, at) + 1, at - line_start + 1)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """The small campaign in a folder of its own, with its definition beside it."""
    shutil.copy(Path(SMALL).with_name("small.yaml"), tmp_path)
    return Path(shutil.copy(SMALL, tmp_path / "mine.yaml"))


def check(*words: str) -> tuple[Ended, Ended]:
    """The answer in words and in JSON."""
    return Office(None)("campaign", "check", *words).politely(), Office(None)("--json", "campaign", "check", *words)


def test_every_mistake_is_told_with_its_place_and_what_was_meant(campaign: Path) -> None:
    text, places = campaign.read_text("utf-8"), []
    for around, right, wrong, _ in MISTAKES[2:8]:
        text, place = spoil(text, around, right, wrong)
        places.append(place)
    campaign.write_text(text, "utf-8")

    words, answer = check(str(campaign))

    assert (words.code, answer.code) == (7, 7)
    assert answer.json["ok"] is False
    found = {(each["line"], each["column"]): each for each in answer.json["problems"]}
    for place, (_, _, wrong, hint) in zip(places, MISTAKES[2:8], strict=True):
        assert wrong in found[place]["message"]
        assert hint in found[place]["hint"]
        assert (
            f"{campaign}:{place[0]}:{place[1]}: {found[place]['text']['zh']}（是否为“{hint.strip(chr(39))}”？）"
            in words.out
        )
    assert len(words.out.splitlines()) == len(answer.json["problems"]) + 1
    assert f"{len(found)} 处错误" in words.out
    assert all(each.keys() >= {"file", "line", "column", "code", "message", "hint"} for each in found.values())


@pytest.mark.parametrize(("around", "right", "wrong", "hint"), MISTAKES, ids=[wrong for _, _, wrong, _ in MISTAKES])
def test_one_mistake_is_found_where_it_is(campaign: Path, around: str, right: str, wrong: str, hint: str) -> None:
    text, place = spoil(campaign.read_text("utf-8"), around, right, wrong)
    campaign.write_text(text, "utf-8")

    words, answer = check(str(campaign))

    assert (words.code, answer.code) == (7, 7)
    first = answer.json["problems"][0]
    assert (first["line"], first["column"]) == place
    assert hint in first["hint"]


def test_mistakes_of_a_definition_beside_the_campaign_are_told_with_its_name(campaign: Path) -> None:
    machine = campaign.with_name("small.yaml")
    text, place = spoil(machine.read_text("utf-8"), "distinct_from: submit", "submit", "sumbit")
    text, other = spoil(text, 'when: "not urgent or', "urgent", "urgnt")
    machine.write_text(text, "utf-8")

    by_campaign, by_itself = check(str(campaign))[1], check(str(machine))[1]

    assert by_campaign.json["problems"] == by_itself.json["problems"]
    assert {(each["file"], each["line"]) for each in by_itself.json["problems"]} == {
        (str(machine), place[0]),
        (str(machine), other[0]),
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"schema: campaign/1\ncode: [", ":2:"),
        (b"a: &x 1\nb: *x\n", "aliases"),
        (b"schema: campaign/1\ncode: a\ncode: b\n", "twice"),
        (b"schema: campaign/9\n", "campaign/1"),
        (b"schema: campaign/1\nx: " + b"[" * 5000, ""),
        (b"schema: campaign/1\nname: !!python/object/apply:os.system [id]\n", "tag"),
        (b"{" * 2000, ""),
        (b"schema: campaign/1\nnotes: " + b"x" * 3_000_000, ""),
        (b"\x00\x01", ""),
        ("schema: campaign/1\nname: \u202eevil\x1b[31m\n".encode(), ""),
    ],
)
def test_whatever_the_file_is_it_is_told_politely(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "spoilt.yaml").write_bytes(content)

    words, answer = check(str(tmp_path / "spoilt.yaml"))

    assert (words.code, answer.code) == (7, 7)
    assert said in words.out or any(said in each["message"] for each in answer.json["problems"])
    assert "\x1b" not in words.out
    assert answer.json["problems"]
    shown = Office(None)("campaign", "show", str(tmp_path / "spoilt.yaml")).politely()
    assert (shown.code, shown.out) == (7, "")


def test_several_files_are_checked_together_and_a_missing_one_hides_none(campaign: Path) -> None:
    campaign.write_text(campaign.read_text("utf-8").replace("lead: alpha", "lead: alhpa"), "utf-8")
    missing = str(campaign.with_name("none.yaml"))

    words, answer = check(missing, str(campaign), SMALL, "case")
    alone, _ = check(missing)

    assert (words.code, answer.code, alone.code) == (7, 7, 3)
    assert [each["file"] for each in answer.json["problems"]] == [missing, str(campaign)]


def test_what_comes_with_us_has_no_problem() -> None:
    words, answer = check()

    assert (words.code, answer.code) == (0, 0)
    assert (answer.json["ok"], answer.json["problems"]) == (True, [])
    assert all(proof["ok"] and proof["situations"] and proof["assumptions"] for proof in answer.json["proofs"])


def test_a_founding_document_that_was_not_copied_is_told_at_the_line_that_names_it(tmp_path: Path) -> None:
    ours = Path(__file__).parent.parent / "workflows" / "campaigns"
    mine = Path(shutil.copy(ours / "baodi-2010.yaml", tmp_path / "mine.yaml"))
    lines = mine.read_text("utf-8").splitlines()

    words, answer = check(str(mine))

    assert (words.code, answer.code) == (7, 7)
    (problem,) = answer.json["problems"]
    assert "baodi-2010-notice.txt" in lines[problem["line"] - 1]
    assert "baodi-2010-notice.txt" in problem["message"]
    assert "删去此行" in words.out
    shutil.copy(ours / "baodi-2010-notice.txt", tmp_path)
    assert check(str(mine))[0].code == 0

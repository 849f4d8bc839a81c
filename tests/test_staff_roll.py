"""An office's whole roll of persons is read from one table: all of it, or nothing and every mistake with its line."""

from pathlib import Path

import pytest
from commandline import SMALL, Office
from production import producing, refusal
from world import everything, flaws

from engine.enrolling import Enrolled, Enroller
from engine.errors import Invalid
from engine.orders import Actor
from engine.ways import Way

ROLL = """登录名,姓名,单位,岗位,截止时间,渠道,地址,免打扰
li.ming,李明,甲局,负责人,,,,
li.ming,,alpha,liaison,2030-12-31,file,li.ming@example.org,22:00-07:00
zhao.lei,赵磊,beta,联络员,,,,
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A production on a file of ours."""
    made = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    assert made("init", "--campaign", SMALL, "--late").code == 0
    return made


def persons(office: Office) -> dict[str, list[str]]:
    items = office.json("user", "list")["items"]
    return {each["login"]: sorted(f"{seat['body']}.{seat['post']}" for seat in each["posts"]) for each in items}


def rolled(office: Office, tmp_path: Path, text: str | bytes, *words: str) -> tuple[int, dict[str, object]]:
    file = tmp_path / "roll.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    ended = office("--json", "user", "import", str(file), *words)
    return ended.politely().code, ended.json


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_everybody_on_a_roll_is_there_with_posts_and_contacts_and_a_second_reading_changes_nothing(
    office: Office, tmp_path: Path, encoding: str
) -> None:
    assert rolled(office, tmp_path, ROLL.encode(encoding), "--dry-run")[1]["added"] == ["li.ming", "zhao.lei"]
    assert persons(office).keys() == {"bgs.admin"}

    code, said = rolled(office, tmp_path, ROLL.encode(encoding))

    assert (code, said["added"]) == (0, ["li.ming", "zhao.lei"])
    assert persons(office)["li.ming"] == ["alpha.head", "alpha.liaison"]
    (contact,) = office.json("contact", "list")["items"]
    assert (contact["holder"], contact["quiet"], contact["rank"]) == ("li.ming", "22:00-07:00", 1)
    again = rolled(office, tmp_path, ROLL.replace("磊,beta", "磊,alpha"))[1]
    assert (again["added"], again["already"]) == ([], 3)
    assert persons(office)["zhao.lei"] == ["alpha.liaison", "beta.liaison"]


def test_every_mistake_of_a_roll_is_told_with_its_line_and_nobody_is_there(office: Office, tmp_path: Path) -> None:
    wrong = """登录名,姓名,单位,岗位,截止时间,渠道,地址,次序
li.ming,李明,甲局,负责人,,,,
li.ming,李民,alpha,liaison,改日,,,
,王,alpha,head,,,,

a b,王,alhpa,head,,,,
c.d,丁,alpha,,,mail,,x
e.f,戊,alpha,chair,2020-01-01,pigeon,coop,
bgs.admin,别人,,,,,,
li.ming,李明,alpha,head,,,,
li.ming,李明,alpha,head,,,,,,,多
"""
    code, said = rolled(office, tmp_path, wrong)

    assert code == 7
    told = {(each["line"], each["code"]) for each in said["error"]["problems"]}  # type: ignore[index]
    assert told == {
        (3, "two_names"), (3, "instant"), (4, "missing"), (6, "login"), (6, "no_body"), (7, "missing"), (8, "no_post"),
        (8, "no_channel"), (9, "login_taken"), (10, "twice"), (11, "cells"),
    }  # fmt: skip
    assert all("text" in each for each in said["error"]["problems"])  # type: ignore[index]
    assert persons(office).keys() == {"bgs.admin"}


def test_no_login_passes_for_another(office: Office, tmp_path: Path) -> None:
    roll = "login,name\nbgs.\u0430dmin,甲\nBGS.Admin,乙\nｌｉ.ming,丙\nli.ming,李明\nLI.ming,丁\n王.wang2,王\n"
    code, said = rolled(office, tmp_path, roll)

    assert code == 7
    told = {(each["line"], each["code"]) for each in said["error"]["problems"]}  # type: ignore[index]
    assert told == {(2, "login"), (3, "login_taken"), (4, "login"), (6, "login_taken")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("姓名,单位\n李明,甲局\n", "heading"), ("登录名,login\n", "heading"), ("登录名,电话\n", "heading"), ("", "heading"),
        ("login\n", "empty"), ('login,name\nli,"李\n', "csv"), (b"login\n\xff\xff\n", "encoding"),
        ("login\n" + "li\n" * 5_001, "too_long"), ("login," + "x" * 2_100_000, "too_long"),
    ],
)  # fmt: skip
def test_what_is_no_roll_is_refused_as_a_whole(text: str | bytes, code: str, office: Office, tmp_path: Path) -> None:
    exit_code, said = rolled(office, tmp_path, text)

    error: dict[str, object] = said["error"]  # type: ignore[assignment]
    assert exit_code == 7 and code in {error["code"], *(each["code"] for each in error["problems"])}  # type: ignore[attr-defined]


def test_the_template_is_a_roll(office: Office, tmp_path: Path) -> None:
    for lang in ("zh", "en"):
        sample = office("--lang", lang, "user", "import", "--template").out
        assert rolled(office, tmp_path, sample, "--dry-run")[0] == 0
    assert office("user", "import").code == 2


def test_a_roll_is_many_entries_of_one_transaction_and_needs_two_as_one_post_does(db_url: str) -> None:
    owner = Actor("bgs.admin", "owner:0:tests", frozenset({("bgs", "admin")}), key="os:0")
    way = Way("file", "li.ming@example.org", "")
    lines = [
        Enrolled(2, "li.ming", "李明", ("alpha", "head"), None, way),
        Enrolled(3, "li.ming", seat=("alpha", "liaison")),
    ]
    with producing(db_url) as office:
        before = everything(office)

        enroller = Enroller(office.engine, owner, None, lambda *_: None)
        enroller.enrol("roll.csv", lines, dry=True)
        assert isinstance(refusal(lambda: enroller.enrol("roll.csv", [*lines, Enrolled(4, "a b")])), Invalid)
        stranger = Actor("x", "token:1", frozenset({("alpha", "head")}))
        assert (
            refusal(lambda: Enroller(office.engine, stranger, None, lambda *_: None).enrol("r", lines)).exit_code == 5
        )
        himself = Enroller(office.engine, owner, owner, lambda *_: None)
        selfish = refusal(lambda: himself.enrol("roll.csv", lines))
        assert isinstance(selfish, Invalid) and selfish.problems[0].code == "same_person"
        assert everything(office) == before

        assert enroller.enrol("roll.csv", lines).added == ["li.ming"]
        assert flaws(office) == []

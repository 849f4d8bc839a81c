"""Personal data on the command line: found, asked for, erased by a second person, gone from the file, told in words."""

from pathlib import Path

from commandline import Office
from world import begin

REF, NAME = "probe/2010-0001", "王小二甲乙"


def test_a_person_is_found_erased_by_two_and_gone_from_the_database_file(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    office = Office(f"sqlite:///{file}")
    begin(f"sqlite:///{file}", "rich").close()
    opening = ("open", "probe", "--title", f"{NAME}举报案", "--fact", f"reporter={NAME}")
    assert office.as_("alpha.liaison", *opening).code == 0
    request = ("privacy", "erase", "--text", NAME, "--ground", "withdrawn", "--note", "本人要求")

    said = office.as_("bgs.admin", "--json", *request).json
    assert ([each["code"] for each in said["refused"]], said["items"]) == (["still_open"], [])
    assert office.as_("alpha.liaison", "do", REF, "abandon").code == 0
    kept = office.as_("bgs.admin", "privacy", "erase", REF, "--ground", "other", "--note", "x")
    assert (kept.code, "保存期限至2021-01-01前一日" in kept.err, "第四十七条第二款" in kept.err) == (4, True, True)
    assert office("clock", "advance", "--to", "2021-01-01", "--without-scheduler").code == 0
    found = office.as_("alpha.head", "privacy", "find", "--text", NAME).rows
    assert [(each["field"], each["value"]) for each in found] == [("fact:reporter", NAME), ("title", f"{NAME}举报案")]
    (asked,) = office.as_("bgs.admin", "--json", *request).json["items"]
    alone = office.as_("bgs.admin", "privacy", "approve", asked["id"])
    assert (alone.code, "批准人不得是申请人本人" in alone.err) == (5, True)
    assert NAME.encode() in file.read_bytes()

    done = office.as_("alpha.head", "--json", "privacy", "approve", asked["id"]).json
    assert (done["scrubbed"], done["request"]["values"]) == (True, 3)
    left = {each.name: each.read_bytes() for each in tmp_path.iterdir() if each.is_file()}
    assert [name for name, content in left.items() if NAME.encode() in content] == []
    assert "举报人（reporter） = 〔已依法删除〕" in office("show", REF).out
    english = office("--lang", "en", "history", REF).out
    assert (
        "the person has withdrawn consent (Personal Information Protection Law, article 47, paragraph 1 (3))" in english
    )
    assert office("--json", "audit", "verify").json["findings"] == []
    for words in (
        ("find",),
        ("erase", "--ground", "other", "--note", "x"),
        ("reapply", "nowhere", "--approve-by", "x"),
    ):
        assert office.as_("bgs.admin", "privacy", *words).politely().code in (2, 5, 7)

"""Standing in for somebody, as it is typed: for whom is found where that is plain, and asked where it is not."""

import json
from pathlib import Path

from commandline import small_office


def test_the_command_line_finds_for_whom_where_that_is_plain(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    words = ("--from", "2010-11-01", "--until", "2010-11-05", "--reason", "出差")
    made = office.json("--as", "bgs.admin", "user", "delegate", "alpha.liaison", "--to", "beta.head", *words)
    assert (made["from"], made["until"]) == ("2010-10-31T16:00:00Z", "2010-11-05T16:00:00Z"), "the last day counts"

    able = office.json("--as", "beta.head", "can", "errand/alpha")
    assert [each["on_behalf_of"] for each in able["deputy"]] == ["alpha.liaison"]
    assert "take" in [each["trigger"] for each in able["deputy"][0]["possible"]]
    done = office.as_("beta.head", "--json", "do", "errand/alpha", "take")
    assert (done.code, done.json["entry"]["on_behalf_of"]) == (0, "alpha.liaison")
    assert "alpha.liaison" in done.err
    assert "代 alpha.liaison" in office("history", "errand/alpha").out
    assert office("user", "delegations").rows[0]["status"] == "in_force"
    assert office.as_("beta.liaison", "do", "errand/alpha", "pause", "--on-behalf", "alpha.head").politely().code == 5
    office.json("--as", "alpha.liaison", "user", "undelegate", "alpha.liaison", "--to", "beta.head")
    assert office.as_("beta.head", "can", "errand/alpha", "--on-behalf", "alpha.liaison").politely().code == 5
    for wrong in (("--until", "2010-10-31"), ("--until", "x"), ("--reason", "")):
        more = dict(zip(words[::2], words[1::2], strict=True)) | {wrong[0]: wrong[1]}
        typed = [each for pair in more.items() for each in pair]
        assert office("user", "delegate", "alpha.head", "--to", "beta.head", *typed).politely().code == 7


def test_for_whom_is_asked_where_it_is_not_plain_and_a_notice_is_acknowledged(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    words = ("--from", "2010-11-01", "--until", "2010-11-30", "--reason", "出差")
    for who in ("bgs.head", "bgs.admin"):
        office.json("user", "delegate", who, "--to", "beta.liaison", *words)
    office.json("clock", "advance", "--to", "2010-11-03T10:00")
    (mine,) = office.json("notice", "list", "--body", "alpha")["items"]

    asked = office.as_("beta.liaison", "--json", "do", "errand/alpha", "drop", "--reason", "x").politely()
    told = office.as_("beta.liaison", "--json", "notice", "ack", mine["id"])

    assert (asked.code, asked.json["error"]["code"]) == (5, "ambiguous")
    assert told.code == 0 and told.json["items"][0]["notice"]["status"] == "acknowledged"
    assert (
        office.as_("beta.liaison", "do", "errand/alpha", "drop", "--reason", "x", "--on-behalf", "bgs.head").code == 0
    )


def test_a_line_of_a_file_may_say_for_whom(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    words = ("--from", "2010-11-01", "--until", "2010-11-05", "--reason", "出差")
    office.json("user", "delegate", "alpha.liaison", "--to", "beta.head", *words)
    path = tmp_path / "orders.jsonl"
    line = {"order": "do", "ref": "errand/alpha", "trigger": "take", "as": "beta.head", "on_behalf": "alpha.liaison"}
    path.write_text(json.dumps(line) + "\n" + json.dumps({**line, "on_behalf": "bgs.admin"}) + "\n", "utf-8")

    ended = office("--json", "apply", str(path))

    assert [json.loads(each)["status"] for each in ended.out.splitlines()[:-1]] == ["done", "refused"]

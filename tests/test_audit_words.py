"""What a check of the record says to people: what it does not cover, and that a file is not there."""

from pathlib import Path

from commandline import small_office
from test_audit_commands import VERIFIER, alone


def test_what_is_not_covered_is_told_in_words(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    told = office("audit", "verify").out

    assert "登录限速：计数，仅用于放慢猜测" in told and "next_try_at" not in told
    assert {"table", "column", "reason"} <= office("--json", "audit", "verify").json["not_covered"][0].keys()


def test_a_file_that_is_not_there_is_a_mistake_of_the_call(tmp_path: Path) -> None:
    for words in (("nowhere.zip",), (str(tmp_path), "--receipt", "nowhere.json"), (str(tmp_path), "--policy", "none")):
        ended = alone(VERIFIER, *words, "--json")
        assert (ended.code, ended.out) == (2, "")
        assert "no such file" in ended.err

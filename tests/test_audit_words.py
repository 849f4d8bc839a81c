"""What a check of the record says to people: what it does not cover, and that a file is not there."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from commandline import ROOT, small_office
from test_audit_commands import VERIFIER, WITNESS, alone
from test_problem_words import filled, texts

from commands.standalone import verify_bundle
from engine.differences import LONGEST, _apart, _short
from engine.problem_words import in_chinese, worded
from workflows.audit_words import FINDINGS

CHECKS = [*sorted((ROOT / "engine").glob("verify*.py")), ROOT / "engine/differences.py"]


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


def flaws_told() -> Iterator[str]:
    """What the parts of a check hand to each other as flaws; the walk of `test_problem_words` sees what they take down."""
    for path in CHECKS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            said = node.value if isinstance(node, ast.Yield) else None
            for part in said.elts if isinstance(said, ast.Tuple) else [said] if said is not None else []:
                yield from (each for each in texts(part, {}) if " " in each)


def test_every_flaw_that_a_check_hands_on_has_its_chinese() -> None:
    told = set(flaws_told()) - {"{} {} is {}"}  # its end is a constant: see the next test

    assert len(told) > 20
    assert {each for each in told if not in_chinese(filled(each))} == set()


def test_a_flaw_within_a_finding_is_told_in_chinese() -> None:
    flaw = "the notice 35: nobody entered that it was owed"

    assert worded(flaw, "zh") == "通知35：没有列入待发的留痕"
    assert "is on record" not in worded("the proposal 5 is on record, and the row is gone", "zh")


def test_every_code_of_a_finding_has_its_words() -> None:
    source = "".join(path.read_text("utf-8") for path in CHECKS)
    codes = set(re.findall(r"(?:found\.add|yield|else)\s?\(?\s*\"([a-z]+_[a-z_]+)\",", source))

    assert {"notice_row", "mode_differs", "row_differs", "access_differs"} <= codes
    assert codes - FINDINGS.keys() == set()
    assert all(map(all, FINDINGS.values()))


def test_of_a_changed_matter_only_what_differs_is_shown() -> None:
    row = {"facts": {"area": "x", "amount": 5}, "documents": {}, "marks": {"deep": {"a": 1}}}
    history = {"facts": {"area": "y", "amount": 5}, "documents": {"plan": ["z"]}, "marks": {"deep": {"a": 1}}}

    assert _apart(row, history) == (
        {"facts": {"area": "x"}, "documents": {}},
        {"facts": {"area": "y"}, "documents": {"plan": ["z"]}},
    )
    assert _apart(row, row) == ({}, {}) and _apart([], {}) == ([], {})
    assert (_short({"b": "值", "a": 1}), len(_short("y" * 5000))) == ('{"a":1,"b":"值"}', LONGEST)


def test_a_stand_alone_program_without_its_package_says_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "cryptography.py").write_text("raise ImportError\n")
    for program in (VERIFIER, WITNESS):
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        ended = subprocess.run([sys.executable, program, "x"], env=env, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "需要 cryptography 库" in ended.stderr and "Traceback" not in ended.stderr


def test_the_stand_alone_verifier_tells_each_code_in_chinese_and_accuses_no_bundle_of_a_bad_receipt(
    tmp_path: Path,
) -> None:
    office = small_office(tmp_path, KEY=str(tmp_path / "log.pem"))
    assert office("audit", "key", "new").code == 0 and office("audit", "checkpoint").code == 0
    assert office("audit", "export", "--out", str(tmp_path / "all.zip")).code == 0
    (tmp_path / "junk").write_text("no receipt")
    bundle, junk = str(tmp_path / "all.zip"), str(tmp_path / "junk")
    ended = alone(VERIFIER, bundle, "--receipt", junk)

    assert ended.code == 9 and "receipt_unreadable 不是回执" in ended.out and "证据包不完整" not in ended.out
    assert "日志密钥仅凭证据包自身所载" in ended.out
    assert alone(VERIFIER, bundle, "--policy", junk).code in (0, 2)
    (tmp_path / "junk").write_text("log x\n")
    assert "不是策略文件" in alone(VERIFIER, bundle, "--policy", junk).err
    codes = set(re.findall(r"(?:self\.add\(|\"code\": )\"([a-z_]+)\"", VERIFIER.read_text("utf-8")))
    assert len(codes) > 15 and codes - verify_bundle.IN_CHINESE.keys() == set()

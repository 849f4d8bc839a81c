"""What a bundle of evidence is told to lack: each fault once, in both languages, and no bundle accused of a mistyped path."""

import ast
import json
import zipfile
from pathlib import Path

import pytest
from commandline import ROOT, Office, small_office
from test_problem_words import filled, said_in

from engine.problem_words import in_chinese

VERIFIER = ROOT / "commands" / "standalone" / "verify_bundle.py"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Path]:
    """An office with three checkpoints, and the bundle of all of it."""
    folder = tmp_path_factory.mktemp("findings")
    office = small_office(folder, KEY=str(folder / "log.pem"))
    assert office("audit", "key", "new").code == 0
    for text in ("一", "二", "三"):
        assert office("comment", "errand/alpha", "--text", text).code == 0
        assert office("audit", "checkpoint").code == 0
    assert office("audit", "export", "--out", str(folder / "all.zip")).code == 0
    return office, folder / "all.zip"


def without(bundle: Path, out: Path, page: int) -> str:
    """The bundle without one of its entries."""
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            lines = old.read(name).splitlines(keepends=True)
            new.writestr(name, b"".join(lines[:page] + lines[page + 1 :] if name == "entries.jsonl" else lines))
    return str(out)


def test_one_missing_page_is_told_once_and_accuses_none_of_those_behind_it(
    sealed: tuple[Office, Path], tmp_path: Path
) -> None:
    office, bundle = sealed

    ended = office("--json", "audit", "verify", "--bundle", without(bundle, tmp_path / "bad.zip", 1))

    assert ended.code == 9
    found = ended.json["findings"]
    leaves = [each["message"] for each in found if each["message"].startswith("leaf ")]
    assert leaves == ["leaf 1 is not there; the next is 2"]
    assert len(found) <= 4, found  # the leaf, the stream's gap and broken chain, and the root that cannot be reached
    assert {each["code"] for each in found} <= {"gap", "chain", "root"}


def test_a_changed_page_breaks_the_first_root_above_it_and_is_not_told_of_each_one_more(
    sealed: tuple[Office, Path], tmp_path: Path
) -> None:
    office, bundle = sealed
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(tmp_path / "bent.zip", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "entries.jsonl":
                lines = [json.loads(each) for each in content.splitlines()]
                lines[1]["record"] = lines[1]["record"].replace("system", "nobody", 1)
                content = b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in lines)
            new.writestr(name, content)

    ended = office("--json", "audit", "verify", "--bundle", str(tmp_path / "bent.zip"))

    roots = [each["idx"] for each in ended.json["findings"] if each["code"] == "root"]
    assert ended.code == 9 and len(roots) == 2, roots  # the first checkpoint above it, and the one of the bundle


@pytest.mark.parametrize(
    "words", [("none.zip",), ("all", "--policy", "none"), ("all", "--receipt", "none"), ("all", "--receipt", "noise")]
)
def test_a_path_that_leads_nowhere_is_refused_and_accuses_no_bundle(
    words: tuple[str, ...], sealed: tuple[Office, Path], tmp_path: Path
) -> None:
    office, bundle = sealed
    (tmp_path / "noise").write_bytes(b"no receipt")
    places = {"all": str(bundle), "--policy": "--policy", "--receipt": "--receipt"}

    ended = office("audit", "verify", "--bundle", *(places.get(each, str(tmp_path / each)) for each in words))

    assert ended.code == 7, ended.err
    assert ended.out == ""


def test_a_receipt_without_its_place_is_named_and_not_the_bundle(sealed: tuple[Office, Path], tmp_path: Path) -> None:
    office, bundle = sealed
    (tmp_path / "r.json").write_text('{"receipt": {"stream": "matter/errand/alpha"}}')

    ended = office("--json", "audit", "verify", "--bundle", str(bundle), "--receipt", str(tmp_path / "r.json"))

    assert [each["code"] for each in ended.json["findings"]] == ["receipt_unreadable"]


def test_whatever_the_verifier_says_is_told_in_chinese_by_ours() -> None:
    tree = ast.parse(VERIFIER.read_text("utf-8"))
    reserved = {
        value.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Dict)
        for key, value in zip(each.keys, each.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "message" and isinstance(value, ast.Constant)
        if isinstance(value.value, str)
    }
    said = said_in(VERIFIER) | reserved

    assert len(reserved) >= 2 and len(said) > 15
    assert {form for form in said if not in_chinese(filled(form))} == set()


def test_a_chinese_reader_is_told_what_a_bundle_lacks_in_chinese(sealed: tuple[Office, Path], tmp_path: Path) -> None:
    office, bundle = sealed

    ended = office("--lang", "zh", "audit", "verify", "--bundle", without(bundle, tmp_path / "bad.zip", 1))

    assert "缺第1叶，其后为第2叶" in ended.out
    assert "日志密钥仅凭证据包自身所载；请用 --policy 指明" in ended.out

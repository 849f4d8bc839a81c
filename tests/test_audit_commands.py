"""The commands about the record, as an office, an auditor and a witness type them."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import ROOT, Ended, Office, small_office

VERIFIER = ROOT / "commands" / "standalone" / "verify_bundle.py"
WITNESS = ROOT / "commands" / "standalone" / "witness.py"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A rehearsal whose log is signed, with a folder of anchors and a folder of state of its own."""
    names = {"KEY": "key.pem", "ANCHORS": "anchors", "STATE": "state", "LANG": "en"}
    places = {name: each if name == "LANG" else str(tmp_path / each) for name, each in names.items()}
    made = small_office(tmp_path, **places)
    made.json("audit", "key", "new")
    yield made


def act(office: Office, *more: str) -> Any:
    office.json("--as", "alpha.head", "correct", "errand/alpha", "--fact", "urgent=false", "--reason", "漏填")
    return office.json("--as", "alpha.liaison", "do", "errand/alpha", "take", *more)


def policy(office: Office, folder: Path, *more: str) -> str:
    path = folder / "policy.txt"
    path.write_text("\n".join([f"log {office.json('audit', 'key', 'show')['vkey']}", *more, ""]))
    return str(path)


def alone(program: Path, *words: str) -> Ended:
    """Run a stand-alone program far from our code, as somebody who has nothing of it."""
    done = subprocess.run(
        [sys.executable, "-I", str(program), *words], cwd="/", capture_output=True, text=True, check=False
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def codes(ended: Ended) -> set[str]:
    assert ended.code == 9, (ended.code, ended.err)
    return {each["code"] for each in ended.json["findings"]}


def test_a_history_without_an_outside_anchor_is_never_called_verified(office: Office) -> None:
    said = office.json("audit", "verify")

    assert (said["ok"], said["verified"]) == (True, False)
    assert {"no_anchor", "key_not_pinned", "waiting"} <= {each["code"] for each in said["reservations"]}
    page = office("audit", "verify")
    assert page.code == 0
    assert "not verified" in page.out
    assert "不能算核验通过" in office("--lang", "zh", "audit", "verify").out


def test_with_a_pinned_key_and_an_anchor_it_is_verified_and_says_against_what(office: Office, tmp_path: Path) -> None:
    act(office)
    sealed = office.json("audit", "checkpoint")

    said = office.json("audit", "verify", "--policy", policy(office, tmp_path), "--printed", sealed["short_root"])

    assert said["verified"], said["reservations"]
    assert (said["anchored"]["size"], said["anchored"]["root"]) == (sealed["size"], sealed["root"])
    assert said["short_root"] == sealed["short_root"]
    assert office("audit", "verify", "--since-last").code == 0
    assert office.json("audit", "verify", "--matter", "errand/alpha")["entries"] >= 3


@pytest.mark.parametrize("printed", ["0123456789abcdef@3", "ffffffffffffffff@9999"])
def test_a_printed_root_that_is_not_the_log_s_is_found(printed: str, office: Office) -> None:
    office.json("audit", "checkpoint")

    assert codes(office("--json", "audit", "verify", "--printed", printed)) & {"fork", "rollback"}


def test_a_receipt_is_signed_and_holds_the_record_to_it(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    said = act(office, "--receipt", str(path))

    receipt = json.loads(path.read_text())
    assert receipt == said["receipt"]
    assert receipt["leaf"] == said["entry"]["hash"]
    assert len(bytes.fromhex(receipt["sig"])) == 64
    assert office.json("audit", "verify", "--receipt", str(path))["receipts"] == 1
    for change, code in (
        ({"leaf": "0" * 64, "sig": ""}, "receipt_missing"),
        ({"seq": 99, "sig": ""}, "receipt_missing"),
        ({"leaf": "0" * 64}, "receipt_signature"),
        ({"log": "another/log"}, "receipt_foreign"),
        ({"seq": "x"}, "receipt_unreadable"),
    ):
        path.write_text(json.dumps({**receipt, **change}))
        assert codes(office("--json", "audit", "verify", "--receipt", str(path))) == {code}


def test_apply_gives_a_receipt_for_every_line(office: Office, tmp_path: Path) -> None:
    line = {"order": "correct", "ref": "errand/alpha", "facts": {"urgent": True}, "reason": "漏填", "as": "alpha.head"}
    ended = office("apply", "-", "--receipt", str(tmp_path / "r.jsonl"), stdin=json.dumps(line).encode() + b"\n")

    assert ended.code == 0, ended.out
    kept = [json.loads(each) for each in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert kept == [ended.lines[0]["receipt"]]
    assert office("audit", "verify", "--receipt", str(tmp_path / "r.jsonl")).code == 0


@pytest.fixture
def bundle(office: Office, tmp_path: Path) -> Path:
    paper = tmp_path / "report.txt"
    paper.write_text("报告")
    act(office)
    office.json("--as", "alpha.liaison", "do", "errand/alpha", "submit", "--doc", f"report={paper}")
    office.json("audit", "checkpoint")
    out = tmp_path / "all.zip"
    office.json("audit", "export", "--out", str(out), "--documents", "--private")
    return out


def test_a_bundle_is_verified_by_a_program_that_knows_nothing_of_ours(
    office: Office, bundle: Path, tmp_path: Path
) -> None:
    program = tmp_path / "elsewhere" / "verify.py"
    program.parent.mkdir()
    with zipfile.ZipFile(bundle) as there:
        program.write_bytes(there.read("verify_bundle.py"))
        assert [name for name in there.namelist() if name.startswith("documents/")]

    ended = alone(program, str(bundle), "--policy", policy(office, tmp_path), "--json")

    assert ended.code == 0, ended.out + ended.err
    assert {each["code"] for each in ended.json["reservations"]} == {"no_anchor"}
    assert office.json("audit", "verify", "--bundle", str(bundle))["entries"] == ended.json["entries"]
    exported = office.json("audit", "verify")
    assert exported["entries"] > ended.json["entries"], "the export itself is on record"


def test_the_bundle_of_one_matter_proves_it_and_tells_nothing_of_the_others(
    office: Office, bundle: Path, tmp_path: Path
) -> None:
    out = tmp_path / "one.zip"
    office.json("audit", "export", "--out", str(out), "--matter", "errand/alpha")

    ended = alone(VERIFIER, str(out), "--policy", policy(office, tmp_path), "--json")

    assert ended.code == 0, ended.out
    with zipfile.ZipFile(out) as there:
        everything = b"".join(there.read(name) for name in there.namelist())
    assert b"errand/alpha" in everything
    assert b"errand/beta" not in everything


def rewritten(bundle: Path, out: Path, change: Any) -> Path:
    """The bundle with its entries changed."""
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "entries.jsonl":
                lines = change([json.loads(line) for line in content.splitlines()])
                content = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
            new.writestr(name, content)
    return out


def _other(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines[-1]["record"] = lines[-1]["record"].replace('"kind":"', '"kind":"x')
    return lines


@pytest.mark.parametrize("scope", ["all", "one"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda lines: [each for at, each in enumerate(lines) if at != len(lines) - 3], "gap"),
        (_other, ("root", "inclusion")),
        (lambda lines: [], ("root", "bundle", "signature")),
    ],
    ids=["a page missing", "a page changed", "no page"],
)
def test_what_was_done_to_a_bundle_has_its_code(
    change: Any, code: Any, scope: str, office: Office, bundle: Path, tmp_path: Path
) -> None:
    if scope == "one":
        bundle = tmp_path / "one.zip"
        office.json("audit", "export", "--out", str(bundle), "--matter", "errand/alpha")

    found = codes(alone(VERIFIER, str(rewritten(bundle, tmp_path / "bad.zip", change)), "--json"))

    assert found & ({code} if isinstance(code, str) else set(code)), found


def test_a_foreign_receipt_and_an_unknown_key_have_codes_of_their_own(
    office: Office, bundle: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "r.json"
    receipt.write_text(json.dumps({"log": "x/y", "stream": "matter/x", "seq": 1, "leaf": "00" * 32}))
    other = tmp_path / "other"
    other.mkdir()
    stranger = small_office(other, KEY=str(other / "key.pem"), STATE=str(other / "state"))
    stranger.json("audit", "key", "new")

    assert codes(alone(VERIFIER, str(bundle), "--receipt", str(receipt), "--json")) == {"receipt_foreign"}
    assert codes(alone(VERIFIER, str(bundle), "--policy", policy(stranger, other), "--json")) == {"unknown_key"}
    assert codes(office("--json", "audit", "verify", "--policy", policy(stranger, other))) >= {"key_unknown"}


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_bundle_is_a_finding_and_no_fault(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(content)

    assert codes(alone(VERIFIER, str(tmp_path / "x.zip"), "--json")) == {"bundle"}


def witness(tmp_path: Path, *words: str) -> Ended:
    return alone(WITNESS, *words, "--store", str(tmp_path / "witness"))


def test_a_witness_signs_what_only_grew_and_the_quorum_counts_him(office: Office, tmp_path: Path) -> None:
    anchors = str(tmp_path / "anchors")
    key = witness(tmp_path, "key", "--name", "audit-office").out.strip()
    vkey = office.json("audit", "key", "show")["vkey"]
    office.json("audit", "checkpoint")
    assert witness(tmp_path, "run", anchors).code == 9, "a log is believed only by hand"
    assert witness(tmp_path, "trust", vkey).code == 0

    assert witness(tmp_path, "run", anchors).code == 0
    act(office)
    office.json("audit", "checkpoint")
    assert witness(tmp_path, "run", anchors).code == 0

    believed = policy(office, tmp_path, f"witness audit-office {key}", "quorum audit-office")
    without = office("--json", "audit", "verify", "--policy", believed)
    assert codes(without) == {"quorum"}
    both = ("--anchors", anchors, "--anchors", str(tmp_path / "witness"))
    said = office.json("audit", "verify", "--policy", believed, *both)
    assert said["verified"], said["reservations"]
    assert said["quorum"]["size"] == said["size"]


def test_a_witness_refuses_a_log_that_was_put_back_or_bent(office: Office, tmp_path: Path) -> None:
    witness(tmp_path, "key")
    witness(tmp_path, "trust", office.json("audit", "key", "show")["vkey"])
    office.json("audit", "checkpoint")
    (path,) = (tmp_path / "anchors").glob("*.jsonl")
    before = path.read_text()
    act(office)
    office.json("audit", "checkpoint")
    whole = path.read_text()
    assert witness(tmp_path, "run", str(path)).code == 0
    state = (tmp_path / "witness" / "state.json").read_text()

    path.write_text(before)
    put_back = witness(tmp_path, "run", str(path))
    line = json.loads(whole.splitlines()[-1])
    path.write_text(before + json.dumps({**line, "note": line["note"].replace("\n", "\n1", 1)}) + "\n")
    bent = witness(tmp_path, "run", str(path))

    assert (put_back.code, put_back.err.split()[0]) == (9, "rollback")
    assert (bent.code, bent.err.split()[0]) == (9, "bad_signature")
    assert (tmp_path / "witness" / "state.json").read_text() == state


def test_a_loss_is_put_on_record_by_two_and_the_log_goes_on_in_another_epoch(office: Office, tmp_path: Path) -> None:
    office.json("audit", "checkpoint")
    database = tmp_path / "duban.db"
    shutil.copy(database, tmp_path / "old.db")
    act(office)
    office.json("audit", "checkpoint")
    for path in tmp_path.glob("duban.db*"):
        if path.is_file():
            path.unlink()
    shutil.copy(tmp_path / "old.db", database)

    refused = office(
        "--json", "--as", "alpha.head", "correct", "errand/alpha", "--fact", "urgent=false", "--reason", "x"
    )
    assert (refused.code, refused.json["error"]["code"]) == (9, "rollback")
    assert office("scheduler", "once").code == 9
    assert office("run").code == 9
    assert codes(office("--json", "audit", "verify")) == {"rollback"}
    assert office("audit", "recover", "--reason", "盘坏", "--approve-by", "bgs.admin").code == 5
    assert office("audit", "recover", "--reason", "盘坏").code == 2
    said = office.json("audit", "recover", "--reason", "盘坏", "--approve-by", "lxz.chair")

    assert said["loss"]["epoch"] == 2
    act(office)
    office.json("audit", "checkpoint")
    after = office.json("audit", "verify", "--policy", policy(office, tmp_path))
    assert after["ok"]
    assert after["origin"].endswith("/epoch2")
    assert "restored" in {each["code"] for each in after["reservations"]}
    assert office("audit", "recover", "--reason", "盘坏", "--approve-by", "lxz.chair").code == 4
    witness(tmp_path, "key")
    assert witness(tmp_path, "run", str(tmp_path / "anchors")).code == 9

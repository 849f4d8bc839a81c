"""A key is changed by two, wherever it is cut off it goes on, and nothing is ever sealed with a key that is going."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import ROOT, Office
from house import House
from production import producing, refusal
from test_log import flaws, sequenced
from test_vault import CANARY, asked, reported
from world import again, sql

from engine import key_rotation
from engine.factor_keys import kept_by
from engine.key_rotation import rotate
from engine.orders import Actor
from engine.sealing_key import new_key_file, read_keys
from engine.verifying import Scope, verify
from workflows.workspace import Workspace

SECURITY = Actor("an", "session:x", frozenset({("bgs", "admin")}))
CHAIR = Actor("zu", "session:y", frozenset({("bgs", "admin")}))
"""In the small campaign, which names no three, the office's administrators do their work."""


@pytest.fixture
def house(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    key = tmp_path / "own.key"
    new_key_file(key)
    monkeypatch.setenv("DUBAN_FACTOR_KEY", str(key))
    with producing(db_url) as office:
        yield House(office)


def key_of(office: Workspace) -> Path:
    from workflows.factor_key import factor_file

    found = factor_file(office.database)
    assert found is not None
    return found


def findings(office: Workspace) -> list[str]:
    sequenced(office)
    with office.database.snapshot() as tx:
        return [each["code"] for each in verify(tx, office.campaign, Scope())["findings"]]


def test_second_factors_go_on_under_another_key(house: House) -> None:
    office = house.office
    secrets = {login: str(house.settle(login, "bgs.admin")) for login in ("shen", "wang")}
    path, before = key_of(office), read_keys(key_of(office), "x")
    with_old = again(office)
    old_seal = with_old.engine.factors()

    said = rotate(office.engine, kept_by(office.engine.factors), path, SECURITY, CHAIR)

    after = read_keys(path, "x")
    assert after is not None and before is not None and len(after) == 1 and after != before
    assert (said["sealed"], said["resumed"]) == (2, False)
    (aside,) = said["put_aside"]
    assert read_keys(Path(aside), "x") == before and stat.S_IMODE(Path(aside).stat().st_mode) == 0o600
    for login, secret in secrets.items():
        assert house.attempt(login, code=house.now_code(secret)).startswith("ds_")
    with office.database.tx() as tx:
        error = refusal(lambda: old_seal.seal(tx, "li", "SECRET"))
    assert error.code == "key_changed", "a node that has the old file seals nothing more with it"
    with_old.close()
    said_of = sql(office.database, "select trigger from entry where kind = 'factors' order by seq")
    assert [each for (each,) in said_of] == ["key_changed", "sealed_anew"]
    assert findings(office) == [] and flaws(office) == []


def test_of_two_who_change_a_key_at_one_moment_the_second_is_refused_and_nothing_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, path = house.office, key_of(house.office)
    secret = str(house.settle("shen", "bgs.admin"))
    errors = []

    def second(point: str) -> None:
        if point == "rotation-begun" and not errors:
            kept = kept_by(office.engine.factors)
            errors.append(refusal(lambda: rotate(office.engine, kept, path, SECURITY, CHAIR)).code)

    monkeypatch.setattr(key_rotation, "reach", second)
    rotate(office.engine, kept_by(office.engine.factors), path, SECURITY, CHAIR)

    assert errors == ["contention"]
    assert house.attempt("shen", code=house.now_code(secret)).startswith("ds_")
    assert rotate(office.engine, kept_by(office.engine.factors), path, SECURITY, CHAIR)["sealed"] == 1


def test_one_person_alone_changes_no_key(house: House) -> None:
    office = house.office
    path, keys = key_of(office), read_keys(key_of(office), "x")
    kept = kept_by(office.engine.factors)
    puppet = Actor("puppet", "session:z", CHAIR.posts, issued_by="an")
    stranger = Actor("li", "session:z", frozenset({("alpha", "head")}))
    token = Actor("zu", "token:x", CHAIR.posts, scope=frozenset({"read"}))

    for first, second in ((SECURITY, SECURITY), (SECURITY, puppet), (puppet, SECURITY), (SECURITY, token),
                          (SECURITY, stranger), (stranger, SECURITY)):  # fmt: skip
        error = refusal(lambda f=first, s=second: rotate(office.engine, kept, path, f, s))
        assert error.exit_code == 5, (first, second)

    assert read_keys(path, "x") == keys


@pytest.fixture
def vaulted(sqlite_url: str, tmp_path: Path) -> Office:
    office = Office(sqlite_url)
    assert office("init", "--rehearsal").code == 0
    return office


def killed(office: Office, point: str) -> int:
    command = [sys.executable, str(ROOT / "cli.py"), "--as", "bgs.security", "vault", "key", "rotate", "--approve-by"]
    ended = subprocess.run(
        [*command, "lxz.chair"], env=office.environment(DUBAN_FAILPOINT=point), capture_output=True, check=False
    )
    return ended.returncode


def test_a_change_of_the_vaults_key_that_is_killed_anywhere_goes_on(vaulted: Office) -> None:
    idents = [asked(vaulted, reported(vaulted)) for _ in range(3)]
    for ident in idents:
        assert vaulted.as_("gongshang.head", "vault", "approve", ident).code == 0
    for point in ("rotation-key", "rotation-begun", "rotation-some", "rotation-done"):
        assert killed(vaulted, point) == -9, point
        shown = vaulted.json("--as", "gongshang.officer", "vault", "reveal", idents[0])
        assert shown["identity"] == CANARY, point
    reported(vaulted)

    said = vaulted.json("--as", "bgs.security", "vault", "key", "rotate", "--approve-by", "lxz.chair")

    assert said["resumed"] is True and len(said["put_aside"]) == 1
    assert len(read_keys(Path(said["file"]), "x") or ()) == 1
    for ident in idents:
        assert vaulted.json("--as", "gongshang.officer", "vault", "reveal", ident)["identity"] == CANARY
    assert {key for (key,) in sql_of(vaulted, "select key from vault_item")} == {said["key"]}
    assert vaulted("audit", "verify").code == 0
    alone = vaulted.as_("bgs.security", "vault", "key", "rotate", "--approve-by", "bgs.security")
    assert alone.code == 5 and "两名" in alone.err + alone.out
    assert vaulted.as_("bgs.security", "vault", "key", "rotate").code == 2
    assert vaulted.as_("gongshang.head", "vault", "key", "rotate", "--approve-by", "lxz.chair").code == 5


def sql_of(office: Office, statement: str) -> list[tuple[str, ...]]:
    from workflows.workspace import open_workspace

    workspace = open_workspace(str(office.url))
    try:
        return sql(workspace.database, statement)
    finally:
        workspace.close()

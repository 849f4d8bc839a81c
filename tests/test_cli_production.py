"""In production an identity is proved: by the file's owner, or by a token; a rehearsal stays a rehearsal."""

import os
from pathlib import Path

import pytest
from commandline import SMALL, Office, moved_in, small_office

LATE = ("init", "--campaign", SMALL, "--late")


@pytest.fixture
def local(tmp_path: Path) -> Office:
    """A production database in a file of ours."""
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    assert office(*LATE).code == 0
    return office


@pytest.fixture
def served(pg_url: str, tmp_path: Path) -> tuple[Office, Path]:
    """A production database on a server, and the file with its administrator's first token."""
    office = Office(pg_url, DOCUMENTS=str(tmp_path / "documents"), OUTBOX=str(tmp_path / "outbox"))
    begun = office(*LATE)
    assert begun.code == 0, begun.err
    secret = next(line.split()[1] for line in begun.out.splitlines() if line.startswith("令牌"))
    return office, token_file(tmp_path, secret)


def token_file(folder: Path, secret: str, name: str = "token") -> Path:
    path = folder / name
    path.write_text(secret + "\n")
    return path


def someone(office: Office, folder: Path, login: str, *posts: str, **variables: str) -> Path:
    """Add somebody who holds *posts* at alpha, and return the file of the token."""
    assert office("user", "add", login, **variables).code == 0
    for post in posts:
        assert office("user", "grant", login, "--body", "alpha", "--post", post, **variables).code == 0
    if office.url and office.url.startswith("postgresql"):
        return moved_in(office, folder, login, **variables)
    return token_file(folder, office.json("user", "token", login, **variables)["token"], login)


LOOKS = ["list", "board", "show errand/alpha", "history errand/alpha", "deadline list", "notice list", "clock show"]
ACTS = ["can errand/alpha", "do errand/alpha drop --reason x", "open errand --body alpha", "user add x", "apply -"]


def test_without_a_token_a_served_database_shows_and_does_nothing(served: tuple[Office, Path]) -> None:
    office, _ = served

    for words in [*LOOKS, *ACTS, *(f"--as bgs.admin {words}" for words in LOOKS + ACTS)]:
        ended = office(*words.split())
        assert (ended.code, ended.out) == (5, ""), words
        assert "no_identity" in ended.err
        assert "--token-file" in ended.err


def test_the_first_token_opens_a_served_database(served: tuple[Office, Path], tmp_path: Path) -> None:
    office, admin = served

    assert office("--token-file", str(admin), "list").code == 0
    assert office("list", "--token-file", str(admin)).code == 0
    assert office("list", DUBAN_TOKEN_FILE=str(admin)).code == 0
    assert "administrator_token" not in office.json(*LATE)
    li = someone(office, tmp_path, "li.ming", "liaison", DUBAN_TOKEN_FILE=str(admin))
    by_li = Office(office.url, TOKEN_FILE=str(li), DOCUMENTS=str(tmp_path / "documents"))
    assert by_li("do", "errand/alpha", "take").code == 0
    entry = by_li.json("history", "errand/alpha")["items"][-1]
    assert (entry["actor"], entry["body"]) == ("li.ming", "alpha")
    assert entry["actor_auth"].startswith("token:")


def test_a_token_is_its_owners_and_nobody_elses(served: tuple[Office, Path], tmp_path: Path) -> None:
    office, admin = served
    someone(office, tmp_path, "li.ming", "head", DUBAN_TOKEN_FILE=str(admin))

    assert office("--token-file", str(admin), "--as", "bgs.admin", "list").code == 0
    assert office("--token-file", str(admin), "--as", "li.ming", "list").code == 5


def test_a_false_token_is_refused_without_a_word_about_the_true_one(
    served: tuple[Office, Path], tmp_path: Path
) -> None:
    office, admin = served
    true = admin.read_text().strip()

    for secret in (
        "",
        "x",
        "db_00000000_x",
        f"{true}x",
        true[:-1],
        f"db_{true}",
        "\x00",
        "é",
        "a" * 5000,
        "' or 1=1 --",
    ):
        ended = office("--token-file", str(token_file(tmp_path, secret, "false")), "list").politely()
        assert ended.code in (5, 7), secret
        assert ended.out == ""
        assert true not in ended.err


def test_who_is_disabled_is_out_at_once(local: Office, tmp_path: Path) -> None:
    li = someone(local, tmp_path, "li.ming", "head")
    assert local("--token-file", str(li), "list").code == 0

    assert local("user", "disable", "li.ming").code == 0

    assert local("--token-file", str(li), "list").code == 5
    assert local("--as", "li.ming", "list").code == 5


def test_the_owner_of_a_local_file_acts_under_its_accounts_and_the_record_says_so(local: Office) -> None:
    assert local("list").code == 0
    assert local("do", "errand/alpha", "drop", "--reason", "试").code == 0
    entry = local.json("history", "errand/alpha")["items"][-1]

    assert entry["actor"] == "bgs.admin"
    assert entry["actor_auth"].startswith(f"owner:{os.getuid()}:")
    assert local("--as", "alpha.head", "list").code == 5, "no login of a rehearsal is believed"


def test_another_user_of_the_machine_is_nobody(local: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 54321)

    for words in LOOKS + ACTS:
        ended = local(*words.split())
        assert (ended.code, ended.out) == (5, ""), words


def test_the_machinery_runs_without_an_identity(local: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 54321)

    for words in ("scheduler once", "doctor", "audit verify", "db upgrade"):
        assert local(*words.split()).code == 0


def test_only_administrators_change_accounts(local: Office, tmp_path: Path) -> None:
    li = someone(local, tmp_path, "li.ming", "head", "liaison", "officer")

    for words in ("add x", "grant li.ming --body bgs --post admin", "token bgs.admin", "disable bgs.admin"):
        assert local("--token-file", str(li), "user", *words.split()).code == 5
    assert local("user", "grant", "li.ming", "--body", "alpha", "--post", "chair").code == 7
    assert local("user", "grant", "li.ming", "--body", "gamma", "--post", "head").code == 3
    assert local("user", "add", "li.ming").code == 6
    assert local("user", "token", "li.ming", "--days", "0").code == 7
    assert local("user", "token", "nobody").code == 3


def test_the_clock_of_production_is_not_moved(local: Office) -> None:
    moved = local("clock", "advance", "--to", "2099-01-01")
    line = local("apply", "-", stdin=b'{"order": "do", "ref": "errand/alpha", "trigger": "take", "now": "2099-01-01"}')

    assert moved.code == 4
    assert local.json("clock", "show")["movable"] is False
    assert (line.code, line.lines[0]["code"]) == (7, "no_virtual_clock")


def test_a_database_is_of_one_mode_for_ever(local: Office, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    rehearsal = small_office(tmp_path / "other")

    assert local("init", "--campaign", SMALL, "--rehearsal").code == 6
    assert rehearsal(*LATE).code == 6
    assert rehearsal.json("clock", "show")["mode"] == "rehearsal"
    assert local.json("clock", "show")["mode"] == "production"


def test_a_campaign_that_is_over_is_begun_in_production_only_on_purpose(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")

    refused = office("init", "--campaign", SMALL)

    assert refused.code == 7
    assert "duban init --rehearsal" in refused.err
    assert list(tmp_path.iterdir()) == []
    assert office("init", "--campaign", SMALL, "--at", "2010-11-01").code == 7

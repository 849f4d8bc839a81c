"""The channels file: every flaw told at once, secrets kept where they lie, and no way out of a rehearsal."""

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import Office, small_office
from mailserver import Postman, serving
from webserver import website
from world import advance, begin, flaws

from engine.errors import Invalid, Refused
from engine.notice_ledger import Ledger, Where
from scheduler.channel_file import load_channels
from scheduler.channels import Usual
from scheduler.turn import channels_of
from workflows.workspace import Workspace

SOUND = """\
schema: channels/1
default: mail
channels:
  mail: {type: smtp, host: mail.example, port: 587, security: starttls, login: duban, password: {file: %s}, sender: o@x.example}
  wecom: {type: wecom, token: {file: %s}}
  ding: {type: dingtalk, token: {file: %s}, secret: {file: %s}, url: https://ding.gov.example/api}
  hook: {type: webhook, url: https://hook.example/in, secret: {file: %s}}
  paper: {type: file, folder: %s}
  screen: {type: console}
"""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("geheim\n")
    path.chmod(0o600)
    return path


def written(folder: Path, text: str) -> str:
    path = folder / "channels.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def production(url: str) -> Workspace:
    return begin(url, rehearsal=False, late=True)


def test_a_sound_file_makes_every_way_out_ready(sqlite_url: str, tmp_path: Path, secret: Path) -> None:
    workspace = production(sqlite_url)
    path = written(tmp_path, SOUND % (*[secret] * 5, tmp_path / "out"))

    read = load_channels(path, workspace.clock.now, rehearsal=False)

    assert read.default == "mail"
    assert {code: type(way).__name__ for code, way in read.channels.items()} == {
        "mail": "SmtpChannel",
        "wecom": "WeCom",
        "ding": "DingTalk",
        "hook": "Webhook",
        "paper": "FileChannel",
        "screen": "ConsoleChannel",
    }
    workspace.close()


FLAWED = """\
schema: channels/1
default: mial
channels:
  mail: {type: smtp, sender: nobody, password: {file: /no/such}, folder: x}
  ding: {type: dingtalk, url: "ftp://x", token: {env: DUBAN_NO_SUCH}}
  hook: {type: webhook, secret: {file: a, env: b}, url: https://user:pass@x.example}
  post: {type: pigeon}
  plain: {type: smtp, host: h, sender: o@x.example, security: none, login: l, password: {file: %s}}
"""


def test_every_flaw_is_told_at_once_with_its_place(tmp_path: Path, secret: Path) -> None:
    with pytest.raises(Invalid) as caught:
        load_channels(written(tmp_path, FLAWED % secret), lambda: None, rehearsal=False)  # type: ignore[arg-type,return-value]

    told = [(each.line, each.message) for each in caught.value.problems]
    for line, words in (
        (2, "mial"), (4, "needs 'host'"), (4, "belong together"), (4, "not an address"), (4, "/no/such"), (4, "no 'folder'"),
        (5, "ftp://x"), (5, "DUBAN_NO_SUCH"), (6, "exactly one of file, env"), (6, "user:pass"), (7, "pigeon"),
        (8, "without TLS"),
    ):  # fmt: skip
        assert any(line == where and words in message for where, message in told), (line, words, told)


@pytest.mark.parametrize(("mode", "words"), [(0o640, "others may read"), (0o600, "is empty")])
def test_a_secret_that_others_may_read_or_that_is_none_is_refused(mode: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("geheim" if mode == 0o640 else " \n")
    path.chmod(mode)

    with pytest.raises(Invalid, match=words) as caught:
        load_channels(
            written(
                tmp_path, f"schema: channels/1\ndefault: w\nchannels:\n  w: {{type: wecom, token: {{file: {path}}}}}\n"
            ),
            lambda: None,  # type: ignore[arg-type,return-value]
            rehearsal=False,
        )

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "way",
    [
        "{type: smtp, host: mail.example, sender: o@x.example}",
        "{type: wecom, token: {file: SECRET}}",
        "{type: feishu, token: {file: SECRET}, url: https://127.0.0.1.example}",
        "{type: webhook, secret: {file: SECRET}, url: http://10.0.0.1/in}",
        "{type: smtp, host: 0.0.0.0, sender: o@x.example}",
    ],
)
def test_a_rehearsal_has_no_way_out_of_this_machine(way: str, tmp_path: Path, secret: Path) -> None:
    text = f"schema: channels/1\ndefault: w\nchannels:\n  w: {way}\n".replace("SECRET", str(secret))

    with pytest.raises(Refused) as caught:
        load_channels(written(tmp_path, text), lambda: None, rehearsal=True)  # type: ignore[arg-type,return-value]

    assert caught.value.code == "rehearsal_channel"


LINKS = (
    "schema: channels/1\ndefault: w\nchannels:\n  w: {type: console}\nlinks: {base: '%s', key: {file: %s}, days: %d}\n"
)


def test_links_need_an_address_and_a_key_that_is_long_enough(tmp_path: Path, secret: Path) -> None:
    def read(base: str, days: int = 30) -> Any:
        return load_channels(written(tmp_path, LINKS % (base, secret, days)), lambda: None, rehearsal=True)  # type: ignore[arg-type,return-value]

    with pytest.raises(Invalid, match="fewer than 16") as caught:
        read("https://duban.example")
    assert "geheim" not in str(caught.value)
    secret.write_text("geheim" * 4 + "\n")
    assert read("https://duban.example/x").links.base == "https://duban.example/x"
    assert "geheim" not in repr(read("https://duban.example"))
    for base in (
        "duban.example",
        "ftp://x",
        "https://u:p@x.example",
        "https://x.example?a=b",
        "https://x y",
        "https://",
        "javascript:1",
    ):
        with pytest.raises(Invalid, match="not an address for links"):
            read(base)
    for days in (0, 367):
        with pytest.raises(Invalid):
            read("https://duban.example", days)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "'::1'"])
def test_a_rehearsal_may_use_a_test_server_here(host: str, tmp_path: Path) -> None:
    text = f"schema: channels/1\ndefault: w\nchannels:\n  w: {{type: smtp, host: {host}, sender: o@x.example}}\n"

    assert load_channels(written(tmp_path, text), lambda: None, rehearsal=True).default == "w"  # type: ignore[arg-type,return-value]


def test_notices_without_a_way_of_their_own_take_the_default(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"schema: channels/1\ndefault: paper\nchannels:\n  paper: {{type: file, folder: {tmp_path / 'out'}}}\n"
    monkeypatch.setenv("DUBAN_CHANNELS", written(tmp_path, text))

    ways = channels_of(workspace)

    assert ways[workspace.campaign.channel] == Usual("paper", ways["paper"])


def test_the_ledger_says_over_which_channel_a_notice_really_went(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"schema: channels/1\ndefault: paper\nchannels:\n  paper: {{type: file, folder: {tmp_path / 'out'}}}\n"
    monkeypatch.setenv("DUBAN_CHANNELS", written(tmp_path, text))

    advance(workspace, "2010-11-05T09:00", channels_of(workspace))

    ledger = Ledger(workspace.database, workspace.campaign, workspace.clock)
    sent = [each for each in ledger.listed(Where())["items"] if each["sent_at"]]
    assert {each["channel"] for each in sent} == {"paper"}
    acts = ledger.shown(sent[0]["id"], addresses=False)["acts"]
    assert [act["channel"] for act in acts if act["what"] == "sent"] == ["paper"]
    assert flaws(workspace) == []


def test_the_office_checks_tries_and_uses_its_channels(tmp_path: Path) -> None:
    postman = Postman()
    with serving(postman) as port:
        text = (
            "schema: channels/1\ndefault: mail\nchannels:\n"
            f"  mail: {{type: smtp, host: 127.0.0.1, port: {port}, security: none, sender: 办公室 <o@x.example>}}\n"
        )
        office = small_office(tmp_path, CHANNELS=written(tmp_path, text))
        shown = office.json("notice", "channels")
        tried = office.json("notice", "try", "mail", "--to", "li@alpha.example")
        nobody = office("--json", "notice", "try", "mail", "--to", "alpha.head").politely()
        office.json("clock", "advance", "--to", "2010-11-03T09:00")

    assert shown["items"] == [
        {"channel": "mail", "type": "smtp", "default": True, "leads_to": f"127.0.0.1:{port} (none)"}
    ]
    assert tried["answer"] == "250 taken as 42"
    assert [str(mail["Subject"])[:4] for mail in postman.taken] == ["【试发】"]
    assert (nobody.code, nobody.json["error"]["code"]) == (8, "not_sent")
    dead = office.json("notice", "list", "--status", "dead")["items"]
    assert {each["recipient"] for each in dead} == {"alpha.liaison", "beta.liaison"}
    assert all("nobody has said at which address" in each["last_error"] for each in dead)


def test_a_flawed_channels_file_stops_the_scheduler_in_words(tmp_path: Path) -> None:
    office = small_office(tmp_path, CHANNELS=written(tmp_path, "schema: channels/1\ndefault: x\nchannels: {}\n"))

    for words in (("scheduler", "once"), ("notice", "channels"), ("clock", "advance", "--to", "2010-11-03")):
        ended = office("--json", *words).politely()
        assert (ended.code, bool(ended.json["error"]["problems"])) == (7, True)
    assert office("notice", "list").code == 0


def test_a_webhook_of_the_file_is_told_the_reminders(tmp_path: Path, secret: Path) -> None:
    with website((200, {}, b"")) as site:
        text = (
            "schema: channels/1\ndefault: hook\nchannels:\n"
            f"  hook: {{type: webhook, url: {site.url}/in, secret: {{file: {secret}}}}}\n"
        )
        office: Office = small_office(tmp_path, CHANNELS=written(tmp_path, text))
        office.json("clock", "advance", "--to", "2010-11-03T09:00")

    said: list[Any] = [json.loads(each.body) for each in site.asked]
    assert {each["data"]["recipient"] for each in said} == {"alpha.liaison", "beta.liaison"}
    assert {each["type"] for each in said} == {"cn.duban.notice.reminder"}

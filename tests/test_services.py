"""Other services by Apprise: only those that are known to be sound, one address from a secret, and a refusal is a failure."""

import builtins
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import small_office
from webserver import Site, dripping, website
from world import fire, notices

from engine.errors import Invalid
from scheduler.channel_file import load_channels
from scheduler.dispatch import Dispatcher
from scheduler.services import Service, flaw, where
from workflows.workspace import Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""Apprise reads all its plug-ins at the first address."""


@pytest.fixture
def site() -> Iterator[Site]:
    with website((200, {"Content-Type": "application/json"}, b"{}")) as found:
        yield found


def address(site: Site) -> str:
    return site.url.replace("http://", "gotify://") + "/geheim"


def told(workspace: Workspace, service: Service) -> dict[str, tuple[str, Any]]:
    fire(workspace, "2010-11-03T09:00")
    Dispatcher(workspace, {"console": service}).deliver()
    return {each["recipient"]: (each["status"], each["last_error"]) for each in notices(workspace)}


def test_a_service_takes_subject_and_text(workspace: Workspace, site: Site) -> None:
    assert {status for status, _ in told(workspace, Service(address(site))).values()} == {"sent"}

    said = site.asked[0].json
    assert "【临期提醒】" in said["title"] and said["message"].startswith("@alpha.liaison")


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_is_no_success_has_failed_and_a_redirect_is_not_followed(
    status: int, workspace: Workspace, site: Site
) -> None:
    site.answer = (status, {"Location": f"{site.url}/elsewhere"}, b"{}")

    assert {each[0] for each in told(workspace, Service(address(site))).values()} == {"owed"}

    assert {each.path for each in site.asked} == {"/message"}
    errors = [str(each["last_error"]) for each in notices(workspace)]
    assert all("did not take" in each and "geheim" not in each for each in errors)


def test_a_service_that_never_ends_is_left_and_refused_at_once_until_it_does(workspace: Workspace, site: Site) -> None:
    over = threading.Event()
    site.answer = dripping(over)
    service = Service(address(site), whole_s=0.1)

    found = told(workspace, service)

    over.set()
    assert sorted(str(error) for _, error in found.values()) == [
        "TimeoutError: an earlier message to this service has not come to an end", "TimeoutError: no end after 0.1 s",
    ]  # fmt: skip
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "bad",
    ["json://127.0.0.1/x", "file:///etc/passwd", "syslog://", "mailto://a:b@x.example", "wecombot://key", "dingtalk://t",
     "feishu://t", "http://127.0.0.1", "gotify://127.0.0.1/a,json://127.0.0.1", "gotify", "gotify://127.0.0.1", ""],
)  # fmt: skip
def test_no_other_address_is_taken(bad: str) -> None:
    assert flaw(bad, rehearsal=False)
    assert "geheim" not in flaw(f"{bad}geheim", rehearsal=False)


@pytest.mark.parametrize(
    "outside",
    [
        "gotify://push.example/t",
        "ntfy://topic",
        "ntfy://127.0.0.1/t?mode=cloud",
        "tgram://localhost/1/2",
        "slack://a/b/c",
    ],
)
def test_a_rehearsal_tells_nobody_outside_this_machine(outside: str) -> None:
    assert "rehearsal" in flaw(outside, rehearsal=True)


@pytest.mark.parametrize(
    "twofold",
    ["ntfy://localhost", "ntfys://localhost", "ntfy://u:p@localhost", "ntfy://127.0.0.1", "gotify://a:b@push.example@127.0.0.1/t"],
)  # fmt: skip
def test_an_address_that_apprise_reads_in_another_way_is_not_taken(twofold: str) -> None:
    assert "not a sound address" in flaw(twofold, rehearsal=True)
    assert "not a sound address" in flaw(twofold, rehearsal=False)
    assert not flaw("ntfy://localhost/topic", rehearsal=True)
    assert not flaw("gotify://LOCALHOST/t", rehearsal=True)
    assert not flaw("gotify://[::1]/t", rehearsal=True)


def test_a_rehearsal_does_not_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")

    assert "no_proxy" in flaw("gotify://127.0.0.1/t", rehearsal=True)

    assert not flaw("gotify://127.0.0.1/t", rehearsal=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert not flaw("gotify://127.0.0.1/t", rehearsal=True)


def written(folder: Path, service: str) -> str:
    secret, path = folder / "service.secret", folder / "channels.yaml"
    secret.write_text(service, "utf-8")
    secret.chmod(0o600)
    channel = f"{{type: apprise, service: {{file: {secret}}}}}"
    path.write_text(f"schema: channels/1\ndefault: push\nchannels:\n  push: {channel}\n", "utf-8")
    return str(path)


def test_a_channels_file_names_a_service_by_a_secret_only(tmp_path: Path, site: Site) -> None:
    path = written(tmp_path, address(site))
    office = small_office(tmp_path, CHANNELS=path)

    shown = office("notice", "channels")
    office.json("clock", "advance", "--to", "2010-11-03T10:00")

    assert shown.code == 0 and "geheim" not in shown.out
    assert len(site.asked) == 2
    Path(path).write_text(
        "schema: channels/1\ndefault: p\nchannels: {p: {type: apprise, url: 'gotify://x/y'}}\n", "utf-8"
    )
    refused = office("notice", "channels").politely()
    assert refused.code == 7 and "service" in refused.err
    assert where(address(site)) == "gotify://127.0.0.1"


def test_without_the_extra_the_file_says_what_to_install(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "apprise":
            raise ImportError(name)
        return usual(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(Invalid, match="needs an extra") as caught:
        load_channels(written(tmp_path, "gotify://127.0.0.1/t"), workspace.clock.now, rehearsal=False)

    assert "duban[notify]" in str(caught.value)


def test_a_private_host_needs_to_be_named_so(workspace: Workspace) -> None:
    found = told(workspace, Service("gotify://10.0.0.9/geheim"))

    assert all("internal: true" in str(error) for _, error in found.values())

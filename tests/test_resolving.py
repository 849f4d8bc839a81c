"""A name is looked up once and within a limit; one that hangs delays nobody else; none leads into the house unasked."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from webserver import Site, website
from world import fire, notices

from engine.contacts import Contacts
from engine.rows import NoticeRow
from scheduler import resolving
from scheduler.dispatch import Dispatcher
from scheduler.mail import real_address
from scheduler.posting import post
from scheduler.resolving import NotOutside, Resolver
from scheduler.smtp import SmtpChannel
from scheduler.webhook import Webhook
from workflows.workspace import Workspace


class Names:
    """A stand-in for the system's resolver, which can hang."""

    def __init__(self, **known: str) -> None:
        self.known = known
        self.asked: list[str] = []
        self.go_on = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.known:
            raise OSError("no such name")
        if self.known[host] == "hangs":
            self.go_on.wait(20)
            return ["127.0.0.1"]
        return self.known[host].split()


@pytest.fixture
def site() -> Iterator[Site]:
    with website() as found:
        yield found


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fd00::1",
     "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "fec0::1", "64:ff9b:1::1",
     "fe80::1", "224.0.0.1", "8.8.8.8 10.0.0.1"],
)  # fmt: skip
def test_a_name_does_not_lead_into_the_house_unless_the_channel_says_so(address: str) -> None:
    resolver = Resolver(Names(hook=address))

    with pytest.raises(NotOutside, match="internal: true"):
        resolver.addresses("hook", 443)

    assert resolver.addresses("hook", 443, internal=True) == address.split()


def test_a_public_name_and_this_machine_as_written_are_used_as_they_are() -> None:
    names = Names(hook="8.8.8.8 2001:4860:4860::8888", localhost="127.0.0.1")
    resolver = Resolver(names)

    assert resolver.addresses("hook", 443) == ["8.8.8.8", "2001:4860:4860::8888"]
    assert resolver.addresses("localhost", 80) == ["127.0.0.1"]
    assert resolver.addresses("127.0.0.1", 80) == ["127.0.0.1"]
    assert names.asked == ["hook", "localhost"], "an address is not looked up"
    with pytest.raises(NotOutside):
        resolver.addresses("10.0.0.1", 80)


def test_a_name_is_looked_up_once_a_message_and_the_answer_is_where_it_goes(site: Site) -> None:
    names = Names(hook="127.0.0.1")
    url = site.url.replace("127.0.0.1", "hook")

    post(url, b"{}", {}, internal=True, resolver=Resolver(names))

    assert names.asked == ["hook"]
    assert site.asked[0].headers["host"].startswith("hook:"), "the server is still asked by its name"


def test_a_second_address_is_tried_when_the_first_does_not_answer(site: Site) -> None:
    url = site.url.replace("127.0.0.1", "hook")

    assert post(url, b"{}", {}, internal=True, resolver=Resolver(Names(hook="127.0.0.2 127.0.0.1"))).status == 200


def test_a_name_that_hangs_is_left_after_its_limit_and_refused_at_once_from_then_on() -> None:
    names = Names(hook="hangs", other="8.8.8.8")
    resolver = Resolver(names, seconds=0.05)

    with pytest.raises(TimeoutError, match=r"0\.05 s"):
        resolver.addresses("hook", 443)
    resolver.seconds = 20
    for _ in range(50):
        with pytest.raises(TimeoutError, match="still being looked up"):
            resolver.addresses("hook", 443)
    assert resolver.addresses("other", 443) == ["8.8.8.8"]
    assert names.asked == ["hook", "other"], "one thread for a name, however often it is asked for"

    names.go_on.set()
    for each in [each for each in threading.enumerate() if "_run" in each.name]:
        each.join(5)
    assert resolver.addresses("hook", 443, internal=True) == ["127.0.0.1"]


def test_a_name_that_is_not_known_says_which() -> None:
    with pytest.raises(OSError, match="nowhere"):
        Resolver(Names()).addresses("nowhere", 443)


def test_a_stalled_resolver_keeps_no_other_notice_waiting(
    workspace: Workspace, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(hook="hangs")
    monkeypatch.setattr(resolving.RESOLVER, "look_up", names)
    monkeypatch.setattr(resolving.RESOLVER, "seconds", 0.05)
    fire(workspace, "2010-11-03T09:00")
    hook = Webhook("https://hook/", "s", workspace.clock.now)

    class Either:
        def send(self, notice: NoticeRow, campaign: str) -> str:
            return hook.send(notice, campaign) if notice.recipient == "alpha.liaison" else "sent"

    assert Dispatcher(workspace, {"console": Either()}).deliver() == (1, 1)

    told = {each["recipient"]: (each["status"], each["last_error"]) for each in notices(workspace)}
    assert told["beta.liaison"] == ("sent", None)
    assert told["alpha.liaison"][0] == "owed" and "TimeoutError" in str(told["alpha.liaison"][1])
    names.go_on.set()


def test_mail_goes_nowhere_inside_unasked(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setattr(resolving.RESOLVER, "look_up", Names(mail="10.0.0.9"))
    sender = real_address("o@x.example")
    assert sender is not None
    for who in ("alpha", "beta"):
        Contacts(workspace.engine, workspace.actor("bgs.admin")).set(f"{who}.liaison", "console", f"{who}@x.example")
    fire(workspace, "2010-11-03T09:00")

    Dispatcher(workspace, {"console": SmtpChannel("mail", 25, "none", sender)}).deliver()

    assert ["internal: true" in str(each["last_error"]) for each in notices(workspace)] == [True, True]

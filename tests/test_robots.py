"""Group robots and the webhook: signed as their providers want it, believed by the code in the answer and not by HTTP 200."""

import base64
import hashlib
import hmac
import http.client
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from test_smtp import NOTICE
from webserver import Site, dripping, website
from world import fire, local, notices

from scheduler.allowance import Allowance
from scheduler.channels import NotYet, PermanentFailure
from scheduler.dispatch import Dispatcher
from scheduler.posting import LONGEST_ANSWER, post
from scheduler.robots import DingTalk, Feishu, Robot, WeCom, shortened
from scheduler.webhook import Webhook
from workflows.workspace import Workspace

NOW = datetime(2010, 11, 26, 1, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with website() as found:
        yield found


def robot(kind: type[Robot], site: Site, secret: str = "geheim") -> Robot:
    return kind(site.url, "T0/k n", secret, lambda: NOW)


def mac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def test_a_wecom_robot_is_asked_by_its_key(site: Site) -> None:
    robot(WeCom, site).send(NOTICE, "small-2010")

    (asked,) = site.asked
    assert asked.path == "/cgi-bin/webhook/send?key=T0%2Fk%20n"
    assert asked.json["msgtype"] == "text"
    assert asked.json["text"]["content"] == "@li@alpha.example\n【到期提醒】甲局的差事\n\n甲局：\n请按时办理。"


def test_a_dingtalk_robot_is_asked_with_a_signature_over_milliseconds(site: Site) -> None:
    robot(DingTalk, site).send(NOTICE, "small-2010")

    query = parse_qs(urlsplit(site.asked[0].path).query)
    stamp = str(int(NOW.timestamp() * 1000))
    assert query == {"access_token": ["T0/k n"], "timestamp": [stamp], "sign": [mac("geheim", f"{stamp}\ngeheim")]}


def test_a_feishu_robot_is_asked_with_a_signature_over_seconds(site: Site) -> None:
    robot(Feishu, site).send(NOTICE, "small-2010")

    (asked,) = site.asked
    stamp = str(int(NOW.timestamp()))
    assert asked.path == "/open-apis/bot/v2/hook/T0%2Fk%20n"
    assert (asked.json["timestamp"], asked.json["sign"]) == (stamp, mac(f"{stamp}\ngeheim", ""))
    assert asked.json["msg_type"] == "text"


def test_a_robot_without_a_secret_sends_no_signature(site: Site) -> None:
    robot(DingTalk, site, "").send(NOTICE, "small-2010")
    robot(Feishu, site, "").send(NOTICE, "small-2010")

    assert "sign" not in site.asked[0].path
    assert "sign" not in site.asked[1].json


@pytest.mark.parametrize(
    ("kind", "body", "fate"),
    [
        (WeCom, b'{"errcode": 93000, "errmsg": "invalid webhook url"}', PermanentFailure),
        (WeCom, b'{"errcode": 45009, "errmsg": "api freq out of limit"}', NotYet),
        (WeCom, b'{"errcode": -1, "errmsg": "system busy"}', OSError),
        (DingTalk, b'{"errcode": 310000, "errmsg": "sign not match"}', PermanentFailure),
        (DingTalk, b'{"errcode": 130101, "errmsg": "send too fast"}', NotYet),
        (Feishu, b'{"code": 19021, "msg": "sign match fail"}', PermanentFailure),
        (Feishu, b'{"code": 9499, "msg": "Bad Request"}', PermanentFailure),
        (Feishu, b'{"code": 11232, "msg": "frequency limited"}', NotYet),
        (DingTalk, b'{"errcode": 300005, "errmsg": "token is not exist"}', PermanentFailure),
        (Feishu, b"{}", OSError),
        (Feishu, b"<html>", OSError),
        (Feishu, b"[]", OSError),
        (WeCom, b"", OSError),
    ],
)
def test_ok_from_http_is_no_success_if_the_code_says_otherwise(
    kind: type[Robot], body: bytes, fate: type[Exception], site: Site
) -> None:
    site.answer = (200, {}, body)

    with pytest.raises(fate) as caught:
        robot(kind, site).send(NOTICE, "small-2010")

    assert type(caught.value) is fate


def test_a_robot_that_is_slowed_down_is_left_alone_as_long_as_its_provider_says(site: Site) -> None:
    site.answer = (200, {}, b'{"errcode": 130101, "errmsg": "send too fast"}')
    with pytest.raises(NotYet) as slowed:
        robot(DingTalk, site).send(NOTICE, "small-2010")
    site.answer = (400, {}, b'{"code": 99991400, "msg": "request trigger frequency limit"}')
    with pytest.raises(NotYet) as limited:
        robot(Feishu, site).send(NOTICE, "small-2010")

    assert slowed.value.wait == timedelta(minutes=10)
    assert limited.value.wait == timedelta(minutes=1), "HTTP 400, but no fault of the message"


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (302, PermanentFailure),
        (403, PermanentFailure),
        (404, PermanentFailure),
        (408, OSError),
        (429, NotYet),
        (500, OSError),
    ],
)
def test_a_status_that_is_no_success_is_told_apart(status: int, fate: type[Exception], site: Site) -> None:
    site.answer = (status, {"Location": site.url + "/inside"}, b'{"errcode": 0}')

    for channel in (robot(WeCom, site), Webhook(site.url, "geheim", lambda: NOW)):
        with pytest.raises(fate) as caught:
            channel.send(NOTICE, "small-2010")
        assert type(caught.value) is fate

    assert len(site.asked) == 2, "no redirect is followed"


def test_a_webhook_is_a_cloud_event_that_the_receiver_can_check(site: Site) -> None:
    site.answer = (204, {}, b"")

    Webhook(site.url + "/in?x=1", "geheim", lambda: NOW).send(NOTICE, "small-2010")

    (asked,) = site.asked
    assert asked.path == "/in?x=1"
    assert asked.headers["content-type"].startswith("application/cloudevents+json")
    stamp, signature = (part.partition("=")[2] for part in asked.headers["duban-signature"].split(","))
    assert signature == hmac.new(b"geheim", stamp.encode() + b"." + asked.body, hashlib.sha256).hexdigest()
    said = asked.json
    assert (said["specversion"], said["id"], said["subject"]) == ("1.0", "42", "errand/alpha")
    assert (said["type"], said["source"]) == ("cn.duban.notice.reminder", "urn:duban:small-2010")
    assert said["data"]["text"] == NOTICE.text


def test_an_answer_without_end_is_left(site: Site) -> None:
    over = threading.Event()
    site.answer = dripping(over)

    with pytest.raises(TimeoutError, match=r"0\.3 s"):
        post(site.url, b"{}", {}, whole_s=0.3)

    over.set()


def test_an_answer_of_ten_megabytes_is_not_read(site: Site) -> None:
    site.answer = (200, {}, b" " * (10 * 1024 * 1024))

    with pytest.raises(http.client.HTTPException, match=str(LONGEST_ANSWER)):
        post(site.url, b"{}", {})


def test_more_than_a_provider_takes_a_minute_waits_and_has_not_failed(workspace: Workspace, site: Site) -> None:
    fire(workspace, "2010-11-03T09:00")
    narrow = robot(WeCom, site)
    narrow._allowance = Allowance(1, workspace.clock.now)
    dispatcher = Dispatcher(workspace, {"console": narrow})

    assert dispatcher.deliver() == (1, 0)

    (waiting,) = [each for each in notices(workspace) if each["status"] == "owed"]
    assert waiting["attempts"] == 0
    assert dispatcher.next_at() == local("2010-11-03T09:01")
    with workspace.database.tx() as tx:
        workspace.move_clock(tx, local("2010-11-03T09:01"))
    assert dispatcher.deliver() == (1, 0)
    assert len(site.asked) == 2


def test_an_allowance_survives_a_clock_that_is_set_back() -> None:
    at = [NOW]
    allowance = Allowance(1, lambda: at[0])
    allowance.take()
    with pytest.raises(NotYet) as caught:
        allowance.take()
    assert caught.value.wait == timedelta(minutes=1)

    at[0] -= timedelta(hours=1)

    allowance.take()


@pytest.mark.parametrize("longest", [2048, 10, 4])
def test_words_are_cut_between_characters(longest: int) -> None:
    cut = shortened("督办" * 1000, longest)

    assert len(cut.encode()) <= longest
    assert cut.endswith("…") and set(cut) <= set("督办…")


@pytest.mark.parametrize(
    "make", [lambda url: Webhook(url, "s", lambda: NOW), lambda url: WeCom(url, "t", "", lambda: NOW)]
)
def test_nobody_there_is_tried_again(make: Callable[[str], Any]) -> None:
    with pytest.raises(OSError):
        make("http://127.0.0.1:9").send(NOTICE, "small-2010")


def test_a_secret_is_in_no_error(site: Site) -> None:
    site.answer = (200, {}, b'{"errcode": 93000, "errmsg": "no"}')

    for channel in (robot(WeCom, site), robot(DingTalk, site)):
        with pytest.raises((PermanentFailure, OSError)) as caught:
            channel.send(NOTICE, "small-2010")
        assert "T0" not in str(caught.value) and "geheim" not in str(caught.value)

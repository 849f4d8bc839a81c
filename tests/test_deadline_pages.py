"""The pages of deadlines over HTTP: the list, the month, the campaign in time, and the feed under its secret address."""

import re
from collections.abc import Iterator

import pytest
from visitor import Visitor
from world import advance, begin

from engine.deadline_pages import WantedDeadlines, deadlines_page
from workflows.workspace import Workspace

DAY = re.compile(r'href="(/deadlines\?[^"]+)" title="[^"]+"><span[^>]*>[^<]*</span> <span[^>]*>[^<]*</span>(\d+)</a>')
ROWS = re.compile(r'<tr><td>.*?<td[^>]*><a href="/m/([^"]+)">', re.DOTALL)


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url, "baodi-2010")
    advance(found, "2010-11-29T10:00")
    yield found
    found.close()


def test_the_list_begins_with_what_is_over_and_goes_on_by_the_day(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/deadlines")
    days = re.findall(r'<td class="nowrap"[^>]*><time datetime="([0-9-]+)"', page)
    assert code == 200 and days == sorted(days) and days[0] == "2010-11-26"
    assert "■" in page and "区物价局专项行动任务" in page
    found: list[str] = []
    cursor: str | None = None
    while True:
        page_ = deadlines_page(office.reader, WantedDeadlines(), office.clock.now(), 7, cursor)
        found += [each["id"] for each in page_["items"]]
        cursor = page_["next"]
        if cursor is None:
            break
    assert found == [each["id"] for each in office.reader.deadlines()["items"]]


@pytest.mark.parametrize("status", ["running", "paused", "breached", "met", "late", "cancelled"])
def test_a_status_asked_for_is_the_one_every_list_says(office: Workspace, status: str) -> None:
    found = deadlines_page(office.reader, WantedDeadlines(status=status), office.clock.now(), 500)
    assert found["items"] == [
        {**each, **{name: found["items"][at][name] for name in ("title", "light")}}
        for at, each in enumerate(office.reader.deadlines(status=status)["items"])
    ]


def test_nobody_sees_the_deadlines_of_matters_that_are_not_his(visitor: Visitor) -> None:
    visitor.enter("wujia.liaison")
    _, page = visitor.ask("/deadlines?status=any")
    assert {ref.split("/")[1] for ref in ROWS.findall(page) if ref.startswith("department_task/")} == {"wujia"}
    _, page = visitor.ask("/deadlines/calendar?month=2010-12")
    assert sum(int(number) for _, number in DAY.findall(page)) < 5


def test_every_number_of_the_month_leads_to_as_many_rows(visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/deadlines/calendar?month=2010-11&kind=department_task")
    links = DAY.findall(page)
    assert code == 200 and links
    for url, number in links:
        assert len(ROWS.findall(visitor.ask(url.replace("&amp;", "&"))[1])) == min(int(number), 50), url


def test_the_month_names_rest_days_make_up_days_phases_and_milestones(visitor: Visitor) -> None:
    visitor.enter("wujia.head")
    _, page = visitor.ask("/deadlines/calendar?month=2011-02")
    assert "春节" in page and "补班" in page and page.count(">休<") == 12
    _, page = visitor.ask("/deadlines/calendar?month=2010-12")
    assert "◆ 自查自纠书面报告" in page and "自查自纠阶段结束" in page
    visitor.speak("en")
    _, page = visitor.ask("/deadlines/calendar?month=2010-12")
    assert "Self-correction ends" in page and "working days" in page.lower()
    for wrong in ("2010-13", "x", "0001-01", "9999-12"):
        code, page = visitor.ask(f"/deadlines/calendar?month={wrong}")
        assert code == 422 and f'value="{wrong}"' in page


def test_the_timeline_shows_where_each_body_stands_as_of_any_day(visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/deadlines/timeline")
    assert code == 200 and 'data-now="2010-11-29"' in page and 'data-phase="self_correction"' in page
    assert page.count("data-position=") == 15
    assert 'data-now="2010-11-25"' in visitor.ask("/deadlines/timeline?as_of=2010-11-25")[1]
    assert visitor.ask("/deadlines/timeline?as_of=2011-01-01")[0] == 422


def test_a_filter_that_cannot_be_read_is_kept_and_mended_beside_its_field(visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/deadlines?until=soon&owner=wujia")
    assert code == 422 and 'value="soon"' in page and 'value="wujia" selected' in page
    assert visitor.ask("/deadlines?cursor=x")[0] == 422 and visitor.ask("/deadlines?status=x&kind=y")[0] == 422


def test_a_feed_shows_ones_own_deadlines_to_whoever_has_its_address_until_it_is_taken_back(
    office: Workspace, visitor: Visitor
) -> None:
    visitor.enter("wujia.liaison")
    code, page = visitor.send("/deadlines/feed", act="make")
    address = re.findall(r'value="http://[^/]+(/feed/[^"]+)"', page)[0]
    assert code == 200 and "只显示这一次" in page and address not in visitor.ask("/deadlines/feed")[1]
    stranger = Visitor(visitor.site.geturl())
    code, feed = stranger.ask(address)
    assert code == 200 and stranger.headers["content-type"].startswith("text/calendar")
    assert stranger.headers["cache-control"] == "no-store" and stranger.cookies == {}
    assert "department_task/wujia" in feed.replace("\r\n ", "") and "nongwei" not in feed
    assert stranger.ask(address, method="HEAD")[0] == 200
    for wrong in ("/feed/x.ics", address.replace(".ics", "x.ics"), "/feed/dbf_a_b.ics"):
        assert stranger.ask(wrong)[0] == 404
    assert stranger.ask(address, {"a": "b"})[0] == 405
    assert visitor.send("/deadlines/feed", act="revoke")[0] == 303
    assert stranger.ask(address)[0] == 404
    assert visitor.send("/deadlines/feed", act="revoke")[0] == 404


def test_who_asks_for_a_feed_too_often_waits_and_keeps_nobody_out_of_the_console(visitor: Visitor) -> None:
    codes = [visitor.ask("/feed/x.ics")[0] for _ in range(62)]
    assert codes[0] == 404 and codes[-1] == 429
    assert visitor.ask("/login")[0] == 200 and visitor.ask("/ack/x")[0] == 404

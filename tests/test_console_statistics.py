"""Statistics over HTTP: each number is the length of the list that it opens, and nobody counts what he does not see."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
import world
from sightworld import played
from visitor import Visitor

from commands.serving import Standing, serving_console
from engine.figures import Figures
from web.console.sifting import wanted_of_pairs
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    desk, _ = played(f"sqlite:///{tmp_path_factory.mktemp('figures')}/c.db")
    world.advance(desk, "2010-12-15T10:00")
    with serving_console(desk, Standing(desk, heart=False), "127.0.0.1", 0) as site:
        yield desk, site
    desk.close()


def at(hall: tuple[Workspace, str], login: str) -> Visitor:
    visitor = Visitor(hall[1])
    visitor.enter(login)
    return visitor


def numbers(page: str) -> list[tuple[str, int]]:
    """Every number of the axes' tables, with the address that it opens."""
    charts = page.split('class="charts"')[1].split("chart-wide", maxsplit=1)[0]
    return [
        (unescape(url), int(count))
        for url, count in re.findall(r'<td class="number"[^>]*><a href="([^"]+)">(\d+)</a>', charts)
    ]


def listed(desk: Workspace, url: str) -> int:
    from urllib.parse import parse_qsl, urlsplit

    wanted = wanted_of_pairs(parse_qsl(urlsplit(url).query), desk.campaign.zone)
    return len(desk.reader.matching(wanted)["items"])


@pytest.mark.parametrize("asked", ["", "?kind=case", "?axis=must_transfer", "?body=gongshang&opened_until=2010-12-02"])
def test_each_number_is_the_length_of_the_list_that_it_opens(hall: tuple[Workspace, str], asked: str) -> None:
    desk, _ = hall
    code, page = at(hall, "bgs.admin").ask("/statistics" + asked)
    assert code == 200
    found = numbers(page)
    assert found
    for url, count in found:
        assert listed(desk, url) == count, url
    drawn = "".join(re.findall(r"<svg.*?</svg>", page.split('id="h-kept"')[0], re.DOTALL))
    bars = {unescape(url) for url in re.findall(r'href="([^"]+)"', drawn)}
    assert bars and bars >= {url for url, count in found if count and "closed=no" not in url}


def test_a_number_of_cases_opens_the_page_of_cases(hall: tuple[Workspace, str]) -> None:
    visitor = at(hall, "bgs.admin")
    _, page = visitor.ask("/statistics?kind=case&axis=body")
    for url, count in numbers(page):
        assert url.startswith("/cases?kind=case&")
        code, there = visitor.ask(url)
        assert (code, int(there.split('id="cases-total">')[1].split("<")[0])) == (200, count)


def test_deadlines_kept_and_not_open_their_rows(hall: tuple[Workspace, str]) -> None:
    desk, _ = hall
    visitor = at(hall, "bgs.admin")
    _, page = visitor.ask("/statistics")
    links = {
        unescape(url): int(count) for url, count in re.findall(r'href="(/statistics/kept\?[^"]+)">(\d+)</a>', page)
    }
    assert len(links) > 10 and sum(links.values()) == sum(
        row["of"] for row in Figures(desk.database, desk.campaign, desk.clock).kept()["rows"]
    )
    for url, count in list(links.items())[:6]:
        code, rows = visitor.ask(url)
        assert code == 200 and len(re.findall(r"<tr><td", rows)) == count, url


def test_the_list_of_deadlines_opened_by_hand_has_those_not_kept_and_a_choice(hall: tuple[Workspace, str]) -> None:
    visitor = at(hall, "bgs.admin")
    whole, chosen = visitor.ask("/statistics/kept"), visitor.ask("/statistics/kept?ended=met&owner=wujia&kind=")
    late = visitor.ask("/statistics/kept?ended=late")
    assert whole[0] == 200 and len(re.findall(r"<tr><td", whole[1])) == len(re.findall(r"<tr><td", late[1])) > 3
    assert "逾期的期限" in whole[1] and '<option value="wujia">' in whole[1]
    assert chosen[0] == 200 and '<option value="wujia" selected>' in chosen[1]


def test_the_list_of_deadlines_is_read_page_by_page(hall: tuple[Workspace, str]) -> None:
    desk, _ = hall
    from engine.lists import Page

    figures, seen, cursor = Figures(desk.database, desk.campaign, desk.clock), list[str](), None
    whole = figures.kept_rows(None, None, "late")
    while True:
        found = figures.kept_rows(None, None, "late", Page("urgency", 3, cursor))
        seen += [each["id"] for each in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == [each["id"] for each in whole["items"]] and len(seen) == whole["total"] > 3


def test_who_sees_one_body_counts_only_its_matters(hall: tuple[Workspace, str]) -> None:
    _, page = at(hall, "wujia.liaison").ask("/statistics?axis=kind")
    mine = int(page.split('id="statistics-total">')[1].split("<")[0])
    _, page = at(hall, "bgs.admin").ask("/statistics?axis=kind")
    assert 0 < mine < int(page.split('id="statistics-total">')[1].split("<")[0])


@pytest.mark.parametrize("table", ["body", "products", "month", "kept", "returns"])
def test_each_table_is_a_file(hall: tuple[Workspace, str], table: str) -> None:
    visitor = at(hall, "bgs.admin")
    code, text = visitor.ask(
        f"/statistics/table.csv?table={table}&kind=periodic_return"
        if table == "returns"
        else f"/statistics/table.csv?table={table}"
    )
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert code == 200 and len(rows) > 1 and len({len(row) for row in rows}) == 1


def test_two_days_are_compared(hall: tuple[Workspace, str]) -> None:
    visitor = at(hall, "bgs.admin")
    code, page = visitor.ask("/statistics/compare?from=2010-12-01&until=2010-12-14")
    assert code == 200 and 'id="c-opened"' in page and 'id="c-deadlines"' in page
    code, text = visitor.ask("/statistics/compare?from=2010-12-01&until=2010-12-14&csv=1")
    assert code == 200 and visitor.headers["content-type"].startswith("text/csv") and "新立" in text
    for wrong in ("from=2010-12-14&until=2010-12-01", "from=never", "from=9999-12-31"):
        code, page = visitor.ask(f"/statistics/compare?{wrong}")
        assert code == 422 and 'class="refusal"' in page, wrong


def test_what_is_not_counted_by_is_refused(hall: tuple[Workspace, str]) -> None:
    visitor = at(hall, "bgs.admin")
    for path in (
        "/statistics?axis=parties",
        "/statistics/table.csv?table=x",
        "/statistics/kept?ended=x",
        "/statistics?opened_from=x",
    ):
        assert visitor.ask(path)[0] == 422, path
    assert visitor.ask("/statistics?kind=nothing")[0] == 404


def test_a_number_of_all_kinds_opens_the_list_of_matters(hall: tuple[Workspace, str]) -> None:
    visitor = at(hall, "bgs.admin")
    _, page = visitor.ask("/statistics?axis=must_transfer")
    found = {url: count for url, count in numbers(page) if url.startswith("/matters?fact.must_transfer=yes")}
    assert sum(found.values()) > 0
    for url, count in found.items():
        _, there = visitor.ask(url)
        assert f"共 {count} 项" in there, url

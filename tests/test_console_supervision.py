"""The procuratorate's view over HTTP: what it counts is what its lists hold, and who is shown it."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape

import pytest
from case_beginnings import DECLINED, HANDLER, step
from scenarioplay import Play
from visitor import Visitor

from commands.serving import Standing, serving_console
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    play = Play(f"sqlite:///{tmp_path_factory.mktemp('proc')}/c.db")
    play.run("case", "gongshang", DECLINED)
    for steps in (
        [step("07T09:00", HANDLER, "detect", "detected", infringement="c214", sales_amount=6_000_000)],
        [step("07T10:00", "gongshang.head", "receive_clue", "checking", infringement="c214", sales_amount=9_000_000)],
    ):
        play.ref = ""
        play.run("penalty" if steps[0]["trigger"] == "receive_clue" else "case", "gongshang", steps)
    play.until(datetime.fromisoformat("2010-12-08T01:00:00+08:00"))
    with serving_console(play.desk, Standing(play.desk, heart=False), "127.0.0.1", 0) as site:
        yield play.desk, site
    play.desk.close()


def figures(site: str, login: str) -> dict[str, tuple[int, str]]:
    visitor = Visitor(site)
    visitor.enter(login)
    code, page = visitor.ask("/cases/supervision")
    assert code == 200, page
    found = re.findall(r'href="([^"]+)" id="n-(\w+)"><div class="tile-number">(\d+)<', page)
    return {name: (int(number), unescape(url)) for url, name, number in found}


def test_every_figure_is_the_length_of_the_list_that_it_leads_to(court: tuple[Workspace, str]) -> None:
    _, site = court
    visitor = Visitor(site)
    visitor.enter("bgs.admin")
    found = figures(site, "bgs.admin")
    assert len(found) > 20
    for name, (number, url) in found.items():
        code, page = visitor.ask(url)
        assert (code, int(page.split('id="cases-total">')[1].split("<")[0])) == (200, number), name
    counted = {name: number for name, (number, _) in found.items() if number}
    assert counted == {"referred": 1, "case_must": 1, "penalty_clue": 1, "not_filed": 1}


def test_a_refusal_is_shown_with_its_clock(court: tuple[Workspace, str]) -> None:
    visitor = Visitor(court[1])
    visitor.enter("jianchayuan.officer")
    _, page = visitor.ask("/cases/supervision")
    assert "不予立案" in page and "提请复议或建议立案监督" in page and "2010-12-09" in page


def test_the_procuratorate_sees_what_it_is_a_party_to_and_others_nothing(court: tuple[Workspace, str]) -> None:
    _, site = court
    found = figures(site, "jianchayuan.officer")
    assert (found["not_filed"][0], found["case_must"][0], found["penalty_clue"][0]) == (1, 1, 1)
    for login in ("gongshang.head", "gongan.head", "wujia.liaison"):
        visitor = Visitor(site)
        visitor.enter(login)
        assert visitor.ask("/cases/supervision")[0] == 403
        assert "/cases/supervision" not in visitor.ask("/cases")[1]

"""The pages about the campaign and its machines, over real HTTP."""

import re

import pytest
from newversion import published, version
from test_console_ground import office  # noqa: F401 - a fixture
from visitor import Visitor
from world import begin

from commands.serving import Standing, serving_console
from engine.published import versions
from workflows.workspace import Workspace


def test_the_campaign_is_told_with_its_sources_and_each_duty_leads_to_its_matter(visitor: Visitor) -> None:
    visitor.enter("wujia.liaison")
    code, page = visitor.ask("/campaign")
    assert code == 200
    for words in ("市场价格监管", "四是由区物价局牵头", "总结验收阶段", "逾期", "领导小组办公室", "第1版"):
        assert words in page, words
    assert 'href="/m/duty/3.3.4/wujia"' in page and "picture-timeline" in page
    assert page.count('<tr id="duty-') == 22
    assert 'href="/campaign/check"' not in page, "the office's pages are shown to who may use them"


def test_a_machine_is_drawn_and_told_with_its_law_and_marks(visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/campaign/machines/case")
    assert code == 200 and "picture-machine" in page and "T-HANDOVER" in page and "原文已核" in page
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(re.findall(r'id="([^"]+)"', page)), "each way within the page leads somewhere"
    visitor.ask("/language", {"lang": "en", "next": "/"})
    _, page = visitor.ask("/campaign/machines/department_task")
    told = re.sub(
        r'<[^>]*lang="zh-CN"[^>]*>.*?</(td|blockquote|dd|p|span)>', "", page.split("<main")[1], flags=re.DOTALL
    )
    assert not re.search("[一-鿿]", re.sub("<[^>]+>", "", told.split('id="law"')[0].split('id="facts"')[0]))


@pytest.mark.parametrize("kind", ["nix", "case%2f..", "case?version=x", "case?version=9", "case?version=99999999999"])
def test_what_is_not_published_is_not_found(visitor: Visitor, kind: str) -> None:
    visitor.enter("bgs.admin")
    assert visitor.ask(f"/campaign/machines/{kind}")[0] in (404, 422)


def test_files_are_for_who_may_use_definitions(visitor: Visitor) -> None:
    for login, wanted in (("wujia.liaison", 403), ("lxz.chair", 200)):
        visitor.enter(login)
        for path in ("/campaign/file", "/campaign/machines/case/file"):
            assert visitor.ask(path)[0] == wanted, (login, path)
    assert visitor.ask("/campaign/file?version=7")[0] == 404
    for ending, words in (("svg", "<svg"), ("mmd", "stateDiagram-v2")):
        code, page = visitor.ask(f"/campaign/machines/case/diagram.{ending}")
        assert code == 200 and words in page and "attachment" in visitor.headers["content-disposition"]


def test_two_versions_are_compared_in_words_and_each_leads_to_its_live_matters(db_url: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    workspace = begin(db_url)
    try:
        published(workspace, version(tmp_path))
        with serving_console(workspace, Standing(workspace, heart=False), "127.0.0.1", 0) as site:
            visitor = Visitor(site)
            visitor.enter("bgs.admin")
            _, page = visitor.ask("/campaign/machines/errand")
            live = {int(each) for each in re.findall(r'matters\?version=1">(\d+)</a>', page)}
            assert live == {_live(workspace)}
            _, listed = visitor.ask("/campaign/machines/errand/matters?version=1")
            assert listed.count("errand/") >= min(live)
            code, page = visitor.ask("/campaign/machines/errand/diff?old=1&new=2")
            assert code == 200 and "处变化" in page and "cost_fen" in page
            assert visitor.ask("/campaign/machines/errand/diff?old=1&new=7")[0] == 404
    finally:
        workspace.close()


def _live(workspace: Workspace) -> int:
    with workspace.database.snapshot() as tx:
        return next(each.live for each in versions(tx, workspace.campaign, "errand") if each.version == 1)

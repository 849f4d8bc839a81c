"""The pages of notices over HTTP: the ledger, its figures, one notice, what is held and dead, the forecast, urging many."""

import re
from collections.abc import Iterator

import pytest
from visitor import Visitor
from world import advance, begin, local, notices, sql

from engine.errors import Invalid
from engine.foresight import what_is_foreseen
from engine.notice_ledger import Where
from engine.notice_pages import LedgerPages
from scheduler.channels import PermanentFailure
from workflows.workspace import Workspace

ROW = re.compile(r'<td[^>]*><a href="/notices/(\d+)">')
FIGURE = re.compile(r'<a class="tile[^"]*" href="([^"]+)"><div class="tile-number">(\d+)</div>')


class Shut:
    def send(self, *_: object) -> str:
        raise PermanentFailure("no such mailbox")


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    advance(found, "2010-11-06T09:00")
    yield found
    found.close()


def told(office: Workspace, recipient: str) -> str:
    return next(each["id"] for each in notices(office) if each["recipient"] == recipient and each["status"] == "sent")


def test_the_ledger_shows_what_was_sent_with_links_to_notice_and_matter(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/notices")
    assert code == 200 and set(ROW.findall(page)) == {each["id"] for each in notices(office)}
    assert "alpha.liaison" in page and 'href="/m/errand/alpha"' in page
    visitor.speak("en")
    assert "Who was told what" in visitor.ask("/notices")[1]


def test_nobody_sees_the_notices_of_another_body(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("beta.liaison")
    mine = {each["id"] for each in notices(office) if each["body"] == "beta"}
    code, page = visitor.ask("/notices")
    assert code == 200 and set(ROW.findall(page)) == mine
    assert visitor.ask(f"/notices/{told(office, 'alpha.liaison')}")[0] == 404
    assert visitor.ask("/notices?ref=errand/alpha")[0] == 422
    assert "alpha" not in visitor.ask("/notices/summary")[1]
    assert visitor.ask("/notices/urge?light=red")[0] == 403
    assert visitor.send("/notices/urge", ref="errand/alpha", text="催")[0] == 403


def test_the_pages_of_the_ledger_hold_every_notice_once_newest_first(office: Workspace) -> None:
    ledger = LedgerPages(office.database, office.campaign, office.clock)
    for as_of in (None, office.clock.now()):
        found: list[str] = []
        cursor: str | None = None
        while True:
            page = ledger.page(Where(), as_of, 2, cursor)
            found += [each["id"] for each in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert found == sorted((each["id"] for each in notices(office)), key=int, reverse=True)


def test_a_page_of_an_earlier_day_says_what_the_notices_were_then(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("alpha.liaison")
    ident = told(office, "alpha.liaison")
    assert visitor.send(f"/notices/{ident}/ack")[0] == 303
    advance(office, "2010-11-08T09:00")
    assert ident in ROW.findall(visitor.ask("/notices?status=acknowledged")[1])
    assert ident in ROW.findall(visitor.ask("/notices?status=sent&as_of=2010-11-05")[1])
    assert ident not in ROW.findall(visitor.ask("/notices?status=acknowledged&as_of=2010-11-05")[1])
    assert ident in ROW.findall(visitor.ask("/notices?status=acknowledged&as_of=2010-11-06")[1])


def test_every_figure_of_the_summary_is_the_number_of_rows_it_leads_to(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    visitor.send(f"/notices/{told(office, 'alpha.liaison')}/ack")
    _, page = visitor.ask("/notices/summary")
    figures = FIGURE.findall(page)
    assert len(figures) == 5 and figures[2][1] == "1"
    links = [*figures, *re.findall(r'<td class="number"[^>]*><a href="(/notices\?[^"]+)">(\d+)</a>', page)]
    assert len(links) > 7
    for url, number in links:
        assert len(ROW.findall(visitor.ask(url.replace("&amp;", "&"))[1])) == int(number), url


def test_a_filter_that_cannot_be_read_is_kept_and_mended_beside_its_field(visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/notices?from=yesterday&recipient=alpha.head")
    assert code == 422 and 'value="yesterday"' in page and 'value="alpha.head"' in page and "请填日期" in page
    assert visitor.ask("/notices?cursor=nothing")[0] == 422
    assert visitor.ask("/notices?body=nowhere&status=lost")[0] == 422
    assert visitor.ask("/notices?from=2010-11-06&until=2010-11-01")[0] == 422
    assert visitor.ask("/notices?until=9999-12-31")[0] == 200


def test_one_notice_shows_its_words_its_course_and_what_proves_it(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("alpha.head")
    ident = told(office, "alpha.liaison")
    code, page = visitor.ask(f"/notices/{ident}")
    assert code == 200 and "与发出时一致" in page and ">签收<" in page
    (digest,) = sql(office.database, f'select hash from entry where record like \'%"notice":"{ident}"%\'')[0]
    assert digest in page
    assert visitor.send(f"/notices/{ident}/ack")[0] == 303
    _, page = visitor.follow()
    assert 'role="status">已签收' in page and "alpha.head" in page
    sql(office.database, "update notice set text = 'other words'")
    assert "与发出时不一致" in visitor.ask(f"/notices/{ident}")[1]
    for wrong in ("0", "x", "9" * 30):
        assert visitor.ask(f"/notices/{wrong}")[0] == 404


def test_the_forecast_is_what_then_comes(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    before = len(notices(office))
    code, page = visitor.ask("/notices/forecast?until=2010-11-12")
    foreseen = int(re.findall(r"共 (\d+) 件", page)[0])
    assert code == 200 and "<pre" in page
    advance(office, "2010-11-13T00:00")
    come = [each for each in notices(office)[before:] if each["kind"] != "digest"]
    assert foreseen >= len([each for each in come if each["kind"] == "reminder"]) > 0
    code, page = visitor.ask("/notices/forecast?until=2010-11-01&body=alpha")
    assert code == 422 and 'value="2010-11-01"' in page and "已过" in page
    assert visitor.ask("/notices/forecast?until=2012-01-01")[0] == 422


def test_what_is_held_is_released_or_dropped_with_a_reason_that_stays_when_refused(
    office: Workspace, visitor: Visitor
) -> None:
    visitor.enter("alpha.head")
    assert "管理员办理" in visitor.ask("/notices/held")[1]
    assert visitor.send("/notices/held", act="hold_all", reason="停电")[0] == 403
    visitor.enter("bgs.admin")
    code, page = visitor.send("/notices/held", act="hold_all", reason="")
    assert code == 422 and "须写明理由" in page
    assert visitor.send("/notices/held", act="hold_all", reason="停电")[0] == 303
    assert "积压待发状态" in visitor.follow()[1]
    advance(office, "2010-11-13T09:00")
    waiting = notices(office, status="held")
    assert len(waiting) > 2
    _, page = visitor.ask("/notices/held")
    assert set(ROW.findall(page)) == {each["id"] for each in waiting}
    one = waiting[0]["id"]
    code, page = visitor.send("/notices/held", act="drop", which="", notice=[one], reason="")
    assert code == 422 and re.search(rf'value="{one}"[^>]*checked', page)
    code, page = visitor.send("/notices/held", act="release", which="", reason="先不发")
    assert code == 422 and "先不发" in page
    assert visitor.send("/notices/held", act="drop", which="", notice=[one], reason="重复")[0] == 303
    assert visitor.send("/notices/held", act="release", which="all", reason="核定")[0] == 303
    assert f"核定发出 {len(waiting) - 1} 件" in visitor.follow()[1] and notices(office, status="held") == []


def test_a_dead_notice_is_sent_again_by_the_office_alone(office: Workspace, visitor: Visitor) -> None:
    advance(office, "2010-11-13T09:00", {"console": Shut(), "file": Shut()})  # type: ignore[dict-item]
    dead = {each["id"] for each in notices(office, status="dead")}
    assert dead
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/notices/failed")
    assert code == 200 and dead <= set(ROW.findall(page)) and "no such mailbox" in page
    assert visitor.send("/notices/failed", which="some")[0] == 422
    one = min(dead)
    assert visitor.send("/notices/failed", which="some", notice=[one])[0] == 303
    assert {each["id"] for each in notices(office, status="dead")} == dead - {one}
    visitor.enter("alpha.head")
    assert visitor.send("/notices/failed", which="all")[0] in (403, 422)


def test_many_are_urged_at_once_and_a_form_sent_twice_urges_once(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    _, page = visitor.ask("/notices/urge?light=red")
    refs = re.findall(r'name="ref" value="([^"]+)"', page)
    form = re.findall(r'name="form" value="([^"]+)"', page)[0]
    assert refs and "alpha.head、alpha.liaison" in page
    code, page = visitor.send("/notices/urge?light=red", ref=refs[:1], text="", form=form)
    assert code == 422 and "请填写催办内容" in page
    code, page = visitor.send("/notices/urge?light=red", text="请抓紧", form=form)
    assert code == 422 and "请抓紧" in page and notices(office, status="owed") == []
    for _ in range(2):
        assert visitor.send("/notices/urge?light=red", ref=refs, text="请抓紧", form=form)[0] == 303
    urgings = {(each["ref"], each["recipient"]) for each in notices(office) if each["kind"] == "urge"}
    assert len([each for each in notices(office) if each["kind"] == "urge"]) == len(urgings) == 2 * len(refs)


def test_what_is_foreseen_for_one_body_is_its_part_of_what_is_foreseen_for_all(sqlite_url: str) -> None:
    office = begin(sqlite_url, "baodi-2010")
    advance(office, "2010-11-29T10:00")
    until = local("2010-12-08T00:00")
    with office.database.snapshot() as tx:
        given = tx, office.reader, office.people, office.clock.now(), until
        whole = what_is_foreseen(*given)
        for body in office.campaign.bodies:
            mine = [each for each in whole.items if each.body == body]
            assert [each.as_json() for each in what_is_foreseen(*given, body).items] == [
                each.as_json() for each in mine
            ]
        some = what_is_foreseen(*given, None, 3)
        assert whole.complete and not some.complete and 0 < len(some.items) < len(whole.items)
        assert what_is_foreseen(*given, None, 10_000).complete


def test_a_forecast_goes_on_page_by_page_and_says_up_to_when_the_first_is_sure(sqlite_url: str) -> None:
    office = begin(sqlite_url, "baodi-2010")
    advance(office, "2010-11-29T10:00")
    until = local("2010-12-08T00:00")
    with office.database.snapshot() as tx:
        given = tx, office.reader, office.people, office.clock.now(), until
        whole = {(each.ref, each.recipient, each.at) for each in what_is_foreseen(*given).items if each.ref}
        page = what_is_foreseen(*given, None, 5)
        sure, found = page.sure, list(page.items)
        assert sure is not None
        assert {each for each in whole if each[2] < sure} <= {(each.ref, each.recipient, each.at) for each in found}
        while page.next is not None:
            page = what_is_foreseen(*given, None, 5, page.next)
            found += page.items
        assert {(each.ref, each.recipient, each.at) for each in found if each.ref} == whole
        with pytest.raises(Invalid):
            what_is_foreseen(*given, None, 5, "nonsense")
    office.close()
    office.close()

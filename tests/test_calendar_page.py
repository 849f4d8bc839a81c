"""The calendar in the console: a year shown, a notice previewed and taken over, over real HTTP."""

import pytest
from test_draft_pages import entered, send
from visitor import Visitor
from world import counted

from workflows.workspace import Workspace

NOTICE = """schema: calendar/1
year: 2010
source: 办公室试行安排
festivals:
  - name: {zh: 停工, en: Stop}
    off: [2010-11-29, 2010-12-03]
    mark: N
"""


def upload(visitor: Visitor, content: bytes, name: str = "n.yaml") -> tuple[int, str]:
    return send(visitor, {name: content}, "/campaign/calendar", csrf=visitor.csrf())


def test_a_year_is_shown_with_what_is_not_as_usual(site: str) -> None:
    anybody = entered(site, "alpha.head")
    code, page = anybody.ask("/campaign/calendar?year=2011")
    assert code == 200 and "春节" in page and "上班（补班）" in page and 'type="file"' not in page
    assert "暂定" in anybody.ask("/campaign/calendar?year=2150")[1]
    for year in ("1200", "x", "99999"):
        assert anybody.ask(f"/campaign/calendar?year={year}")[0] == 422


def test_a_notice_shows_what_it_would_change_and_then_does_it(workspace: Workspace, site: str) -> None:
    admin, before = entered(site, "bgs.admin"), counted(workspace)
    code, page = upload(admin, NOTICE.encode())
    assert code == 200 and "确认导入" in page and "日期有变" in page and "办公室试行安排" in page
    assert counted(workspace) == before
    form = {"csrf": admin.csrf(), "name": "n.yaml", "content": NOTICE.replace("\n", "\r\n"), "action": "apply"}
    assert admin.ask("/campaign/calendar", form)[0] == 303
    assert "停工" in admin.ask("/campaign/calendar?year=2010")[1]
    assert "没有变化" in upload(admin, NOTICE.encode())[1]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"", b"a: [", b"schema: calendar/1\nyear: 2010\n", b"a: b\n" * 2_000_000]
)
def test_what_is_no_notice_is_refused_with_a_reason(workspace: Workspace, site: str, content: bytes) -> None:
    admin, before = entered(site, "bgs.admin"), counted(workspace)
    for name in ("n.yaml", "n.ics"):
        code, page = upload(admin, content, name)
        assert 400 <= code < 500 and 'class="refusal"' in page, name
    assert counted(workspace) == before
    assert upload(entered(site, "alpha.head"), NOTICE.encode())[0] == 403
    assert counted(workspace)["calendar_notice"] == before["calendar_notice"]

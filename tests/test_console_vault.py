"""The vault in the console: asked for, approved by another, read with a watermark, and listed for who reviews."""

from collections.abc import Iterator

import pytest
from doorway import Served, served
from world import begin, open_one

CANARY = "赵金丝雀"


@pytest.fixture
def here(db_url: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    office = begin(db_url, "baodi-2010", unproved=True)
    with served(office) as found:
        found.house.office = office
        yield found
    office.close()


def lead(here: Served) -> str:
    said = {"channel": "letter", "anonymous": False, "content": "有假货", "reporter": CANARY}
    return str(open_one(here.house.office, "lead", "gongshang.officer", "gongshang", **said).ref)


def test_who_reported_is_asked_approved_and_read_with_a_watermark(here: Served) -> None:
    ref = lead(here)
    officer, head, auditor, other = (here.visitor() for _ in range(4))
    for visitor, login in zip(
        (officer, head, auditor, other), ("gongshang.officer", "gongshang.head", "auditor", "wujia.head"), strict=True
    ):
        visitor.enter(login)
    code, page = officer.ask("/vault", {"csrf": officer.csrf(), "ref": ref, "purpose": ""})
    assert code == 422 and f'value="{ref}"' in page
    assert officer.ask("/vault", {"csrf": officer.csrf(), "ref": ref, "purpose": "核实举报"})[0] == 303
    _, page = head.ask("/vault")
    ident = page.split('name="id" value="')[1].split('"')[0]
    assert officer.ask("/vault/reveal", {"csrf": officer.csrf(), "id": ident})[0] == 409
    assert "核实举报" not in other.ask("/vault")[1]
    assert other.ask("/vault/approve", {"csrf": other.csrf(), "id": ident})[0] == 404
    assert head.ask("/vault/approve", {"csrf": head.csrf(), "id": ident})[0] == 303
    assert head.ask("/vault/reveal", {"csrf": head.csrf(), "id": ident})[0] == 403
    code, page = officer.ask("/vault/reveal", {"csrf": officer.csrf(), "id": ident})
    assert code == 200 and CANARY in page and page.count("gongshang.officer 2010-11-25") > 5
    assert officer.headers["cache-control"].startswith("no-store")
    for visitor in (officer, head, auditor):
        assert CANARY not in visitor.ask("/vault")[1]
    _, page = auditor.ask("/vault")
    assert "全部申请与查看" in page and "核实举报" in page and '<td class="number" data-label="查看次数">1</td>' in page

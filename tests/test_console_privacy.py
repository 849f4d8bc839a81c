"""Personal data in the console: found, asked for after a look at each place, decided by another, kept and released by two."""

import json
from collections.abc import Iterator

import pytest
import world
from doorway import Served, served
from world import do, open_one

REF, NAME = "probe/2010-0001", "王小二甲乙"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    office = world.begin(f"sqlite:///{tmp_path_factory.mktemp('privacy') / 'a.db'}", "rich")
    open_one(office, "probe", "alpha.liaison", reporter=NAME, size=3, title=f"{NAME}举报案")
    do(office, REF, "abandon", "alpha.liaison", reason=f"{NAME}撤回")
    world.set_clock(office, "2021-02-01T09:00")
    with served(office) as found:
        found.house.office = office
        yield found
    office.close()


def test_personal_data_are_found_erased_and_kept_by_two_persons_on_the_pages(here: Served) -> None:
    asks, decides, liaison = (here.visitor() for _ in range(3))
    for visitor, login in ((asks, "alpha.head"), (decides, "bgs.admin"), (liaison, "alpha.liaison")):
        visitor.enter(login)
    assert liaison.ask("/privacy")[0] == 403
    assert liaison.ask("/privacy/find", {"csrf": liaison.csrf(), "text": NAME})[0] == 403
    assert 'href="/privacy"' not in liaison.ask("/work")[1]

    code, page = asks.ask("/privacy/find", {"csrf": asks.csrf(), "what": "text", "text": NAME})
    assert code == 200 and page.count(NAME) >= 3 and f"/privacy/ask?ref={REF}" in page
    assert asks.headers["cache-control"].startswith("no-store")
    form = {"ref": REF, "text": NAME, "ground": "withdrawn", "note": "本人来信要求"}
    code, page = asks.ask("/privacy/preview", {"csrf": asks.csrf(), **form})
    assert code == 200 and f"【{NAME}】举报案" in page and 'value="matter/probe/2010-0001#2:reason"' in page
    code, page = asks.ask("/privacy/ask", {"csrf": asks.csrf(), **form, "ground": ""})
    assert code == 422 and "本人来信要求" in page
    assert asks.ask("/privacy/ask", {"csrf": asks.csrf(), **form})[0] == 303
    ident = asks.headers["location"].rpartition("/")[2]
    url = f"/privacy/r/{ident}"
    assert "须由另一人决定" in asks.ask(url)[1]
    assert asks.ask(f"{url}/approve", {"csrf": asks.csrf()})[0] == 403
    assert liaison.ask(url)[0] == 403

    assert asks.ask("/privacy/hold", {"csrf": asks.csrf(), "ref": REF, "reason": "诉讼未结"})[0] == 303
    assert decides.ask(f"{url}/approve", {"csrf": decides.csrf()})[0] == 409
    release = {"ref": REF, "reason": "已审结"}
    assert asks.ask("/privacy/release", {"csrf": asks.csrf(), **release})[0] == 303
    assert asks.ask("/privacy/release", {"csrf": asks.csrf(), **release})[0] == 403
    assert "待另一人批准" in decides.ask("/privacy")[1]
    assert decides.ask("/privacy/release", {"csrf": decides.csrf(), **release})[0] == 303

    code, page = decides.ask(url)
    assert code == 200 and f"【{NAME}】举报案" in page and "2021-03-03" in page
    assert decides.ask(f"{url}/decline", {"csrf": decides.csrf(), "reason": ""})[0] == 422
    assert decides.ask(f"{url}/approve", {"csrf": decides.csrf(), "seen": "another"})[0] == 409
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert decides.ask(f"{url}/approve", {"csrf": decides.csrf(), "seen": seen})[0] == 303
    code, page = decides.ask(url)
    assert code == 200 and NAME not in page and "已依法删除" in page
    assert "数据库文件尚未重写" in decides.ask("/privacy")[1]
    code, content = decides.ask("/privacy/ledger", {"csrf": decides.csrf()})
    assert code == 200 and [each["id"] for each in json.loads(content)["erasures"]] == [ident]
    assert asks.ask("/privacy/ledger", {"csrf": asks.csrf()})[0] == 403
    assert decides.ask("/privacy/r/7")[0] == 404

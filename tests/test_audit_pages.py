"""The pages of the audit over HTTP: searching the record, checking it, its seals, bundles, and who may see what of it."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from visitor import Visitor
from world import advance, begin, do, history, sql, to_review

from engine.checkpoints import seal
from engine.clock import to_us
from engine.denials import note_denial
from engine.errors import Unseen
from engine.feed_tokens import FeedTokens
from engine.log_keys import begin_key
from engine.log_search import WantedEntries, found_entries
from engine.sequencing import sequence
from engine.signing_key import load_key
from workflows.workspace import Workspace

HASH = re.compile(r'<summary class="hash mono">([0-9a-f]{64})</summary>')


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    to_review(found)
    advance(found, "2010-11-06T09:00")
    yield found
    found.close()


def sequenced(office: Workspace) -> None:
    sequence(office.database, office.campaign.id, office.campaign.log, to_us(office.clock.now()))


def sealed(office: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_STATE", str(folder / "state"))
    begin_key(office.engine, office.actor("bgs.admin"), folder / "key.pem")
    private = load_key(folder / "key.pem")
    assert private is not None
    assert seal(office.database, office.campaign, office.clock.now(), private) is not None


def hashes(page: str) -> list[str]:
    return HASH.findall(page)


def test_only_who_may_audit_sees_the_record(visitor: Visitor) -> None:
    for login, code in (("bgs.admin", 200), ("lxz.chair", 200), ("alpha.head", 403), ("bgs.liaison", 403)):
        visitor.enter(login)
        for path in ("/audit", "/audit/verify", "/audit/seals", "/audit/bundle", "/audit/access", "/audit/vault"):
            assert visitor.ask(path)[0] == code, (login, path)
    assert visitor.send("/audit/verify")[0] == 403 and visitor.send("/audit/bundle")[0] == 403


def test_the_record_is_told_in_words_with_its_hashes_newest_first(office: Workspace, visitor: Visitor) -> None:
    sequenced(office)
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/audit?ref=errand/alpha")
    there = {each["hash"] for each in history(office, "errand/alpha")}
    assert code == 200 and there <= set(hashes(page))
    assert "alpha.liaison" in page and "办理：" in page and "当时情况" in page and "as_of=" in page
    idx = [int(each) for each in re.findall(r'<span class="number">(\d+)</span>', page)]
    assert idx == sorted(idx, reverse=True)
    visitor.speak("en")
    assert "as it stood then" in visitor.ask("/audit")[1]


def test_every_entry_stands_on_one_page_with_its_place_or_waits_for_one(office: Workspace) -> None:
    sequenced(office)
    do(office, "errand/beta", "take", "beta.liaison")
    sight = office.sight(office.actor("bgs.admin"))
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = found_entries(office.reader, sight, WantedEntries(), 5, cursor)
        assert (cursor is None) == bool(page["waiting"])
        found += [each["hash"] for each in (*page["waiting"], *page["items"])]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(row[0] for row in sql(office.database, "select hash from entry"))


def test_the_record_is_searched_by_who_what_when_and_words(office: Workspace, visitor: Visitor) -> None:
    sequenced(office)
    visitor.enter("bgs.admin")

    def rows(where: str) -> int:
        return int(sql(office.database, f"select count(*) from entry where {where}")[0][0])

    for query, where in (
        ("actor=alpha.liaison", "actor = 'alpha.liaison'"), ("kind=opened", "kind = 'opened'"),
        ("trigger=take", "trigger = 'take'"), ("ref=errand/alpha&kind=moved", "stream = 'matter/errand/alpha' and kind = 'moved'"),
        ("text=" + quote('"trigger":"take"'), "record like '%\"trigger\":\"take\"%'"), ("until=2010-10-01", "1 = 0"),
    ):  # fmt: skip
        assert len(hashes(visitor.ask(f"/audit?{query}")[1])) == rows(where), query
    assert "没有符合条件的留痕" in visitor.ask("/audit?text=100%25")[1]


def test_a_filter_that_cannot_be_read_is_kept_and_mended_beside_its_field(visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/audit?from=then&actor=alpha.head&ref=errand/nowhere")
    assert code == 422 and 'value="then"' in page and 'value="alpha.head"' in page and "没有该事项" in page
    for wrong in ("cursor=x", "kind=denied", "kind=nothing", f"text={'x' * 201}"):
        assert visitor.ask(f"/audit?{wrong}")[0] == 422, wrong


def test_denials_and_comings_are_for_the_auditor_alone(office: Workspace, visitor: Visitor) -> None:
    note_denial(office.engine, office.actor("alpha.head"), Unseen("no matter", "no_matter"))
    FeedTokens(office.engine, office.actor("alpha.head")).make("alpha.head")
    visitor.enter("bgs.admin")
    _, page = visitor.ask("/audit/access")
    assert "由审计员查看" in page and "制作日历地址" in page and "denials/" not in page
    assert "denials/" not in visitor.ask("/audit")[1]
    admin = office.sight(office.actor("bgs.admin"))
    auditor = office.sight(office.actor("bgs.admin"))
    auditor.functions = frozenset({*auditor.functions, "security_log"})
    wanted = WantedEntries(kinds=("denied",))
    assert [len(found_entries(office.reader, each, wanted)["waiting"]) for each in (admin, auditor)] == [0, 1]


def checked(visitor: Visitor) -> str:
    """Begin a check over HTTP, and look at its page until it has ended."""
    assert visitor.send("/audit/verify")[0] == 303
    for _ in range(2000):
        _, page = visitor.ask("/audit/verify")
        if "正在核验" not in page:
            return page
        assert "data-underway" in page
    raise AssertionError("the check does not end")


def test_a_check_says_against_what_and_what_it_does_not_assure(
    office: Workspace, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_STATE", str(tmp_path / "state"))
    visitor.enter("bgs.admin")
    assert "尚未核验" in visitor.ask("/audit/verify")[1]
    page = checked(visitor)
    assert "没有库外锚点" in page and "不能算核验通过" in page and "推演库的时钟可以拨动" in page
    visitor.speak("en")
    assert "What is NOT assured" in visitor.ask("/audit/verify")[1]


def test_a_check_explains_each_thing_it_finds(
    office: Workspace, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_STATE", str(tmp_path / "state"))
    sequenced(office)
    sql(office.database, "update matter set title = 'forged' where ref = 'errand/beta'")
    visitor.enter("bgs.admin")
    page = checked(visitor)
    assert "处问题" in page and "现状与留痕重演不符" in page and "errand/beta" in page
    visitor.speak("en")
    assert "a row differs from its history" in visitor.ask("/audit/verify")[1]


def test_the_seals_show_key_root_and_checkpoints(
    office: Workspace, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.enter("bgs.admin")
    assert "日志没有签名密钥" in visitor.ask("/audit/seals")[1]
    sealed(office, tmp_path, monkeypatch)
    code, page = visitor.ask("/audit/seals")
    ((root, size),) = sql(office.database, "select root, size from log_checkpoint")
    assert code == 200 and f"{bytes(root).hex()[:16]}@{size}" in page and f"duban/{office.campaign.log}+" in page
    assert visitor.ask("/audit/seals?cursor=x")[0] == 422


def test_a_bundle_is_handed_over_and_who_took_it_is_on_record(
    office: Workspace, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.send("/audit/bundle", ref="errand/alpha", documents="yes")
    assert code == 404 and 'value="errand/alpha"' in page and "尚未封存" in page
    assert re.search(r'name="documents" value="yes" checked', page)
    sealed(office, tmp_path, monkeypatch)
    assert "没有事项“errand/nowhere”" in visitor.send("/audit/bundle", ref="errand/nowhere")[1]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code, bundle = visitor.fetch("/audit/bundle", csrf=visitor.csrf(), ref="errand/alpha")
    assert code == 200 and visitor.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(BytesIO(bundle)).namelist()
    assert any(each.endswith("verify_bundle.py") for each in names)
    ((record,),) = sql(office.database, "select record from entry where kind = 'export'")
    assert '"actor":"bgs.admin"' in record and '"ref":"errand/alpha"' in record
    assert list(tmp_path.glob("duban-bundle-*")) == []

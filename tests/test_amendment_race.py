"""A campaign that is changed while the office works: what the new file leaves out has no matter, not even one of this moment."""

from pathlib import Path

import pytest
from production import refusal
from racing import beside, once_called
from test_amendment import small
from world import begin, do, flaws, open_one, others, sql, to_review

from engine.parties import enter_all_parties
from workflows import amendment
from workflows.amendment import amend
from workflows.workspace import Workspace

BETA = "  - {code: beta, name: {zh: 乙局, en: Bureau Beta}, part: department, posts: [liaison, head]}\n"


def test_a_body_for_which_somebody_opens_a_matter_at_this_moment_is_not_left_out_beneath_it(
    pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = begin(pg_url)
    to_review(office, "errand/beta")
    do(office, "errand/beta", "accept", "bgs.admin", grade="fair")
    shelf = small(office, tmp_path, (BETA, ""), ("[alpha, beta]", "[alpha]"), ("supports: [beta], ", ""))
    said: list[str] = []

    with others(office, 1) as (other,), beside(office) as second:

        def late() -> None:
            said.append(refusal(lambda: open_one(other, "errand", "bgs.admin", body="beta", ref="errand/late")).code)

        once_called(monkeypatch, amendment, "_refuse_orphans", lambda: second.begin(late))
        assert amend(office, shelf, office.actor("bgs.admin"), office.actor("lxz.chair"))

    assert said == ["no_body"]
    assert sql(office.database, "select ref from matter where body = 'beta' and closed = 0") == []
    assert flaws(office) == []
    office.close()


def test_who_is_a_party_by_the_new_file_is_so_with_it_though_its_maker_died_then(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = begin(sqlite_url)
    now_office = (
        ("name: {zh: 办公室, en: Office}, part: office", "name: {zh: 办公室, en: Office}, part: department"),
        ("part: department, posts: [liaison, head]}", "part: office, posts: [liaison, head, admin]}"),
        ("administrator: bgs.admin", "administrator: beta.admin"),
    )
    shelf = small(office, tmp_path, *now_office)
    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "look_again", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            amend(office, shelf, office.actor("bgs.admin"), office.actor("lxz.chair"))
    asked = "select ref, party.body from party join matter on id = matter_id order by ref, party.body"
    before = sql(office.database, asked)
    assert ("errand/alpha", "beta") in before
    office.refresh()
    office.engine.in_transaction(lambda tx: enter_all_parties(tx, office.campaign))

    assert sql(office.database, asked) == before
    office.close()

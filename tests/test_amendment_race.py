"""A campaign that is changed while the office works: what the new file leaves out has no matter, not even one of this moment."""

from pathlib import Path

import pytest
from production import refusal
from racing import beside, once_called
from test_amendment import small
from world import begin, do, flaws, open_one, others, sql, to_review

from workflows import amendment
from workflows.amendment import amend

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

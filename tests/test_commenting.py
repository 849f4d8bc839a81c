"""Comments on a matter: who may, what they change and what they leave, who is told; and what chosen values are called."""

from collections.abc import Iterator

import pytest
from test_console_matter import Clerk
from world import begin, do

from commands.serving import Standing, serving_console
from engine.check_facts import unlabelled
from engine.errors import Forbidden, Invalid, NotFound
from engine.orders import Comment
from workflows.library import definition_kinds, shipped_definition
from workflows.workspace import Workspace

ERRAND = "errand/alpha"


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    yield found
    found.close()


def comment(office: Workspace, login: str, text: str | None, *copies: str, request_id: str | None = None) -> object:
    order = Comment(ref=ERRAND, reason=text, copy_to=copies, request_id=request_id)
    return office.engine.execute(order, office.actor(login))


def test_a_comment_is_on_the_record_and_changes_nothing_else(office: Workspace) -> None:
    before = office.reader.show(ERRAND)
    comment(office, "alpha.officer", "请补发票", request_id="one")
    comment(office, "alpha.officer", "请补发票", request_id="one")
    after = office.reader.show(ERRAND)
    assert (after["version"], after["state"], after["entries_count"]) == (before["version"], "todo", 2)
    last = office.reader.history(ERRAND)["items"][-1]
    assert (last["kind"], last["reason"], last["actor"]) == ("comment", "请补发票", "alpha.officer")
    assert office.reader.notices(ERRAND)["items"] == []
    do(office, ERRAND, "take", "alpha.liaison", if_version=before["version"])


def test_a_copy_goes_to_head_and_liaison_of_another_body_who_see_the_matter_from_then_on(office: Workspace) -> None:
    beta = office.actor("beta.liaison")
    with pytest.raises(NotFound):
        office.reader.seen_by(office.sight(beta)).show(ERRAND)
    comment(office, "alpha.head", "请知悉", "beta")
    told = {(each["kind"], each["recipient"]) for each in office.reader.notices(ERRAND)["items"]}
    assert told == {("copy", "beta.head"), ("copy", "beta.liaison")}
    assert office.reader.seen_by(office.sight(beta)).show(ERRAND)["ref"] == ERRAND
    assert office.reader.history(ERRAND)["items"][-1]["copied"] == ["beta"]


def test_who_may_not_comment_or_copy_is_refused_and_nothing_is_written(office: Workspace) -> None:
    with pytest.raises(NotFound):
        comment(office, "beta.head", "看看")
    with pytest.raises(Forbidden):
        comment(office, "alpha.liaison", "请知悉", "beta")
    for text, copies in ((None, ()), ("  ", ()), ("好", ("nowhere",))):
        with pytest.raises(Invalid):
            comment(office, "alpha.head", text, *copies)
    assert office.reader.show(ERRAND)["entries_count"] == 1


def test_a_comment_is_made_on_the_page_and_read_there(office: Workspace) -> None:
    with serving_console(office, Standing(office, heart=False), "127.0.0.1", 0) as site:
        clerk = Clerk(site)
        clerk.enter("alpha.head")
        code, page = clerk.send(f"/comment/{ERRAND}", clerk.card("comment"))
        assert code == 422 and "请写明批注内容" in page
        form = clerk.card("comment") | {"reason": "请于周五前报送", "copy_to": "beta"}
        assert clerk.send(f"/comment/{ERRAND}", form)[0] == 303
        page = clerk.ask(f"/m/{ERRAND}?entries=comments")[1]
        assert "请于周五前报送" in page and "抄送：乙局" in page


def test_every_value_that_can_be_chosen_in_what_comes_with_us_has_words() -> None:
    for kind in definition_kinds():
        facts = shipped_definition(kind).doc.facts
        assert unlabelled(facts) == [], kind
        for spec in facts.values():
            assert all(label.zh != label.en for label in spec.value_labels.values())

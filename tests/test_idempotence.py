"""A request that is sent again is answered again and done once."""

import pytest
from world import attach, correct, do, everything, extend, fire, open_one, papers, to_review, unlike

from engine.errors import Conflict, Refused
from engine.orders import Do
from workflows.workspace import Workspace


def test_the_same_request_gets_the_same_answer_and_writes_no_row(workspace: Workspace) -> None:
    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    order = {"docs": "report", "request_id": "r-1"}
    first = do(workspace, "errand/alpha", "submit", "alpha.liaison", **order).as_json()
    before = everything(workspace)

    for _ in range(3):
        second = do(workspace, "errand/alpha", "submit", "alpha.liaison", **order).as_json()

        assert second.pop("replayed") is True
        assert unlike(second, first) == []
    assert everything(workspace) == before


def test_the_answer_stays_the_same_when_the_matter_has_gone_on(workspace: Workspace) -> None:
    first = do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1").as_json()
    to_end = to_review(workspace, "errand/beta")
    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(workspace, "errand/alpha", "submit", "alpha.liaison", docs="report")
    do(workspace, "errand/alpha", "accept", "alpha.head", grade="good")

    second = do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1").as_json()

    assert second.pop("replayed") is True
    assert unlike(second, first) == []
    assert to_end.matter.state == "review"


def test_every_kind_of_order_can_be_sent_twice(workspace: Workspace) -> None:
    orders = [
        lambda: open_one(workspace, "errand", "bgs.admin", "alpha", title="差事", urgent=True, request_id="open"),
        lambda: correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False, request_id="correct"),
        lambda: attach(workspace, "errand/alpha", "alpha.head", "report", request_id="attach"),
        lambda: extend(
            workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", reason="来函", request_id="extend"
        ),
        lambda: do(workspace, "errand/alpha", "put_off", "bgs.admin", extended_until="2010-11-30", request_id="do"),
    ]
    first = [order().as_json() for order in orders]
    before = everything(workspace)

    second = [order().as_json() for order in orders]

    assert [said.pop("replayed") for said in second] == [True] * len(orders)
    assert unlike(second, first) == []
    assert everything(workspace) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"cost_fen": 101},
        {"docs": "report"},
        {"occurred": "2010-11-01T08:59"},
        {"if_version": 2},
        {"reason": "补记"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_the_same_request_id_with_other_content_is_a_conflict(changed: dict[str, object], workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "note_cost", "alpha.liaison", cost_fen=100, request_id="r-1")
    before = everything(workspace)

    with pytest.raises(Conflict) as caught:
        do(workspace, "errand/alpha", "note_cost", "alpha.liaison", **{"cost_fen": 100, "request_id": "r-1", **changed})

    assert (caught.value.code, caught.value.exit_code) == ("request_id_reused", 6)
    assert everything(workspace) == before


def test_the_same_request_id_on_another_matter_or_for_another_order_is_a_conflict(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1")
    before = everything(workspace)

    with pytest.raises(Conflict, match="r-1"):
        do(workspace, "errand/beta", "take", "beta.liaison", request_id="r-1")
    with pytest.raises(Conflict, match="r-1"):
        correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False, request_id="r-1")
    with pytest.raises(Conflict, match="r-1"):
        open_one(workspace, "errand", "bgs.admin", "alpha", request_id="r-1")

    assert everything(workspace) == before


def test_the_same_request_id_of_another_person_is_a_conflict(workspace: Workspace) -> None:
    to_review(workspace)
    do(workspace, "errand/alpha", "accept", "bgs.admin", grade="good", request_id="r-1")

    with pytest.raises(Conflict) as caught:
        do(workspace, "errand/alpha", "accept", "bgs.admin2", grade="good", request_id="r-1")

    assert caught.value.code == "request_id_reused"


def test_the_same_document_under_another_file_name_is_the_same_order(workspace: Workspace) -> None:
    (paper,) = papers(workspace, "report")
    renamed = type(paper)(paper.kind, "另存.txt", paper.sha256, paper.size)
    order = Do(ref="errand/alpha", trigger="take", documents=(paper,), request_id="r-1")
    workspace.engine.execute(order, workspace.actor("alpha.liaison"))

    same = Do(ref="errand/alpha", trigger="take", documents=(renamed,), request_id="r-1")

    assert workspace.engine.execute(same, workspace.actor("alpha.liaison")).replayed


def test_a_refused_request_leaves_its_id_free(workspace: Workspace) -> None:
    with pytest.raises(Refused):
        do(workspace, "errand/alpha", "submit", "alpha.liaison", request_id="r-1")

    assert not do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1").replayed


def test_a_replayed_answer_tells_its_own_notices_only(workspace: Workspace) -> None:
    first = to_review(workspace)
    fire(workspace, "2010-11-02T08:00")
    correct(workspace, "errand/beta", "beta.head", reason="漏填", urgent=False)
    do(workspace, "errand/beta", "take", "beta.liaison", request_id="r-1")
    fire(workspace, "2010-11-10T09:00")

    said = do(workspace, "errand/beta", "take", "beta.liaison", request_id="r-1").as_json()

    assert (said["notices"], said["replayed"]) == ([], True)
    assert [each["status"] for each in said["matter"]["documents"]] == []
    assert first.as_json()["notices"] != []


def test_initialising_again_changes_nothing(workspace: Workspace) -> None:
    from world import begin

    before = everything(workspace)
    url = workspace.database.url.render_as_string(hide_password=False)

    begin(url).close()

    assert everything(workspace) == before

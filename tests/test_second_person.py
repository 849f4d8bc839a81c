"""A correction after which a duty would vanish: a reason, a second person, a copy, and what was true stays to be seen."""

import json
from pathlib import Path
from typing import Any

import pytest
import world
from commandline import Office, own_token_of
from test_cli_production import token_file
from world import do, flaws, history, notices, open_one

from engine.errors import Conflict, DubanError, Forbidden, Refused
from engine.orders import Correct
from engine.outcome import Outcome
from workflows.workspace import Workspace

OFFICER, OFFICE, GROUP = "gongshang.officer", "bgs.admin", "lxz.chair"
OVER, UNDER = 6_000_000, 2_000_000


def over(workspace: Workspace) -> str:
    """A case that its figures send to the police."""
    more = {"infringement": "c213", "illegal_business_amount": OVER}
    return open_one(workspace, "case", OFFICER, "gongshang", **more).ref


def lower(
    workspace: Workspace, ref: str, by: str | None, request_id: str | None = None, login: str = OFFICE, **facts: Any
) -> Outcome:
    order = Correct(
        ref=ref, facts=facts or {"illegal_business_amount": UNDER}, reason="重新核算", request_id=request_id,
        approved_by=workspace.actor(by) if by else None,
    )  # fmt: skip
    return workspace.engine.execute(order, workspace.actor(login))


def refusal(work: Any) -> DubanError:
    with pytest.raises(DubanError) as caught:
        work()
    return caught.value


def test_one_person_alone_is_refused_and_told_what_it_needs(baodi: Workspace) -> None:
    ref = over(baodi)
    before = world.everything(baodi)

    alone = refusal(lambda: lower(baodi, ref, None))

    assert isinstance(alone, Refused) and (alone.code, alone.exit_code) == ("needs_approval", 4)
    assert "ip_2004.c213.business" in alone.message and "--approve-by" in alone.hint
    assert world.everything(baodi) == before


def test_no_move_lowers_what_a_correction_may_only_with_two(baodi: Workspace) -> None:
    ref = over(baodi)

    moved = refusal(lambda: do(baodi, ref, "record_facts", OFFICER, illegal_business_amount=UNDER))

    assert moved.code == "needs_approval"
    assert baodi.reader.show(ref)["facts"]["illegal_business_amount"] == OVER


@pytest.mark.parametrize(
    ("by", "code"), [(OFFICE, "same_person"), ("gongshang.head", "forbidden"), ("jianchayuan.head", "forbidden")]
)
def test_the_second_person_is_another_one_with_the_role(baodi: Workspace, by: str, code: str) -> None:
    ref = over(baodi)

    wrong = refusal(lambda: lower(baodi, ref, by))

    assert isinstance(wrong, Forbidden) and (wrong.code, wrong.exit_code) == (code, 5)
    assert baodi.reader.show(ref)["version"] == 1


def test_both_stand_in_the_entry_and_the_procuratorate_gets_a_copy(baodi: Workspace) -> None:
    ref = over(baodi)

    said = lower(baodi, ref, GROUP).as_json()

    entry = history(baodi, ref)[-1]
    assert (entry["actor"], entry["approved_by"]["login"], entry["approved_by"]["body"]) == (OFFICE, GROUP, "lxz")
    assert (entry["reason"], entry["evaluations"][0]["verdict"]) == ("重新核算", "unknown")
    assert [each["body"] for each in said["notices"]] == ["jianchayuan"]
    assert [each["kind"] for each in notices(baodi, ref=ref)] == ["copy"]
    assert flaws(baodi) == []


def test_what_was_once_true_stays(baodi: Workspace) -> None:
    ref = over(baodi)

    lower(baodi, ref, GROUP)

    facts = baodi.reader.show(ref)["facts"]
    assert (facts["threshold_met"], facts["must_transfer"]) == (False, False)
    assert facts["must_transfer_ground"] == "按现有情况尚不能判断是否达到标准"
    assert [entry["evaluations"][0]["verdict"] for entry in history(baodi, ref)] == ["met", "unknown"]
    no = {"threshold_met": False, "must_transfer": False, "must_transfer_ground": "重新核算后不足"}
    do(baodi, ref, "route_administrative", "gongshang.head", **no)
    assert baodi.reader.show(ref)["children"] == []  # the penalty waits for the procuratorate
    assert refusal(lambda: do(baodi, ref, "close", OFFICE)).code == "guard"


def test_another_administrator_may_be_the_second_person(baodi: Workspace) -> None:
    ref = over(baodi)

    lower(baodi, ref, "bgs.admin2")

    assert history(baodi, ref)[-1]["approved_by"]["login"] == "bgs.admin2"


def test_another_crime_that_has_no_such_row_takes_the_duty_away_as_well(baodi: Workspace) -> None:
    ref = over(baodi)

    assert refusal(lambda: lower(baodi, ref, None, infringement="c219")).code == "needs_approval"
    lower(baodi, ref, GROUP, infringement="c219")

    assert baodi.reader.show(ref)["facts"]["must_transfer"] is False


def test_a_figure_that_stays_over_the_threshold_needs_nobody_else(baodi: Workspace) -> None:
    ref = over(baodi)

    lower(baodi, ref, None, illegal_business_amount=OVER - 1)

    assert baodi.reader.show(ref)["facts"]["must_transfer"] is True
    assert notices(baodi, ref=ref) == []


def test_a_duty_that_a_person_stated_is_withdrawn_by_two(baodi: Workspace) -> None:
    stated = {"infringement": "c213", "must_transfer": True, "must_transfer_ground": "另有同伙"}
    ref = open_one(baodi, "case", OFFICER, "gongshang", **stated).ref

    assert refusal(lambda: lower(baodi, ref, None, must_transfer=False)).code == "needs_approval"
    lower(baodi, ref, GROUP, must_transfer=False)

    assert baodi.reader.show(ref)["facts"]["must_transfer"] is False


def test_the_approver_belongs_to_the_content_of_a_repeated_request(baodi: Workspace) -> None:
    ref = over(baodi)
    lower(baodi, ref, GROUP, "once")

    again = lower(baodi, ref, GROUP, "once")

    assert again.replayed
    with pytest.raises(Conflict):
        lower(baodi, ref, "bgs.admin2", "once")


def test_the_command_line_names_the_second_person_in_a_rehearsal(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    assert office("init", "--rehearsal", "--at", "2010-12-01T09:00").code == 0
    figures = ("--fact", "infringement=c213", "--fact", f"illegal_business_amount={OVER}")
    assert office.as_(OFFICER, "open", "case", "--body", "gongshang", *figures).code == 0
    words = ("correct", "case/2010-0001", "--fact", f"illegal_business_amount={UNDER}", "--reason", "重新核算")

    alone, wrong = office.as_(OFFICE, *words), office.as_(OFFICE, *words, "--approve-by", OFFICE)
    done = office.as_(OFFICE, *words, "--approve-by", GROUP)

    assert (alone.code, wrong.code, done.code) == (4, 5, 0)
    assert "--approve-by" in alone.err
    told = office("history", "case/2010-0001").out
    assert "lxz.chair（lxz）" in told and "达到  ip_2004.c213.business" in told
    shown = office("--lang", "en", "show", "case/2010-0001").out
    assert "not known yet" in shown and "[V] ip_2004.c213.income" in shown


def test_a_line_of_many_orders_names_the_second_person_as_well(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    assert office("init", "--rehearsal", "--at", "2010-12-01T09:00").code == 0
    figures = {"infringement": "c213", "illegal_business_amount": OVER}
    lower = {"order": "correct", "as": OFFICE, "ref": "case/2010-0001", "reason": "核算",
             "facts": {"illegal_business_amount": UNDER}}  # fmt: skip
    lines = [
        {"order": "open", "as": OFFICER, "kind": "case", "body": "gongshang", "facts": figures},
        lower,
        {**lower, "approve_by": GROUP},
    ]

    ended = office("apply", "-", stdin="\n".join(map(json.dumps, lines)).encode())

    assert [line.get("code") or line.get("status") for line in ended.lines[:3]] == ["done", "needs_approval", "done"]


def test_in_production_the_second_person_shows_a_token(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    assert office("init", "--late").code == 0
    files = {}
    for login, body, post in (("wang", "gongshang", "officer"), ("li", "bgs", "admin"), ("zhao", "lxz", "chair")):
        assert office("user", "add", login).code == 0
        assert office("user", "grant", login, "--body", body, "--post", post).code == 0
        files[login] = str(token_file(tmp_path, own_token_of(str(office.url), login), login))
    day = ("--fact", "discovered_on=2010-12-01")
    figures = ("--fact", "infringement=c213", "--fact", f"illegal_business_amount={OVER}", *day)
    opened = office.json("--token-file", files["wang"], "open", "case", *figures)
    ref = opened["matter"]["ref"]
    words = (
        "--token-file",
        files["li"],
        "correct",
        ref,
        "--fact",
        f"illegal_business_amount={UNDER}",
        "--reason",
        "核算",
    )

    named = office(*words, "--approve-by", "zhao")
    own = office(*words, "--approve-token-file", files["li"])
    other = office(*words, "--approve-by", "li", "--approve-token-file", files["zhao"])
    done = office(*words, "--approve-token-file", files["zhao"])

    assert (named.code, own.code, other.code, done.code) == (5, 5, 5, 0), done.err
    entry = office.json("history", ref)["items"][-1]
    assert (entry["actor"], entry["approved_by"]["login"]) == ("li", "zhao")
    assert entry["approved_by"]["auth"].startswith("token:")

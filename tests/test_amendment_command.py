"""A campaign that is put off by command: shown first, applied with a second person."""

from pathlib import Path

from commandline import SMALL, Office, own_token_of
from test_amendment import changed
from world import SAMPLES

from workflows.workspace import open_workspace


def test_the_command_shows_first_and_needs_an_approver(db_url: str, tmp_path: Path) -> None:
    office = Office(db_url, AS="bgs.admin")
    office.json("init", "--campaign", SMALL, "--rehearsal")
    path = changed(tmp_path, ('remind_at: "09:00"', 'remind_at: "08:00"'), campaign=SAMPLES / "small_campaign.yaml")

    shown = office.json("campaign", "amend", path)
    alone = office("campaign", "amend", path, "--apply")
    done = office.json("campaign", "amend", path, "--apply", "--approve-by", "lxz.chair")

    assert (shown["applied"], shown["counts"]["moved"], alone.code) == (False, 0, 2)
    assert shown["counts"]["reminders_gained"] == shown["counts"]["reminders_lost"] == 8
    assert (done["new"], done["applied"]) == (True, True)
    office.json("clock", "advance", "--to", "2010-11-03T08:30")
    assert len(office("notice", "list", "errand/alpha").rows) == 1


def test_in_production_the_approver_shows_a_token(sqlite_url: str, tmp_path: Path) -> None:
    office = Office(sqlite_url, AS="bgs.admin")
    office.json("init", "--campaign", SMALL, "--late")
    path = changed(tmp_path, ('remind_at: "09:00"', 'remind_at: "08:00"'), campaign=SAMPLES / "small_campaign.yaml")
    office.json("user", "add", "wang", "--name", "王组长")
    office.json("user", "grant", "wang", "--body", "lxz", "--post", "chair")
    token = tmp_path / "token"
    token.write_text(office.json("user", "token", "wang")["token"])

    made_by_the_proposer = office("campaign", "amend", path, "--apply", "--approve-token-file", str(token))
    assert made_by_the_proposer.code == 5
    token.write_text(own_token_of(sqlite_url, "wang"))
    unsaid = office("--lang", "zh", "campaign", "amend", path, "--apply", "--approve-token-file", str(token))
    assert unsaid.code == 5 and "duban user token wang --scope approve" in unsaid.err
    token.write_text(own_token_of(sqlite_url, "wang", "approve"))
    believed = office("campaign", "amend", path, "--apply", "--approve-by", "wang")
    shown = office.json("campaign", "amend", path, "--apply", "--approve-token-file", str(token))

    assert (believed.code, shown["new"]) == (5, True)
    other = open_workspace(sqlite_url)
    assert other.campaign.doc.remind_at == "08:00"
    other.close()

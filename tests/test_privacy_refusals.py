"""What keeps personal data from being erased, how long, and what an erasure covers."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import world
from test_privacy import LATER, NAME, REF, desk, refused, verified
from world import do, open_one

from commands.privacy import GROUNDS as OFFERED
from engine.accounts import Accounts
from engine.campaign_schema import RetentionSpec
from engine.contacts import Contacts
from engine.erasing_again import erase_again
from engine.erasure_grounds import ERASED_MARK, GROUNDS
from engine.masking import MASK
from engine.privacy_desk import PrivacyDesk
from engine.privacy_finding import Holdings
from engine.retention import kept_until
from engine.saved_views import SavedViews
from engine.verify_erasures import Missed
from workflows.workspace import open_workspace


def test_nothing_is_erased_while_the_law_keeps_it_nor_by_one_person_alone(sqlite_url: str) -> None:
    rich = world.begin(sqlite_url, "rich")
    open_one(rich, "probe", "alpha.liaison", reporter=NAME, size=3)
    ask = desk(rich, "alpha.head").ask

    assert refused(ask, REF, [], "retention", "申请") == "still_open"
    do(rich, REF, "abandon", "alpha.liaison")
    assert refused(ask, REF, [], "retention", "申请") == "retention"
    world.set_clock(rich, LATER)
    desk(rich, "bgs.admin").hold(REF, "诉讼未结")
    assert refused(ask, REF, [], "retention", "申请") == "legal_hold"
    desk(rich, "bgs.admin").release(REF, "已审结")
    desk(rich, "bgs.admin2").release(REF, "已审结")
    assert refused(ask, REF, ["size"], "retention", "申请") == "field"
    assert refused(ask, REF, [], "whim", "申请") == "ground"
    assert refused(ask, REF, [], "retention", " ") == "reason"
    assert refused(ask, REF, ["names"], "retention", "申请") == "nothing_held"
    assert refused(desk(rich, "alpha.liaison").ask, REF, [], "retention", "申请") == "forbidden"
    assert refused(desk(rich, "beta.head").ask, REF, [], "retention", "申请") == "no_matter"
    asked = ask(REF, [], "retention", "申请")["request"]["id"]
    assert refused(ask, REF, [], "retention", "申请") == "asked_already"
    assert refused(desk(rich, "alpha.head").approve, asked) == "same_person"
    assert refused(desk(rich, "alpha.liaison").approve, asked) == "forbidden"
    assert refused(desk(rich, "bgs.admin").approve, "7") == "no_request"
    assert NAME in str(world.everything(rich)["entry_private"])

    assert desk(rich, "bgs.admin").decline(asked, "另案需要")["request"]["reason"] == "另案需要"
    assert refused(desk(rich, "bgs.admin").approve, asked) == "decided"
    again = ask(REF, [], "withdrawn", "撤回同意")["request"]["id"]
    desk(rich, "bgs.admin").hold(REF, "又起诉讼")
    assert refused(desk(rich, "bgs.admin").approve, again) == "legal_hold"
    desk(rich, "bgs.admin").release(REF, "已审结")
    desk(rich, "bgs.admin2").release(REF, "已审结")
    assert desk(rich, "bgs.admin").approve(again)["request"]["values"] == 1
    assert refused(desk(rich, "bgs.admin").approve, again) == "decided"
    assert refused(ask, REF, [], "retention", "申请") == "nothing_held"
    assert verified(rich)["findings"] == []
    rich.close()


def test_a_ledger_that_somebody_wrote_himself_erases_nothing_that_is_to_be_kept(sqlite_url: str) -> None:
    rich = world.begin(sqlite_url, "rich")
    open_one(rich, "probe", "alpha.liaison", reporter=NAME, size=3)
    line = {
        "id": "7", "target": {"matter": REF}, "fields": ["reporter", "size"], "ground": "retention", "asked_by": "x",
        "decided_by": "y", "decided_at": "2010-11-01T00:00:00Z", "entries": [], "notices": [],
    }  # fmt: skip

    def again(**other: Any) -> tuple[str, list[str], int]:
        (done,) = erase_again([{**line, **other}], desk(rich, "bgs.admin"), desk(rich, "bgs.admin2"))
        return done["status"], [each["kind"] for each in done.get("reasons", ())], done["values"]

    assert again() == ("kept", ["open", "kept_by_law"], 0)
    Accounts(rich.engine, rich.actor("bgs.admin")).add("li.ming", "李明")
    assert again(target={"person": "li.ming"}) == ("kept", ["kept_by_law"], 0)
    do(rich, REF, "abandon", "alpha.liaison")
    assert again() == ("kept", ["retention", "kept_by_law"], 0)
    world.set_clock(rich, LATER)
    desk(rich, "bgs.admin").hold(REF, "诉讼未结")
    assert again() == ("kept", ["legal_hold", "kept_by_law"], 0)
    desk(rich, "bgs.admin").release(REF, "已审结")
    desk(rich, "bgs.admin2").release(REF, "已审结")
    assert again() == ("erased", [], 1)
    assert rich.reader.show(REF)["erased"] == ["reporter"]
    rich.close()


def test_a_name_that_is_spelt_like_a_code_or_a_day_takes_no_code_and_no_day_with_it(sqlite_url: str) -> None:
    rich = world.begin(sqlite_url, "rich")
    Contacts(rich.engine, rich.actor("bgs.admin")).set("alpha.head", "file", "secret@example.org")
    SavedViews(rich.engine, rich.actor("alpha.head")).save("mine", {"kind": "probe", "text": "probe 2010"})
    views = SavedViews(rich.engine, rich.actor("alpha.head")).listed
    received = "2010-11-01T01:00:00Z"
    open_one(rich, "probe", "alpha.liaison", reporter="probe", title="probe 2010")
    do(rich, REF, "receive", "alpha.liaison", received_at="2010-11-01T09:00:00+08:00")
    do(rich, REF, "abandon", "alpha.liaison")
    world.advance(rich, "2010-11-20T10:00")
    world.set_clock(rich, LATER)

    def erased(*said: Any) -> str:
        asked = desk(rich, "bgs.admin").ask(REF, [], "withdrawn", "本人要求", *said)
        desk(rich, "bgs.admin2").approve(asked["request"]["id"])
        return str(rich.reader.show(REF)["title"])

    assert erased() == f"{ERASED_MARK} 2010"
    assert views()["items"][0]["filter"] == {"kind": "probe", "text": f"{ERASED_MARK} 2010"}
    assert erased("2010") == f"{ERASED_MARK} {ERASED_MARK}"
    assert rich.reader.show(REF)["facts"]["received_at"] == received
    assert verified(rich)["findings"] == []

    def found(login: str, *of: str) -> set[str]:
        holdings = Holdings(rich.database, rich.campaign, rich.clock, rich.sight(rich.actor(login)))
        items = holdings.of_text(*of)["items"] if of else holdings.of_matter("errand/alpha")["items"]
        return {each["value"] for each in items if each["field"] == "address"}

    assert (found("alpha.liaison"), found("alpha.liaison", "secret@")) == ({MASK}, set())
    assert found("bgs.admin") == found("bgs.admin", "secret@") == {"secret@example.org"}
    rich.close()


def test_a_holder_of_an_account_is_erased_in_all_campaigns_of_the_database(sqlite_url: str) -> None:
    world.begin(sqlite_url, "small").close()
    rich = world.begin(sqlite_url, "rich")
    small = open_workspace(sqlite_url, "small-2010", documents=rich.documents)
    Accounts(small.engine, small.actor("bgs.admin")).add("li.ming", "李明远舟")
    Contacts(small.engine, small.actor("bgs.admin")).set("li.ming", "file", "yuan@example.org")
    Accounts(rich.engine, rich.actor("bgs.admin")).disable("li.ming")
    world.set_clock(rich, LATER)

    asked = desk(rich, "bgs.admin").ask_of("li.ming", "purpose", "离职")
    desk(rich, "bgs.admin2").approve(asked["request"]["id"])

    everything = str(world.everything(rich))
    assert ("李明远舟" in everything, "yuan@" in everything) == (False, False)
    assert verified(rich)["findings"] == verified(small)["findings"] == []
    small.close()
    rich.close()


def test_a_hold_that_was_there_first_keeps_what_is_just_being_approved(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich = world.begin(pg_url, "rich")
    open_one(rich, "probe", "alpha.liaison", reporter=NAME)
    do(rich, REF, "abandon", "alpha.liaison")
    world.set_clock(rich, LATER)
    asked = desk(rich, "bgs.admin").ask(REF, [], "withdrawn", "本人要求")["request"]["id"]
    erase = PrivacyDesk.erase

    with world.others(rich, 1) as (other,):

        def overtaken(self: PrivacyDesk, *args: Any) -> Any:
            if not desk(other, "bgs.admin").listed()["holds"]:
                desk(other, "bgs.admin").hold(REF, "诉讼未结")
            return erase(self, *args)

        monkeypatch.setattr(PrivacyDesk, "erase", overtaken)
        assert refused(desk(rich, "bgs.admin2").approve, asked) == "legal_hold"
    assert NAME in str(world.everything(rich)["entry_private"])
    rich.close()


def test_the_grounds_on_the_command_line_are_those_of_the_law() -> None:
    assert tuple(GROUNDS) == OFFERED


COVERING = {"kind": "erased", "actor": "b", "erased": {"asked_by": "a", "fields": {"1": ["reason"]}}}
"""An entry that says that the reason of entry 1 was erased."""


def missed(gone: list[str], said: dict[str, Any], seq: int = 2) -> set[str]:
    found = Missed()
    found.miss(1, gone)
    found.take(said, seq)
    return {code for code, _, _ in found.flaws()}


def test_an_erasure_covers_what_it_names_and_nothing_else() -> None:
    alone = {**COVERING, "erased": {**COVERING["erased"], "asked_by": "b"}}  # type: ignore[dict-item]

    assert missed(["reason"], COVERING) == set()
    assert missed(["reason", "title"], COVERING) == {"private_gone"}
    assert missed([], COVERING) == {"erased_there"}
    assert missed(["reason"], COVERING, seq=1) == {"private_gone"}
    assert missed(["reason"], alone) == {"erased_alone"}
    assert missed(["reason"], {"kind": "erased", "erased": 7}) == {"private_gone"}


def test_a_campaign_says_how_long_the_files_of_its_kinds_are_kept() -> None:
    rule = RetentionSpec(years=5, kinds={"case": 30}, basis="x")
    ours, plain = (SimpleNamespace(doc=SimpleNamespace(retention=each)) for each in (rule, None))
    closed = date(2011, 3, 31)

    years = [kept_until(each, kind, closed).year for each in (ours, plain) for kind in ("case", "lead")]  # type: ignore[arg-type]
    assert years == [2042, 2017, 2022, 2022]

"""Chinese first, English complete: no page of a played campaign says a code, or one language in the other."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser.sites import application
from crawling import crawl
from world import local

from engine import holding
from engine.term_schema import Label
from scheduler import insistence, unreached
from scheduler.chores import occurrences
from scheduler.rehearse import play, stage_of
from web.console.entry_words import Sentences
from web.console.shell import Speech
from web.server import serving
from workflows import words
from workflows.launch import Beginning, init
from workflows.workspace import Workspace

DAY = "2011-01-20T10:00"
"""In the third phase: with breaches, returns, transfers, and what is closed."""

VISITORS = (None, "bgs.admin", "gongshang.officer", "auditor")
"""Nobody yet, who runs the office, who handles cases, and who only looks: they see other pages."""

SHOWN = re.compile(
    r"\bduban(?: [a-z]+)+|\bpython \S+|--[a-z-]+"  # commands
    r"|https?://\S+|\S*\.(?:pdf|txt|yaml|yml|csv|xlsx|jsonl?|ics|mmd|svg|zip|db|ofd|png|md)\b"  # addresses and files
    r"|\b[0-9a-f]{6,64}\b|\b[a-z_]+/[\w./-]+|\b[TPCJ]-[A-Z0-9-]+\b"  # digests, references, statutes
    r"|\b(?:calendar|campaign|definition|schema)/1\b|\b(?:YAML|Mermaid|Office|PDF|OFD|NUL|KB|MB)\b",
    re.ASCII,
)
"""What is written so in every language."""

NAMES = frozenset(("duban", "console", "file", "email", "mail", "webhook", "vkey", "sha256", "roster"))
"""Names of channels and the like, as files and commands have them."""

WORD = re.compile(r"[a-z0-9]+_[a-z0-9_]+|[a-z]{3,}", re.ASCII)
CHINESE = re.compile("[\u3400-\u9fff]")
FULL_WIDTH = re.compile("[\u3001-\u3011\u3014-\u301f\uff01-\uff5e]")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace, _ = init(
        f"sqlite:///{tmp_path_factory.mktemp('words') / 'played.db'}", Beginning("baodi-2010", rehearsal=True)
    )
    play(stage_of(workspace, "typical", 1, 16), local(DAY))
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def site(played: Workspace) -> Iterator[str]:
    with serving(application(played), "127.0.0.1", 0) as address:
        yield address


def labels_in(part: Any) -> Iterator[Label]:
    """Every label of a file's form."""
    if isinstance(part, Label):
        yield part
    elif isinstance(part, dict):
        for each in part.values():
            yield from labels_in(each)
    elif isinstance(part, (list, tuple)):
        for each in part:
            yield from labels_in(each)
    elif hasattr(type(part), "model_fields"):
        for name in type(part).model_fields:
            yield from labels_in(getattr(part, name))


def chinese_words(workspace: Workspace) -> set[str]:
    """What has a name in English too: the labels of the campaign and its machines, and the engine's words."""
    campaign = workspace.campaign
    docs = [campaign.doc, *(campaign.kind(kind).doc for kind in campaign.machines.newest)]
    told = {label.zh for doc in docs for label in labels_in(doc) if label.zh != label.en}
    every = (getattr(words, name) for name in vars(words) if name.isupper())
    return told | {
        each[0] for group in every if isinstance(group, dict) for each in group.values() if isinstance(each, tuple)
    }


def codes_in(text: str, logins: re.Pattern[str]) -> list[str]:
    """The words of *text* that only the program knows."""
    return [each for each in WORD.findall(SHOWN.sub(" ", logins.sub(" ", text))) if each not in NAMES]


@pytest.mark.parametrize("login", VISITORS)
def test_no_chinese_page_says_a_code_or_an_english_word(site: str, played: Workspace, login: str | None) -> None:
    logins = re.compile("|".join(map(re.escape, sorted(played.people.rehearsal, key=len, reverse=True))))

    pages = list(crawl(site, login, "zh"))
    found = {
        (seen.path, text): codes
        for seen in pages
        for text in seen.texts
        if text != "English" and (codes := codes_in(text, logins))
    }

    assert found == {}
    assert login is None or len(pages) > 40


@pytest.mark.parametrize("login", VISITORS)
def test_no_english_page_has_chinese_punctuation_or_a_word_that_has_a_name_in_english(
    site: str, played: Workspace, login: str | None
) -> None:
    known = chinese_words(played)

    pages = list(crawl(site, login, "en"))
    found = [
        (seen.path, text)
        for seen in pages
        for text in seen.texts
        if (FULL_WIDTH.search(text) and not CHINESE.search(text)) or text.strip("：: ") in known
    ]

    assert found == []
    assert login is None or len(pages) > 40


def test_a_code_and_a_chinese_bracket_are_found() -> None:
    nobody = re.compile("zhang.san")

    assert codes_in("截止日为行动规定的日期（summary_due）", nobody) == ["summary_due"]
    assert codes_in("zhang.san 附 涉案物品清单.txt，见 case/2010-0001", nobody) == []
    assert FULL_WIDTH.search("States（12）") and not CHINESE.search("States（12）")


def test_every_chore_that_may_be_on_record_has_a_name(played: Workspace) -> None:
    codes = {each.code for each in occurrences(played.campaign)} | {insistence.CODE, unreached.CODE, holding.ALARM}
    sentences = Sentences(played.campaign, Speech("zh", played.campaign.zone))

    told = {
        code: sentences.told({"stream": "chores/x", "said": {"kind": "chore"}, "trigger": code, "text": ""})
        for code in codes
    }

    assert {
        "deployment",
        "weekly_bulletin",
        "open:weekly_return",
        "list:weekly_return",
        "monitor:silent_weekly",
    } <= codes
    assert [text for text in told.values() if WORD.search(text)] == []

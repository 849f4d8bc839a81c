"""What happened to a matter, entry by entry, in words; newest first, filtered and paged."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from engine.erasure_grounds import GROUNDS
from engine.holders import holders
from engine.verdicts import VERDICTS
from web.console.shell import matter_url
from web.console.telling import Teller
from web.console.visit import Visit

PAGE = 25
"""Entries of a page. PLACEHOLDER"""

_CAUSE = re.compile(r"(([a-z_]+)/\S+): ([a-z_]+)")
"""How the record says why the system acted on a signal: the other matter, and the act there."""

FILTERS = ("acts", "deadlines", "papers", "comments", "late")


@dataclass(frozen=True)
class Who:
    """The people of a campaign by their logins: name, and the posts they hold."""

    names: Mapping[str, str]
    posts: Mapping[str, Sequence[Mapping[str, str]]]

    def said(self, teller: Teller, login: str, body: str | None) -> str:
        """Who acted: the body, the post there, the name and the login."""
        if login == "system":
            return teller.t("系统", "the system")
        posts = [each["post"] for each in self.posts.get(login, ()) if each["body"] == body]
        words = [teller.speech.word("post", post) for post in posts]
        name = self.names.get(login, login)
        named = name if name == login else f"{name}（{login}）" if teller.speech.lang == "zh" else f"{name} ({login})"
        return " ".join(filter(None, (teller.body(body), teller.t("、", "/").join(words), named)))


def people(visit: Visit) -> Who:
    """Everybody of the campaign, for telling who acted."""
    with visit.workspace.database.snapshot() as tx:
        found = holders(tx, visit.workspace.people, visit.campaign.id, visit.now, None)
    return Who({each["login"]: each["name"] for each in found}, {each["login"]: each["posts"] for each in found})


def fits(entry: Mapping[str, Any], wanted: str) -> bool:
    """Whether an entry is of the kind that is looked for; everything is, if nothing is."""
    by_kind = {
        "acts": entry["kind"] != "deadline" and entry["kind"] != "recounted",
        "deadlines": entry["kind"] in ("deadline", "recounted", "extension") or bool(entry["deadlines"]),
        "papers": bool(entry["documents"]),
        "comments": entry["kind"] == "comment",
        "late": bool(entry["late_entry"]),
    }
    return bool(by_kind.get(wanted, True))


def page_of(
    entries: Sequence[Mapping[str, Any]], wanted: str, before: int | None
) -> tuple[list[Mapping[str, Any]], int | None, int]:
    """The newest *entries* that fit, those *before* a number only; what comes next, and how many there are in all."""
    fitting = [each for each in reversed(entries) if fits(each, wanted)]
    rest = [each for each in fitting if before is None or each["seq"] < before]
    page = rest[:PAGE]
    return page, (page[-1]["seq"] if len(rest) > PAGE else None), len(fitting)


def told(teller: Teller, who: Who, ref: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """One entry in words."""
    moved = bool(entry["to"]) and entry["from"] != entry["to"]
    ends = [teller.state(code) for code in (entry["from"], entry["to"]) if code]
    behalf = entry["on_behalf_of"]
    return {
        "seq": entry["seq"], "kind": entry["kind"], "kind_word": teller.speech.word("entry", entry["kind"]),
        "what": _what(teller, entry), "move": " → ".join(ends) if moved else "",
        "who": who.said(teller, entry["actor"], entry["body"]),
        "behalf": teller.t("代 ", "for ") + who.said(teller, behalf, entry["body"]) if behalf else "",
        "occurred": entry["occurred_at"], "recorded": entry["recorded_at"], "late": entry["late_entry"],
        "erased": [teller.private(name) for name in entry["erased"]], "erasure": _erasure(teller, entry["erasure"]),
        "reason": _reason(teller, entry), "text": entry["text"] or "",
        "facts": [(teller.fact_name(code), teller.fact(code, value)) for code, value in entry["facts"].items()],
        "papers": [_paper(teller, ref, paper) for paper in entry["documents"]],
        "clocks": [] if entry["event"] else [_clock(teller, each) for each in entry["deadlines"]],
        "copied": [teller.body(code) for code in entry["copied"]],
        "children": entry["children"], "handovers": [_handed(teller, each) for each in entry["handovers"]],
        "evaluations": [_weighed(teller, each) for each in entry["evaluations"]],
        "approved_by": _approver(teller, who, entry["approved_by"]),
    }  # fmt: skip


def _reason(teller: Teller, entry: Mapping[str, Any]) -> str:
    """Why it was done; of what the system did on a signal, the other matter and what was done there."""
    said = entry["reason"] or ""
    found = _CAUSE.fullmatch(said) if entry["actor"] == "system" else None
    if found is None or found[2] not in teller.campaign.machines.newest:
        return said
    triggers = teller.campaign.kind(found[2]).triggers
    act = teller.t("更正", "correction") if found[3] == "correct" else teller.speech.label(triggers.get(found[3]))
    return f"{found[1]}{teller.t('：', ': ')}{act or found[3]}"


def _erasure(teller: Teller, said: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """What an entry says that it erased: the ground, who asked, and which fields of which entries; never a value."""
    if not said:
        return []
    ground, t = GROUNDS.get(said["ground"]), teller.t
    why = (
        teller.speech.label(ground.label) + t(f"（{ground.statute.zh}）", f" ({ground.statute.en})")
        if ground
        else said["basis"]
    )
    rows = [(t("依据", "Ground"), why), (t("申请", "Asked by"), said["asked_by"])]
    for seq, names in said["fields"].items():
        rows.append((f"#{seq}", t("、", ", ").join(teller.private(name) for name in names)))
    if said.get("papers"):
        hashes = t("、", ", ").join(f"{each[:12]}…" for each in said["papers"])
        rows.append((t("销毁材料内容", "Bytes destroyed"), hashes))
    return rows


def _what(teller: Teller, entry: Mapping[str, Any]) -> str:
    if entry["event"]:
        return teller.event(dict(entry))
    return teller.trigger(entry["trigger"]) if entry["trigger"] else ""


def _paper(teller: Teller, ref: str, paper: Mapping[str, Any]) -> dict[str, str]:
    return {"title": teller.document(paper["kind"]), "name": paper.get("name") or "", "url": paper_url(ref, paper)}


def paper_url(ref: str, paper: Mapping[str, Any]) -> str:
    """Where a document of a matter is downloaded."""
    return (
        matter_url(ref).replace("/m/", "/d/", 1) + "?" + urlencode({"kind": paper["kind"], "sha256": paper["sha256"]})
    )


def _clock(teller: Teller, said: Mapping[str, Any]) -> str:
    status = teller.speech.word("status", said["status"])
    day = teller.t(f"最后一日 {said['last_day']}", f"last day {said['last_day']}")
    return teller.clock(dict(said)) + teller.t(f"（{day}，{status}）", f" ({day}, {status})")


def _handed(teller: Teller, said: Mapping[str, Any]) -> str:
    ops = {
        "sent": ("送出", "sent"), "received": ("签收", "received"), "returned": ("退回", "returned"), "lapsed": ("失效", "lapsed"),
    }  # fmt: skip
    op = teller.t(*ops.get(said["op"], (said["op"],) * 2))
    way = f"{teller.body(said['from'])} → {teller.body(said['to'])}" if said.get("from") and said.get("to") else ""
    return f"{teller.handover(said['code'])} {op}{teller.t('：', ': ') if way else ''}{way}"


def _weighed(teller: Teller, said: Mapping[str, Any]) -> str:
    spec = teller.machine.doc.evaluates.get(said["code"])
    name = teller.speech.label(spec.label) if spec else said["code"]
    return f"{name}{teller.t('：', ': ')}{teller.speech.label(VERDICTS[said['verdict']])}"


def _approver(teller: Teller, who: Who, said: Mapping[str, Any] | None) -> str:
    return who.said(teller, said["login"], said.get("body")) if said else ""

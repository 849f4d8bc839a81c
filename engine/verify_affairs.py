"""Checking a campaign's own affairs against the record: its file, its holidays, chores, proposals, and requests to its vault."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.calendar_notices import C as H
from engine.calendar_notices import notice_json
from engine.campaign import Campaign
from engine.campaign_proposals import P
from engine.canonical import digest, parsed
from engine.chores import C as K
from engine.chores import stream_of_chores
from engine.clock import to_us
from engine.log_entries import KEPT, log_stream
from engine.orders import hands
from engine.published import F
from engine.publishing import C
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.vault_tables import VaultRequest
from engine.verify_findings import Findings
from engine.verify_others import Others

Q = table_of(VaultRequest)

_OURS: Any = bindparam("campaign_id")
OWN = Statement(select(C.c.code, C.c.opened_at).where(C.c.id == _OURS))
FILES = Statement(
    select(F.c.number, F.c.digest, F.c.stored_at, F.c.stored_by, F.c.approved_by).where(F.c.campaign_id == _OURS)
)
HOLIDAYS = Statement(
    select(H.c.number, H.c.year, H.c.source, H.c.issued_on, H.c.document, H.c.imported_at, H.c.imported_by)
)
CHORES = Statement(select(K.c.code, K.c.period, K.c.done_at).where(K.c.campaign_id == _OURS))
PROPOSALS = Statement(
    select(*[each for each in P.columns if each.name != "content"], P.c.content).where(P.c.campaign_id == _OURS)
)
REQUESTS = Statement(select(Q).where(Q.c.campaign_id == _OURS))

Body = Mapping[str, Any]
Flaw = tuple[str, str, str]


def check_affairs(tx: Tx, campaign: Campaign, others: Others, found: Findings) -> int:
    """Hold these tables against the record; return how many rows there are."""
    own = f"campaign/{campaign.code}"
    wanted, log = {own, stream_of_chores(campaign.code)}, log_stream(campaign.code)
    said = others.said(own, *wanted, "vault/", log, campaign_id=campaign.id)
    bodies: list[Body] = [
        _read(each.record)
        for each in sorted(said, key=lambda each: (each.stream, each.seq))
        if each.stream in wanted or each.stream.startswith("vault/") or (each.stream == log and each.trigger == "init")
    ]
    begun = next((each for each in bodies if each.get("trigger") == "init"), None)
    tables: tuple[tuple[Statement, Callable[..., Iterable[Flaw]]], ...] = (
        (OWN, _campaign), (FILES, _files), (HOLIDAYS, _holidays), (CHORES, _chores), (PROPOSALS, _proposals),
        (REQUESTS, _requests),
    )  # fmt: skip
    count = 0
    for statement, check in tables:
        rows = [
            tuple(row) for row in tx.rows(statement, **({} if statement is HOLIDAYS else {"campaign_id": campaign.id}))
        ]
        count += len(rows)
        try:
            for code, words, stream in check(campaign, rows, bodies, begun):
                found.add(code, words, stream or own)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            found.add("affairs_differ", f"the record cannot be held against it: {type(error).__name__}: {error}", own)
    return count


def _read(record: str) -> Body:
    try:
        body = parsed(record)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def traced(body: Body) -> str:
    """Who an act is ascribed to, as the row of what was asked or proposed has it."""
    return hands(body.get("person") or body["actor"], body["actor"], body.get("on_behalf_of"), body.get("vouched_by"))


def _us(text: str | None) -> int | None:
    return None if text is None else to_us(datetime.fromisoformat(text))


def _both(code: str, there: Mapping[Any, Any], said: Mapping[Any, Any], what: str, stream: str = "") -> Iterator[Flaw]:
    """What differs between rows and record, by the same key."""
    for key in sorted(there.keys() | said.keys(), key=str):
        name = f"{what} {' '.join(map(str, key)) if isinstance(key, tuple) else key}"
        if key not in said:
            yield code, f"{name}: it is there, and nobody entered it", stream
        elif key not in there:
            yield code, f"{name}: it is on record, and the row is gone", stream
        elif there[key] != said[key]:
            yield code, f"{name}: its row is not as it was entered", stream


def _campaign(campaign: Campaign, rows: list[Any], bodies: list[Body], begun: Body | None) -> Iterator[Flaw]:  # noqa: ARG001
    if not rows:
        yield "campaign_differs", "the campaign's own row is gone", ""
    for code, opened_at in rows:
        if code != campaign.code:
            yield "campaign_differs", f"it is called {code}", ""
        if begun is not None and opened_at != _us(begun["recorded_at"]):
            yield "campaign_differs", "it was opened at another time than its row says", ""


def _files(campaign: Campaign, rows: list[Any], bodies: list[Body], begun: Body | None) -> Iterator[Flaw]:  # noqa: ARG001
    said = {
        int(body["trigger"].partition(":")[2]): (
            body["digest"],
            _us(body["recorded_at"]),
            body["actor"],
            body["approved_by"],
        )
        for body in bodies
        if body.get("kind") == "amended"
    }
    if said and begun is not None:
        said[1] = begun["configured"]["campaign"], _us(begun["recorded_at"]), "init", None
    there = {row[0]: row[1:] for row in rows}
    if begun is None:  # the first file is older than the log
        there.pop(1, None)
    yield from _both("campaign_differs", there, said, "version")


def _holidays(campaign: Campaign, rows: list[Any], bodies: list[Body], begun: Body | None) -> Iterator[Flaw]:  # noqa: ARG001
    entered = [body for body in bodies if body.get("kind") == "calendar"]
    said = [(body["notice"], _us(body["recorded_at"]), body["actor"]) for body in entered if body.get("stored", True)]
    for number, year, source, issued_on, document, at, by in rows:
        notice = parsed(document)
        same = (notice.get("year"), notice.get("source"), notice.get("issued_on")) == (year, source, issued_on)
        if not same or (notice, at, by) not in said:
            yield "calendar_differs", f"the holidays of {year} ({number}): nobody entered them so", ""
        else:
            said.remove((notice, at, by))
    gone = {body["notice"]["year"] for body in entered if "stored" in body} & {notice["year"] for notice, _, _ in said}
    for year in sorted(gone):
        yield "calendar_differs", f"the holidays of {year} were taken over, and the row is gone or another", ""
    if sorted(row[0] for row in rows) != list(range(1, len(rows) + 1)):
        yield "calendar_differs", "the notices of holidays are not numbered as they came", ""
    for year, notice in {body["notice"]["year"]: body["notice"] for body in entered}.items():
        there = campaign.work.calendar.years.get(year)
        if there is None or notice_json(there) != notice:
            yield "calendar_differs", f"the holidays of {year} that were taken over are not those in force", ""


def _chores(campaign: Campaign, rows: list[Any], bodies: list[Body], begun: Body | None) -> Iterator[Flaw]:
    stream = stream_of_chores(campaign.code)
    said = {(b["trigger"], b["period"]): _us(b["recorded_at"]) for b in bodies if b.get("kind") == "chore"}
    there = {(code, period): at for code, period, at in rows}
    if begun is None or KEPT[0] not in begun["configured"].get("keeps", ()):  # done before chores were on record
        there = {key: at for key, at in there.items() if key in said}
    yield from _both("chore_differs", there, said, "chore", stream)


def _proposals(campaign: Campaign, rows: list[Any], bodies: list[Body], begun: Body | None) -> Iterator[Flaw]:  # noqa: ARG001
    said: dict[int, list[Any]] = {}
    for body in bodies:
        kind, ident = str(body.get("kind")), str(body.get("trigger")).partition(":")[2]
        at = _us(body.get("recorded_at"))
        if kind == "proposed":
            who = body["actor"], body["actor_auth"], body.get("person", "")
            base = body.get("base")
            said[int(ident)] = [body["sort"], body["digest"], body["text"], base, *who, at, "open", None, None, None]
        elif kind.startswith("proposal_") and int(ident) in said:
            status = kind.removeprefix("proposal_")
            said[int(ident)][8:] = [status, body["actor"], at, body.get("text", "")]
    there = {row[0]: list(row[2:-1]) for row in rows}
    for number, old in said.items():  # of an earlier release: it does not say what was in force then
        if old[3] is None and number in there:
            old[3] = there[number][3]
    yield from _both("proposal_differs", there, said, "proposal")
    for row in rows:
        if digest(row[-1]) != row[3]:
            yield "proposal_differs", f"proposal {row[0]}: what it carries is not what was proposed", ""


def _requests(campaign: Campaign, rows: list[Any], bodies: list[Body], begun: Body | None) -> Iterator[Flaw]:  # noqa: ARG001
    said: dict[int, list[Any]] = {}
    for body in (each for each in bodies if each.get("kind") == "vault"):
        about, at = body["vault"], _us(body["recorded_at"])
        ident = int(about["request"])
        if body["trigger"] == "request":
            ref = body["stream"].removeprefix("vault/")
            said[ident] = [ref, about["reporter"], body["actor"], traced(body), at, None, None, None, 0]
        elif ident in said and body["trigger"] == "approve":
            said[ident][5:8] = body["actor"], at, _us(about["ends_at"])
        elif ident in said:
            said[ident][8] = about["readings"]
    there = {row[0]: [row[2], row[3], *row[5:]] for row in rows}
    for code, words, _ in _both("vault_differs", there, said, "request"):
        yield code, words, ""

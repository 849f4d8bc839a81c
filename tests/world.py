"""A campaign to act in: orders in one line each, time that passes when told to, and the whole database to look at."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from begun import copied
from sqlalchemy import select, text
from sqlmodel import SQLModel

from engine.canonical import ZERO_HASH, leaf_hash
from engine.clock import Clock
from engine.differences import differences
from engine.documents import MemoryStore, keep
from engine.firing import fire_due
from engine.orders import Attach, Correct, Do, Document, Extend, Open
from engine.outcome import Outcome
from engine.replay import replay
from engine.store import Database, Statement
from scheduler.channels import Channel, SilentChannel
from scheduler.turn import Turn
from workflows.launch import Beginning, init
from workflows.workspace import Workspace, open_workspace

SAMPLES = Path(__file__).parent / "samples"
ZONE = ZoneInfo("Asia/Shanghai")
SILENT: Mapping[str, Channel] = {"console": SilentChannel(), "file": SilentChannel()}


def begin(
    url: str, campaign: str = "small", *, at: str | None = None, clock: Clock | None = None, **more: Any
) -> Workspace:
    """Initialise the database *url* for one of the sample campaigns, or for one of ours; *more* is said of a `Beginning`."""
    sample = SAMPLES / f"{campaign}_campaign.yaml"
    name = str(sample) if sample.exists() else campaign
    beginning = Beginning(campaign=name, at=at, **{"rehearsal": True, "unproved": True, **more})
    known = sample.exists() or "/" not in campaign  # another's file may be another one next time
    found = copied(url, beginning, clock) if known else None
    return found or init(url, beginning, documents=MemoryStore(), clock=clock)[0]


def again(workspace: Workspace) -> Workspace:
    """Open the same database once more, as another process would."""
    url = workspace.database.url.render_as_string(hide_password=False)
    return open_workspace(url, documents=workspace.documents)


@contextmanager
def others(workspace: Workspace, count: int) -> Iterator[list[Workspace]]:
    """Open the same database *count* times more and close all of them in the end."""
    found = [again(workspace) for _ in range(count)]
    try:
        yield found
    finally:
        for each in found:
            each.close()


def local(at: str) -> datetime:
    """An instant of the campaign's zone."""
    return datetime.fromisoformat(at).replace(tzinfo=ZONE).astimezone(UTC)


def papers(workspace: Workspace, kinds: str) -> tuple[Document, ...]:
    return tuple(keep(workspace.documents, kind, f"{kind}.txt", kind.encode()) for kind in kinds.split())


def _extras(workspace: Workspace, extra: dict[str, Any]) -> dict[str, Any]:
    """Tell what an order has beside its facts from the facts."""
    named = {name: extra.pop(name) for name in ("reason", "request_id", "if_version") if name in extra}
    if "docs" in extra:
        named["documents"] = papers(workspace, extra.pop("docs"))
    if "occurred" in extra:
        named["occurred_at"] = local(extra.pop("occurred"))
    return {**named, "facts": extra}


def do(workspace: Workspace, ref: str, trigger: str, login: str, **extra: Any) -> Outcome:
    """Fire *trigger* as *login*; *docs*, *reason*, *occurred*, *if_version*, *request_id* are what they say, the rest facts."""
    order = Do(ref=ref, trigger=trigger, **_extras(workspace, extra))
    return workspace.engine.execute(order, workspace.actor(login))


def open_one(workspace: Workspace, kind: str, login: str, body: str | None = None, **extra: Any) -> Outcome:
    ref, title = extra.pop("ref", None), extra.pop("title", None)
    order = Open(kind=kind, body=body, ref=ref, title=title, **_extras(workspace, extra))
    return workspace.engine.execute(order, workspace.actor(login))


def correct(workspace: Workspace, ref: str, login: str, **extra: Any) -> Outcome:
    return workspace.engine.execute(Correct(ref=ref, **_extras(workspace, extra)), workspace.actor(login))


def attach(workspace: Workspace, ref: str, login: str, docs: str, **extra: Any) -> Outcome:
    order = Attach(ref=ref, **_extras(workspace, {**extra, "docs": docs}))
    return workspace.engine.execute(order, workspace.actor(login))


def extend(
    workspace: Workspace, ref: str, deadline: str, login: str, until: str | None = None, **extra: Any
) -> Outcome:
    order = Extend(ref=ref, deadline=deadline, until=until, **_extras(workspace, extra))
    return workspace.engine.execute(order, workspace.actor(login))


def to_review(workspace: Workspace, ref: str = "errand/alpha") -> Outcome:
    """Bring an errand of the small campaign to its review."""
    body = workspace.reader.show(ref)["body"]
    correct(workspace, ref, f"{body}.head", reason="漏填", urgent=False)
    do(workspace, ref, "take", f"{body}.liaison")
    return do(workspace, ref, "submit", f"{body}.liaison", docs="report")


def set_clock(workspace: Workspace, to: str) -> None:
    """Move the clock and let nothing happen: an outage."""
    with workspace.database.tx() as tx:
        workspace.move_clock(tx, local(to))


def fire(workspace: Workspace, to: str) -> int:
    """Move the clock to *to* and fire what is due then, all at once; return how many deadlines fired."""
    set_clock(workspace, to)
    return fire_due(workspace.engine)


def advance(workspace: Workspace, to: str, channels: Mapping[str, Channel] = SILENT) -> dict[str, Any]:
    """Let time pass to *to* with everything falling due in its order."""
    return Turn(workspace, channels).advance(local(to))


def sql(database: Database, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run a statement behind the program's back, in a transaction of its own."""
    with database.schema() as connection:
        result = connection.execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def everything(workspace: Workspace) -> dict[str, list[Any]]:
    """Every row of every table, for saying that nothing changed, or what did."""
    with workspace.database.snapshot() as tx:
        return {
            name: sorted((tuple(row) for row in tx.rows(Statement(select(table)))), key=repr)
            for name, table in SQLModel.metadata.tables.items()
        }


def counted(workspace: Workspace) -> dict[str, int]:
    """How many rows every table has."""
    return {name: len(rows) for name, rows in everything(workspace).items()}


def statuses(workspace: Workspace, ref: str) -> dict[str, str]:
    """The latest status of each deadline of a matter."""
    return {each["code"]: each["status"] for each in workspace.reader.show(ref)["deadlines"]}


def clock_of(workspace: Workspace, ref: str, code: str) -> dict[str, Any]:
    found: dict[str, Any] = workspace.reader.deadline(ref, code)
    return found


def history(workspace: Workspace, ref: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = workspace.reader.history(ref)["items"]
    return items


def notices(workspace: Workspace, **where: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = workspace.reader.notices(**where)["items"]
    return items


def flaws(workspace: Workspace) -> list[str]:
    """Everything that is wrong with the record: rows against replay, hashes, order of time, clocks twice open."""
    found = []
    with workspace.database.snapshot() as tx:
        for matter, rows in workspace.reader.matters(tx):
            then = replay(tx, workspace.campaign, matter)
            found += [f"{matter.ref}: {each}" for each in differences(workspace.campaign, matter, rows, then)]
            running = [row.code for row in rows if row.stopped_at is None]
            found += [f"{matter.ref}: {code} is open twice" for code in running if running.count(code) > 1]
    return found + broken_links(workspace)


ENTRIES = "select stream, seq, record, hash, recorded_at from entry order by campaign_id, stream, seq"


def broken_links(workspace: Workspace) -> list[str]:
    """Recompute every hash of every stream from the stored text, and each link to the one before."""
    import json

    found, last = [], ("", 0, ZERO_HASH, 0)
    for stream, seq, record, digest, recorded in sql(workspace.database, ENTRIES):
        before = last if last[0] == stream else (stream, 0, ZERO_HASH, 0)
        body = json.loads(record)
        if leaf_hash(record) != digest:
            found.append(f"{stream} {seq}: the hash is not that of the record")
        if (body["stream"], body["seq"], body["prev"]) != (stream, before[1] + 1, before[2]) or body["seq"] != seq:
            found.append(f"{stream} {seq}: does not follow {before[1]}")
        if recorded < before[3]:
            found.append(f"{stream} {seq}: recorded before the entry it follows")
        last = (stream, seq, digest, recorded)
    return found


def unlike(one: Any, other: Any, path: str = "") -> list[str]:
    """Name each place where two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [*one, *(key for key in other if key not in one)]
        return [each for key in keys for each in unlike(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [each for at, pair in enumerate(zip(one, other, strict=True)) for each in unlike(*pair, f"{path}[{at}]")]
    return [] if one == other else [f"{path}: {one!r} against {other!r}"]

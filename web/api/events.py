"""Events for refreshing (Server-Sent Events): which matters have changed, by the positions of the log, and nothing else of them."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from engine.clock import to_us
from engine.errors import DubanError, Invalid
from engine.orders import Actor
from engine.positions import Placed, entered_after
from engine.sequencing import head_of, sequence, waiting
from web.api.callers import Callers, secret_in
from web.api.parts import Parts
from web.api.problems import Problem
from web.api.routes import router, told
from web.api.sights import among, must_have_a_post
from web.api.speaking import looker

MEDIA = "text/event-stream"

PAGE = 500
"""Entries looked at in one go. PLACEHOLDER"""

SHOWN = ("matter/", "notices/")
"""Streams of which something is told: of a matter itself, and of its notices."""


class Places:
    """The places of streams, in all and of one caller."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._of: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, login: str) -> None:
        """Take one. Raises Problem 429 if there is none."""
        bound = self._parts.bound
        with self._lock:
            if self._of[login] >= bound.streams_each or self._of.total() >= bound.streams:
                raise Problem(429, "too_many_streams", "too many streams are open", headers={"Retry-After": "30"})
            self._of[login] += 1
            self._parts.meters.streams.set(self._of.total())

    def leave(self, login: str) -> None:
        """Give it back."""
        with self._lock:
            self._of[login] -= 1
            self._of += Counter()
            self._parts.meters.streams.set(self._of.total())


class Following:
    """One reader who follows the log from a position on; *again* says who he is now, and raises Forbidden once he is nobody."""

    def __init__(self, parts: Parts, actor: Actor, position: int | None, again: Callable[[], Actor]) -> None:
        self._parts = parts
        self._actor = actor
        self._position = position
        self._again = again

    def begin(self) -> bool:
        """Find where to begin; return whether the reader knew more than there is: the log was put back, he must read anew."""
        size = self._size()
        ahead = self._position is not None and self._position > size
        self._position = size if self._position is None or ahead else self._position
        return ahead

    def _size(self) -> int:
        """How far the log has come, what waits having got its place first."""
        workspace = self._parts.workspace
        campaign = workspace.campaign
        with workspace.database.snapshot() as tx:
            waits, size = waiting(tx, campaign.id), head_of(tx, campaign.id, campaign.log).size
        if not waits:
            return size
        return size + sequence(workspace.database, campaign.id, campaign.log, to_us(workspace.clock.now()))

    def more(self) -> list[bytes]:
        """What came since, as events; several entries of a matter are one event with the last of their positions.

        Raises Forbidden if the reader's token was taken back, he was disabled or holds no post any more: at every look he
        is asked for anew, on every node, and what he lost is not told to him.
        """
        self._actor = self._again()
        must_have_a_post(self._parts, self._actor)
        start = self._position or 0
        if self._size() <= start:
            return []
        with self._parts.workspace.database.snapshot() as tx:
            placed = entered_after(tx, self._parts.workspace.campaign.id, start, PAGE)
        if not placed:
            return []
        self._position = placed[-1].position
        said = self._told(placed)
        return said or [_event(self._position, "position", {})]

    def _told(self, placed: list[Placed]) -> list[bytes]:
        last: dict[tuple[str, str], int] = {}
        for each in placed:
            name = next((one for one in SHOWN if each.stream.startswith(one)), None)
            if name is not None:
                key = name, each.stream.removeprefix(name)
                last.pop(key, None)
                last[key] = each.position
        there = among(self._parts, self._actor, {ref for _, ref in last})
        return [
            _event(at, name.rstrip("/").removesuffix("s"), {"ref": ref})
            for (name, ref), at in last.items()
            if ref in there
        ]

    async def events(self) -> AsyncIterator[bytes]:
        """Everything until the reader goes, the stream has lasted long enough, or the process ends."""
        parts, bound = self._parts, self._parts.bound
        began = heard = parts.seconds()
        ahead = await run_in_threadpool(self.begin)
        yield _event(self._position or 0, "reset" if ahead else "position", {})
        while not parts.over.is_set() and parts.seconds() - began < bound.stream_s:
            try:
                found = await run_in_threadpool(self.more)
            except DubanError:  # out, or the database is gone: whoever may comes again and is told why not
                break
            for each in found:
                yield each
            now = parts.seconds()
            if found:
                heard = now
            elif now - heard >= bound.heartbeat_s:
                heard = now
                yield b": still here\n\n"
            if not found:
                await asyncio.sleep(bound.poll_s)
        yield b"event: end\ndata: {}\n\n"


def _event(position: int, name: str, said: dict[str, Any]) -> bytes:
    return f"id: {position}\nevent: {name}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n".encode()


class Stream(StreamingResponse):
    """An answer that goes on; *left* is called at its end, also if its reader was gone before it began."""

    def __init__(self, events: AsyncIterator[bytes], left: Callable[[], None]) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, media_type=MEDIA)
        self._left = left

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._left()


def routes(parts: Parts) -> APIRouter:
    """The route."""
    found, places = router(), Places(parts)
    last = Header(
        alias="Last-Event-ID", max_length=40, description="上次收到的位置，由此续读 · go on behind this position"
    )

    @found.get("/events", tags=["events"], responses=told("Binary", "事件流 · The stream", media=MEDIA))
    async def follow_events(
        request: Request, actor: Annotated[Actor, Depends(looker)], last_event_id: Annotated[str | None, last] = None
    ) -> Response:
        """何事有变：只给事项编号 · Which matters changed: ``matter`` and ``notice`` events with a ref, resumable."""
        said = (last_event_id or "").strip()
        if said and not (said.isascii() and said.isdigit() and len(said) < 19):
            raise Invalid("Last-Event-ID is a position: a whole number", "position")
        places.take(actor.login)

        callers: Callers = request.state.callers
        secret = secret_in(request.headers.get("authorization", ""))
        following = Following(parts, actor, int(said) if said else None, lambda: callers.again(secret))
        return Stream(following.events(), lambda: places.leave(actor.login))

    return found

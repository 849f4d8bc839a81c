"""Whether the machine's clock can be believed: by the time that has really passed, the record, and the database's server.

A wall clock can be stepped: by hand, by a time service gone wrong, by a virtual machine that was halted. What falls due,
is late or is on time by a clock that was stepped would be so for ever. So nothing is recorded, fired or sent while the
wall clock stands elsewhere than the time that has passed says, until it is right again or a person confirms it. Downtime
is no step: across it the machine's own count goes on, and after a restart of the machine there is nothing to compare
but the newest entry of the record, which cannot be of the future, and the clock of the database's server.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete

from engine.campaign import Campaign
from engine.clock import Clock, from_us, rfc3339, to_us, wall_against_elapsed_us
from engine.errors import Unavailable
from engine.history import Line, append, chain_at
from engine.log import logger
from engine.log_entries import log_stream
from engine.orders import Actor
from engine.publishing import get_meta, set_meta
from engine.sequencing import head_of
from engine.store import Database, Statement, Tx
from engine.tables import Meta, table_of
from engine.transacting import transact

K = table_of(Meta)

CLOCK = "clock"
"""The code of the refusal, and the kind of the entry."""

STEP_US = 5 * 60 * 1_000_000
"""A clock that is off by more is not believed; terms are of days, and a time service puts smaller faults right. PLACEHOLDER"""

MARK_US = 10 * 60 * 1_000_000
"""How often the clock is noted while it is believed: small steps add up to what is no step. PLACEHOLDER"""

KEPT_US = 90 * 86_400 * 1_000_000
"""How long the note of a start of some machine is kept. PLACEHOLDER"""

BELIEVED, EXCUSED = "clock:believed:{}", "clock:excused"
"""Properties: the clock of one start of a machine when it was last believed; up to when entries are known to be misdated."""

FORGET = Statement(delete(K).where(K.c.key.like("clock:believed:%"), K.c.value < bindparam("before")))

BOOT = "/proc/sys/kernel/random/boot_id", "/proc/self/ns/time"


def this_boot() -> str:
    """Which start of which machine this is; empty where the system does not say, so that only a process knows its own."""
    with suppress(OSError):
        ident, space = Path(BOOT[0]).read_text("ascii").strip(), ""
        with suppress(OSError):
            space = str(Path(BOOT[1]).readlink()).strip("time:[]")
        return f"{ident}.{space}"
    return ""


OTHERWISE = {
    "stepped": ("按实际经过的时间应为", "by the time that has passed it is"),
    "record": ("而留痕中最新一条记于", "but the newest entry of the record is of"),
    "database": ("而数据库服务器的时钟为", "but the clock of the database's server says"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the clock is not believed: it was ``stepped``, the ``record`` is ahead of it, or the ``database`` says otherwise.

    *wall_us* is what it says, *by_us* by how much that is too much, as far as the other witness is right.
    """

    why: str
    wall_us: int
    by_us: int

    @property
    def other_us(self) -> int:
        """What it would be by the other witness."""
        return self.wall_us - self.by_us

    def as_json(self) -> dict[str, Any]:
        return {
            "why": self.why, "says": rfc3339(from_us(self.wall_us)), "otherwise": rfc3339(from_us(self.other_us)),
            "by_s": round(self.by_us / 1e6),
        }  # fmt: skip

    @property
    def banner(self) -> tuple[str, str]:
        """What stands above pages and lists meanwhile, in Chinese and English, and what is to be done."""
        zh, en = self.words
        return (
            f"时钟待确认：{zh}，也不能登录；是否逾期暂按较早的时间显示。请系统运维人员校正时钟，或经核对无误后执行 duban clock confirm",
            f"clock to be confirmed: {en}, and nobody signs in; what is late is shown by the earlier of the two. The system's "
            "operator puts the clock right, or checks it and does: duban clock confirm",
        )

    @property
    def words(self) -> tuple[str, str]:
        """The doubt in Chinese and English; times in UTC."""
        zh, en = OTHERWISE[self.why]
        says, other = (rfc3339(from_us(us // 1_000_000 * 1_000_000)) for us in (self.wall_us, self.other_us))
        return (
            f"本机时钟不可信：现为{says}，{zh}{other}。在时钟校正或经确认之前，不记录、不计到期、不发通知",
            f"the clock of this machine says {says}, {en} {other}; until it is right or confirmed nothing is recorded, "
            "falls due or is sent",
        )


class Timekeeper:
    """Judge the clock of this machine for one database; *ahead* is the wall clock minus the time passed since *boot*.

    Who runs for long is *loud*: what changes is logged, once.
    """

    loud = False

    def __init__(
        self,
        database: Database,
        campaign: Callable[[], Campaign],
        clock: Clock,
        ahead: Callable[[], int] = wall_against_elapsed_us,
        boot: str | None = None,
    ) -> None:
        self._database = database
        self._campaign = campaign
        self._clock = clock
        self._ahead = ahead
        self._boot = this_boot() if boot is None else boot
        self._believed: int | None = None
        self._marked: int | None = None
        self._doubted = ""
        self._found: Doubt | None = None

    def shown(self, now: datetime) -> datetime:
        """*now* as pages and lists go by it: nothing is called late by a clock in doubt that its other witness calls in time.

        By what this process knows, so that it may be asked inside a transaction: `look` before.
        """
        if self._believed is not None:
            by_us = 0 if self._near(self._believed) else self._ahead() - self._believed
        else:
            by_us = 0 if self._found is None else self._found.by_us
        return now - timedelta(microseconds=by_us) if by_us > 0 else now

    def refuse(self) -> None:
        """Raise Unavailable (``clock``) unless the clock is believed; not from inside a transaction.

        The first that looks after a start of the machine notes the clock, before anything is written by it.
        """
        doubt = self.look()
        if doubt is not None:
            raise self._refusal(doubt)
        if self._marked is None:
            self.mark()

    def refuse_within(self) -> None:
        """The same from inside one, by what this process knows: after the clock was read that is about to be believed."""
        if self._believed is not None and not self._near(self._believed):
            raise self._refusal(self._stepped(self._believed))

    def look(self) -> Doubt | None:
        """Why the clock is not believed; None if it is, which costs nothing as long as nothing is wrong."""
        if not self._near(self._believed):
            return self.doubt()
        if self._doubted:
            self._log(None)
        return None

    def doubt(self) -> Doubt | None:
        """The same, asked of the database and the record, too."""
        with self._database.snapshot() as tx:
            believed = self._noted(tx)
            found = self._unlike(tx) if believed is None else None
        if believed is not None and not self._near(believed):
            found = self._stepped(believed)
        if found is None:
            self._believed = self._ahead() if believed is None else believed
        self._found = found
        self._log(found)
        return found

    def server_offset_us(self) -> int | None:
        """Our clock minus that of the database's server; None if it has none of its own."""
        with self._database.snapshot() as tx:
            server = tx.wall_us()
        return None if server is None else to_us(self._clock.now()) - server

    def mark(self) -> None:
        """Note now and then that the clock is believed, for whoever looks later on this machine."""
        ahead, now_us = self._ahead(), to_us(self._clock.now())
        if not self._near(self._believed) or (self._marked is not None and abs(now_us - self._marked) < MARK_US):
            return

        def work(tx: Tx) -> int:
            text = get_meta(tx, BELIEVED.format(self._boot))
            marked = to_us(datetime.fromisoformat(text.partition(" ")[0])) if text else None
            if marked is not None and abs(now_us - marked) < MARK_US:
                return marked
            self._note(tx, ahead, now_us)
            return now_us

        # another process that begins may note it at the same moment; nothing is known here that is not known there
        self._marked, _ = transact(self._database, work)
        if self._marked == now_us:
            self._believed = ahead

    def confirm(self, actor: Actor, reason: str = "") -> Doubt | None:
        """Believe the clock as it stands, on the record; return the doubt that was, None if there was none."""
        doubt = self.doubt()
        if doubt is None:
            return None
        campaign, now_us, ahead = self._campaign(), to_us(self._clock.now()), self._ahead()
        said = {name: value for name, value in doubt.as_json().items() if name != "says"}

        def work(tx: Tx) -> None:
            line = Line(
                CLOCK, actor, now_us, now_us, "confirm", more={CLOCK: said},
                private={"reason": reason} if reason else None,
            )  # fmt: skip
            append(tx, chain_at(tx, campaign.id, campaign.log, log_stream(campaign.code)), line)
            newest = head_of(tx, campaign.id, campaign.log).sequenced_at
            if newest > now_us:
                set_meta(tx, EXCUSED, rfc3339(from_us(newest)))
            self._note(tx, ahead, now_us)

        transact(self._database, work)
        self._believed, self._marked = ahead, now_us
        self._log(None)
        return doubt

    def _near(self, believed: int | None) -> bool:
        return believed is not None and -STEP_US <= self._ahead() - believed <= STEP_US

    def _stepped(self, believed: int) -> Doubt:
        return Doubt("stepped", to_us(self._clock.now()), self._ahead() - believed)

    def _noted(self, tx: Tx) -> int | None:
        """What is known of this start of the machine: from the database, where another process may have noted it."""
        text = get_meta(tx, BELIEVED.format(self._boot)) if self._boot else None
        return int(text.rpartition(" ")[2]) if text else self._believed

    def _note(self, tx: Tx, ahead: int, now_us: int) -> None:
        if self._boot:
            key = BELIEVED.format(self._boot)
            if get_meta(tx, key) is None:
                tx.write(FORGET, {"before": rfc3339(from_us(now_us - KEPT_US))})
            set_meta(tx, key, f"{rfc3339(from_us(now_us))} {ahead}")

    def _unlike(self, tx: Tx) -> Doubt | None:
        """What speaks against a clock of which nothing is known: entries of the future, another clock on the server."""
        campaign, now_us = self._campaign(), to_us(self._clock.now())
        newest, excused = head_of(tx, campaign.id, campaign.log).sequenced_at, get_meta(tx, EXCUSED)
        if newest - now_us > STEP_US and rfc3339(from_us(newest)) != excused:
            return Doubt("record", now_us, now_us - newest)
        server = tx.wall_us()
        if server is not None and abs(now_us - server) > STEP_US:
            return Doubt("database", now_us, now_us - server)
        return None

    def _refusal(self, doubt: Doubt) -> Unavailable:
        zh, en = doubt.words
        return Unavailable(en, CLOCK, hint="put the clock right, or confirm it: duban clock confirm", zh=zh)

    def _log(self, doubt: Doubt | None) -> None:
        why = "" if doubt is None else doubt.why
        if why == self._doubted or not self.loud:
            return
        self._doubted = why
        if doubt is None:
            logger.warning("the machine's clock is believed again; work goes on")
        else:
            logger.bind(**doubt.as_json()).error("the machine's clock is not believed: {}", doubt.words[1])


class ShownClock:
    """What reading goes by: the *clock* of the machine, less what its keeper doubts of it; a rehearsal's has no keeper."""

    def __init__(self, clock: Clock, keeper: Callable[[], Timekeeper | None]) -> None:
        self._clock = clock
        self._keeper = keeper

    def now(self) -> datetime:
        keeper, now = self._keeper(), self._clock.now()
        return now if keeper is None else keeper.shown(now)

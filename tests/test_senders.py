"""Three senders on one outbox: ten thousand notices, none lost, none doubled."""

import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from test_delivery_windows import copied
from world import SILENT, begin, broken_links, flaws, notices, others, sql

from engine.ids import new_id
from engine.rows import INSERT_NOTICE, NoticeRow
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace

MANY = 10_000


def owed(workspace: Workspace, count: int, people: int = MANY) -> None:
    now = sql(workspace.database, "select min(opened_at) from matter")[0][0]
    rows = [
        NoticeRow(
            id=new_id(), campaign_id=workspace.campaign.id, ref=f"errand/{at % 50}", deadline_id=None, kind="reminder", level=0,
            recipient=f"r{at % people}", body="alpha", channel="console", planned_at=now, effective_at=now, sent_at=None,
            acknowledged_at=None, status="owed", subject=f"第{at}件", text="请按时办理", dedup=f"many:{at}", entry_seq=None,
            attempts=0, next_try_at=now, lease_until=None, worker=None, last_error=None,
        )
        for at in range(count)
    ]  # fmt: skip
    with workspace.database.tx() as tx:
        tx.put(INSERT_NOTICE, rows)


class Counting:
    """A channel that several senders share; it takes its time, now and then."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()
        self.items = 0
        self._lock = threading.Lock()

    def send(self, notice: NoticeRow, campaign: str) -> str:
        with self._lock:
            self.told[notice.recipient] += 1
            self.items += len(json.loads(notice.items or "[]")) or 1
        return "ok"


def at_once(workspace: Workspace, channel: Counting) -> list[tuple[int, int]]:
    """Let three senders deliver at the same time; what each of them sent and failed to send."""
    sent: list[tuple[int, int]] = []
    failed: list[Exception] = []

    def deliver(each: Workspace) -> None:
        try:
            sent.append(Dispatcher(each, {"console": channel}).deliver())
        except Exception as error:  # noqa: BLE001  told below
            failed.append(error)

    with others(workspace, 3) as senders:
        threads = [threading.Thread(target=deliver, args=(each,)) for each in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    return sent


@pytest.mark.parametrize("system", ["sqlite", "postgresql"])
def test_three_senders_lose_nothing_and_double_nothing(system: str, request: pytest.FixtureRequest) -> None:
    workspace = begin(request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "pg_url"}[system]))
    Dispatcher(workspace, SILENT).deliver()
    owed(workspace, MANY)
    channel = Counting()
    sent = at_once(workspace, channel)
    assert sum(count for count, _ in sent) == MANY
    assert (len(channel.told), set(channel.told.values())) == (MANY, {1})
    assert {each["status"] for each in notices(workspace) if each["recipient"].startswith("r")} == {"sent"}
    chained = sql(
        workspace.database, "select count(*) from entry where kind = 'notice' and stream like 'notices/errand/%'"
    )
    assert chained[0][0] >= MANY
    workspace.close()


@pytest.mark.parametrize("system", ["sqlite", "postgresql"])
def test_three_senders_with_digests_make_one_message_a_person(
    system: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "pg_url"}[system])
    workspace = begin(url, copied(tmp_path, "digest: {default: on}"))
    Dispatcher(workspace, SILENT).deliver()
    owed(workspace, MANY // 10, people=100)
    channel = Counting()

    sent = at_once(workspace, channel)

    assert sum(count for count, _ in sent) == len(channel.told) == 100
    assert set(channel.told.values()) == {1} and channel.items == MANY // 10
    found = [each for each in notices(workspace) if each["recipient"].startswith("r")]
    assert {each["status"] for each in found} == {"sent"}
    assert Counter(each["kind"] for each in found) == {"reminder": MANY // 10, "digest": 100}
    assert flaws(workspace) == broken_links(workspace) == []
    workspace.close()

"""How many notices a second leave the house: by the file channel and into nothing, one sender and three, on both databases.

Then one by one against digests of ten and of a hundred, by the file channel: notices, not messages, a second.

    python -m bench.notices [N]

In one run, side by side; N notices for each line (2000).
"""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.places import folder, server  # first: it finds the tests

from engine.ids import new_id  # isort: skip
from engine.rows import INSERT_NOTICE, NoticeRow
from scheduler.channels import Channel, FileChannel, SilentChannel
from scheduler.dispatch import Dispatcher
from workflows.launch import Beginning, init
from workflows.workspace import Workspace, open_workspace


def begun(url: str) -> Workspace:
    """A rehearsal with nothing left to be sent."""
    workspace, _ = init(url, Beginning(rehearsal=True))
    Dispatcher(workspace, {"console": SilentChannel()}).deliver()
    return workspace


def owe(workspace: Workspace, count: int, each: int = 1) -> None:
    """Owe so many notices on fifty matters, *each* person so many of them."""
    now = int(workspace.clock.now().timestamp() * 1_000_000)
    rows = [
        NoticeRow(
            id=new_id(), campaign_id=workspace.campaign.id, ref=f"duty/{at % 50}", deadline_id=None, kind="reminder", level=0,
            recipient=f"r{at // each}", body="wujia", channel="console", planned_at=now, effective_at=now, sent_at=None,
            acknowledged_at=None, status="owed", subject=f"【到期提醒】第{at}件", text="请按时办理并报领导小组办公室。\n" * 5,
            dedup=f"bench:{new_id()}", entry_seq=None, attempts=0, next_try_at=now, lease_until=None, worker=None, last_error=None,
        )
        for at in range(count)
    ]  # fmt: skip
    with workspace.database.tx() as tx:
        tx.put(INSERT_NOTICE, rows)


def measured(url: str, channel: Channel, count: int, senders: int, each: int = 1) -> float:
    """Notices a second; with more than one for *each* person they ride in digests."""
    workspace = begun(url)
    owe(workspace, count, each)
    shown = workspace.database.url.render_as_string(hide_password=False)
    others = [open_workspace(shown) for _ in range(senders)]
    threads = [threading.Thread(target=Dispatcher(one, {"console": channel}).deliver) for one in others]
    first = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - first
    for one in (*others, workspace):
        one.close()
    return count / spent


def main(count: int) -> None:
    """Measure and print."""
    with folder() as path, server() as postgres:
        print(f"{'':28}{'SQLite':>12}{'PostgreSQL':>12}   notices a second")
        for senders in (1, 3):
            for name, channel in (("nowhere", SilentChannel()), ("files", FileChannel(path / "out"))):
                lite = measured(f"sqlite:///{_fresh(path)}", channel, count, senders)
                served = measured(postgres.new_url(), channel, count, senders)
                print(f"{senders} sender{'s' * (senders > 1)}, to {name:<14}  {lite:12.0f}{served:12.0f}")
        single = _pair(path, postgres, count, 1)
        print(f"{'one by one':28}{single[0]:12.0f}{single[1]:12.0f}")
        for each in (10, 100):
            pair = _pair(path, postgres, count, each)
            ratios = [f"{now / was:.1f}×" for now, was in zip(pair, single, strict=True)]
            print(f"{f'digests of {each}':28}{pair[0]:12.0f}{pair[1]:12.0f}   {' and '.join(ratios)} one by one")


def _pair(path: Path, postgres: Any, count: int, each: int) -> tuple[float, float]:
    """One sender to files, on both databases."""
    lite = measured(f"sqlite:///{_fresh(path)}", FileChannel(path / "out"), count, 1, each)
    return lite, measured(postgres.new_url(), FileChannel(path / "out"), count, 1, each)


def _fresh(path: Path) -> Path:
    return path / f"{new_id()}.db"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)

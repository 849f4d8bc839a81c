"""How many notices a second leave the house: by the file channel and into nothing, one sender and three, on both databases.

    python -m bench.notices [N]

In one run, side by side; N notices for each line (2000).
"""

import sys
import threading
import time
from pathlib import Path

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


def owe(workspace: Workspace, count: int) -> None:
    """Owe so many notices to so many people, on fifty matters."""
    now = int(workspace.clock.now().timestamp() * 1_000_000)
    rows = [
        NoticeRow(
            id=new_id(), campaign_id=workspace.campaign.id, ref=f"duty/{at % 50}", deadline_id=None, kind="reminder", level=0,
            recipient=f"r{at}", body="wujia", channel="console", planned_at=now, effective_at=now, sent_at=None,
            acknowledged_at=None, status="owed", subject=f"【到期提醒】第{at}件", text="请按时办理并报领导小组办公室。\n" * 5,
            dedup=f"bench:{new_id()}", entry_seq=None, attempts=0, next_try_at=now, lease_until=None, worker=None, last_error=None,
        )
        for at in range(count)
    ]  # fmt: skip
    with workspace.database.tx() as tx:
        tx.put(INSERT_NOTICE, rows)


def measured(url: str, channel: Channel, count: int, senders: int) -> float:
    """Notices a second."""
    workspace = begun(url)
    owe(workspace, count)
    shown = workspace.database.url.render_as_string(hide_password=False)
    others = [open_workspace(shown) for _ in range(senders)]
    threads = [threading.Thread(target=Dispatcher(each, {"console": channel}).deliver) for each in others]
    first = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - first
    for each in (*others, workspace):
        each.close()
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


def _fresh(path: Path) -> Path:
    return path / f"{new_id()}.db"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)

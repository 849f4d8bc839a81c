"""How long the console's pages take over a hundred thousand matters: one by one, and for many people at once.

python -m bench.pages [--postgresql] [--quick] [--matters N] [--rounds N] [--users N] [--seconds N] [--pause S] [--writes N]
                      [--db URL]

The server is a process of its own with one worker; everything is asked over HTTP. First each page alone: the median and
the 95th percentile of its answers, and the processor time that the server, and PostgreSQL for it, spent on one. Then so
many people at once, each of whom opens one page after another with a pause between them, and with --writes puts words on
the record of a matter after every so many pages: then what was counted for all is counted anew. Where others use the machine,
the processor time is what counts. With --db a database that is filled already (bench.filling) is looked at.
"""

import argparse
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.contest import say
from bench.filling import fill
from bench.places import ROOT, folder, server

PAGES = (
    "/work", "/board", "/board?view=kinds", "/matters", "/matters?light=red", "/matters?text=%E7%A7%8D%E5%AD%90",
    "/cases", "/cases/supervision", "/m/department_task/wujia", "/deadlines", "/deadlines/calendar",
    "/deadlines/timeline", "/notices", "/notices/summary", "/notices/held", "/notices/failed", "/notices/forecast",
    "/statistics", "/statistics?axis=light", "/campaign", "/campaign/machines/case", "/campaign/machines/case/matters",
    "/audit", "/audit/access", "/rehearsal", "/pulse",
)  # fmt: skip
"""What is opened; a page that answers otherwise than with 200 is named."""

LOGINS = ("bgs.admin", "wujia.liaison", "gongshang.officer", "gongshang.head", "gongan.head", "jianchayuan.head")

SERVE = "--serve"


class Person:
    """Somebody who has come in, with one connection."""

    def __init__(self, site: str, login: str) -> None:
        parts = urlsplit(site)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        said = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        self._connection.request("POST", "/enter", urlencode({"login": login, "next": "/work"}), said)
        answer = self._connection.getresponse()
        answer.read()
        cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        self._headers = {"Cookie": "; ".join(each.partition(";")[0] for each in cookies)}
        self._csrf = self._find("/work", 'name="csrf" value="')
        self._ref = self._find("/matters?closed=no", 'href="/m/')

    def _find(self, path: str, before: str) -> str:
        """What stands on a page between these words and a quotation mark; nothing if it is not there."""
        self._connection.request("GET", path, headers=self._headers)
        page = self._connection.getresponse().read().decode()
        return page.partition(before)[2].partition('"')[0]

    def write(self, words: str) -> tuple[float, int]:
        """Put words on the record of the first matter seen; give the milliseconds it took and its code."""
        said = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        began = time.perf_counter()
        form = urlencode({"csrf": self._csrf, "reason": words})
        self._connection.request("POST", f"/comment/{self._ref}", form, {**self._headers, **said})
        answer = self._connection.getresponse()
        answer.read()
        return (time.perf_counter() - began) * 1000, answer.status

    def ask(self, path: str) -> tuple[float, int]:
        """Open a page; give the milliseconds it took and its code."""
        began = time.perf_counter()
        try:
            self._connection.request("GET", path, headers=self._headers)
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # the server ends connections that have lived long
            self._connection.close()
            self._connection.request("GET", path, headers=self._headers)
            answer = self._connection.getresponse()
        answer.read()
        return (time.perf_counter() - began) * 1000, answer.status


@contextmanager
def served(url: str) -> Iterator[tuple[str, int]]:
    """Serve *url* in a process of its own; give its address and its number."""
    command = [sys.executable, "-m", "bench.pages", SERVE, url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield (server.stdout.readline().strip() if server.stdout else ""), server.pid
        finally:
            server.send_signal(signal.SIGTERM)


def serve(url: str) -> None:
    """Be that process."""
    sys.path.append(str(ROOT / "tests"))
    from browser.sites import site_of

    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with site_of(url) as site:
        print(site.url, flush=True)
        over.wait()


Spent = Callable[[], tuple[float, float]]
"""Gives the milliseconds of processor time that the server has used, and the database for it."""


def spent_ms(pid: int) -> float:
    """Milliseconds of processor time that a process has used; nothing of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def spending(url: str, pid: int) -> Spent:
    """Look at the server and, of a PostgreSQL on this machine, at its processes for *url*."""
    name = url.partition("@/")[2].partition("?")[0].encode()

    def spent() -> tuple[float, float]:
        mine = spent_ms(pid)
        if not name:
            return mine, 0.0
        found = [each.parent for each in Path("/proc").glob("[0-9]*/cmdline") if name in _command(each)]
        return mine, sum(spent_ms(int(each.name)) for each in found)

    return spent


def _command(path: Path) -> bytes:
    try:
        said = path.read_bytes()
    except OSError:
        return b""
    return said if said.startswith(b"postgres:") else b""


def at(share: float, taken: Sequence[float]) -> float:
    """The value below which *share* of them lie."""
    ranked = sorted(taken)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def alone(site: str, spent: Spent, rounds: int) -> None:
    """Each page, asked for by one person."""
    person = Person(site, "bgs.admin")
    say(f"  {'page':<34}{'median':>10}{'95 %':>10}{'processor':>12}{'database':>12}   ms")
    for path in PAGES:
        codes = {person.ask(path)[1]}
        before = spent()
        answers = [person.ask(path) for _ in range(rounds)]
        used, database = ((now - then) / rounds for now, then in zip(spent(), before, strict=True))
        codes |= {code for _, code in answers}
        taken = [ms for ms, _ in answers]
        wrong = "" if codes == {200} else f"   answered {sorted(codes)}"
        figures = f"{at(0.5, taken):>10,.1f}{at(0.95, taken):>10,.1f}{used:>12,.1f}{database:>12,.1f}"
        say(f"  {path:<34}{figures}{wrong}")


def together(site: str, spent: Spent, asked: argparse.Namespace) -> None:
    """So many people at once."""
    found: list[tuple[float, int]] = []
    written: list[tuple[float, int]] = []
    users, seconds, pause = asked.users, asked.seconds, asked.pause
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        person = Person(site, LOGINS[number % len(LOGINS)])
        own = []
        for path in cycle(PAGES[number % len(PAGES) :] + PAGES[: number % len(PAGES)]):
            if time.monotonic() > end:
                break
            own.append(person.ask(path))
            if asked.writes and len(own) % asked.writes == number % asked.writes:
                written.append(person.write(f"{number}: {len(own)}"))
            time.sleep(pause)
        found.extend(own)

    before = sum(spent())
    people = [threading.Thread(target=work, args=(number,)) for number in range(users)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    used = sum(spent()) - before
    failed = sum(code >= 500 for _, code in found)
    say(f"\n{users} people for {seconds:g} s, {pause:g} s between two pages: {len(found)} pages, {failed} failed")
    say(f"  ms: {_shares(found)}; processor {used / 1000:.1f} s, {used / len(found):.0f} ms a page")
    if written:
        failed = sum(code != 303 for _, code in written)
        say(f"  {len(written)} put something on record, {failed} failed; ms: {_shares(written)}")


def _shares(found: Sequence[tuple[float, int]]) -> str:
    taken = [ms for ms, _ in found]
    named = ", ".join(f"{share:.0%} {at(share, taken):,.0f}" for share in (0.5, 0.9, 0.95, 0.99))
    return f"{named}, slowest {max(taken):,.0f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages")
    parser.add_argument("--postgresql", action="store_true", help="over a PostgreSQL of our own, not over SQLite")
    parser.add_argument("--db", metavar="URL", help="a database that is filled already")
    parser.add_argument("--quick", action="store_true", help="ten thousand matters")
    parser.add_argument("--matters", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two pages of one person")
    parser.add_argument(
        "--writes", type=int, default=0, help="after so many pages one puts words on record; 0: nobody does"
    )
    parser.add_argument(SERVE, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.serve:
        serve(asked.serve)
        return
    if asked.db:
        measure(asked.db, asked)
        return
    matters, cases = (10_000, 40) if asked.quick else (asked.matters, 200)
    with ExitStack() as stack:
        url = (
            stack.enter_context(server()).new_url()
            if asked.postgresql
            else f"sqlite:///{stack.enter_context(folder()) / 'pages.db'}"
        )
        began = time.perf_counter()
        fill(url, matters, cases)
        say(f"{matters:,} matters filled in {time.perf_counter() - began:.0f} s")
        measure(url, asked)


def measure(url: str, asked: argparse.Namespace) -> None:
    """Serve *url* and ask for its pages."""
    with served(url) as (site, pid):
        spent = spending(url, pid)
        say(f"{url.partition(':')[0]}, one worker; load of the machine {os.getloadavg()[0]:.1f}")
        alone(site, spent, asked.rounds)
        together(site, spent, asked)
        say(f"  load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

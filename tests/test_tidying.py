"""What is over is put away, what the record says stays, and no document goes that anybody names or has just sent."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from house import GOOD, OTHER, House
from production import hire, producing, watch
from test_log import flaws, sequenced
from world import sql

from engine.documents import FileStore, keep
from engine.factor_seal import count_sealed, digest_of
from engine.orders import Attach
from engine.verifying import Scope, verify
from scheduler.tidying import Tidying
from scheduler.turn import Turn
from workflows.workspace import Workspace, user_of


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    with producing(db_url) as office:
        yield House(office)


def counts(office: Workspace) -> dict[str, int]:
    tables = ("login_session", "one_time_code", "recovery_code", "throttle", "known_device")
    return {table: sql(office.database, f"select count(*) from {table}")[0][0] for table in tables}


def findings(office: Workspace) -> list[str]:
    sequenced(office)
    with office.database.snapshot() as tx:
        return [each["code"] for each in verify(tx, office.campaign, Scope())["findings"]]


def test_what_is_long_over_is_put_away_and_the_record_stays_whole(house: House) -> None:
    office = house.office
    secret = house.settle("shen", "bgs.admin")
    house.settle("li", "alpha.head")
    over = house.attempt("li")
    house.sessions.sign_out(over)
    house.sessions.remember("li", "")
    house.attempt("nobody", OTHER, address="z")
    house.room.enrol("shen", GOOD, house.now_code(str(secret)), "x")
    entries = sql(office.database, "select count(*) from entry")
    watch(office).later(days=29)
    house.attempt("li")
    before = counts(office)
    Tidying(office).run()
    assert counts(office) == {**before, "throttle": counts(office)["throttle"]}, "it can still be looked at"

    watch(office).later(days=2)
    Tidying(office).run()
    once = counts(office)
    Tidying(office).run()

    assert counts(office) == once
    assert (once["login_session"], once["one_time_code"], once["recovery_code"]) == (1, 1, 8)
    assert sql(office.database, "select count(*) from entry where kind <> 'factors'")[0][0] >= entries[0][0]
    assert findings(office) == [] and flaws(office) == []


def test_second_factors_in_clear_are_sealed_with_the_next_turn(house: House) -> None:
    secret = house.settle("shen", "bgs.admin")
    sql(house.office.database, f"update credential set totp_secret = '{secret}', totp_digest = '{digest_of(secret)}'")

    Turn(house.office).run()

    with house.office.database.snapshot() as tx:
        assert count_sealed(tx) == (1, 0)
    assert house.attempt("shen", code=house.now_code(str(secret))).startswith("ds_")
    assert findings(house.office) == []
    size = sql(house.office.database, "select count(*) from entry where kind = 'factors'")
    Tidying(house.office).run()
    assert sql(house.office.database, "select count(*) from entry where kind = 'factors'") == size == [(1,)]


def old(store: FileStore, sha256: str, days: float = 2) -> Path:
    path = store.folder / sha256[:2] / sha256
    at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))
    return path


@pytest.fixture
def store(house: House, tmp_path: Path) -> FileStore:
    found = FileStore(tmp_path / "documents")
    house.office.documents = found
    return found


def test_a_document_that_nobody_names_goes_after_a_day(house: House, store: FileStore) -> None:
    office = house.office
    hire(office, "li", "alpha.head")
    named = keep(store, "report", "a.txt", b"named")
    office.engine.execute(Attach(ref="errand/alpha", documents=(named,)), office.holder("li"))
    orphan, fresh = store.put(b"refused"), store.put(b"fresh")
    gone, kept = old(store, orphan), old(store, named.sha256)
    half = gone.parent / ".incoming-x"
    half.write_bytes(b"half")
    os.utime(half, (1, 1))

    Tidying(office).run()

    assert not gone.exists() and not half.exists()
    assert kept.exists() and store.get(fresh) == b"fresh"
    assert findings(office) == []


def test_a_document_that_is_sent_again_is_young_again(store: FileStore) -> None:
    sha256 = store.put(b"again")
    path = old(store, sha256)
    before = datetime.now(UTC).timestamp() - 86_400
    assert store.orphans(before) == [sha256]
    store.put(b"again")

    assert store.drop(sha256, before) == 0 and path.exists()


def test_who_puts_while_another_throws_away_finds_his_document(store: FileStore) -> None:
    lost = []

    def put() -> None:
        for _ in range(60):
            sha256 = store.put(b"race")
            try:
                store.get(sha256)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
                lost.append(error)

    before = datetime.now(UTC).timestamp() - 86_400
    store.put(b"race")
    thread = threading.Thread(target=put)
    thread.start()
    while thread.is_alive():
        for sha256 in store.orphans(before):
            store.drop(sha256, before)
    thread.join()

    assert lost == []


def test_where_two_databases_keep_their_documents_nothing_is_thrown_away(house: House, store: FileStore) -> None:
    path = old(store, store.put(b"whose?"))
    store.claim("another")

    Tidying(house.office).run()

    assert path.exists()
    (store.folder / ".of-another").unlink()
    Tidying(house.office).run()
    assert not path.exists()
    assert [each.name for each in store.folder.glob(".of-*")] == [f".of-{user_of(house.office.database)}"]


def test_it_is_done_now_and_then_not_with_every_turn(house: House, store: FileStore) -> None:
    ticks = iter((0.0, 0.0, 10.0, 4000.0, 4000.0))
    tidying = Tidying(house.office, seconds=lambda: next(ticks))
    tidying.run()
    path = old(store, store.put(b"x"))
    tidying.run()
    assert path.exists()
    tidying.run()
    assert not path.exists()

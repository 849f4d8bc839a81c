"""Sealing: the root is signed by a key outside the database, put outside with the proof of growth, and can be proved."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import world
from production import producing, watch
from sqlalchemy import text

from engine.anchors import Anchor, last_anchor, read_anchors
from engine.checkpoints import last_checkpoint, put_outside, refuse_bent, seal
from engine.errors import Conflict, Invalid, VerificationFailed
from engine.hashes import hash_of
from engine.log_keys import begin_key, rotate_key
from engine.log_proofs import growth, proofs
from engine.merkle import consistent, included
from engine.sequencing import StoredTree
from engine.signed_notes import read_checkpoint, read_key, signed_by
from engine.signing_key import load_key, new_key, public_key
from engine.verifying import Scope, verify
from workflows.workspace import Workspace


@pytest.mark.parametrize("table", ["log_leaf", "log_node", "log_checkpoint"])
def test_the_database_refuses_to_change_what_was_sealed(table: str, rich: Workspace, tmp_path: Path) -> None:
    for size in range(20):
        world.open_one(rich, "probe", "alpha.liaison", size=size)
    seal(rich.database, rich.campaign, rich.clock.now(), new_key(tmp_path / "k"))

    for change in (f"update {table} set hash = hash", f"delete from {table}"):
        with pytest.raises(Exception, match="append-only"):
            world.sql(rich.database, change.replace("hash", "note") if table == "log_checkpoint" else change)


def outside(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Let keys, anchors and state lie in *folder*; return that of the anchors."""
    monkeypatch.setenv("DUBAN_ANCHORS", str(folder / "anchors"))
    monkeypatch.setenv("DUBAN_STATE", str(folder / "state"))
    return folder / "anchors"


def sealed(workspace: Workspace, private: Any) -> Any:
    found = seal(workspace.database, workspace.campaign, workspace.clock.now(), private)
    assert found is not None
    put_outside(workspace.database, workspace.campaign, found, workspace.clock.now())
    return found


def test_a_checkpoint_is_signed_and_put_outside_with_the_proof_of_growth(
    rich: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors, private = outside(monkeypatch, tmp_path), new_key(tmp_path / "key.pem")
    for size in range(40):
        if size in (0, 3, 17, 39):
            sealed(rich, private)
        world.open_one(rich, "probe", "alpha.liaison", size=size)
    last = sealed(rich, private)

    origin = f"duban/{rich.campaign.log}"
    assert last.note.startswith(f"{origin}\n{last.checkpoint.size}\n")
    assert signed_by(last.note, read_key(str(public_key(private, origin))))
    (path,) = anchors.glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    hashing, before = hash_of(rich.campaign.log), None
    for line in lines:
        made = read_checkpoint(line["note"])
        if before is not None:
            proof = [bytes.fromhex(each) for each in line["proof"]]
            assert line["from"] == before.size
            assert consistent(hashing, before.size, made.size, before.root, made.root, proof)
        before = made
    assert (len(lines), before) == (5, last.checkpoint)


def test_what_another_process_has_put_outside_since_stays_the_last(
    rich: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors, private = outside(monkeypatch, tmp_path), new_key(tmp_path / "key.pem")
    slow = seal(rich.database, rich.campaign, rich.clock.now(), private)
    assert slow is not None
    world.open_one(rich, "probe", "alpha.liaison", size=1)
    faster = sealed(rich, private)

    assert put_outside(rich.database, rich.campaign, slow, rich.clock.now()) == []

    (path,), (state,) = anchors.glob("*.jsonl"), (tmp_path / "state").glob("*.jsonl")
    for each in (path, state):
        last = last_anchor(each, rich.campaign.log)
        assert last is not None and last.checkpoint == faster.checkpoint


def test_a_root_that_was_put_outside_within_the_hour_is_not_put_there_again(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors, private = outside(monkeypatch, tmp_path), new_key(tmp_path / "key.pem")
    sealed(workspace, private)
    sealed(workspace, private)
    (path,) = anchors.glob("*.jsonl")

    assert len(path.read_text().splitlines()) == 1
    world.set_clock(workspace, "2030-01-01T00:00")
    sealed(workspace, private)
    assert len(path.read_text().splitlines()) == 2


def test_an_anchor_torn_by_a_crash_or_a_full_disk_is_passed_over_and_gives_way_to_the_next(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors, private = outside(monkeypatch, tmp_path), new_key(tmp_path / "key.pem")
    first = sealed(workspace, private)
    (path,) = anchors.glob("*.jsonl")
    with path.open("a") as file:
        file.write('{"note": "duban/')
    assert last_anchor(path, workspace.campaign.log).checkpoint == first.checkpoint  # type: ignore[union-attr]

    world.to_review(workspace)
    second = sealed(workspace, private)

    assert last_anchor(path, workspace.campaign.log).checkpoint == second.checkpoint  # type: ignore[union-attr]
    kept = [type(each) for each in read_anchors([anchors], workspace.campaign.log)]
    assert kept == [Anchor, Anchor], "what was torn accuses nobody"


def test_every_entry_of_a_matter_is_proved_without_the_others(rich: Workspace, tmp_path: Path) -> None:
    ref = world.open_one(rich, "probe", "alpha.liaison", size=3).ref
    for size in range(30):
        world.correct(rich, ref, "alpha.head", reason="更正", size=size)
        world.open_one(rich, "probe", "alpha.liaison", size=size)
    seal(rich.database, rich.campaign, rich.clock.now(), new_key(tmp_path / "k"))
    hashing = hash_of(rich.campaign.log)

    with rich.database.snapshot() as tx:
        said = proofs(tx, rich.campaign, [f"matter/{ref}"])
        grew = growth(tx, rich.campaign, 17)
        old = StoredTree(tx, rich.campaign.id, rich.campaign.log)
        root17 = world_root(old, 17)

    root = bytes.fromhex(said["root"])
    assert len(said["entries"]) == 31
    for each in said["entries"]:
        leaf = hashing(b"\x00" + each["record"].encode())
        assert leaf.hex() == each["leaf"]
        assert included(hashing, leaf, each["idx"], said["size"], [bytes.fromhex(p) for p in each["proof"]], root)
    assert consistent(hashing, 17, said["size"], root17, root, [bytes.fromhex(each) for each in grew["proof"]])


def world_root(tree: StoredTree, size: int) -> bytes:
    from engine.merkle import root_of

    return root_of(tree.hashing, tree, 0, size)


def test_a_key_lies_in_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "below" / "key.pem"
    private = new_key(path)

    assert path.stat().st_mode & 0o777 == 0o600
    found = load_key(path)
    assert found is not None
    assert found.public_key() == private.public_key()
    with pytest.raises(Conflict):
        new_key(path)
    path.chmod(0o640)
    with pytest.raises(Invalid, match="chmod 600"):
        load_key(path)


def test_another_key_than_the_log_s_signs_nothing(workspace: Workspace, tmp_path: Path) -> None:
    seal(workspace.database, workspace.campaign, workspace.clock.now(), new_key(tmp_path / "one"))

    with pytest.raises(Conflict, match="not the log's key"):
        seal(workspace.database, workspace.campaign, workspace.clock.now(), new_key(tmp_path / "two"))


def test_a_key_is_changed_by_an_entry_that_both_have_signed(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    actor = workspace.actor("bgs.admin")
    begin_key(workspace.engine, actor, path)
    old = load_key(path)
    first = seal(workspace.database, workspace.campaign, workspace.clock.now(), old)  # type: ignore[arg-type]

    said = rotate_key(workspace.engine, actor, path)
    new = load_key(path)
    second = seal(workspace.database, workspace.campaign, workspace.clock.now(), new)  # type: ignore[arg-type]

    assert first is not None
    assert second is not None
    assert said["vkey"] == str(public_key(new, second.checkpoint.origin))  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        seal(workspace.database, workspace.campaign, workspace.clock.now(), old)  # type: ignore[arg-type]
    with workspace.database.snapshot() as tx:
        assert verify(tx, workspace.campaign)["findings"] == []
        assert last_checkpoint(tx, workspace.campaign) is not None


def test_a_database_put_back_is_written_to_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db_url: str
) -> None:
    outside(monkeypatch, tmp_path)
    workspace = world.begin(db_url, "rich")
    sealed(workspace, new_key(tmp_path / "k"))
    for table, where in (("log_leaf", "idx = 1"), ("log_state", "size = 0")):
        with workspace.database.schema() as connection:
            for statement in (
                ("DROP TRIGGER log_leaf_no_delete",)
                if "sqlite" in db_url
                else ("ALTER TABLE log_leaf DISABLE TRIGGER USER",)
            ):
                if table == "log_leaf":
                    connection.execute(text(statement))
            connection.execute(
                text(
                    f"delete from {table} where {where}"
                    if table == "log_leaf"
                    else f"update {table} set {where}, frontier=''"
                )
            )
    with world.others(workspace, 1) as (other,):
        with pytest.raises(VerificationFailed) as caught:
            world.open_one(other, "probe", "alpha.liaison", size=3)

        assert caught.value.code == "rollback"
        assert "audit recover" in caught.value.hint
        assert other.reader.listed()["items"]
    with pytest.raises(VerificationFailed):
        refuse_bent(workspace.database, workspace.campaign)
    workspace.close()


def test_in_production_the_log_is_sealed_by_itself_every_minute_and_hour(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scheduler.sealing import Sealing

    anchors = outside(monkeypatch, tmp_path)
    monkeypatch.setenv("DUBAN_KEY", str(tmp_path / "key.pem"))
    new_key(tmp_path / "key.pem")
    with producing(db_url) as office:
        sealing = Sealing(office)

        def lines() -> int:
            sealing.run(at_once=True)
            return sum(len(path.read_text().splitlines()) for path in anchors.glob("*.jsonl"))

        assert lines() == 1
        watch(office).later(seconds=50)
        world.sql(office.database, "update meta set value = value")
        assert lines() == 1
        watch(office).later(seconds=20)
        assert lines() == 1
        watch(office).later(hours=1)
        assert lines() == 2
        with office.database.snapshot() as tx:
            found = verify(
                tx, office.campaign, Scope(anchors=list(read_anchors([anchors], office.campaign.log)), timed=True)
            )
        assert found["findings"] == []
        assert office.clock.now() - watch(office).at == timedelta(0)


def test_a_weaker_hash_cannot_be_passed_off_as_the_log_s(db_url: str, tmp_path: Path) -> None:
    """Whoever rewrites an SM3 log with SHA-256 changes its name in every entry, and the origin of every checkpoint."""
    from engine.log_policy import read_policy
    from engine.signed_notes import LOG, Key

    space = world.begin(db_url, "rich", hashing="sm3")
    assert space.campaign.log.endswith("/sm3")
    key = new_key(tmp_path / "k")
    made = seal(space.database, space.campaign, space.clock.now(), key)
    assert made is not None
    pinned = Key(made.checkpoint.origin, LOG, key.public_key().public_bytes_raw())
    (tmp_path / "policy").write_text(f"log {pinned}\n")
    with space.database.snapshot() as tx:
        sound = verify(tx, space.campaign, Scope(policy=read_policy(str(tmp_path / "policy"))))
    assert sound["findings"] == []

    world.sql(space.database, "update meta set value = 'sha256' where key = 'hash'")
    with world.others(space, 1) as (other,), other.database.snapshot() as tx:
        found = {each["code"] for each in verify(tx, other.campaign)["findings"]}

    assert {"hash", "column", "checkpoint_signature"} <= found
    space.close()

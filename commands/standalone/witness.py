"""A witness of duban logs: pulls checkpoints, signs those that only grew, refuses a log that was put back or bent.

    python witness.py key --store DIR --name NAME          make the witness's own key; prints its public key
    python witness.py trust --store DIR VKEY               believe this log key (its name is the log's origin), by hand
    python witness.py run --store DIR SOURCE…              SOURCE: a file of anchors, a folder of them, or an http(s) URL

Needs Python 3.11 and the package cryptography, nothing of duban. Run it every five minutes, on a machine and under an
account that the office does not have. Exit 0: all signed. Exit 9: refused, with the finding. 见证程序：只签只增不改的日志。
"""

# fmt: off
import argparse
import base64
import fcntl
import hashlib
import json
import os
import struct
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 1, 4
LONGEST_ANSWER = 512 * 2**20  # bytes of a source
class Refused(Exception):
    """A finding: the log is not signed. *code* is rollback, fork, bad_proof, bad_signature, unknown_log or unreadable."""
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
def ident(name: str, kind: int, raw: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]
def read_note(note: str) -> tuple[str, str, int, bytes, list[tuple[str, bytes]]]:
    """Text, origin, size, root, and the signatures by name."""
    text, _, rest = note.rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    signatures = [line.removeprefix("\u2014 ").rpartition(" ") for line in rest.splitlines()]
    return text + "\n", origin, int(size), base64.b64decode(root), [(name, base64.b64decode(each)) for name, _, each in signatures]
def signed(note: str, raw: bytes) -> bool:
    text, origin, _, _, signatures = read_note(note)
    for name, whole in signatures:
        if name == origin and whole[:4] == ident(origin, LOG, raw):
            try:
                Ed25519PublicKey.from_public_bytes(raw).verify(whole[4:], text.encode())
                return True
            except InvalidSignature:
                pass
    return False
def consistent(h: Any, old: int, size: int, old_root: bytes, root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2."""
    if old == 0 or old == size:
        return not proof and (old == 0 or old_root == root)
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if old > size or not steps:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for other in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = h(b"\x01" + other + before), h(b"\x01" + other + after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = h(b"\x01" + after + other)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root
def write_whole(path: Path, content: bytes) -> None:
    """On the disk before this returns, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
class Store:
    """What the witness knows: his key, the logs he believes, and how far he has seen each of them."""
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        path = folder / "state.json"
        self.said: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {"logs": {}, "seen": {}}
    def keep(self) -> None:
        write_whole(self.folder / "state.json", json.dumps(self.said, indent=1).encode())
    def key(self) -> tuple[str, Ed25519PrivateKey]:
        path = self.folder / "key.json"
        if not path.exists():
            raise Refused("no_key", "make a key first: witness.py key --store DIR --name NAME")
        said = json.loads(path.read_bytes())
        return said["name"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(said["private"]))
def make_key(store: Store, name: str) -> str:
    if (store.folder / "key.json").exists():
        raise Refused("key", "there is a key already")
    private = Ed25519PrivateKey.generate()
    write_whole(store.folder / "key.json", json.dumps({"name": name, "private": private.private_bytes_raw().hex()}).encode())
    raw = private.public_key().public_bytes_raw()
    return f"{name}+{ident(name, WITNESS, raw).hex()}+{base64.b64encode(bytes([WITNESS]) + raw).decode()}"
def trust(store: Store, text: str) -> str:
    name, _, rest = text.strip().partition("+")
    raw = base64.b64decode(rest.partition("+")[2])
    if len(raw) != 33 or raw[0] != LOG or ident(name, LOG, raw[1:]).hex() != rest.partition("+")[0]:
        raise Refused("bad_key", "this is no public key of a log: name+hash+key")
    store.said["logs"].setdefault(name, [])
    if raw[1:].hex() not in store.said["logs"][name]:
        store.said["logs"][name].append(raw[1:].hex())
    store.keep()
    return name
def fetch(source: str) -> list[dict[str, Any]]:
    """Every line of a source that is whole."""
    if source.startswith(("http://", "https://")):
        with urllib.request.urlopen(source, timeout=30) as answer:  # noqa: S310 - the scheme is looked at above
            content = answer.read(LONGEST_ANSWER)
    else:
        path = Path(source)
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        content = b"".join(each.read_bytes() for each in files)
    return [json.loads(line) for line in content.splitlines(keepends=True) if line.endswith(b"\n") and line.strip()]
def advance(store: Store, lines: list[dict[str, Any]], origin: str) -> str:
    """Follow one log from where it was last seen; return its newest note. Raises Refused, and changes nothing."""
    keys = [bytes.fromhex(each) for each in store.said["logs"].get(origin, [])]
    if not keys:
        raise Refused("unknown_log", f"{origin} is no log of mine; a new epoch is believed only by hand: witness.py trust")
    h = (lambda content: hashlib.new("sm3" if "/sm3" in origin else "sha256", content).digest())
    seen = store.said["seen"].get(origin)
    size, root = (seen["size"], bytes.fromhex(seen["root"])) if seen else (0, b"")
    newest, largest = "", 0
    for line in lines:
        _, _, now, said, _ = read_note(line["note"])
        if now < size:
            largest = max(largest, now)
            continue
        if not any(signed(line["note"], key) for key in keys):
            if not seen and line is not lines[-1]:
                continue  # of a key before the one that was handed to me
            raise Refused("bad_signature", f"{origin}: a checkpoint of {now} entries is not signed by the log's key")
        largest = max(largest, now)
        if now == size and seen and said != root:
            raise Refused("fork", f"{origin}: {size} entries had the root {root.hex()[:16]}, now it is {said.hex()[:16]}")
        if now == size and seen:
            newest = line["note"]
        elif now > size and (not seen or line.get("from") == size):
            proof = [bytes.fromhex(each) for each in line.get("proof", ())]
            if seen and not consistent(h, size, now, root, said, proof):
                raise Refused("bad_proof", f"{origin}: {now} entries are not shown to continue the {size} that I have signed")
            size, root, newest, seen = now, said, line["note"], {"size": now}
    if largest < size:
        raise Refused("rollback", f"{origin}: I have signed {size} entries, the newest checkpoint has {largest}")
    if not newest or largest > size:
        raise Refused("fork", f"{origin}: there are {largest} entries, and nothing leads there from the {size} that I know")
    store.said["seen"][origin] = {"size": size, "root": root.hex()}
    return newest
def run(store: Store, sources: list[str]) -> int:
    """Pull, check, persist, and only then sign."""
    name, private = store.key()
    raw, ended = private.public_key().public_bytes_raw(), 0
    lines: dict[str, list[dict[str, Any]]] = {}
    for source in sources:
        for line in fetch(source):
            lines.setdefault(read_note(line["note"])[1], []).append(line)
    missing = [origin for origin in store.said["seen"] if origin not in lines]
    for origin in [*sorted(lines), *missing]:
        at = int(time.time())
        about: dict[str, Any] = {"at": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "witness": name}
        try:
            note = advance(store, lines.get(origin, []), origin)
            store.keep()
            text = read_note(note)[0]
            timed = struct.pack(">Q", at) + private.sign(b"cosignature/v1\ntime %d\n%b" % (at, text.encode()))
            mine = base64.b64encode(ident(name, WITNESS, raw) + timed).decode()
            about |= {"note": f"{note}\u2014 {name} {mine}\n"}
            target = "witnessed.jsonl"
            print(f"signed  {origin}  {read_note(note)[2]}")
        except Refused as error:
            about |= {"code": error.code, "message": str(error)}
            target, ended = "refused.log", 9
            print(f"{error.code}  {error}", file=sys.stderr)
        with (store.folder / target).open("a") as file:
            file.write(json.dumps(about, ensure_ascii=False) + "\n")
    return ended
def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="witness.py", description="a witness of duban logs · 日志见证程序")
    parser.add_argument("act", choices=["key", "trust", "run"])
    parser.add_argument("what", nargs="*", metavar="VKEY|SOURCE")
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--name", default="witness")
    given = parser.parse_intermixed_args(words)
    try:
        store = Store(given.store)
        if given.act == "key":
            print(make_key(store, given.name))
        elif given.act == "trust":
            print("\n".join(trust(store, each) for each in given.what))
        else:
            return run(store, given.what)
    except Refused as error:
        print(f"{error.code}  {error}", file=sys.stderr)
        return 9
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"unreadable  {type(error).__name__}: {error}", file=sys.stderr)
        return 8
    return 0

if __name__ == "__main__":
    sys.exit(main())

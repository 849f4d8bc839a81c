"""A witness of duban logs: pulls checkpoints, signs those that only grew, refuses a log that was put back or bent.

    python witness.py key --store DIR --name NAME          make the witness's own key; prints its public key
    python witness.py trust --store DIR VKEY               believe this log key (its name is the log's origin), by hand
    python witness.py run --store DIR SOURCE…              SOURCE: a file of anchors, a folder of them, or an http(s) URL

Needs Python 3.11 and the package cryptography, nothing of duban. Run it every five minutes, on a machine and under an
account that the office does not have. Exit 0: all signed. Exit 9: refused, with the finding. 见证程序：只签只增不改的日志。
"""

import argparse
import base64
import fcntl
import hashlib
import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

# fmt: off
try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
except ImportError:
    if __name__ != "__main__":
        raise
    print("needs the package cryptography: python -m pip install cryptography · 需要 cryptography 库，请先安装", file=sys.stderr)
    sys.exit(2)
LOG, WITNESS, LONGEST_ANSWER = 1, 4, 512 * 2**20  # kinds of keys; bytes of a source

class Refused(Exception):
    """A finding: the log is not signed. *args*: rollback, fork, bad_proof, bad_signature, unknown_log, … and the words."""

Note = NamedTuple("Note", [("whole", str), ("text", str), ("origin", str), ("size", int), ("root", bytes), ("signatures", list[Any])])  # noqa: UP014 - a checkpoint as it was signed

def read_note(whole: str) -> Note:
    text, _, rest = whole.rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    lines = (line.removeprefix("\u2014 ").rpartition(" ") for line in rest.splitlines())
    return Note(whole, text + "\n", origin, int(size), base64.b64decode(root), [(name, base64.b64decode(each)) for name, _, each in lines])

def ident(name: str, kind: int, raw: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]

def signed(note: Note, raw: bytes) -> bool:
    """Whether the log's key *raw* has signed the checkpoint."""
    key, text = Ed25519PublicKey.from_public_bytes(raw), note.text.encode()
    mine = [each for name, each in note.signatures if name == note.origin and each[:4] == ident(name, LOG, raw)]
    try:
        return bool([key.verify(each[4:], text) for each in mine])  # it raises, or says nothing
    except InvalidSignature:
        return False

def roots(h: Any, old: int, size: int, known: bytes | None, proof: list[bytes]) -> tuple[bytes, bytes]:
    """The roots of the first *old* and of all *size* entries by a consistency proof (RFC 9162, 2.1.4), which is used up."""
    if old == size:
        root = proof.pop() if known is None else known
        return root, root
    half, other = 1 << (size - 1).bit_length() - 1, proof.pop()
    if old <= half:
        before, after = roots(h, old, half, known, proof)
        return before, h(b"\x01" + after + other)
    before, after = roots(h, old - half, size - half, None, proof)
    return h(b"\x01" + other + before), h(b"\x01" + other + after)

def continues(line: dict[str, Any], note: Note, size: int, root: bytes) -> bool:
    """Whether the *line* shows that its checkpoint only added to the *size* entries with that *root*."""
    proof = [bytes.fromhex(each) for each in line.get("proof", ())]
    algorithm = "sm3" if "/sm3" in note.origin else "sha256"
    try:
        return roots(lambda each: hashlib.new(algorithm, each).digest(), size, note.size, root, proof) == (root, note.root) and not proof
    except IndexError:
        return False  # the proof is too short

class Store:
    """What the witness knows: his key, the logs he believes, and how far he has seen each of them."""
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        kept = (folder / "state.json").read_bytes() if (folder / "state.json").exists() else b'{"logs": {}, "seen": {}}'
        self.said: dict[str, Any] = json.loads(kept)

    def write(self, name: str, content: Any) -> None:
        """On the disk before this returns, whole or not at all."""
        fresh = self.folder / f"{name}.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

def make_key(store: Store, name: str) -> str:
    if (store.folder / "key.json").exists():
        raise Refused("key", "there is a key already")
    private = Ed25519PrivateKey.generate()
    store.write("key.json", {"name": name, "private": private.private_bytes_raw().hex()})
    raw = private.public_key().public_bytes_raw()
    return f"{name}+{ident(name, WITNESS, raw).hex()}+{base64.b64encode(bytes([WITNESS]) + raw).decode()}"

def trust(store: Store, text: str) -> str:
    name, digest, key = (text.strip().split("+", 2) + ["", ""])[:3]
    raw = base64.b64decode(key)
    if len(raw) != 33 or raw[0] != LOG or ident(name, LOG, raw[1:]).hex() != digest:
        raise Refused("bad_key", "this is no public key of a log: name+hash+key")
    keys = store.said["logs"].setdefault(name, [])
    keys += [raw[1:].hex()] if raw[1:].hex() not in keys else []
    store.write("state.json", store.said)
    return name

def fetch(source: str) -> list[dict[str, Any]]:
    """Every line of a source that is whole."""
    if source.startswith(("http://", "https://")):
        content = urllib.request.urlopen(source, timeout=30).read(LONGEST_ANSWER)  # noqa: S310 - http, see above
    else:
        files = sorted(Path(source).glob("*.jsonl")) if Path(source).is_dir() else [Path(source)]
        content = b"".join(each.read_bytes() for each in files)
    return [json.loads(line) for line in content.splitlines(keepends=True) if line.endswith(b"\n") and line.strip()]

def advance(store: Store, lines: list[dict[str, Any]], origin: str) -> Note:
    """Follow one log from where it was last seen; return its newest checkpoint. Raises Refused, and changes nothing."""
    keys = [bytes.fromhex(each) for each in store.said["logs"].get(origin, [])]
    if not keys:
        raise Refused("unknown_log", f"{origin} is no log of mine; a new epoch is believed only by hand: witness.py trust")
    seen = store.said["seen"].get(origin)
    size, root = (seen["size"], bytes.fromhex(seen["root"])) if seen else (0, b"")
    newest, largest = None, 0
    for line in lines:
        note = read_note(line["note"])
        if note.size >= size and not any(signed(note, key) for key in keys):
            if not seen and line is not lines[-1]:
                continue  # of a key before the one that was handed to me
            raise Refused("bad_signature", f"{origin}: a checkpoint of {note.size} entries is not signed by the log's key")
        largest = max(largest, note.size)
        if note.size == size and seen:
            if note.root != root:
                raise Refused("fork", f"{origin}: {size} entries had the root {root.hex()[:16]}, now it is {note.root.hex()[:16]}")
            newest = note
        elif note.size > size and (not seen or line.get("from") == size):
            if size and not continues(line, note, size, root):
                raise Refused("bad_proof", f"{origin}: {note.size} entries are not shown to continue the {size} that I have signed")
            size, root, newest, seen = note.size, note.root, note, {"size": note.size}
    if largest < size:
        raise Refused("rollback", f"{origin}: I have signed {size} entries, the newest checkpoint has {largest}")
    if newest is None or largest > size:
        raise Refused("fork", f"{origin}: there are {largest} entries, and nothing leads there from the {size} that I know")
    store.said["seen"][origin] = {"size": size, "root": root.hex()}
    return newest

def run(store: Store, sources: list[str]) -> int:
    """Pull, check, persist, and only then sign."""
    if not (store.folder / "key.json").exists():
        raise Refused("no_key", "make a key first: witness.py key --store DIR --name NAME")
    key = json.loads((store.folder / "key.json").read_bytes())
    name, private = key["name"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["private"]))
    ended, lines = 0, {origin: list[dict[str, Any]]() for origin in store.said["seen"]}
    for line in (line for source in sources for line in fetch(source)):
        lines.setdefault(read_note(line["note"]).origin, []).append(line)
    for origin in sorted(lines):
        at = int(time.time())
        about: dict[str, Any] = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)), "witness": name}
        try:
            note = advance(store, lines[origin], origin)
            store.write("state.json", store.said)
            signature = private.sign(b"cosignature/v1\ntime %d\n%b" % (at, note.text.encode()))
            mine = ident(name, WITNESS, private.public_key().public_bytes_raw()) + at.to_bytes(8, "big") + signature
            about |= {"note": f"{note.whole}\u2014 {name} {base64.b64encode(mine).decode()}\n"}
            print(f"signed  {origin}  {note.size}")
        except Refused as error:
            ended, about = 9, {**about, "code": error.args[0], "message": error.args[1]}
            print("  ".join(error.args), file=sys.stderr)
        with (store.folder / ("witnessed.jsonl" if "note" in about else "refused.log")).open("a") as file:
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
        if given.act == "run":
            return run(store, given.what)
        print(make_key(store, given.name) if given.act == "key" else "\n".join(trust(store, each) for each in given.what))
    except Refused as error:
        print("  ".join(error.args), file=sys.stderr)
        return 9
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"unreadable  {type(error).__name__}: {error}", file=sys.stderr)
        return 8
    return 0

if __name__ == "__main__":
    sys.exit(main())

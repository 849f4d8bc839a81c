"""Verify a bundle of a duban log offline: python verify_bundle.py BUNDLE [--policy FILE] [--receipt FILE]… [--json]

Needs Python 3.11 and the package cryptography, and nothing of duban. Exit 0: nothing found; 9: findings, each with its code;
2: a file or that package is not there. Without a policy of your own the log's key is only what the bundle says it is, and that is said.
离线核验证据包：退出码 0 未发现问题，9 有问题，2 没有该文件或缺少该库。
"""

import argparse
import base64
import hashlib
import json
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

# fmt: off
try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    if __name__ != "__main__":
        raise
    print("needs the package cryptography: python -m pip install cryptography · 需要 cryptography 库，请先安装", file=sys.stderr)
    sys.exit(2)
LARGEST, LINE, SWELLS = 4 * 2**30, 2**24, 100  # bytes of a bundle unpacked; of a line; how much smaller it may have been packed
LOG, WITNESS = 1, 4
IN_CHINESE = {
    "column": "留痕与证据包所标不是同一条", "gap": "留痕缺页", "chain": "哈希链断裂", "inclusion": "包含证明不成立", "root": "根值不符",
    "bundle": "证据包不完整或读不出来", "key_rotation": "更换密钥未经旧密钥签名", "unknown_key": "签名密钥不在策略文件所列之中",
    "signature": "没有日志密钥的签名", "quorum": "签名的见证人不够数", "private": "个人信息与其承诺值不符", "document": "材料与留痕不符",
    "receipt_unreadable": "不是回执", "receipt_foreign": "不是本日志的回执", "receipt_missing": "回执所载的留痕不在证据包中",
    "receipt_signature": "回执没有日志密钥的签名", "key_not_pinned": "日志密钥仅凭证据包自身所载，请用 --policy 指明",
    "tail": "只含一个事项，不能证明此后再无留痕，也不涉及其他事项", "no_anchor": "没有策略文件所列见证人的签名",
}
class Edge:
    """The right edge of a tree (RFC 9162): full subtrees, the largest first."""
    def __init__(self, h: Any) -> None:
        self.h, self.size, self.nodes = h, 0, []  # type: Any, int, list[bytes]
    def append(self, leaf: bytes) -> None:
        at = self.size
        while at & 1:
            leaf, at = self.h(b"\x01" + self.nodes.pop() + leaf), at >> 1
        self.nodes.append(leaf)
        self.size += 1
    def root(self) -> bytes:
        root = self.nodes[-1] if self.nodes else self.h(b"")
        for left in reversed(self.nodes[:-1]):
            root = self.h(b"\x01" + left + root)
        return bytes(root)
def included(h: Any, leaf: bytes, at: int, size: int, proof: list[bytes], root: bytes) -> bool:
    last = size - 1
    if not 0 <= at < size:
        return False
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            leaf = h(b"\x01" + other + leaf)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            leaf = h(b"\x01" + leaf + other)
        at, last = at >> 1, last >> 1
    return bool(last == 0 and leaf == root)
def signs(raw: bytes, signature: bytes, text: bytes) -> bool:
    try:
        return Ed25519PublicKey.from_public_bytes(raw).verify(signature, text) is None
    except (InvalidSignature, ValueError):
        return False
def ident(name: str, kind: int, raw: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]
def read_note(note: str) -> tuple[str, str, int, bytes, list[tuple[str, bytes, bytes]]]:
    """The text of a checkpoint, its origin, size and root, and its signatures: name, key's hash, the rest."""
    text, _, rest = note.rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    lines = [line.removeprefix("\u2014 ").rpartition(" ") for line in rest.splitlines()]
    signatures = [(name, base64.b64decode(each)[:4], base64.b64decode(each)[4:]) for name, _, each in lines]
    return text + "\n", origin, int(size), base64.b64decode(root), signatures
def signed(note: str, raw: bytes, origin: str) -> bool:
    text, _, _, _, signatures = read_note(note)
    key = ident(origin, LOG, raw)
    return any((name, found) == (origin, key) and signs(raw, sig, text.encode()) for name, found, sig in signatures)
def cosigned(note: str, name: str, raw: bytes) -> int | None:
    text, _, _, _, signatures = read_note(note)
    for named, found, sig in signatures:
        if (named, found, len(sig)) == (name, ident(name, WITNESS, raw), 72):
            (at,) = struct.unpack(">Q", sig[:8])
            if signs(raw, sig[8:], b"cosignature/v1\ntime %d\n%b" % (at, text.encode())):
                return int(at)
    return None
def read_policy(path: str) -> dict[str, Any]:
    """Keys of logs by name, witnesses, groups and the quorum (C2SP tlog-policy)."""
    policy: dict[str, Any] = {"logs": [], "witnesses": {}, "groups": {}, "quorum": "none"}
    for line in Path(path).read_text("utf-8").splitlines():
        words = line.partition("#")[0].split() or [""]
        if words[0] in ("log", "witness"):
            name, _, encoded = words[1 if words[0] == "log" else 2].split("+", 2)
            key = (name, base64.b64decode(encoded)[1:])
            policy["logs"].append(key) if words[0] == "log" else policy["witnesses"].update({words[1]: key})
        elif words[0] == "group":
            count = {"any": 1, "all": len(words[3:])}.get(words[2]) or int(words[2])
            policy["groups"][words[1]] = (count, words[3:])
        elif words[0] == "quorum":
            policy["quorum"] = words[1]
    return policy
def satisfied(policy: dict[str, Any], witnesses: set[str], name: str) -> bool:
    if name in policy["groups"]:
        count, members = policy["groups"][name]
        return bool(sum(satisfied(policy, witnesses, each) for each in members) >= count)
    return name == "none" or name in witnesses
def within(said: Any) -> list[Any]:
    """The receipts in an answer or a list of them; what is none is given as it is."""
    if isinstance(said, dict):
        return next((within(said[name]) for name in ("receipts", "receipt", "items") if name in said), [said])
    return [one for each in said for one in within(each)] if isinstance(said, list) else [said]
class Check:
    """The check of one bundle; *found* are its findings."""
    def __init__(self, bundle: zipfile.ZipFile, policy: dict[str, Any] | None) -> None:
        self.bundle, self.policy = bundle, policy
        self.found, self.reserved = [], []  # type: list[dict[str, Any]], list[dict[str, str]]
        self.said: dict[str, Any] = json.loads(bundle.open("manifest.json").read(LINE))
        self.log, self.full = str(self.said["log"]), self.said["scope"] == "full"
        self.note = self.bundle.open("checkpoint.txt").read(LINE).decode()
        _, self.origin, self.size, self.root, _ = read_note(self.note)
        self.hash = "sm3" if "/sm3" in self.log else "sha256"
        self.h: Any = lambda content: hashlib.new(self.hash, content).digest()
        self.leaves: dict[tuple[str, int], str] = {}
        self.commits: dict[tuple[str, int], dict[str, str]] = {}
        self.papers: set[str] = set()
        self.keys: list[tuple[bytes, int, int]] = []
        self.witnesses: dict[str, tuple[int, int]] = {}
    def lines(self, name: str) -> Any:
        if name in self.bundle.namelist():
            with self.bundle.open(name) as file:
                yield from map(json.loads, iter(lambda: file.readline(LINE), b""))
    def add(self, code: str, message: str, stream: Any = None, seq: Any = None, idx: Any = None) -> None:
        self.found.append({"code": code, "stream": stream, "seq": seq, "idx": idx, "message": message})
    def run(self, receipts: list[str]) -> dict[str, Any]:
        if not (self.origin == f"duban/{self.log}" or self.origin.startswith(f"duban/{self.log}/epoch")):
            self.add("root", f"the checkpoint is of {self.origin}, the bundle of {self.log}")
        others = [(each["note"], what) for what in ("checkpoint", "anchor") for each in self.lines(f"{what}s.jsonl")]
        self.entries({size: (root, what) for note, what in others for _, _, size, root, _ in [read_note(note)]})
        self.signatures(others)
        self.private()
        for name in self.bundle.namelist():
            if name.startswith("documents/") and not name.endswith("/"):
                sha256 = hashlib.file_digest(self.bundle.open(name), "sha256").hexdigest()  # type: ignore[arg-type]
                if sha256 != name.removeprefix("documents/") or sha256 not in self.papers:
                    self.add("document", f"{name} is not a document of these entries")
        for path in receipts:
            try:
                self.receipt(path)
            except (ValueError, RecursionError):
                self.hold(path, None)  # a file that is no receipt accuses no bundle
        return self.told()
    def entries(self, wanted: dict[int, tuple[bytes, str]]) -> None:
        """Every entry against its chain and its place; in a full bundle the tree against every root that was stated."""
        edge, last, due = Edge(self.h), {}, 0  # type: Edge, dict[str, tuple[int, str]], int
        for each in self.lines("entries.jsonl"):
            record, stream, seq, idx = each["record"], each["stream"], each["seq"], each["idx"]
            body, leaf = json.loads(record), self.h(b"\x00" + record.encode())
            where = (stream, seq, idx)
            before = last.get(stream, (0, "0" * 64))
            if (body["log"], body["stream"], body["seq"]) != (self.log, stream, seq):
                self.add("column", "the entry is another than the bundle says", *where)
            if seq != before[0] + 1:
                self.add("gap", f"after {before[0]} comes {seq}", *where)
            if body["prev"] != before[1]:
                self.add("chain", "it does not follow the entry before it", *where)
            if self.full and idx != due:
                self.add("gap", f"leaf {due} is not there; the next is {idx}", *where)
            due, proof = idx + 1, [bytes.fromhex(step) for step in each.get("proof", ())]
            if not self.full and not included(self.h, leaf, idx, self.size, proof, self.root):
                self.add("inclusion", "the proof does not lead to the root of the checkpoint", *where)
            edge.append(leaf)
            if self.full and edge.size == due and edge.size in wanted and edge.root() != wanted[edge.size][0]:
                self.add("root", f"the {wanted[edge.size][1]} of {edge.size} entries has another root", idx=edge.size)
                wanted.clear()  # whatever follows stands on the same wrong leaf
            self.keep(body, (stream, seq), leaf.hex(), idx)
            last[stream] = (seq, leaf.hex())
        if self.full and (edge.size, edge.root()) != (self.size, self.root):
            self.add("root", f"{edge.size} entries do not make the root of the checkpoint of {self.size}", idx=edge.size)
        if (ref := self.said.get("ref")) and f"matter/{ref}" not in last:
            self.add("bundle", f"there is no entry of {ref}")
    def keep(self, body: dict[str, Any], key: tuple[str, int], leaf: str, idx: int) -> None:
        self.leaves[key] = leaf
        self.commits[key] = body.get("commit", {})
        self.papers.update(each["sha256"] for each in body.get("documents", ()))
        if body["kind"] != "key" or not key[0].startswith("log/"):
            return
        public = bytes.fromhex((said := body["key"])["public"])
        if self.keys:
            old, first, _ = self.keys[-1]
            text = (f"duban key rotation/v1\n{self.log}\n{self.hash}\n{said.get('replaces')}\n{said['public']}\n".encode())
            by = [bytes.fromhex(said.get(name, "")) for name in ("by_old", "by_new")]
            if said.get("replaces") != old.hex() or not (signs(old, by[0], text) and signs(public, by[1], text)):
                self.add("key_rotation", "the key was changed without the old one's signature", *key, idx)
                return
            self.keys[-1] = (old, first, idx)
        self.keys.append((public, idx + 1 if self.keys else 0, 2**62))
    def signatures(self, others: list[tuple[str, str]]) -> None:
        base = f"duban/{self.log}"
        if self.policy is None or not self.policy["logs"]:
            self.reserved.append({"code": "key_not_pinned", "message": "the log's key is the bundle's own word: give --policy"})
        else:
            pinned = {raw for name, raw in self.policy["logs"] if name == base or name.startswith(base + "/epoch")}
            if not any(raw in pinned for raw, _, _ in self.keys):
                self.add("unknown_key", "the key that signed is none of those in the policy")
                return
        for note, what in [(self.note, "checkpoint"), *others]:
            _, origin, size, _, _ = read_note(note)
            if not any(first <= size <= last and signed(note, raw, origin) for raw, first, last in self.keys):
                self.add("signature", f"the {what} of {size} entries is not signed by the log's key", idx=size)
            for name, (named, raw) in (self.policy or {"witnesses": {}})["witnesses"].items():
                if (at := cosigned(note, named, raw)) is not None and size >= self.witnesses.get(name, (0, 0))[0]:
                    self.witnesses[name] = (size, at)
        if self.policy is not None and self.policy["quorum"] != "none":
            there = {name for name, (size, _) in self.witnesses.items() if self.full or size >= self.size}
            if not satisfied(self.policy, there, self.policy["quorum"]):
                self.add("quorum", "too few witnesses have signed")
    def private(self) -> None:
        for each in self.lines("private.jsonl"):
            key, field = (each["stream"], each["seq"]), each["field"]
            made = self.h(bytes.fromhex(each["salt"]) + each["value"].encode()).hex()
            if self.commits.get(key, {}).get(field) != made:
                self.add("private", f"the value of {field} is not what was committed to", *key)
    def receipt(self, path: str) -> None:
        text = Path(path).read_text("utf-8")
        try:
            found = within(json.loads(text))
        except ValueError:
            found = [one for line in text.splitlines() if line.strip() for one in within(json.loads(line))]
        for said in found or [None]:
            self.hold(path, said)
    def hold(self, path: str, said: Any) -> None:
        log, stream, seq, leaf = map(said.get if isinstance(said, dict) else {}.get, ("log", "stream", "seq", "leaf"))
        if None in (log, stream, seq, leaf):
            self.add("receipt_unreadable", f"{path} is no receipt: log, stream, seq, leaf")
        elif log != self.log:
            self.add("receipt_foreign", f"{path} is of the log {log}")
        elif self.leaves.get((stream, seq)) != leaf:  # type: ignore[arg-type]  # neither is None
            self.add("receipt_missing", f"{path}: what it acknowledges is not in the bundle", stream, seq)
        elif said.get("sig"):
            text = f"duban receipt/v1\n{self.log}\n{stream}\n{seq}\n{leaf}\n".encode()
            if not any(signs(raw, bytes.fromhex(said["sig"]), text) for raw, _, _ in self.keys):
                self.add("receipt_signature", f"{path}: no key of the log has signed it", stream, seq)
    def told(self) -> dict[str, Any]:
        if not self.full:
            words = "the bundle of one matter cannot show that nothing was entered later, nor what other matters say"
            self.reserved.append({"code": "tail", "message": words})
        if not self.witnesses:
            self.reserved.append({"code": "no_anchor", "message": "no witness of a policy of yours has signed"})
        return {
            "ok": not self.found, "verified": not self.found and all(r["code"] == "tail" for r in self.reserved),
            "scope": self.said["scope"], "log": self.log, "origin": self.origin, "size": self.size, "root": self.root.hex(),
            "short_root": f"{self.root.hex()[:16]}@{self.size}", "entries": len(self.leaves), "count": len(self.found),
            "first": self.found[0] if self.found else None, "findings": self.found, "reservations": self.reserved,
            "witnesses": [{"name": n, "size": s, "at": at} for n, (s, at) in sorted(self.witnesses.items())],
        }  # fmt: skip
def check(path: str, policy: str | None = None, receipts: list[str] | None = None) -> dict[str, Any]:
    """Verify the bundle at *path*; whatever it holds, the answer is findings and no fault."""
    try:
        with zipfile.ZipFile(path) as bundle:
            each = bundle.infolist()
            if len({one.filename for one in each}) < len(each) or sum(one.file_size for one in each) > LARGEST or any(
                one.file_size > LINE and one.file_size > SWELLS * one.compress_size for one in each):
                raise ValueError("the bundle is too large, swells when it is unpacked, or has a name twice")
            return Check(bundle, read_policy(policy) if policy else None).run(receipts or [])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError, zipfile.BadZipFile) as error:
        wrong = {"code": "bundle", "stream": None, "seq": None, "idx": None, "message": f"{type(error).__name__}: {error}"[:300]}
        return {"ok": False, "verified": False, "scope": "none", "log": "", "origin": "", "size": 0, "root": "", "short_root": "",
                "entries": 0, "count": 1, "first": wrong, "findings": [wrong], "reservations": [], "witnesses": []}  # fmt: skip
def main() -> int:
    parser = argparse.ArgumentParser(description="verify a bundle of a duban log · 离线核验证据包")
    parser.add_argument("bundle")
    parser.add_argument("--policy", help="keys and witnesses you believe · 信任的钥和见证人")
    parser.add_argument("--receipt", action="append", default=[], help="a receipt to hold against it · 回执")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if absent := [each for each in (given.bundle, given.policy, *given.receipt) if each is not None and not Path(each).exists()]:
        parser.error(f"no such file · 没有文件: {absent[0]}")
    try:
        _ = given.policy and read_policy(given.policy)
    except (ValueError, IndexError, OSError):
        parser.error(f"no policy, lines of log, witness, group and quorum · 不是策略文件: {given.policy}")
    said = check(given.bundle, given.policy, given.receipt)
    if given.json:
        print(json.dumps(said, ensure_ascii=False))
    else:
        lines = [f"{each['code']} {IN_CHINESE[each['code']]}  {each['stream'] or ''} {each['seq'] or ''}  {each['message']}" for each in said["findings"]]
        lines += [f"reserved · 保留: {each['message']} · {IN_CHINESE[each['code']]}" for each in said["reservations"]]
        print(*lines, f"{said['origin']}  {said['short_root']}  {said['entries']} entries · 条留痕", sep="\n")
        print("verified · 核验通过" if said["verified"] else "no finding, with reservations · 未发现问题，但有保留"
              if said["ok"] else "FINDINGS · 发现问题")  # fmt: skip
    return 0 if said["ok"] else 9

if __name__ == "__main__":
    sys.exit(main())

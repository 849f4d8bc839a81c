"""Checking the rows of a matter's documents against the entries that brought them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.clock import to_us
from engine.erasure_grounds import ERASED_MARK

Lines = Iterable[tuple[Mapping[str, Any], str, Mapping[str, Any]]]


def paper_flaws(lines: Lines, rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """What differs. A row is: entry, kind, hash, size, who, when, campaign, name; a mark stands for a name that was erased."""
    said: dict[tuple[Any, ...], Any] = {}
    when: dict[int, int] = {}
    for body, _, private in lines:
        if "documents" not in body:
            continue
        when[body["seq"]] = to_us(datetime.fromisoformat(body["recorded_at"]))
        for paper in body["documents"]:
            key = (body["seq"], paper["kind"], paper["sha256"], paper["size"], body["actor"])
            said[key] = private.get(f"name:{paper['kind']}")
    there = Counter(row[:5] for row in rows)
    wrong = [
        f"document {key[1]} of entry {key[0]}: the history has it, the row is gone"
        for key in said.keys() - there.keys()
    ]
    wrong += [
        f"document {key[1]} of entry {key[0]}: it is not in the history"
        for key in there
        if key not in said or there[key] > 1
    ]
    for row in rows:
        key, at, name = row[:5], row[5], row[-1]
        if key not in said:
            continue
        if name != (ERASED_MARK if said[key] is None else said[key]):
            wrong.append(f"document {key[1]} of entry {key[0]}: its name is another")
        if at != when[key[0]]:
            wrong.append(f"document {key[1]} of entry {key[0]}: it was brought at another time than its row says")
    return sorted(wrong)

"""Who knew what when: from a matter's history and the record of its notices, never from today's rows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.clock import to_us
from engine.history import FOREVER, read_stream, stream_of
from engine.reading import Reader
from engine.store import Tx

HOWS = ("acted", "received", "told", "acknowledged")
"""Ways of coming to know; a person who acted knew, one who was told may have known, one who acknowledged did."""

TOLD = {"": "told", "acknowledge": "acknowledged"}
"""What an entry of the stream of notices says of its recipient, by its trigger."""


def knew(reader: Reader, ref: str, as_of: datetime | None = None) -> dict[str, Any]:
    """Everybody who is on record as knowing of the matter, in the order in which they came to know. Raises NotFound.

    Each item has *at* (when it was recorded), *who*, *body*, *how* (one of `HOWS`) and *what*.
    """
    until = to_us(as_of) if as_of is not None else FOREVER
    reader.show(ref, as_of)
    with reader.database.snapshot() as tx:
        items = [*_from_history(reader, tx, ref, until), *_from_notices(reader, tx, ref, until)]
    return {"ref": ref, "items": sorted(items, key=lambda each: (each["at"], HOWS.index(each["how"])))}


def _from_history(reader: Reader, tx: Tx, ref: str, until: int) -> Iterator[dict[str, Any]]:
    """Those who acted, and those who signed for what was handed over."""
    for body, _, _ in read_stream(tx, reader.campaign.id, stream_of(ref), until=until):
        what = {"entry": body["kind"], "trigger": body["trigger"] or None, "seq": body["seq"]}
        if body["actor"] != "system":
            yield _item(body, body["actor"], body.get("body"), "acted", what)
        for handed in body.get("handovers", ()):
            if handed["op"] == "received":
                yield _item(body, body["actor"], body.get("body"), "received", {**what, "handover": handed["code"]})


def _from_notices(reader: Reader, tx: Tx, ref: str, until: int) -> Iterator[dict[str, Any]]:
    """Those who were sent something, and those who acknowledged it."""
    for body, _, _ in read_stream(tx, reader.campaign.id, f"notices/{ref}", until=until):
        recipient, trigger = body.get("recipient"), body["trigger"]
        if recipient is None or trigger not in TOLD:
            continue
        what: dict[str, Any] = {
            name: body[name] for name in ("notice", "notice_kind", "level", "channel") if name in body
        }
        of = str(recipient).partition(".")[0]
        who = recipient if trigger == "" else body["actor"]
        yield _item(body, who, of if of in reader.campaign.bodies else None, TOLD[trigger], what)


def _item(
    body: Mapping[str, Any], who: str | None, of: str | None, how: str, what: Mapping[str, Any]
) -> dict[str, Any]:
    return {"at": body["recorded_at"], "who": who, "body": of, "how": how, "what": dict(what)}

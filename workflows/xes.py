"""The event log as XES (IEEE 1849-2016): a trace a matter, an event an entry, written while it is read."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import quoteattr

from workflows.event_log import Event, Value

EXTENSIONS = (("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Time", "time"), ("Organizational", "org"))
"""The standard's own extensions that we write. Source: IEEE Std 1849-2016, clause 6."""

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, not even escaped."""

TIMES = frozenset({"recorded_at"})
"""Attributes of ours that are instants."""

OURS = "duban."
"""Before the keys that are not of the standard's extensions. A colon would name an extension, and ours is declared nowhere.
Source: IEEE Std 1849-2016, clause 4 (the key of an attribute of an extension begins with its prefix and a colon)."""


def xes(events: Iterable[Event], name: str, lang: str) -> Iterator[str]:
    """Write *events*, which come trace by trace, as the pieces of one XES document; activities are named in *lang*."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    for title, prefix in EXTENSIONS:
        yield f'  <extension name="{title}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
    yield '  <global scope="trace">\n    <string key="concept:name" value=""/>\n'
    yield f'    <string key="{OURS}kind" value=""/>\n  </global>\n'
    yield '  <global scope="event">\n    <string key="concept:name" value=""/>\n'
    yield '    <date key="time:timestamp" value="1970-01-01T00:00:00Z"/>\n'
    yield '    <string key="lifecycle:transition" value="complete"/>\n    <string key="org:resource" value=""/>\n'
    yield f'    <string key="{OURS}trigger" value=""/>\n  </global>\n'
    yield '  <classifier name="Activity" scope="event" keys="concept:name"/>\n'
    yield f'  <classifier name="Trigger" scope="event" keys="{OURS}trigger"/>\n'
    yield "  " + _attribute("concept:name", name)
    yield "  " + _attribute("lifecycle:model", "standard")
    for trace, of_trace in groupby(events, key=lambda event: event.trace):
        yield from _trace(trace, of_trace, lang)
    yield "</log>\n"


def _trace(trace: str, events: Iterator[Event], lang: str) -> Iterator[str]:
    first = next(events)
    yield "  <trace>\n    " + _attribute("concept:name", trace)
    yield "    " + _attribute(f"{OURS}kind", first.kind)
    yield _event(first, lang)
    for event in events:
        yield _event(event, lang)
    yield "  </trace>\n"


def _event(event: Event, lang: str) -> str:
    values = dict(event.values)
    lines = [
        _attribute("concept:name", event.label.zh if lang == "zh" else event.label.en),
        _attribute("lifecycle:transition", "complete"),
        _attribute("time:timestamp", event.at.isoformat(timespec="milliseconds"), "date"),
        _attribute("org:resource", str(values.pop("actor"))),
    ]
    body = values.pop("body", None)
    if body is not None:
        lines.append(_attribute("org:group", str(body)))
    lines.append(_attribute(f"{OURS}trigger", event.activity))
    lines += [
        _attribute(OURS + key.replace(":", "."), value, "date" if key in TIMES else "") for key, value in values.items()
    ]
    return "    <event>\n" + "".join(f"      {line}" for line in lines) + "    </event>\n"


def _attribute(key: str, value: Value, kind: str = "") -> str:
    if isinstance(value, bool):
        kind, text = "boolean", str(value).lower()
    else:
        kind, text = kind or ("int" if isinstance(value, int) else "string"), str(value)
    return f"<{kind} key={quoteattr(NOT_XML.sub('', key))} value={quoteattr(NOT_XML.sub(' ', text))}/>\n"

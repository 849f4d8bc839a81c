"""Somebody else's event log as XES (IEEE 1849-2016), read case by case."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zoneinfo import ZoneInfo

from engine.errors import Invalid
from workflows.happenings import Case, Happening, instant_of, refuse_endless

LONGEST_TAG = 1 << 20
"""Bytes of one tag with its attributes; the parser would begin each block again from the start of it. PLACEHOLDER"""

DEEPEST = 64
"""Elements inside one another; the standard's lists of lists need a few. PLACEHOLDER"""


class _Reader:
    """What the parser tells of an XES file, put together to cases; a document type is not accepted."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self.path, self.zone = path, zone
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.inside: list[str] = []
        self.trace: dict[str, Any] = {}
        self.event: dict[str, Any] = {}
        self.events: list[Happening] = []
        self.done: list[Case] = []
        self.traces = 0
        self.characters = 0

    @property
    def where(self) -> str:
        return f"{self.path}:{self.parser.CurrentLineNumber}"

    def _refuse(self, *_: object) -> None:
        raise Invalid(f"{self.where}: a log has no document type", "doctype")

    def _start(self, name: str, said: Mapping[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self.inside and name != "log":
            raise Invalid(f"{self.where}: an XES file begins with <log>, not <{name[:40]}>", "not_xes")
        if name == "trace":
            self.trace, self.events, self.characters = {}, [], 0
            self.traces += 1
        elif name == "event":
            self.event = {}
        elif "key" in said and self.inside and self.inside[-1] in ("trace", "event"):
            self._note(name, said["key"], said.get("value", ""))
        self.inside.append(name)
        if len(self.inside) > DEEPEST:
            raise Invalid(f"{self.where}: elements lie more than {DEEPEST} deep", "too_deep")

    def _note(self, kind: str, key: str, text: str) -> None:
        self.characters += len(key) + len(text)
        refuse_endless(len(self.events), self.characters, self.where)
        (self.event if self.inside[-1] == "event" else self.trace)[_ours(key)] = _typed(kind, text)

    def _end(self, name: str) -> None:
        self.inside.pop()
        name = name.rpartition(":")[2]
        if name == "event" and "trace" in self.inside:  # one beside all traces belongs to no case
            self.events.append(self._happening())
            refuse_endless(len(self.events), self.characters, self.where)
        elif name == "trace":
            case = self.trace.get("concept:name") or f"#{self.traces}"
            self.done.append(Case(str(case), self.events))

    def _happening(self) -> Happening:
        said = self.event
        activity = said.get("duban.trigger") or said.get("concept:name")
        if not activity:
            raise Invalid(f"{self.where}: an event without concept:name", "empty")
        if "time:timestamp" not in said:
            raise Invalid(f"{self.where}: an event without time:timestamp", "empty")
        facts = {key.removeprefix("duban.fact."): value for key, value in said.items() if key.startswith("duban.fact.")}
        ours = "duban.entry" in said
        papers = tuple(str(said["duban.documents"]).split(";")) if said.get("duban.documents") else ()
        return Happening(
            str(activity),
            instant_of(str(said["time:timestamp"]), self.zone, self.where),
            self.where,
            said.get("org:resource"),
            said.get("org:group"),
            said.get("duban.to"),
            str(said.get("duban.entry", "moved")),
            papers if ours else None,
            facts if facts or ours else None,
            said.get("duban.owner"),
        )


def _ours(key: str) -> str:
    """A key as we write it now: of our own, those of the first release had colons."""
    return key.replace(":", ".") if key.startswith("duban:") else key


def _typed(kind: str, text: str) -> Any:
    if kind == "boolean":
        return text == "true"
    try:
        return int(text) if kind == "int" else text
    except ValueError:
        return text


def cases_of_xes(path: Path, zone: ZoneInfo) -> Iterator[Case]:
    """The cases of an XES file, told while it is read; what cannot be understood is refused when its place is reached."""
    reader, fed = _Reader(path, zone), 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 16):
                reader.parser.Parse(block, False)
                fed += len(block)
                if fed - reader.parser.CurrentByteIndex > LONGEST_TAG:
                    raise Invalid(f"{reader.where}: a tag is longer than {LONGEST_TAG} bytes", "too_long")
                yield from reader.done
                reader.done.clear()
            reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Invalid(f"{reader.where}: no XML: {expat.ErrorString(error.code)}", "not_xml") from None
    except (LookupError, ValueError):  # a name of an encoding that the parser asks for and cannot be given
        raise Invalid(f"{path}: its encoding is not known; save it as UTF-8", "encoding") from None
    yield from reader.done

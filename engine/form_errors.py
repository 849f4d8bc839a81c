"""Holding a file against its form: the form's complaints in plain words, each with its place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.errors import Problem
from engine.source import Findings, Path, Source
from engine.suggest import did_you_mean

T = TypeVar("T", bound=BaseModel)

MOST_ROUNDS = 8
"""How often faulty parts are cut away to see the rest of a file."""

_TYPES = {
    "string_type": "a text is needed here",
    "int_type": "a whole number is needed here",
    "bool_type": "true or false is needed here",
    "list_type": "a list is needed here",
    "dict_type": "a mapping of keys to values is needed here",
    "model_type": "a mapping of keys to values is needed here",
    "string_too_short": "the text is empty",
    "too_short": "the list is empty",
}

_FORMS = {
    "^[a-z][a-z0-9_]": "lower-case letters, digits and _, beginning with a letter",
    "^[a-z0-9][a-z0-9-]": "lower-case letters, digits and -",
    "^(=|@back|": "a state, = or @back",
    "^(matter|any|": "matter, any, part:<part>, fact:<fact> or fact:<fact>|part:<part>",
    "^(matter|part:": "matter, part:<part> or fact:<fact>",
    "^[0-9]{4}-": "a date, YYYY-MM-DD",
    "^([01][0-9]|": "a time of day, HH:MM",
    "^[0-9]+(": "a number like 3.1.2",
    "^(0|0h|": "-3wd, -1d, 0, +2wd, -12h, 0h or +4h",
    "^(mon|": "a day of the week (mon) or of the month (4), in quotes if a number",
}
"""The patterns of the forms in words, by their beginnings."""


@dataclass
class Form(Generic[T]):
    """A file held against its form. *doc* is what could be read without the faulty parts, if anything.

    *source* and *doc* agree; *cut* are the words of the parts that are missing in them.
    """

    doc: T | None
    source: Source
    problems: list[Problem]
    cut: frozenset[str]

    @property
    def whole(self) -> bool:
        """Say whether nothing had to be cut away."""
        return not self.problems

    def telling(self, problems: Iterable[Problem]) -> list[Problem]:
        """Leave out the problems that may only come from what was cut away."""
        return [each for each in problems if not any(f"'{word}'" in each.message for word in self.cut)]


def read_form(form: type[T], source: Source, stand_ins: Mapping[str, Any]) -> Form[T]:
    """Read *source* by *form*; every complaint becomes a problem, and the sound rest is read as well.

    *stand_ins* replace the top-level values that no check looks at, if one of them is at fault.
    """
    problems: list[Problem] = []
    cut: set[str] = set()
    for turn in range(MOST_ROUNDS):
        try:
            return Form(form.model_validate(source.data), source, problems, frozenset(cut))
        except ValidationError as error:
            complaints = [_Complaint(details, source.data) for details in error.errors(include_url=False)]
        found = Findings(source)
        _report(form, [each for each in complaints if turn == 0 or each.type == "value_error"], found)
        problems += found.problems
        faulty = _outermost(complaint.path for complaint in complaints)
        if () in faulty and stand_ins.items() <= source.data.items():
            break
        if () in faulty:
            source = replace(source, data={**source.data, **stand_ins})
            continue
        for path in faulty:
            cut.update(_words(path[-1], source.part(path)))
        source = source.without(faulty)
    return Form(None, source, problems, frozenset(cut))


class _Complaint:
    """One of pydantic's errors; *path* is its way through the data, without pydantic's own signs."""

    def __init__(self, details: Any, data: Any) -> None:
        self.type: str = details["type"]
        self.input = details["input"]
        self.context = details.get("ctx", {})
        self.said = str(details["msg"]).removeprefix("Value error, ")
        self.on_key = details["loc"][-1:] == ("[key]",)
        self.key = str(details["loc"][-1]) if self.type in ("missing", "extra_forbidden") else ""
        self.path = _walk(details["loc"], data)

    @property
    def holder(self) -> Path:
        """The mapping that lacks a key or has one too many."""
        return self.path if self.type == "missing" else self.path[:-1]


def _walk(loc: Iterable[str | int], data: Any) -> Path:
    """Follow *loc* as far as the data goes; marks of unions and of wrapped scalars lead nowhere."""
    path: Path = ()
    for part in loc:
        inside = isinstance(data, dict) and part in data
        if inside or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            path, data = (*path, part), data[part]
    return path


def _outermost(paths: Iterable[Path]) -> frozenset[Path]:
    """Leave out paths that lie within others."""
    every = set(paths)
    return frozenset(path for path in every if not any(path[:length] in every for length in range(len(path))))


def _words(key: str | int, value: Any) -> Iterator[str]:
    """List the keys and texts of a part."""
    stack = [key, value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            stack.extend(each.keys())
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)
        elif isinstance(each, str):
            yield each


def _report(form: type[BaseModel], complaints: list[_Complaint], found: Findings) -> None:
    """Turn the complaints into problems: one for a misspelt key, one for a value."""
    keys = {complaint.path: allowed_keys(form, complaint.holder) for complaint in complaints if complaint.key}
    misspelt = {
        (complaint.holder, did_you_mean(complaint.key, keys[complaint.path]))
        for complaint in complaints
        if complaint.type == "extra_forbidden"
    }
    told: set[Path] = set()
    same: dict[Path, list[_Complaint]] = {}
    for complaint in complaints:
        same.setdefault(complaint.path, []).append(complaint)
    within = {complaint.path[:-1] for complaint in complaints if not complaint.key}
    for each in complaints:
        if each.type == "missing":
            if (each.holder, f"did you mean '{each.key}'?") not in misspelt:
                found.add(each.path, "missing_key", f"the key '{each.key}' is missing")
        elif each.type == "extra_forbidden":
            hint = did_you_mean(each.key, keys[each.path])
            found.add(each.path, "unknown_key", f"there is no key '{each.key[:60]}' here", hint, key=True)
        elif each.path not in told and not (each.type == "literal_error" and each.path in within):
            told.add(each.path)
            code, message, hint = _describe(each, same[each.path])
            found.add(each.path, code, message, hint, key=each.on_key)


def _describe(each: _Complaint, same: list[_Complaint]) -> tuple[str, str, str]:
    """Return code, message and hint for a value the form does not take."""
    if len(same) > 1:
        return "bad_type", _union(same), ""
    if each.type in _TYPES:
        return "bad_type", _TYPES[each.type], _type_hint(each)
    return _bad_value(each, str(each.input)[:60])


def _bad_value(each: _Complaint, said: str) -> tuple[str, str, str]:
    """Describe a value of the right type that is not among those possible."""
    if each.type == "literal_error":
        choices = each.context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        hint = did_you_mean(said, choices) or "one of: " + ", ".join(choices)
        return "bad_value", f"'{said}' is not possible here", hint
    if each.type == "string_pattern_mismatch":
        pattern = str(each.context["pattern"])
        form = next((words for start, words in _FORMS.items() if pattern.startswith(start)), pattern)
        return "bad_form", f"'{said}' does not have the right form", form
    limits = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
    if each.type in limits:
        words, bound = limits[each.type]
        return "bad_value", f"{said} is not possible here", f"{words} {each.context[bound]}"
    return "inconsistent", each.said[:200], ""


def _union(same: list[_Complaint]) -> str:
    """Say what a value could be that several branches of a union complain of."""
    literals = [str(each.context["expected"]) for each in same if each.type == "literal_error"]
    return f"{literals[0]} or a list is needed here" if literals else "a text, a number, true or false is needed here"


def _type_hint(each: _Complaint) -> str:
    if each.type == "bool_type" and isinstance(each.input, str):
        meant = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
        found = meant.get(each.input.lower())
        return f"did you mean {found}?" if found else ""
    if each.type == "string_type" and isinstance(each.input, int):
        return "put it in quotes"
    return ""


def allowed_keys(form: type[BaseModel], path: Path) -> list[str]:
    """List the keys that *form* knows for the mapping at *path*."""
    places: list[Any] = [form]
    for part in path:
        places = [inner for place in places for inner in _enter(place, part)]
    return [
        field.alias or name
        for place in places
        if isinstance(place, type) and issubclass(place, BaseModel)
        for name, field in place.model_fields.items()
    ]


def _enter(place: Any, part: str | int) -> list[Any]:
    """Find the types of what lies at *part* in a value of type *place*."""
    if isinstance(place, type) and issubclass(place, BaseModel):
        fields = place.model_fields.items()
        return [kind for name, field in fields if (field.alias or name) == part for kind in _kinds(field.annotation)]
    if get_origin(place) is dict:
        return _kinds(get_args(place)[1])
    if get_origin(place) is list and isinstance(part, int):
        return _kinds(get_args(place)[0])
    return []


def _kinds(annotation: Any) -> list[Any]:
    """Take unions and annotations apart."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for each in get_args(annotation) for kind in _kinds(each)]
    return [annotation]

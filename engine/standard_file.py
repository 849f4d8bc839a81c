"""Files of standards: read, held against their form, and searched for every row that cannot be meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.check_facts import check_facts
from engine.definition_schema import Label
from engine.expr import Expr, ExprError, Names, compile_expr, read_aloud
from engine.expr_kleene import judge
from engine.form_errors import read_form
from engine.source import Findings, Path, invalid
from engine.standard_schema import EVERY_CRIME, CrimeSpec, StandardDoc, StandardRow
from engine.strictyaml import parse

_STAND_INS = {
    "schema": "standard/1",
    "family": "family",
    "code": "code",
    "label": {"zh": "-", "en": "-"},
    "basis": "-",
    "valid_from": "1949-10-01",
    "facts": {},
    "crimes": {},
}
"""What takes the place of faulty values so that the rest of the file is checked too."""

ALWAYS = Label(zh="实施该行为即可", en="the conduct itself")
"""How a row without a condition is read."""


@dataclass(frozen=True)
class Row:
    """A row made ready: *code* tells it from every other of its family, *conditions* must all hold."""

    code: str
    crime: str
    spec: StandardRow
    first: date
    last: date
    gives: str
    conditions: tuple[Expr, ...]
    presumes: Mapping[str, bool] = field(repr=False)
    labels: Mapping[str, Label] = field(repr=False)
    crime_label: Label = field(repr=False)

    @property
    def facts(self) -> frozenset[str]:
        """The facts that the row looks at."""
        return frozenset(
            fact for expr in self.conditions for fact in (*expr.facts, *(str(a[0]) for _, a in expr.calls))
        )

    def judge(self, facts: Mapping[str, Any]) -> bool | None:
        """Say whether the row is met; None if that depends on a fact that is neither stated nor presumed."""
        known = {**self.presumes, **facts}
        found = [judge(expr.node, known) for expr in self.conditions]
        return False if False in found else None if None in found else True

    def missing(self, facts: Mapping[str, Any]) -> list[str]:
        """The facts that the row waits for."""
        return sorted(fact for fact in self.facts - self.presumes.keys() if facts.get(fact) is None)

    def condition(self) -> Label:
        """The row's figures in words."""
        if self.spec.when is None:
            return ALWAYS
        return Label(**{lang: read_aloud(self.conditions[-1], self.labels, lang) for lang in ("zh", "en")})

    def covers(self, crime: str, on: date) -> bool:
        """Say whether the row is looked at for *crime* on the day *on*."""
        named = self.crime == crime or (self.crime == EVERY_CRIME and crime in (self.spec.only_for or (crime,)))
        return named and self.first <= on <= self.last


@dataclass(frozen=True)
class Standard:
    """A sound file of standards: its content, the digest that identifies this version, and its rows."""

    doc: StandardDoc
    name: str
    digest: str
    rows: tuple[Row, ...] = field(repr=False)


def load_standard(text: str | bytes, name: str) -> Standard:
    """Read the file *name* from its content. Raises Invalid with every problem of the file."""
    source = parse(text, name)
    form = read_form(StandardDoc, source, _STAND_INS)
    if form.doc is None:
        raise invalid(name, form.problems)
    found = Findings(form.source)
    rows = _Checked(form.doc, found).rows()
    problems = [*form.problems, *form.telling(found.problems)]
    if problems:
        raise invalid(name, problems)
    return Standard(form.doc, name, source.digest, tuple(rows))


class _Checked:
    """Takes the rows of a file together and reports what is wrong with them."""

    def __init__(self, doc: StandardDoc, found: Findings) -> None:
        self._doc, self._found = doc, found
        empty: frozenset[str] = frozenset()
        self._names = Names(doc.facts, empty, empty, empty, empty, empty)
        self._labels = {f"fact:{code}": spec.label for code, spec in doc.facts.items()}

    def rows(self) -> list[Row]:
        check_facts(self._doc.facts, self._found)
        for code, spec in self._doc.facts.items():
            if spec.personal:
                message = f"the fact '{code}' is personal, and what is evaluated is kept in the record"
                self._found.add(("facts", code, "personal"), "personal_fact", message)
        for code in self._doc.presumes:
            known = self._found.expect(("presumes", code), "fact", code, self._doc.facts)
            if known and self._doc.facts[code].type != "bool":
                self._found.add(("presumes", code), "fact_type", f"the fact '{code}' is not true or false", key=True)
        first, last = self._span((), self._doc.valid_from, self._doc.valid_to)
        found = []
        for crime, listed in self._doc.crimes.items():
            self._found.unique(("crimes", crime, "rows"), "row", [row.code for row in listed.rows], ("code",))
            found += [self._row(crime, listed, at, (first, last)) for at in range(len(listed.rows))]
        return found

    def _row(self, crime: str, spec: CrimeSpec, at: int, whole: tuple[date, date]) -> Row:
        row, path = spec.rows[at], ("crimes", crime, "rows", at)
        conditions = [self._expr(("crimes", crime, "when"), spec.when), self._expr((*path, "when"), row.when)]
        first, last = self._span(path, row.valid_from, row.valid_to)
        if not whole[0] <= max(first, whole[0]) <= min(last, whole[1]):
            self._found.add(path, "never_valid", f"the row '{row.code}' is not valid on any day of its file")
        if row.only_for and crime != EVERY_CRIME:
            message = f"only rows of '{EVERY_CRIME}' are narrowed to some crimes"
            self._found.add((*path, "only_for"), "only_for", message, key=True)
        return Row(
            f"{self._doc.code}.{crime}.{row.code}", crime, row, max(first, whole[0]), min(last, whole[1]), self._doc.gives,
            tuple(expr for expr in conditions if expr is not None), self._doc.presumes, self._labels, spec.label,
        )  # fmt: skip

    def _expr(self, path: Path, text: str | None) -> Expr | None:
        if text is None:
            return None
        try:
            expr = compile_expr(text, self._names)
        except ExprError as error:
            self._found.add(path, "expression", error.message, error.hint, offset=error.column - 1)
            return None
        foreign = sorted({name for name, _ in expr.calls} - {"known"})
        if foreign:
            message = f"'{foreign[0]}' looks at more than facts"
            self._found.add(path, "expression", message, "here only known('…') is possible")
        return expr

    def _span(self, path: Path, valid_from: str | None, valid_to: str | None) -> tuple[date, date]:
        """The days of validity; a day that is none, or an end before the beginning, is reported."""
        first = self._day((*path, "valid_from"), valid_from) or date.min
        last = self._day((*path, "valid_to"), valid_to) or date.max
        if last < first:
            self._found.add((*path, "valid_to"), "ends_early", f"{last} lies before {first}")
        return first, last

    def _day(self, path: Path, text: str | None) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self._found.add(path, "no_day", f"'{text}' is no day of the calendar")
            return None

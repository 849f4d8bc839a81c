"""Campaign files: read, held against their form, and checked within and against the definitions they run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.campaign_schema import CampaignDoc
from engine.check_campaign import check_campaign
from engine.check_campaign_use import check_use
from engine.definition import Definition
from engine.form_errors import read_form
from engine.source import Findings, Path, Source, invalid
from engine.strictyaml import CAMPAIGN_BOUNDS, parse

_STAND_INS = {
    "schema": "campaign/1",
    "code": "code",
    "name": {"zh": "-", "en": "-"},
    "source": {"title": "-", "issued_by": "-", "issued_on": "2010-01-01"},
    "zone": "UTC",
    "start": "2010-01-01",
    "end": "2010-12-31",
    "launched_at": "2010-01-01",
}
"""What takes the place of faulty values so that the rest of the file is checked too."""


@dataclass(frozen=True)
class CampaignFile:
    """A sound campaign: its content, its text, the digest that identifies it, and the places of its parts."""

    doc: CampaignDoc
    text: str = field(repr=False)
    digest: str
    source: Source = field(repr=False, compare=False)


def load_campaign(
    text: str | bytes,
    name: str,
    definitions: Mapping[str, Definition] | None,
    source_text: str | None = None,
) -> CampaignFile:
    """Read the campaign file *name* from its content. Raises Invalid with every problem.

    With *definitions* (by kind) it is checked against them, and a problem may lie in a definition's file;
    with *source_text*, the founding document, every quote must stand in it.
    """
    source = parse(text, name, CAMPAIGN_BOUNDS)
    form = read_form(CampaignDoc, source, _STAND_INS)
    if form.doc is None:
        raise invalid(name, form.problems)
    found = Findings(form.source)
    if "words" in form.source.data:
        found.add(("words",), "unknown_key", "there is no key 'words' here", "did you mean 'texts'?", key=True)
    check_campaign(form.doc, found)
    if source_text is not None:
        check_quotes(form.doc, source_text, found)
    others = [] if definitions is None else check_use(form.doc, definitions, found)
    later = [problem for each in (found, *others) for problem in each.problems]
    problems = [*form.problems, *form.telling(later)]
    if problems:
        raise invalid(name, problems)
    return CampaignFile(form.doc, source.text, source.digest, source)


def check_quotes(doc: CampaignDoc, text: str, found: Findings) -> None:
    """Report quotes that do not stand in *text*; white space does not count."""
    whole = "".join(text.split())
    for path, quote in _quotes(doc):
        if "".join(quote.split()) not in whole:
            message = f"the founding document does not say “{quote[:30]}{'…' if len(quote) > 30 else ''}”"
            found.add(path, "quote", message, "quote it letter by letter")


def _quotes(doc: CampaignDoc) -> Iterator[tuple[Path, str]]:
    for position, phase in enumerate(doc.phases):
        if phase.quote is not None:
            yield ("phases", position, "quote"), phase.quote
    for position, duty in enumerate(doc.duties):
        yield ("duties", position, "source"), duty.source
    for position, owed in enumerate(doc.deliverables):
        yield ("deliverables", position, "quote"), owed.quote
    for position, safeguard in enumerate(doc.safeguards):
        yield ("safeguards", position, "quote"), safeguard.quote

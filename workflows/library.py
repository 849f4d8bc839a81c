"""The shelf: definitions, campaigns and texts that come with duban, and those an office keeps beside its own files."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from engine.access import load_access
from engine.access_schema import AccessDoc
from engine.campaign_file import CampaignFile, load_campaign
from engine.check_facts import unlabelled
from engine.check_standards import check_answers
from engine.definition import Definition, load_definition
from engine.errors import Invalid, NotFound, Problem
from engine.source import Findings, invalid
from engine.statute_schema import StatuteSpec
from engine.statutes import load_statutes
from engine.strictyaml import parse
from engine.suggest import did_you_mean
from engine.text_file import Words, read_texts
from engine.texts import Texts
from workflows.campaign_access import with_rights
from workflows.campaign_texts import choices, text_files, with_words
from workflows.standards import shipped_standards

HERE = Path(__file__).parent

CAMPAIGNS = HERE / "campaigns"

LAW = HERE / "law"
"""Registries of statutory periods: ``timers.yaml`` and ``timers-….yaml``."""


@dataclass(frozen=True)
class Shelf:
    """A campaign file with the definitions it names, all checked against each other."""

    campaign: CampaignFile
    definitions: dict[str, Definition]
    source: str


def campaign_names() -> list[str]:
    """The campaigns that come with duban."""
    return sorted(path.stem for path in CAMPAIGNS.glob("*.yaml"))


def definition_kinds() -> list[str]:
    """The kinds of matter that come with duban."""
    return sorted(path.stem for path in HERE.glob("*.yaml") if path.stem not in ("texts", "access"))


def find_campaign(name: str) -> Path:
    """The file of a campaign: one of ours by its name, else a path. Raises NotFound."""
    ours = CAMPAIGNS / f"{name}.yaml"
    if ours.is_file():
        return ours
    path = Path(name)
    if path.is_file():
        return path
    hint = did_you_mean(name, campaign_names()) if "/" not in name else ""
    raise NotFound(
        f"no campaign {name!r}: neither one of ours ({', '.join(campaign_names())}) nor a file",
        "no_campaign",
        hint=hint,
    )


def read_definition(path: Path) -> Definition:
    """Load a definition file with the statutes it names. Raises Invalid with every problem."""
    return load_definition(_bytes(path), _shown(path), statutes())


def read_untabled(name: str) -> Definition:
    """One of our kinds or a definition file, its table of expectations left aside. Raises Invalid."""
    path = HERE / f"{name}.yaml" if name in definition_kinds() else Path(name)
    return load_definition(_bytes(path), _shown(path), statutes(), tabled=False)


@cache
def statutes() -> dict[str, StatuteSpec]:
    """The statutory periods that come with duban, by their codes."""
    return load_statutes((_bytes(path), path.name) for path in sorted(LAW.glob("timers*.yaml")))


@cache
def shipped_definition(kind: str) -> Definition:
    """One of our own definitions. Raises NotFound."""
    path = HERE / f"{kind}.yaml"
    if kind not in definition_kinds():
        raise NotFound(f"no definition {kind!r}; there are: {', '.join(definition_kinds())}", "no_kind")
    definition = read_definition(path)
    bare = unlabelled(definition.doc.facts)
    if bare:
        raise Invalid(f"{kind}: values without words for people: {', '.join(bare)}", "no_label")
    return definition


def read_shelf(name: str) -> Shelf:
    """Load a campaign with its definitions. Raises Invalid with every problem of every file at once."""
    path = find_campaign(name)
    content = _bytes(path)
    first = load_campaign(content, _shown(path), None)
    definitions, problems = {}, []
    for kind, use in first.doc.definitions.items():
        try:
            definitions[kind] = read_definition(path.parent / use.file) if use.file else shipped_definition(kind)
        except Invalid as error:
            problems += error.flaws(_shown(path))
        except NotFound as error:
            problems.append(replace(error.as_problem(_shown(path)), code="unknown_kind"))
    problems = problems or check_answers(definitions, shipped_standards())
    if problems:
        raise Invalid(f"{len(problems)} problems in the definitions of {name}", problems=problems)
    campaign = load_campaign(content, _shown(path), definitions, source_text=_founding_text(path, first))
    worded = with_words(campaign, path, definitions, texts().kinds)
    ready = with_rights(worded, path, definitions, shipped_access())
    return Shelf(ready, definitions, content.decode("utf-8", "replace"))


def _founding_text(path: Path, campaign: CampaignFile) -> str | None:
    """The text of the founding document, if the campaign names its file. Raises Invalid if it is not there."""
    name = campaign.doc.source.file
    if not name:
        return None
    try:
        return (path.parent / name).read_text("utf-8", "replace")
    except OSError as error:
        found = Findings(campaign.source)
        found.add(
            ("source", "file"), "unreadable", f"{path.parent / name} cannot be read: {error.strerror}",
            "put the founding document's text there, or leave this line out",
        )  # fmt: skip
        raise invalid(campaign.source.name, found.problems) from None


@cache
def shipped_access() -> AccessDoc:
    """Who sees what, unless a campaign says otherwise."""
    return load_access(_bytes(HERE / "access.yaml"), "access.yaml")


@cache
def texts() -> Texts:
    """The words of notices."""
    return Texts(parse(_bytes(HERE / "texts.yaml"), "texts.yaml").data)


def read_texts_alone(path: str, campaign: str) -> Words:
    """Read a file or folder of texts for *campaign* without putting it in force. Raises Invalid with every problem."""
    shelf = read_shelf(campaign)
    may = choices(shelf.campaign.doc, shelf.definitions.values(), texts().kinds)
    return read_texts(text_files(Path(path)), may)


def _shown(path: Path) -> str:
    """How a file is named in messages: ours by name, others as they were given."""
    return path.name if HERE in path.parents else str(path)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(
            f"{path}: cannot be read: {error.strerror}",
            "unreadable",
            problems=[Problem(str(path), 0, 0, "unreadable", str(error.strerror))],
        ) from None

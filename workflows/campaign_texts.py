"""The words that a campaign brings for its notices: found beside its file, checked, and made part of its content."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from engine.campaign_file import CampaignFile
from engine.campaign_schema import CampaignDoc
from engine.canonical import canonical, digest
from engine.definition import Definition
from engine.errors import Invalid, Problem
from engine.source import Findings, invalid
from engine.suggest import did_you_mean
from engine.text_file import Choices, Words, read_texts

MOST_FILES = 100
"""Files of a folder of texts. PLACEHOLDER"""


def with_words(
    campaign: CampaignFile, path: Path, definitions: Mapping[str, Definition], ours: frozenset[str]
) -> CampaignFile:
    """The campaign with the words of its ``texts``; its digest then tells other words apart.

    *ours* are the kinds of notice that have words in any case. Raises Invalid with every problem of every file.
    """
    doc, found = campaign.doc, Findings(campaign.source)
    words: Words = {}
    if doc.texts is not None:
        words = read_texts(text_files(path.parent / doc.texts, found), choices(doc, definitions.values(), ours))
    _check_rungs(doc, found, {*ours, *words})
    found.raise_if_any()
    if not words:
        return campaign
    said = {key: spec.model_dump() for key, spec in words.items()}
    named = digest(canonical([campaign.digest, said]))
    return replace(campaign, doc=doc.model_copy(update={"words": words}), digest=named)


def choices(doc: CampaignDoc, definitions: Iterable[Definition], ours: frozenset[str]) -> Choices:
    """What a file of texts for this campaign may name."""
    known = list(definitions)
    rungs = [rung for ladder in doc.ladders.values() for rung in ladder.rungs]
    return Choices(
        kinds=ours | {rung.text for rung in rungs if rung.text is not None},
        circles=frozenset(doc.circles).union(*(each.doc.roles for each in known)),
        rungs=frozenset(rung.at for rung in rungs),
        documents=frozenset(kind for each in known for kind in each.doc.documents),
    )


def text_files(path: Path, found: Findings | None = None) -> list[tuple[str, bytes]]:
    """The files of texts at *path*, a file or a folder, in the order of their names. Raises Invalid if there are none."""
    try:
        if path.is_dir():
            paths = sorted(each for each in path.iterdir() if each.suffix in (".yaml", ".txt"))
            if not 0 < len(paths) <= MOST_FILES:
                raise ValueError(f"a folder of texts has 1 to {MOST_FILES} files .yaml or .txt")
        else:
            paths = [path]
        return [(str(each), each.read_bytes()) for each in paths]
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or str(error), found) from None


def _unreadable(path: Path, why: str, found: Findings | None) -> Invalid:
    """The refusal of texts that are not there, at the line of the campaign file that names them."""
    message = f"{path} cannot be read: {why}"
    if found is None:
        return invalid(str(path), [Problem(str(path), 0, 0, "unreadable", message)])
    found.add(("texts",), "unreadable", message, "put the texts there, or leave this line out")
    return invalid(found.source.name, found.problems)


def _check_rungs(doc: CampaignDoc, found: Findings, known: set[str]) -> None:
    """Report rungs whose notices have no words."""
    for name, ladder in doc.ladders.items():
        for position, rung in enumerate(ladder.rungs):
            if rung.text is not None and rung.text not in known:
                way = ("ladders", name, "rungs", position, "text")
                found.add(way, "unknown_text", f"there are no texts '{rung.text}'", did_you_mean(rung.text, known))

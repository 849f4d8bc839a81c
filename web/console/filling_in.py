"""What a form is filled in with before anybody types: values that are known already, each with where it is from."""

from collections.abc import Mapping, Sequence
from typing import Any

from web.console.forms import Field
from web.console.shell import query
from web.console.visit import Visit
from workflows.bulletin_figures import ISSUE, Suggestions, suggestions


def fill_in(visit: Visit, shown: Mapping[str, Any], fields: Sequence[Field], *, typed: bool) -> tuple[str, str]:
    """Fill in *fields* of an act on the matter *shown* and say beside each where it is from; what was *typed* stays.

    Returns the address of the tally whose sums they are, and its words; both empty if there is none.
    """
    if not fields or not visit.sight.may("statistics"):
        return "", ""
    found = suggestions(visit.reader, shown)
    there = [each for each in fields if each.code in found.facts]
    for each in there:
        said = found.facts[each.code]
        each.value = each.value if typed else str(said.value)
        told = visit.t(f"{said.zh}：{said.value}", f"{said.en}: {said.value}") if typed else visit.t(said.zh, said.en)
        each.hint = visit.t("；", "; ").join(filter(None, (each.hint, told)))
    return _source(visit, found) if any(each.required and each.code != ISSUE for each in there) else ("", "")


def _source(visit: Visit, found: Suggestions) -> tuple[str, str]:
    if not found.tally:
        return "", ""
    return "/statistics/returns" + str(query({}, of=found.tally)), visit.speech.label(dict(found.label))

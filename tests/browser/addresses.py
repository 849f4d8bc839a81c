"""Which pages there are: those that the application's own router answers, with samples of what its addresses ask for."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from fastapi.routing import iter_route_contexts

from browser.sites import Site


def paths(site: Site) -> list[str]:
    """The addresses that the application's router answers with GET."""
    app: Any = site.app
    while not hasattr(app, "routes"):
        app = app._app
    return [str(each.path) for each in iter_route_contexts(app.routes) if "GET" in (each.methods or ())]


def addresses(site: Site, only: list[str], unfilled: list[str]) -> Iterator[str]:
    """Every page's address, those with parameters for each of their samples; into *unfilled* what has no sample."""
    samples = samples_of(site)
    for pattern in dict.fromkeys(paths(site)):
        names = re.findall(r"{(\w+)(?::\w+)?}", pattern)
        if only and not pattern.startswith(tuple(only)):
            continue
        if missing := [name for name in names if name not in samples]:
            unfilled.append(f"{pattern}: no sample for {', '.join(missing)}")
            continue
        for values in product(*(samples[name] for name in names)):
            filled = pattern
            for value in values:
                filled = re.sub(r"{\w+(?::\w+)?}", lambda _, value=value: value, filled, count=1)
            yield filled


def samples_of(site: Site) -> dict[str, list[str]]:
    """What stands for a parameter of that name: of every kind of matter the reddest, and the one with the longest title."""
    matters, notices = site.workspace.reader.listed()["items"], site.workspace.reader.notices()["items"]
    lights = {"red": 0, "yellow": 1, "green": 2}
    by_kind: dict[str, str] = {}
    for each in sorted(matters, key=lambda one: (lights.get(one["light"], 3), one["ref"])):
        by_kind.setdefault(each["kind"], each["ref"])
    longest = max(matters, key=lambda one: len(one["title"] or ""))["ref"]
    sent = [each["recipient"] for each in notices if each["status"] == "sent"]
    return {
        "ref": [*by_kind.values(), longest],
        "kind": ["case"],
        "body": [next(iter(each["body"] for each in matters if each["kind"] == "case"), "bgs")],
        "login": ["wujia.head"],
        "notice": [str(each["id"]) for each in notices[:1]],
        "ident": [str(each["id"]) for each in notices[:1]],
        "token": [site.link(sent[-1]).rpartition("/")[2]] if sent else [],
    }

"""Every operation of the OpenAPI document, asked by every kind of caller with random and hostile values.

Whatever is asked: nothing is a fault of ours, nobody gets in without a token, and each answer is one that the document declares.
"""

import json
import os
import string
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from callers import Answer, Caller, House, house_of, token_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pgtemp import PgTemp
from world import advance, begin

from commands.programs import SchedulersFigures

HOSTILE = [
    "", " ", "\0", "\ud800", "..", "../../etc/passwd", "%00", "%2F", "a" * 5000, "'; drop table matter; --", "{{7*7}}",
    "<script>alert(1)</script>", "=1+1", "${jndi:ldap://x}", "𝕏" * 40, "\u202e", "9" * 40, "-1", "0", "1e999", "NaN", "null",
    "errand/alpha", "errand/beta", "alpha", "bgs", "errand", "take", "answer", "errand@1", "small-2010@1", "2010-11-20",
    "2010-11-20T09:00:00+08:00", "9999-12-31", "0001-01-01", "2010-02-30", "true", "[]", "case@1", "report",
]  # fmt: skip


class Chance:
    """What a seed decides."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def one_in(self, number: int) -> bool:
        return self._random.randrange(number) == 0

    def of(self, choices: Sequence[Any]) -> Any:
        return self._random.choice(choices)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def anything(self) -> Any:
        return self.of((
            self.of(HOSTILE), "".join(chr(self.number(0, 0x2FFF)) for _ in range(self.number(0, 20))), self.number(-(2**70), 2**70),
            self.one_in(2), None, self._random.random() * 1e9, float("nan"), [self.of(HOSTILE)] * self.number(0, 3),
            {self.of(HOSTILE): self.of(HOSTILE)}, {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}},
        ))  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, pg_server: PgTemp, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with pg_server.database() as pg_url:
        lite_url = f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'duban.db'}"
        workspace = begin(lite_url if request.param == "sqlite" else pg_url)
        advance(workspace, "2010-11-16T09:30")
        figures = SchedulersFigures(workspace)
        with house_of(workspace, stream_s=0.0, failures=10**9, figures=figures) as found:
            yield found
        workspace.close()


class Drawn(dict[str, Any]):
    """The document, which nobody wants to read in a report."""

    def __repr__(self) -> str:
        return "the document"


@pytest.fixture(scope="module")
def document(house: House) -> Any:
    return Drawn(house.as_("bgs.admin").get("/openapi.json").json)


@pytest.fixture(scope="module")
def callers(house: House) -> dict[str, Caller]:
    from world import set_clock

    workspace, expired = house.workspace, house.as_("alpha.officer")
    set_clock(workspace, "2011-02-20T09:30")
    with workspace.database.tx() as tx:
        for login, post in (("runner", "operator"), ("guard", "security"), ("nobody", "")):
            workspace.people.add(tx, login, login, workspace.clock.now())
            if post:
                workspace.people.rehearsal[login] = frozenset({("bgs", post)})
    logins = ("bgs.admin", "alpha.liaison", "beta.head", "lxz.chair", "auditor", "runner", "guard", "nobody")
    found = {login: house.as_(login) for login in logins}
    narrowed = {
        f"only {scope}": house.holding(token_of(workspace, "bgs.admin", frozenset({scope})))
        for scope in ("read", "export")
    }
    revoked = token_of(workspace, "beta.liaison")
    with workspace.database.tx() as tx:
        workspace.people.revoke(tx, "beta.liaison", workspace.clock.now())
    return {
        **found, **narrowed, "expired": expired, "none": house.stranger, "garbage": house.holding("db_12345678_garbage"),
        "revoked": house.holding(revoked),
    }  # fmt: skip


FEW = 200
RUNS = int(os.environ.get("DUBAN_TEST_FUZZ", FEW))
"""How many requests are made up; DUBAN_TEST_FUZZ=5000 looks further, each time elsewhere."""

OUTSIDE = ("expired", "none", "garbage", "revoked")


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(method, path, each) for path, item in document["paths"].items() for method, each in item.items()]


def value_for(chance: Chance, schema: Any, document: Any) -> Any:
    """A value that fits a schema more often than not."""
    if chance.one_in(6):
        return chance.anything()
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return value_for(chance, chance.of(schema["anyOf"]), document)
    if "enum" in schema:
        return chance.of(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        fields, needed = schema.get("properties", {}), schema.get("required", [])
        chosen = [name for name in fields if name in needed or chance.one_in(4)]
        return {name: value_for(chance, fields[name], document) for name in chosen}
    if kind == "array":
        return [value_for(chance, schema.get("items", {}), document) for _ in range(chance.number(0, 2))]
    if kind in ("integer", "boolean"):
        return chance.number(-3, 300) if kind == "integer" else chance.one_in(2)
    return chance.of(HOSTILE)


def written(value: Any) -> str:
    """As it stands in an address."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()


def ask(chance: Chance, caller: Caller, method: str, path: str, operation: Any, document: Any) -> Answer:
    """One request to an operation."""
    params, headers, address = {}, {}, path
    for each in operation.get("parameters", []):
        if not each.get("required") and not chance.one_in(3):
            continue
        said = written(value_for(chance, each["schema"], document))
        if each["in"] == "path":
            address = address.replace("{" + each["name"] + "}", quote(said, safe=""))
        elif each["in"] == "query":
            params[each["name"]] = said
        else:
            headers[each["name"]] = "".join(char for char in said if char in string.printable[:95])[:100]
    if chance.one_in(10):
        params["access_token"] = "db_x"
    more: dict[str, Any] = {}
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        media = chance.of(sorted(content))
        said = value_for(chance, content[media]["schema"], document)
        raw = json.dumps(said) + chance.of(["", "", "", "", "]", "\n{}"])
        if media == "multipart/form-data":
            more = {"files": {"report": (chance.of(["a.txt", "b.exe", "…"]), b"x")}, "data": {"order": raw}}
        else:
            headers["Content-Type"], more = chance.of([media] * 8 + ["text/plain"]), {"content": raw.encode()}
    return caller(method.upper(), address, params=params, headers=headers, **more)


def hold(answer: Answer, operation: Any, document: Any, who: str) -> None:
    """Hold that the answer is one that the document declares, and of its shape."""
    assert answer.code not in (500, 502), answer
    assert answer.code < 500 or answer.headers["content-type"] == "application/problem+json", answer
    if who in OUTSIDE:
        assert answer.code in (400, 401, 413, 431), (who, answer)
    declared = operation["responses"].get(str(answer.code))
    assert declared is not None, (answer.code, answer.content[:300], sorted(operation["responses"]))
    if answer.code == 304:
        return
    media = answer.headers["content-type"].partition(";")[0]
    assert media in declared["content"], (media, declared)
    if media in ("application/json", "application/problem+json"):
        schema = {**declared["content"][media]["schema"], "components": document["components"]}
        if "Binary" not in schema.get("$ref", ""):
            jsonschema.Draft202012Validator(schema).validate(answer.json)


@settings(max_examples=RUNS, database=None, derandomize=RUNS == FEW, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**64))
def test_whatever_is_asked_is_answered_as_the_document_says(
    house: House, document: Any, callers: dict[str, Caller], seed: int
) -> None:
    chance = Chance(seed)
    method, path, operation = chance.of(operations(document))
    who = chance.of([*sorted(callers), "bgs.admin", "alpha.liaison"])

    hold(ask(chance, callers[who], method, path, operation, document), operation, document, who)


def test_every_operation_is_asked_by_every_kind_of_caller(
    house: House, document: Any, callers: dict[str, Caller]
) -> None:
    for method, path, operation in operations(document):
        for who, caller in callers.items():
            address = path.replace("{ref}", "errand/alpha").replace("{kind}", "errand").replace("{version}", "1")
            address = address.replace("{ident}", "1").replace("{sha256}", "0" * 64).replace("{name}", "mine")
            address = address.replace("{group}", "act").replace("{axis}", "body")
            address = address.replace("{year}", "2010")
            answer = caller(method.upper(), address, {} if method == "post" else None)
            hold(answer, operation, document, who)
            assert who not in OUTSIDE or answer.code == 401
            if who.startswith("only "):
                outside = operation["x-scope"] not in (None, who.removeprefix("only "))
                assert (answer.code == 403 and answer.json["code"] == "scope") is outside, (who, method, path)


def test_the_document_is_sound_and_says_everything_in_both_languages(document: Any) -> None:
    assert document["openapi"] == "3.1.0" and document["security"] == [{"token": []}]
    ids = [operation["operationId"] for *_, operation in operations(document)]
    assert len(ids) == len(set(ids)) >= 50
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        if name.endswith("Form") or name in ("BulkLine", "Upload"):
            assert schema["additionalProperties"] is False
            for field, about in schema.get("properties", {}).items():
                assert " · " in about.get("description", ""), (name, field)
    for *_, operation in operations(document):
        assert " · " in operation["summary"], operation["operationId"]
        for each in operation.get("parameters", ()):
            assert " · " in each["description"], (operation["operationId"], each["name"])
        assert {"401", "404", "422", "503"} <= operation["responses"].keys()
    refs = json.dumps(document).split("#/components/schemas/")[1:]
    assert {each.partition('"')[0] for each in refs} <= document["components"]["schemas"].keys()

"""Whoever calls the interface for programs in the tests: tokens for logins, and one short word for each request."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

from engine.people import PERSON
from engine.scopes import written
from web.api.app import api_of
from web.api.parts import Bound, Parts
from workflows.workspace import Workspace


@dataclass
class Answer:
    """An answer, with its JSON read."""

    code: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.content.splitlines()]


class Caller:
    """One caller with a token, or with none."""

    def __init__(self, client: TestClient, token: str | None) -> None:
        self._client = client
        self.token = token

    def __call__(self, method: str, path: str, said: Any = None, **more: Any) -> Answer:
        """Ask; *said* goes as JSON, *headers* and what else httpx knows as it is."""
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **more.pop("headers", {})}
        if said is not None:
            more["json"] = said
        answer = self._client.request(method, path, headers=headers, **more)
        return Answer(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )

    def get(self, path: str, **more: Any) -> Answer:
        return self("GET", path, **more)

    def post(self, path: str, said: Any = None, **more: Any) -> Answer:
        return self("POST", path, said, **more)

    def all(self, path: str, limit: int = 2, **params: Any) -> list[Any]:
        """Every page of a list."""
        found: list[Any] = []
        cursor: dict[str, Any] = {}
        while True:
            page = self.get(path, params={**params, "limit": limit, **cursor}).json
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


@dataclass
class House:
    """The interface of a workspace, and callers for it."""

    workspace: Workspace
    parts: Parts
    client: TestClient

    def as_(self, login: str, *scope: str) -> Caller:
        """The holder of *login*'s posts, with a fresh token, narrowed to a *scope* if one is said."""
        return Caller(self.client, token_of(self.workspace, login, frozenset(scope) or None))

    @property
    def stranger(self) -> Caller:
        return Caller(self.client, None)

    def holding(self, token: str) -> Caller:
        return Caller(self.client, token)


def token_of(workspace: Workspace, login: str, scope: frozenset[str] | None = None) -> str:
    """A token of a login of a rehearsal, narrowed to a *scope* if one is said."""
    people, now = workspace.people, workspace.clock.now()
    with workspace.database.tx() as tx:
        if not tx.rows(PERSON, login=login):
            people.add(tx, login, login, now)
            tx.flush()
        return people.token(tx, login, 90, now, written(scope))[0]


@contextmanager
def house_of(workspace: Workspace, **more: Any) -> Iterator[House]:
    """Serve *workspace*; *more* are parts, or bounds."""
    bounds = {name: more.pop(name) for name in list(more) if name in Bound.__dataclass_fields__}
    parts = Parts(workspace, bound=Bound(**bounds), **more)
    with TestClient(api_of(parts), base_url="http://duban.test") as client:
        yield House(workspace, parts, client)


def refused(answer: Answer, status: int, code: str) -> dict:
    assert (answer.code, answer.headers["content-type"]) == (status, "application/problem+json"), answer
    said = answer.json
    assert (said["status"], said["code"], said["type"]) == (status, code, f"urn:duban:problem:{code}")
    assert said["title"] and said["detail"]
    return said

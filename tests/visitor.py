"""A browser without a screen, for asking pages over real HTTP."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

from commands.serving import Standing, serving_console
from workflows.workspace import Workspace


class Visitor:
    """A browser without a screen: it keeps cookies and says where it asks from, as browsers do."""

    def __init__(self, site: str) -> None:
        self.site = urlsplit(site)
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    def ask(
        self, path: str, form: dict[str, Any] | None = None, method: str | None = None, **headers: str
    ) -> tuple[int, str]:
        code, page = self._ask(path, form, method, headers)
        return code, page.decode()

    def fetch(self, path: str, **form: Any) -> tuple[int, bytes]:
        """Send a form and take what comes as it is."""
        return self._ask(path, form, None, {})

    def fetch_page(self, path: str) -> tuple[int, str]:
        """Ask for *path*; what is no text comes as it can be read."""
        code, page = self._ask(path, None, None, {})
        return code, page.decode("utf-8", "replace")

    def _ask(
        self, path: str, form: dict[str, Any] | None, method: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.site.hostname or "", self.site.port, timeout=20)
        said = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            said |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = urlencode(form, doseq=True) if form is not None else None
        connection.request(method or ("POST" if form is not None else "GET"), path, body, said)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        page = answer.read()
        connection.close()
        return answer.status, page

    def enter(self, login: str) -> None:
        code, _ = self.ask("/enter", {"login": login, "next": "/work"})
        assert (code, self.headers["location"]) == (303, "/work")

    def csrf(self) -> str:
        _, page = self.ask("/work")
        return page.split('name="csrf" value="')[1].split('"')[0]

    def speak(self, lang: str) -> None:
        assert self.ask("/language", {"lang": lang, "next": "/login"})[0] == 303

    def send(self, path: str, **form: Any) -> tuple[int, str]:
        """Send a form of ours: with the token of the session."""
        return self.ask(path, {"csrf": self.csrf(), **form})

    def follow(self) -> tuple[int, str]:
        """Go where the last answer led."""
        return self.ask(self.headers["location"])


@contextmanager
def visiting(workspace: Workspace) -> Iterator[Visitor]:
    """Serve the console of *workspace* meanwhile."""
    with serving_console(workspace, Standing(workspace, heart=False), "127.0.0.1", 0) as site:
        yield Visitor(site)

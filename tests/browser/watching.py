"""Whoever visits a page is watched over: what the browser complains about fails the test and is named."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

ANSWERED = "Failed to load resource: the server responded with a status of"
"""What the console says of every answer from 400 on; the answers themselves are judged here."""

INSIDE = {"about", "blob", "data"}
"""Schemes that ask no host."""

PAGES = {"document", "fetch", "xhr"}
"""What may be refused with 4xx: a page, or a part of one; a style or a picture may not be missing."""


class Watch:
    """What was wrong with the pages of a test; ``expect`` names beforehand what must be."""

    def __init__(self, site: str) -> None:
        self._host = urlsplit(site).netloc
        self._found: list[str] = []
        self._expected: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Watch over every page that *context* has or opens."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._failed)

    def expect(self, pattern: str) -> None:
        """Let what matches *pattern* pass; if nothing does, that is a finding."""
        self._expected.append(pattern)

    def findings(self) -> list[str]:
        """What was wrong, in its order, each once, and what was expected in vain."""
        kept = [each for each in self._found if not any(re.search(one, each) for one in self._expected)]
        vain = [one for one in self._expected if not any(re.search(one, each) for each in self._found)]
        return list(dict.fromkeys(kept)) + [f"expected in vain: {one}" for one in vain]

    def check(self) -> None:
        """Raise AssertionError with everything that was wrong."""
        found = self.findings()
        if found:
            raise AssertionError("the browser complains:\n" + "\n".join(f"- {each}" for each in found))

    def take(self) -> list[str]:
        """Give what was found since the last time, and forget it."""
        found = self.findings()
        self._found.clear()
        return found

    def _console(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning", "assert") and not said.text.startswith(ANSWERED):
            self._found.append(f"console {said.type}: {said.text} ({said.location.get('url') or 'no address'})")

    def _error(self, error: WebError) -> None:
        self._found.append(f"script: {error.error.message}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in INSIDE and parts.netloc != self._host:
            self._found.append(f"another host: {request.method} {request.url}")

    def _response(self, response: Response) -> None:
        least = 500 if response.request.resource_type in PAGES else 400
        if response.status >= least:
            self._found.append(f"{response.status}: {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a download, or a page left before all of it had come
            self._found.append(f"failed: {request.method} {request.url}: {request.failure}")

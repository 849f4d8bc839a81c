"""One call of the command line: its global options, the workspace it works with, who acts, and how it answers."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

from commands.asked_scope import scope_of_words

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from engine.errors import DubanError
    from engine.orders import Actor
    from engine.reading import Reader
    from engine.sight import Sight
    from workflows.workspace import Workspace

DEFAULT_DB = "sqlite:///duban.db"

LONGEST_TOKEN_FILE = 4096
"""Bytes read of a token file; a token is far shorter."""


class Call:
    """What a command is given; the workspace is opened when first needed and closed at the end."""

    def __init__(self, *, hasty_json: bool = False, hasty_lang: str | None = None) -> None:
        self.options: dict[str, Any] = {}
        self.asked = ""
        self.operator = False
        self._hasty_json = hasty_json
        self._hasty_lang = hasty_lang
        self._workspace: Workspace | None = None
        self._sight: Sight | None = None
        self._noted: set[str] = set()

    def set(self, **options: Any) -> None:
        """Take over those of the global *options* that were given."""
        self.options.update({name: value for name, value in options.items() if value not in (None, False)})

    def _option(self, name: str, variable: str) -> str | None:
        """What was said by the option, else by the variable. Raises Usage for an empty option, Invalid for no text."""
        said: str | None = self.options.get(name)
        if said is None:
            said = os.environ.get(variable) or None
        if said is not None:
            from commands.values import given_text

            given_text(said, "--" + {"login": "as"}.get(name, name.replace("_", "-")))
        return said

    @property
    def db(self) -> str:
        """The URL of the database."""
        return self._option("db", "DUBAN_DB") or DEFAULT_DB

    @property
    def named_database(self) -> bool:
        """Whether a database was named."""
        return self._option("db", "DUBAN_DB") is not None

    def tell(self, text: str) -> None:
        """Print a line for whoever watches, at once; a reader who has gone, or was never there, is no fault."""
        from commands.paper import plain

        try:
            print(plain(text), file=sys.stderr if self.json else sys.stdout, flush=True)
        except OSError as error:
            import commands.closed_stream as closed

            closed.unwatched(error, sys.stderr if self.json else sys.stdout)

    @property
    def campaign(self) -> str | None:
        """The campaign that was chosen."""
        return self._option("campaign", "DUBAN_CAMPAIGN")

    @property
    def login(self) -> str | None:
        """Who was said to act."""
        return self._option("login", "DUBAN_AS")

    @property
    def lang(self) -> Literal["zh", "en"]:
        """The language of texts; before the options are read, the one that seems to be asked for."""
        said = self.options.get("lang") or self._hasty_lang or os.environ.get("DUBAN_LANG")
        return "en" if said == "en" else "zh"

    @property
    def json(self) -> bool:
        """Whether stdout is JSON; before the options are read, whether it looks so."""
        return bool(self.options.get("json")) or self._hasty_json

    def word(self, zh: str, en: str) -> str:
        """Choose by language."""
        return zh if self.lang == "zh" else en

    def beside(self, text: str, more: Any) -> str:
        """A *text* with *more* behind it in brackets, full-width ones in Chinese."""
        return self.word(f"{text}（{more}）", f"{text} ({more})")

    def label(self, label: Any) -> str:
        """The text of a label ``{zh, en}`` in the language."""
        if label is None:
            return ""
        return str(label[self.lang] if isinstance(label, dict) else getattr(label, self.lang))

    def note(self, zh: str, en: str) -> None:
        """Say something beside the answer, once: on stderr."""
        from commands.paper import plain

        said = plain(self.word(zh, en))
        if said not in self._noted:
            self._noted.add(said)
            print(said, file=sys.stderr)

    def answer(self, value: Any, page: Callable[[], None]) -> None:
        """Print *value* as the one JSON document, or let *page* write for people."""
        if self.json:
            self.write_json(value, indent=2 if sys.stdout.isatty() else None)
        else:
            page()

    def write_json(self, value: Any, indent: int | None = None) -> None:
        """Print one JSON document; what the output's encoding lacks is escaped."""
        sys.stdout.write(self._dumped(value, indent) + "\n")

    def write_long_json(self, value: dict[str, Any], name: str, items: Iterable[Any]) -> None:
        """Print *value* as one JSON document whose list *name* is written item by item while *items* come."""
        indent, between = (2, ",\n    ") if sys.stdout.isatty() else (None, ", ")
        head, hole, tail = self._dumped({**value, name: []}, indent).partition(f'"{name}": []')
        sys.stdout.write(head + hole[:-1])
        for number, item in enumerate(items):
            sys.stdout.write((between if number else "") + self._dumped(item))
        sys.stdout.write("]" + tail + "\n")

    @staticmethod
    def _dumped(value: Any, indent: int | None = None) -> str:
        ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
        return json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    @property
    def workspace(self) -> "Workspace":
        """The workspace. Raises Unavailable if there is no database, Forbidden in production for an unknown identity.

        Commands that run the machinery and show no matter (``operator``) need none.
        """
        if self._workspace is None:
            from workflows.workspace import open_workspace

            self.must_exist()
            self._workspace = open_workspace(self.db, self.campaign)
            if self._workspace.mode == "production" and not self.operator:
                self._refuse_outside(self._workspace.actor(self.login, self.token()))
        return self._workspace

    def _refuse_outside(self, actor: "Actor") -> None:
        """Raise Forbidden for a token that is not for what was asked; what changes something the engine itself looks at."""
        from engine.scopes import refuse_outside

        scope = scope_of_words(self.asked)
        if scope is not None:
            refuse_outside(actor, scope)

    @property
    def opened(self) -> "Workspace | None":
        """The workspace, if it was needed."""
        return self._workspace

    def use(self, workspace: "Workspace") -> None:
        """Work with a workspace that is open already."""
        self._workspace = workspace

    def has_database(self) -> bool:
        """Whether there is a database to open; one on a server is believed to be there if it was named."""
        from engine.dialect import parse_url, sqlite_file

        url = parse_url(self.db)
        path = sqlite_file(url)
        return path.is_file() if path is not None else url.get_backend_name() != "sqlite"

    def must_exist(self) -> None:
        """Raise Unavailable for a SQLite database that is not there: opening it would make an empty one."""
        from engine.errors import Unavailable

        if not self.has_database():
            raise Unavailable(f"there is no database at {self.db}; do: duban init", "no_database")

    def close(self) -> None:
        """Let go of the database."""
        if self._workspace is not None:
            workspace, self._workspace = self._workspace, None
            workspace.close()

    def actor(self, login: str | None = None) -> "Actor":
        """Who acts: *login* if given, else as the global options say. Raises Forbidden."""
        workspace, token = self.workspace, self.token()
        wanted = login or self.login
        if wanted is None and token is None:
            administrator = workspace.campaign.doc.administrator
            self.note(f"未用 --as 指明，以 {administrator} 办理", f"no --as: acting as {administrator}")
        return workspace.actor(wanted, token)

    def looker(self) -> "Actor | None":
        """Who looks, if that can be told; nobody is refused for it."""
        from engine.errors import DubanError

        try:
            return self.workspace.actor(self.login, self.token())
        except DubanError:
            if self.login is not None or self.token() is not None:
                raise
            return None

    @property
    def sight(self) -> "Sight":
        """What who looks sees and may use. Raises Forbidden if it cannot be told who looks."""
        if self._sight is None:
            looker = self.workspace.actor(self.login, self.token())
            self._sight = self.workspace.sight(looker)
        return self._sight

    @property
    def reader(self) -> "Reader":
        """What reads as who looks sees it: every command that shows matters, notices or figures reads by it."""
        if doubt := self.workspace.doubt():
            self.note(*doubt.banner)
        return self.workspace.reader.seen_by(self.sight)

    def count_denial(self, error: "DubanError") -> None:
        """Count a refusal of what is not for who asked; that nobody can be counted is no reason to answer otherwise."""
        if self._workspace is None:
            return
        from engine.denials import kind_of, note_denial
        from engine.errors import DubanError

        if kind_of(error) is not None:
            with contextlib.suppress(DubanError):
                note_denial(self._workspace.engine, self._workspace.actor(self.login, self.token()), error)

    def approver(self, login: str | None, token_file: str | None) -> "Actor | None":
        """The second person of an order: by a login in a rehearsal, in production by a token. Raises Forbidden, Invalid."""
        if login is None and token_file is None:
            return None
        if token_file is None and self.workspace.mode == "production":
            from engine.errors import Forbidden

            raise Forbidden("who approves shows a token of their own: --approve-token-file FILE", "no_identity")
        return self.workspace.actor(login, read_token(token_file) if token_file is not None else None)

    @property
    def token_path(self) -> str | None:
        """The file of the personal token, or of the session."""
        return self._option("token_file", "DUBAN_TOKEN_FILE")

    def token(self) -> str | None:
        """The personal token. Raises Invalid if its file cannot be read."""
        path = self.token_path
        return None if path is None else read_token(path)

    @property
    def zone(self) -> "ZoneInfo":
        """The campaign's zone."""
        return self.workspace.campaign.zone

    def body(self, code: str | None) -> str | None:
        """The body by which a list is narrowed. Raises Invalid for an unknown one: an empty list would be no answer."""
        known = self.workspace.campaign.bodies
        if code is not None and code not in known:
            from engine.errors import Invalid
            from engine.suggest import did_you_mean

            there = ", ".join(sorted(known))
            raise Invalid(
                f"no body {code!r} in this campaign; there are: {there}", "no_body", hint=did_you_mean(code, known)
            )
        return code

    def instant(self, text: str | None, what: str) -> "datetime | None":
        """Read an instant of option *what*: without an offset the campaign's zone, a bare date its midnight."""
        from commands.values import instant

        return None if text is None else instant(text, self.zone, what)


def read_token(path: str) -> str:
    """The personal token in a file. Raises Invalid if it cannot be read."""
    from engine.errors import Invalid

    try:
        with open(path, "rb") as file:  # noqa: PTH123  pathlib is not imported for every call
            return file.read(LONGEST_TOKEN_FILE).decode("ascii").strip()
    except (OSError, ValueError) as error:
        raise Invalid(f"the token file {path!r} cannot be read: {error}", "token_file") from None

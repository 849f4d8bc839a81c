"""Receipts: what whoever acted takes away, so that nobody can drop the act before it is sealed."""

import contextlib
import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

import click

from commands.values import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.call import Call
    from workflows.workspace import Workspace

receipt_option = click.option(
    "--receipt", "receipt_file", metavar="FILE", type=TEXT, help="把回执写入文件 · write the receipt to a file"
)


def signed(workspace: "Workspace", answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with the log's signature on its receipt; without a key that can be read a receipt still names the leaf."""
    receipt = answer.get("receipt")
    return {**answer, "receipt": workspace.signing.signed(receipt)} if receipt else answer


class Receipts:
    """A file of receipts, one a line; without a path nothing is kept. Raises Unavailable if it cannot be written."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> "Receipts":
        if self._path is not None:
            try:
                self._file = open(self._path, "w", encoding="utf-8")  # noqa: PTH123  closed at the end
            except OSError as error:
                self._failed(error)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def keep(self, answer: "Mapping[str, Any]") -> None:
        """Write down the receipt of an answer that has one; what is on record stays so whatever happens here."""
        if self._file is not None and answer.get("receipt"):
            try:
                self._file.write(json.dumps(answer["receipt"], ensure_ascii=False) + "\n")
                self._file.flush()
            except OSError as error:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        from engine.errors import Unavailable

        raise Unavailable(f"the receipt cannot be written to {self._path}: {error.strerror}", "disk") from None


@contextlib.contextmanager
def receipts_of(call: "Call", path: str) -> Iterator[None]:
    """Write to *path* the receipt of every entry that a person or operator makes meanwhile, whatever the command is.

    Raises Unavailable before anything is done if it cannot be written.
    """
    from engine.history import watch_entries

    with Receipts(path) as file, watch_entries() as entries:
        try:
            yield
        finally:
            _keep_all(call, file, entries)


def _keep_all(call: "Call", file: Receipts, entries: "Mapping[tuple[str, int], str]") -> None:
    """Keep what is really there."""
    from engine.receipts import committed

    workspace = call.opened
    if workspace is None or not entries:
        call.note("没有产生留痕，因而没有回执", "nothing was entered, so there is no receipt")
        return
    for receipt in committed(workspace.database, workspace.campaign, entries):
        file.keep(signed(workspace, {"receipt": receipt}))

"""Receipts: what whoever acted takes away, so that nobody can drop the act before it is sealed."""

import contextlib
import json
import os
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


class Signing:
    """Sign receipts with the log's key, where it can be read; without it a receipt still names the leaf."""

    def __init__(self, workspace: "Workspace") -> None:
        from engine.signing_key import key_path

        path = key_path(workspace.campaign.log.partition("/")[0])
        self._private = None
        if path.is_file() and os.access(path, os.R_OK):
            from engine.signing_key import load_key

            self._private = load_key(path)

    def sign(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Put the signature on the receipt of an answer."""
        receipt = answer.get("receipt")
        if receipt and self._private is not None:
            from engine.log_entries import receipt_text

            text = receipt_text(receipt["log"], receipt["stream"], receipt["seq"], receipt["leaf"])
            receipt["sig"] = self._private.sign(text).hex()
        return answer


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


def _keep_all(call: "Call", file: Receipts, entries: "Mapping[tuple[str, int], tuple[str, str]]") -> None:
    """Keep what is really there; the machinery's own entries are left out where a person's stand beside them."""
    from engine.orders import SYSTEM

    workspace = call.opened
    theirs = {key: leaf for key, (leaf, actor) in entries.items() if actor != SYSTEM.login}
    if workspace is None or not theirs:
        call.note("没有产生留痕，因而没有回执", "nothing was entered, so there is no receipt")
        return
    signing, campaign = Signing(workspace), workspace.campaign
    for receipt in committed(workspace, theirs):
        file.keep(signing.sign({"receipt": {"log": campaign.log, **receipt}}))


def committed(workspace: "Workspace", leaves: "Mapping[tuple[str, int], str]") -> list[dict[str, Any]]:
    """Those of these entries that are in the database, in the order in which they were made."""
    from engine.verify_seals import ENTRY

    found = []
    with workspace.database.snapshot() as tx:
        for (stream, seq), leaf in leaves.items():
            row = tx.row(ENTRY, campaign_id=workspace.campaign.id, stream=stream, seq=seq)
            if row is not None and row[0] == leaf:
                found.append({"stream": stream, "seq": seq, "leaf": leaf})
    return found

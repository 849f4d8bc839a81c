"""The command ``apply``: many orders from a file of JSON lines."""

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.receipts import Receipts, receipt_option, signed
from commands.values import TEXT


@command(
    "apply",
    help="逐行办理 FILE.jsonl 中的指令（- 为标准输入），重复执行不会重办 · "
    "Carry out the orders of FILE.jsonl (- for stdin) in file order; a rerun is safe. "
    "Prints one JSON line per line and a summary.",
)
@click.argument("file", type=TEXT, metavar="FILE.jsonl")
@receipt_option
@pass_call
def apply_(call: Call, file: str, receipt_file: str | None) -> int:
    """Print a result per line and the summary; 0 if all is done, 7 if a line is invalid, else 4."""
    from commands.batches import Applying
    from commands.ending import keep_traceback
    from commands.lines import Lines

    workspace, receipts = call.workspace, Receipts(receipt_file)

    def report(result: dict[str, Any]) -> None:
        result = signed(workspace, result)
        receipts.keep(result)
        call.write_json(result)

    applying = Applying(workspace, call.actor, report, keep_traceback)
    with receipts, _opened(file) as stream:
        for line in Lines(stream):
            applying.take(line)
        applying.flush()
    counts = applying.counts
    call.write_json({"summary": {"lines": sum(counts.values()), **counts}})
    sys.stdout.flush()
    return 7 if counts["invalid"] else 4 if counts["refused"] else 0


def _opened(file: str) -> AbstractContextManager[IO[bytes]]:
    """The file's bytes. Raises Invalid if it cannot be read."""
    from engine.errors import Invalid

    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return open(file, "rb")  # noqa: PTH123  closed by the caller
    except OSError as error:
        raise Invalid(f"{file!r} cannot be read: {error.strerror}", "no_file") from None

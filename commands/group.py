"""How commands are found and parsed: lazily imported, with the global options forgiven behind any word of the command."""

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import click

from commands.call import Call
from commands.helping import Context, language_of

COMPLETE_VAR = "_DUBAN_COMPLETE"
"""The variable by which a shell asks for completions."""


class PipeClosed(Exception):
    """Whoever read our output has gone away."""


LATE = "late_"
"""Before the name of a global option behind the command: a command's own LOGIN is not who acts."""


def fitting(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
    """List the candidates of a global option."""
    from commands.candidates import fitting as found

    return found(ctx, param, incomplete)


def _late(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None and value is not False and isinstance(ctx.obj, Call):
        ctx.obj.set(**{str(param.name).removeprefix(LATE): value})


def _late_options() -> list[click.Option]:
    """The global options once more, hidden, for those who write them behind a group or the command."""
    option = partial(click.Option, expose_value=False, hidden=True, callback=_late, help="全局选项 · global option")
    return [
        option(["--db", LATE + "db"]),
        option(["--campaign", LATE + "campaign"]),
        option(["--as", LATE + "login"], metavar="LOGIN", shell_complete=fitting),
        option(["--token-file", LATE + "token_file"], metavar="FILE", shell_complete=fitting),
        option(["--lang", LATE + "lang"], type=click.Choice(["zh", "en"])),
        option(["--json", LATE + "json"], is_flag=True),
    ]


ACTS = frozenset((
    "ack", "add", "amend", "approve", "checkpoint", "code", "decline", "delegate", "disable", "drop", "enable", "erase",
    "export",
    "feed-token", "grant", "hold", "import", "migrate", "new", "publish", "reapply", "recover", "release", "request", "retry",
    "reveal", "revoke", "rotate", "set", "signout", "token", "undelegate", "urge",
))  # fmt: skip
"""The commands whose help names ``--receipt``; every other one takes it too, and says if there was nothing to acknowledge."""


def _receipt_option(name: str | None) -> click.Option:
    return click.Option(
        ["--receipt", LATE + "receipt"], metavar="FILE", expose_value=False, callback=_late, hidden=name not in ACTS,
        help="把回执写入文件 · write the receipt to a file",
    )  # fmt: skip


class Helpful(click.Command):
    """A command or a group whose help is in both languages, in a frame of the language of the call."""

    context_class = Context

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """List the parameters, with those global options that are not among its own: they may stand behind any word."""
        params = super().get_params(ctx)
        own = {name for param in params for name in param.opts}
        late = [_receipt_option(None if isinstance(self, click.Group) else self.name), *_late_options()]
        return [*params, *(option for option in late if own.isdisjoint(option.opts))]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words; a mistake in them is one of this command, whose usage is shown."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """List what the command takes."""
        pieces = super().collect_usage_pieces(ctx)
        return [ctx.in_words(each) for each in pieces] if isinstance(ctx, Context) else pieces

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give the option ``--help`` its line."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "帮助 · show this help"
        return option


class Command(Helpful):
    """A command that remembers in words what was asked, and takes down the receipts of what it enters."""

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command."""
        if isinstance(ctx.obj, Call):
            given = [ctx.params.get(str(param.name)) for param in self.params if isinstance(param, click.Argument)]
            path = ctx.command_path.split(" ", 1)[-1]
            ctx.obj.asked = " ".join([path, *(str(word) for word in given if isinstance(word, str))])
            receipt = ctx.obj.options.pop("receipt", None)
            if receipt is not None:
                from commands.receipts import receipts_of

                with receipts_of(ctx.obj, receipt):
                    return super().invoke(ctx)
        return super().invoke(ctx)


class Group(Helpful, click.Group):
    """A group whose commands are of our kind."""

    command_class = Command
    group_class = type

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands, each with its help in full: cut short, one of the languages would be lost."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.help or "") for name, found in sorted(self.commands.items())])


command: Callable[..., Any] = partial(click.command, cls=Command)
group: Callable[..., Any] = partial(click.group, cls=Group)
pass_call: Callable[[Callable[..., Any]], Callable[..., Any]] = click.pass_obj
"""Hand the call to a command as its first argument."""


class LazyGroup(Helpful, click.Group):
    """The root: commands are imported when called, listed without being imported, and every ending has its exit code."""

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command; its function bears the command's name and ``_``."""
        if cmd_name not in self.table:
            return None
        found: click.Command = getattr(importlib.import_module(self.table[cmd_name][0]), f"{cmd_name}_")
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one say which was probably meant."""
        if args and args[0] not in self.table and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self.table, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the words; --help and --version may meet a closed pipe as well."""
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError:
            raise PipeClosed from None

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command; a closed pipe is told apart before click turns it into an exit code of its own."""
        try:
            result = super().invoke(ctx)
        except BrokenPipeError:
            raise PipeClosed from None
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            raise PipeClosed from None
        except OSError as error:
            from commands.ending import lost

            raise lost(error) from None
        return result

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run, and end the process with the exit code of the contract, whatever happens."""
        words = list(sys.argv[1:] if args is None else args)
        call = Call(hasty_json="--json" in words, hasty_lang=language_of(words))
        try:
            _steady_streams()
            result = super().main(words, prog_name or "duban", COMPLETE_VAR, standalone_mode=False, obj=call, **extra)
            code = result if isinstance(result, int) else 0
        except BaseException as error:  # noqa: BLE001 - every ending has its exit code
            from commands.ending import ending

            code = ending(error, call)
        with suppress(Exception):  # what was done is done; the database sorts itself out
            call.close()
        sys.exit(code)


def _steady_streams() -> None:
    """Let neither a closed stream nor a character that a terminal cannot show become a fault.

    What is said beside the answer may be lost; an answer that is lost is told as one that could not be written.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  as long as we live
    if sys.stdout is None:
        from commands.closed_stream import closed_stdout

        sys.stdout = closed_stdout()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  as long as we live
    for name in ("stdout", "stderr"):
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")

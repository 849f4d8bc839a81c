"""What a list is narrowed down by: the options that ``list``, ``search``, ``report statistics`` and ``view`` share."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from commands.call import Call
from commands.reference import BODY, KIND, STATE, body_option
from commands.values import PAIR, TEXT

OPTIONS = (
    click.option("--kind", metavar="KIND", type=KIND, help="事项类型 · kind of matter"),
    body_option,
    click.option("--state", metavar="CODE", type=STATE, help="状态或阶段 · state or stage"),
    click.option(
        "--light", type=click.Choice(["red", "yellow", "green", "none"]), help="红黄绿灯 · light; none: without any"
    ),
    click.option("--due-before", metavar="INSTANT", type=TEXT, help="此前到期 · with a deadline running out before"),
    click.option("--due-after", metavar="INSTANT", type=TEXT, help="此后到期 · next deadline running out then or after"),
    click.option(
        "--waiting-for",
        metavar="CODE",
        type=BODY,
        help="等待该单位办理或签收 · waiting for an act or a receipt of that body",
    ),
    click.option("--opened-from", metavar="INSTANT", type=TEXT, help="此时起开立 · opened then or after"),
    click.option("--opened-until", metavar="INSTANT", type=TEXT, help="此前开立 · opened before"),
    click.option("--closed/--open", "closed", default=None, help="已办结/未办结 · closed, or still open"),
    click.option(
        "--having", "having", metavar="FACT=VALUE", type=PAIR, multiple=True,
        help="某项为某值，如 products=seeds · a fact with this value; may be repeated",
    ),
    click.option(
        "--amount", "sums", metavar="FACT=MIN..MAX", type=PAIR, multiple=True,
        help="金额区间（分），如 goods_value=100000.. · a sum in fen, bounds included",
    ),
    click.option("--text", metavar="TEXT", type=TEXT, help="全文：标题、编号、非个人信息 · words in title, reference, facts"),
)  # fmt: skip
"""The options in the order of the help."""


def sifting(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def sifted(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Take the shared options out of *given* and read them: what `engine.lists.Wanted` is made of. Raises Invalid."""
    names = ("kind", "state", "light", "closed", "text")
    found = {name: given.pop(name, None) for name in names}
    found |= {name: call.body(given.pop(name, None)) for name in ("body", "waiting_for")}
    for name in ("due_before", "due_after", "opened_from", "opened_until"):
        found[name] = call.instant(given.pop(name, None), "--" + name.replace("_", "-"))
    found["facts"] = _facts(call, given.pop("having", ()))
    found["amounts"] = tuple(_sum(code, bounds) for code, bounds in given.pop("sums", ()))
    return found


def _facts(call: Call, pairs: "Sequence[tuple[str, str]]") -> tuple[tuple[str, str], ...]:
    from engine.asked_facts import asked_facts

    return asked_facts(call.workspace.campaign, pairs) if pairs else ()


def _sum(code: str, bounds: str) -> tuple[str, int | None, int | None]:
    from engine.errors import Invalid

    least, dots, most = bounds.partition("..")
    try:
        ends: Sequence[int | None] = [int(end) if end else None for end in (least, most)]
    except ValueError:
        ends = ()
    if not dots or len(ends) != 2 or any(end is not None and abs(end) >= 2**63 for end in ends):
        raise Invalid(f"--amount {code}={bounds[:40]}: give MIN..MAX in fen, one of them may be left out", "amount")
    return code, ends[0], ends[1]

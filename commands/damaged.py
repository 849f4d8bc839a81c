"""Matters whose rows somebody has damaged: named beside an answer that goes on without them, or with what is left of them."""

from collections.abc import Sequence

from commands.call import Call

LEFT_OUT = ("数据已损坏，未计入", "damaged and left out")
MARKED = ("数据已损坏，已标明", "damaged and marked as such")


def tell_damaged(call: Call, refs: Sequence[str], how: tuple[str, str] = LEFT_OUT) -> None:
    """Name them on stderr, if there are any, and how they were treated; ``audit verify`` tells more."""
    if refs:
        zh, en = how
        call.note(
            f"{zh}：{'、'.join(refs)}；详见 duban audit verify",
            f"{en}: {', '.join(refs)}; duban audit verify tells more",
        )

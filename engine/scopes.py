"""Scopes of tokens: the part of its owner's rights that a token has; what is not said has all of them."""

from collections.abc import Iterable, Mapping

from engine.definition_schema import Label
from engine.errors import Forbidden, Invalid, Reason
from engine.orders import Actor

SCOPES: Mapping[str, Label] = {
    "read": Label(zh="查看", en="read"),
    "act": Label(zh="办理", en="act on matters"),
    "notices": Label(zh="签收和处理通知", en="receipts and notices"),
    "audit": Label(zh="核验", en="audit"),
    "export": Label(zh="导出", en="export"),
    "admin": Label(zh="管理", en="administer"),
}
"""What a token can be narrowed to."""


def read_scope(words: Iterable[str]) -> frozenset[str]:
    """Read the names of scopes. Raises Invalid for one that there is not, or for none at all."""
    wanted = frozenset(words)
    unknown = sorted(wanted - SCOPES.keys())
    if unknown or not wanted:
        raise Invalid(f"no scope {', '.join(unknown) or 'at all'}; there are: {', '.join(SCOPES)}", "scope")
    return wanted


def written(scope: frozenset[str] | None) -> str | None:
    """A scope as it is stored: the names in their order; None is everything."""
    return None if scope is None else " ".join(name for name in SCOPES if name in scope)


def stored(text: str | None) -> frozenset[str] | None:
    """A scope as it was stored; a name that is unknown gives nothing."""
    return None if text is None else frozenset(text.split()) & SCOPES.keys()


def refuse_outside(actor: Actor, scope: str) -> None:
    """Raise Forbidden (``scope``) if *actor* came by a token that is not for this."""
    if actor.scope is not None and scope not in actor.scope:
        label, there = SCOPES[scope], written(actor.scope) or "-"
        reason = Reason(
            "scope", f"此令牌不含“{label.zh}”（{scope}）；含：{there}", f"this token is not to {label.en} ({scope}); it has: {there}"
        )  # fmt: skip
        raise Forbidden(f"{actor.login}: {reason.en}", "scope", [reason])

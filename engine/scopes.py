"""Scopes of tokens: the part of its owner's rights that a token has; what is not said has all but what must be said."""

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
    "approve": Label(zh="批准方案变更", en="approve changes of the campaign"),
}
"""What a token can be narrowed to."""

EXPRESS = frozenset({"approve"})
"""What no token is good for unless it was made for it in so many words: on the pages it takes a fresh proof of who it is."""


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
    if scope in EXPRESS and actor.auth.startswith("token:") and scope not in (actor.scope or ()):
        raise _not_express(actor, scope)
    if actor.scope is not None and scope not in actor.scope:
        label, there = SCOPES[scope], written(actor.scope) or "-"
        reason = Reason(
            "scope", f"此令牌不含“{label.zh}”（{scope}）；含：{there}", f"this token is not to {label.en} ({scope}); it has: {there}"
        )  # fmt: skip
        raise Forbidden(f"{actor.login}: {reason.en}", "scope", [reason])


def _not_express(actor: Actor, scope: str) -> Forbidden:
    label, how = SCOPES[scope], f"duban user token {actor.login} --scope {scope}"
    reason = Reason(
        "scope",
        f"此令牌未写明可以“{label.zh}”（{scope}）。请本人登录后另制：我的账户，或 {how}",
        f"this token was not made to {label.en} ({scope}). Its owner makes one that is, signed in: My account, or {how}",
    )
    return Forbidden(f"{actor.login}: {reason.en}", "scope", [reason])

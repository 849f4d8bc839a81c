"""Who may say that the machine's clock is right though something speaks against it."""

from engine import reasons as because
from engine.errors import Forbidden, Invalid, Refused
from engine.orders import Actor
from engine.saying import says_something
from engine.scopes import refuse_outside
from engine.three import is_owner, three_of
from engine.timekeeping import Doubt
from engine.urging import administers
from workflows.workspace import Workspace


def confirm_clock(workspace: Workspace, actor: Actor, reason: str) -> Doubt:
    """Believe the clock of this machine as it stands, on the record; return what spoke against it.

    For the office's administrators, the system's operator and the owner of a local database. Raises Forbidden for anybody
    else, Invalid without a reason, Refused if nothing is in doubt.
    """
    refuse_outside(actor, "admin")
    three = three_of(workspace.campaign)
    operates = three is not None and (three.operator.body, three.operator.post) in actor.posts
    if not (operates or is_owner(actor) or administers(workspace.campaign, actor)):
        raise Forbidden(f"{actor.login} may not confirm the clock", "forbidden", [because.only_for_administrators()])
    if not says_something(reason):
        raise Invalid("say why: --reason", "no_reason")
    timekeeper = workspace.engine.timekeeper
    doubt = timekeeper.confirm(actor, reason) if timekeeper is not None else None
    if doubt is None:
        raise Refused("nothing speaks against this clock; there is nothing to confirm", "nothing_in_doubt")
    return doubt

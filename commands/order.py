"""Orders: open, do, correct, attach, and what may be ordered."""

from typing import Any

import click

from commands.call import Call
from commands.delegation import acting, acting_on, on_behalf_option
from commands.group import command, pass_call
from commands.pages import can_page, outcome_page
from commands.paper import entry
from commands.receipts import Receipts, receipt_option, signed
from commands.reference import BODY, REF, TRIGGER, body_option
from commands.values import PAIR, TEXT, documents, facts

fact_option = click.option(
    "--fact", "pairs", metavar="K=V", type=PAIR, multiple=True, help="填写一项 · state a fact; may be repeated"
)
doc_option = click.option(
    "--doc",
    "papers",
    metavar="KIND=PATH",
    type=PAIR,
    multiple=True,
    help="附一份材料 · bring a document; may be repeated",
)
reason_option = click.option("--reason", metavar="TEXT", type=TEXT, help="理由 · why")
occurred_option = click.option(
    "--occurred", metavar="INSTANT", type=TEXT, help="实际发生时间 · when it happened, if not now"
)
version_option = click.option(
    "--if-version", metavar="N", type=int, help="仅当版本仍为 N · only if the matter is still at version N"
)
_request_id = click.option(
    "--request-id", metavar="ID", type=TEXT, help="请求编号，重复提交只办一次 · an id that makes repeating safe"
)


def request_option(function: Any) -> Any:
    """Add what every order takes at the end: a request id, and where its receipt goes."""
    return _request_id(receipt_option(function))


def order_options(function: Any) -> Any:
    """Add what may be said of every order: why, when it happened, at which version of the matter; and what all take."""
    return reason_option(occurred_option(version_option(request_option(function))))


@command("open", help="开立事项 · Open a matter of KIND.")
@click.argument("kind", type=TEXT, metavar="KIND")
@body_option
@click.option("--title", metavar="TEXT", type=TEXT, help="标题 · title")
@click.option("--ref", metavar="REF", type=TEXT, help="事项编号，不填则自动编号 · its reference, else it is given one")
@fact_option
@doc_option
@reason_option
@occurred_option
@request_option
@on_behalf_option
@pass_call
def open_(call: Call, kind: str, body: str | None, title: str | None, ref: str | None, **said: Any) -> None:
    """Carry out an Open order."""
    from commands.alike import told
    from engine.orders import Open

    told(call, execute(call, Open, said, kind=kind, body=body, title=title, ref=ref))


@command("do", help="在事项 REF 上办理动作 TRIGGER · Fire TRIGGER on the matter REF: one order.")
@click.argument("ref", type=REF, metavar="REF")
@click.argument("trigger", type=TRIGGER, metavar="TRIGGER")
@fact_option
@doc_option
@order_options
@on_behalf_option
@pass_call
def do_(call: Call, ref: str, trigger: str, if_version: int | None, on_behalf: str | None, **said: Any) -> None:
    """Carry out a Do order; who may not himself acts for the only one whom he stands in for and who may."""
    from engine.orders import Do

    said["actor"] = acting_on(call, on_behalf, ref, trigger)
    execute(call, Do, said, ref=ref, trigger=trigger, if_version=if_version)


@command("correct", help="更正已填写的内容，原留痕保留 · Correct facts of REF by a new entry; the old one stays.")
@click.argument("ref", type=REF, metavar="REF")
@fact_option
@reason_option
@click.option("--approve-by", metavar="LOGIN", type=TEXT, help="批准人（推演） · who approves it, in a rehearsal")
@click.option(
    "--approve-token-file", metavar="FILE", type=TEXT, help="批准人的令牌文件 · file with the token of who approves it"
)
@occurred_option
@version_option
@request_option
@on_behalf_option
@pass_call
def correct_(
    call: Call, ref: str, if_version: int | None, approve_by: str | None, approve_token_file: str | None, **said: Any
) -> None:
    """Carry out a Correct order."""
    from engine.orders import Correct

    approver = call.approver(approve_by, approve_token_file)
    execute(call, Correct, said, ref=ref, if_version=if_version, approved_by=approver)


@command("attach", help="给事项 REF 补充材料，不改变状态 · Bring documents to REF without a move.")
@click.argument("ref", type=REF, metavar="REF")
@doc_option
@order_options
@on_behalf_option
@pass_call
def attach_(call: Call, ref: str, if_version: int | None, **said: Any) -> None:
    """Carry out an Attach order."""
    from engine.orders import Attach

    execute(call, Attach, said, ref=ref, if_version=if_version)


@command("comment", help="批注：记入事项 REF 的留痕，可抄送 · Put words on the record of REF; copies can be sent.")
@click.argument("ref", type=REF, metavar="REF")
@click.option("--text", "words", metavar="TEXT", type=TEXT, required=True, help="批注内容 · the words")
@click.option(
    "--copy-to",
    "copies",
    metavar="BODY",
    type=BODY,
    multiple=True,
    help="抄送单位 · a body that is told; may be repeated",
)
@request_option
@on_behalf_option
@pass_call
def comment_(call: Call, ref: str, words: str, copies: tuple[str, ...], **said: Any) -> None:
    """Carry out a Comment order."""
    from engine.orders import Comment

    bodies = tuple(call.body(each) or "" for each in copies)
    execute(call, Comment, {**said, "occurred": None, "reason": words}, ref=ref, copy_to=bodies)


def execute(call: Call, order: type[Any], said: dict[str, Any], **what: Any) -> str:
    """Make the order of what was *said*, carry it out, and answer with its outcome; return the matter's reference."""
    workspace = call.workspace
    said["facts"] = facts(said.pop("pairs", ()))
    said["occurred_at"] = call.instant(said.pop("occurred"), "--occurred")
    on_behalf = said.pop("on_behalf", None)
    actor = said.pop("actor", None) or acting(call, on_behalf)
    said["documents"] = documents(workspace.documents, said.pop("papers", ()))
    receipt_file = said.pop("receipt_file", None)
    with Receipts(receipt_file) as receipts:
        outcome = signed(workspace, workspace.engine.execute(order(**what, **said), actor).as_json())
        receipts.keep(outcome)
    call.answer(outcome, lambda: outcome_page(call, outcome))
    return str(outcome["matter"]["ref"])


@command("can", help="列出可以办理的动作，及其余为何不能 · What I may do with REF now, and why not the rest.")
@click.argument("ref", type=REF, metavar="REF")
@on_behalf_option
@pass_call
def can_(call: Call, ref: str, on_behalf: str | None) -> None:
    """Print what is possible and what is not, in one's own name and for those whom one stands in for."""
    workspace, actor = call.workspace, acting(call, on_behalf)
    found = call.reader.can(ref, actor)
    found["deputy"] = [
        {"on_behalf_of": who, "possible": call.reader.can(ref, each)["possible"]}
        for who, each in workspace.deputies(actor).items()
    ]

    def page() -> None:
        can_page(call, found)
        for each in found["deputy"]:
            words = "  ".join(f"{one['trigger']} {call.label(one['label'])}" for one in each["possible"]) or "–"
            entry(call.word(f"代 {each['on_behalf_of']}", f"for {each['on_behalf_of']}"), words, 20)

    call.answer(found, page)

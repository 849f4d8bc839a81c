"""Personal data on the command line: what is held, and erasing it by two persons."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.fresh_proof import prove_again
from commands.group import group, pass_call
from commands.paper import Column, entry, line, local, table
from commands.reference import REF
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.orders import Actor
    from engine.privacy_desk import PrivacyDesk
    from engine.privacy_finding import Holdings

GROUNDS = ("purpose", "retention", "withdrawn", "unlawful", "other")
"""The grounds of `engine.erasure_grounds`, which is not read for the help alone; a test holds them together."""

HELD = (
    Column("stream", "留痕流", "stream"),
    Column("seq", "第几条", "entry"),
    Column("field", "字段", "field"),
    Column("since", "记录时间", "since"),
    Column("value", "内容", "value"),
)
REQUESTS = (
    Column("id", "编号", "id"),
    Column("about", "对象", "about"),
    Column("fields", "字段", "fields"),
    Column("status", "状态", "status"),
    Column("ground", "依据", "ground"),
    Column("asked", "申请", "asked"),
    Column("decided", "决定", "decided"),
    Column("values", "删除项数", "values"),
)
STATUSES = {
    "asked": ("待批准", "asked for"), "erased": ("已依法删除", "erased"), "declined": ("不予删除", "declined"),
    "already": ("此前已删除", "erased here already"), "not_there": ("库中没有", "not in this database"),
    "kept": ("依法留存，未删除", "kept by law, not erased"),
}  # fmt: skip


@group(
    "privacy",
    help="个人信息：查询、依法删除（两人）、暂缓删除 · Personal data: what is held, erasing by two persons, keeping.",
)
def privacy_() -> None:
    """Hold the commands about personal data."""


@privacy_.command(
    "find", help="查询持有的个人信息 · What is held: of a matter, of an account, or wherever TEXT stands."
)
@click.option("--matter", "ref", metavar="REF", type=REF, help="事项 · of this matter")
@click.option("--person", metavar="LOGIN", type=TEXT, help="账号 · of this account")
@click.option("--text", metavar="TEXT", type=TEXT, help="姓名、号码等 · wherever this name or number stands")
@pass_call
def find(call: Call, ref: str | None, person: str | None, text: str | None) -> None:
    """Print what is held."""
    from engine.errors import Usage
    from engine.scopes import refuse_outside

    if sum(each is not None for each in (ref, person, text)) != 1:
        raise Usage("name one of --matter REF, --person LOGIN, --text TEXT", "usage")
    actor, sight, holdings = call.actor(), call.sight, _holdings(call)
    refuse_outside(actor, "read")
    if person is not None:
        found = holdings.of_account(person, keeps_accounts=sight.may("accounts") and not actor.on_behalf_of)
    else:
        found = holdings.of_matter(ref) if ref is not None else holdings.of_text(text or "")
    call.answer(found, lambda: table(HELD, [_held(call, each) for each in found["items"]], call.lang))


def _held(call: Call, each: dict[str, Any]) -> list[str]:
    gone = call.word("〔已依法删除〕", "[erased by law]")
    value = gone if each["status"] == "erased" else str(each["value"])
    return [each["stream"], str(each["seq"]), each["field"], local(each["since"], call.zone), value]


@privacy_.command(
    "erase", help="申请删除事项 REF 或账号的个人信息 · Ask to erase personal data of the matter REF, or of an account."
)
@click.argument("ref", type=REF, metavar="[REF]", required=False)
@click.option(
    "--field", "fields", metavar="NAME", type=TEXT, multiple=True,
    help="字段：事实代码、title、reasons、names、papers（材料内容）；默认全部个人信息 · a code, title, reasons, names, papers (bytes)",
)  # fmt: skip
@click.option("--person", metavar="LOGIN", type=TEXT, help="已停用的账号 · a disabled account")
@click.option(
    "--text", metavar="TEXT", type=TEXT,
    help="凡含此姓名或号码的内容；不写 REF 则为查到的每个事项 · whatever has this in it; without REF each matter found",
)  # fmt: skip
@click.option(
    "--ground", type=click.Choice(GROUNDS), required=True,
    help="依据：《个人信息保护法》第四十七条第一款第（一）至（五）项 · ground: article 47, paragraph 1 (1) to (5)",
)  # fmt: skip
@click.option("--note", metavar="TEXT", type=TEXT, required=True, help="说明 · in your own words")
@click.option(
    "--leave", "spare", metavar="PLACE", type=TEXT, multiple=True,
    help="保留此处（preview 所列） · leave this place as it is; preview names them",
)  # fmt: skip
@pass_call
def erase(
    call: Call,
    ref: str | None,
    fields: Sequence[str],
    person: str | None,
    text: str | None,
    ground: str,
    note: str,
    spare: Sequence[str],
) -> None:
    """Ask; a second person decides."""
    from engine.errors import Usage

    wrong = [ref, person, text].count(None) == 3 or (spare and ref is None)
    if wrong or (person is not None and (ref or text)) or (fields and (person or text)):
        raise Usage("name a matter REF with --field or --text, --text alone, or --person LOGIN", "usage")
    desk = _desk(call)
    if text is not None and ref is None:
        _everywhere(call, desk, text, ground, note)
        return
    said = (
        desk.ask_of(person, ground, note)
        if person is not None
        else desk.ask(ref or "", fields, ground, note, text, spare)
    )
    _tell_second(call, said["request"]["id"])
    call.answer(said, lambda: _page(call, [said["request"]]))


def _everywhere(call: Call, desk: "PrivacyDesk", text: str, ground: str, note: str) -> None:
    """Ask for each matter in which *text* stands and that is seen; say of which it could not be asked and why."""
    from engine.errors import DubanError

    found = {each["stream"].partition("/")[2]: None for each in _holdings(call).of_text(text)["items"]}
    said: dict[str, list[dict[str, Any]]] = {"items": [], "refused": []}
    for ref in found:
        try:
            said["items"].append(desk.ask(ref, [], ground, note, text)["request"])
        except DubanError as error:
            said["refused"].append(
                {"ref": ref, "code": error.code, "reasons": [each.as_json() for each in error.reasons]}
            )
    for each in said["items"]:
        _tell_second(call, each["id"])

    def page() -> None:
        _page(call, said["items"])
        for each in said["refused"]:
            why = call.word("；", "; ").join(call.label(reason["text"]) for reason in each["reasons"]) or each["code"]
            line(call.word(f"未能申请：{each['ref']}：{why}", f"not asked for: {each['ref']}: {why}"))

    call.answer(said, page)


def _tell_second(call: Call, ident: str) -> None:
    how = f"duban privacy preview {ident}; duban privacy approve {ident}"
    call.note(f"须由第二人查看并批准：{how}", f"a second person looks and decides: {how}")


def _holdings(call: Call) -> "Holdings":
    from engine.privacy_finding import Holdings

    workspace = call.workspace
    return Holdings(workspace.database, workspace.campaign, workspace.clock, call.sight)


@privacy_.command("approve", help="批准申请 ID 并立即删除（不得是申请人） · Approve a request: it is erased at once.")
@click.argument("ident", type=TEXT, metavar="ID")
@click.option(
    "--seen",
    metavar="DIGEST",
    type=TEXT,
    help="预览的摘要，有变化即不批准 · digest of the preview: no other one is approved",
)
@click.option("--no-scrub", is_flag=True, help="暂不重写数据库文件 · do not write the database's files anew now")
@pass_call
def approve(call: Call, ident: str, seen: str | None, no_scrub: bool) -> None:
    """Approve and erase; then leave nothing of it in the database's files."""
    prove_again(call, "erase")
    said = _desk(call).approve(ident, seen)
    said["scrubbed"] = not no_scrub and scrubbed(call)
    said["remains"] = [{"zh": zh, "en": en} for zh, en in REMAINS]

    def page() -> None:
        _page(call, [said["request"]])
        for each in said["remains"]:
            entry(call.word("仍可能留存", "may remain"), call.label(each), 12)

    call.answer(said, page)


REMAINS = (
    ("此前的备份：恢复后须执行 duban privacy reapply", "in backups made before: once restored, duban privacy reapply"),
    ("已发出的通知、已导出的文件和证据包：须通知收件人删除",
     "in messages that were sent, files and bundles that were taken: whoever has them must be told"),
    ("存储介质的空闲块、数据库副本和归档日志：按介质管理规定处理",
     "in free blocks of the disk, replicas and archived logs of the database: as the rules for media say"),
)  # fmt: skip
"""Where something may be left that no command of ours reaches."""


@privacy_.command("decline", help="不予删除，说明理由 · Decline a request; the person is owed the reason.")
@click.argument("ident", type=TEXT, metavar="ID")
@click.option("--reason", metavar="TEXT", type=TEXT, required=True, help="理由 · reason")
@pass_call
def decline(call: Call, ident: str, reason: str) -> None:
    """Decline."""
    said = _desk(call).decline(ident, reason)
    call.answer(said, lambda: _page(call, [said["request"]]))


@privacy_.command("list", help="申请、决定与暂缓删除清单 · Requests, decisions, and what is kept.")
@pass_call
def list_(call: Call) -> None:
    """Print the requests."""
    found = _desk(call).listed()

    def page() -> None:
        _page(call, found["items"])
        for each in found["holds"]:
            line(call.word(f"暂缓删除：{each['ref']}（{each['by']}）{each['reason'] or ''}",
                           f"kept: {each['ref']} ({each['by']}) {each['reason'] or ''}"))  # fmt: skip
            if each["release_asked_by"]:
                why = f"{each['release_asked_by']} {each['release_reason'] or ''}"
                line(call.word(f"　已申请解除，待另一人：{why}", f"  asked to end, another decides: {why}"))
        if found["unscrubbed"]:
            call.note(*unscrubbed_words(found["unscrubbed"]))

    call.answer(found, page)


def unscrubbed_words(count: int) -> tuple[str, str]:
    """That erasures are done whose values may still stand in the database's files."""
    return (
        f"{count}次依法删除之后数据库文件尚未重写，其中或仍有所删内容：duban privacy scrub",
        f"{count} erasures are not scrubbed: what they erased may stand in the database's files: duban privacy scrub",
    )


def scrubbed(call: Call) -> bool:
    """Write the database's files anew; what hinders it is said, and it can be done later."""
    from engine.erasing import TABLES
    from engine.errors import DubanError
    from engine.unscrubbed import scrub_and_note
    from workflows.erased_papers import destroy_papers

    try:
        left = destroy_papers(call.workspace)
        if left:
            call.note(
                f"{left}份材料的内容尚未销毁（另有数据库共用文件夹，或刚有人提交同一内容），请稍后执行：duban privacy scrub",
                f"{left} documents are not destroyed yet (another database uses the folder, or they were just sent again); "
                "later: duban privacy scrub",
            )
        done = scrub_and_note(call.workspace.engine, call.actor(), TABLES, left)
    except DubanError as error:
        call.note(
            f"数据库文件尚未重写：{error.message}", f"the database's files are not written anew yet: {error.message}"
        )
        done = False
    if not done:
        call.note("请稍后执行：duban privacy scrub", "do it later: duban privacy scrub")
    return done


def _desk(call: Call) -> "PrivacyDesk":
    return desk_of(call, call.actor())


def desk_of(call: Call, actor: "Actor") -> "PrivacyDesk":
    """What asks and decides for *actor*."""
    from engine.privacy_desk import PrivacyDesk

    return PrivacyDesk(call.workspace.engine, actor, call.workspace.sight(actor))


def _page(call: Call, items: list[dict[str, Any]]) -> None:
    table(REQUESTS, [_cells(call, each) for each in items], call.lang)


def _cells(call: Call, each: dict[str, Any]) -> list[str]:
    asked = f"{each['asked_by']} {local(each['asked_at'], call.zone)}"
    decided = f"{each['decided_by']} {local(each['decided_at'], call.zone)}" if each["decided_by"] else ""
    fields = ", ".join(each["fields"]) or call.word("凡含所查内容者", "whatever has the text in it")
    return [
        each["id"], each.get("matter") or each.get("person") or "", fields,
        call.word(*STATUSES[each["status"]]), call.label(each["ground_label"]), asked,
        f"{decided} {each['reason'] or ''}".strip(), str(each["values"]),
    ]  # fmt: skip

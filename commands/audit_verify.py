"""``audit verify``: everything recomputed and held against what was stated outside; what it finds, and what it reserves."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import entry, line
from commands.reference import REF
from commands.values import TEXT
from engine.problem_words import bracketed, worded
from workflows.audit_words import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.anchors import Anchor, Unreadable
    from engine.verifying import Scope

LARGEST_RECEIPT = 10 * 1024 * 1024
"""Bytes of a file of receipts. PLACEHOLDER"""

MOST_PROCESSES = 16
"""Processes that share a check. PLACEHOLDER"""

WIDTH = 16

MANY = 3
"""From so many findings on, the last line counts them by kind."""


@command(
    "verify",
    help="核验：重算全部链与树，重演每个事项、岗位、通知、材料，并与库外锚点对照 · Recompute chains and tree, replay every "
    "matter, post, notice and document, hold all of it against anchors outside. Exit 9 on a finding.",
)
@click.option("--full", is_flag=True, help="全部（默认） · everything, as without an option")
@click.option(
    "--since-last", is_flag=True, help="只核验上次核验之后的 · only what came after the last check on this machine"
)
@click.option("--matter", metavar="REF", type=REF, help="只核验一个事项 · one matter only")
@click.option(
    "--receipt", "receipts", metavar="FILE", type=TEXT, multiple=True, help="对照回执 · hold receipts against it"
)
@click.option("--bundle", metavar="FILE", type=TEXT, help="核验证据包，不用数据库 · a bundle instead of the database")
@click.option(
    "--anchors",
    metavar="DIR",
    type=TEXT,
    multiple=True,
    help="库外锚点的目录或文件 · folder or file of anchors [DUBAN_ANCHORS]",
)
@click.option("--policy", metavar="FILE", type=TEXT, help="信任谁的钥、几个见证人 · whose keys, how many witnesses")
@click.option("--tsa-cert", metavar="FILE", type=TEXT, help="时间戳机构的根证书 · root certificate of who stamps")
@click.option(
    "--printed", metavar="ROOT@SIZE", type=TEXT, multiple=True, help="简报上印的根值 · a root printed in a bulletin"
)
@click.option(
    "--processes",
    metavar="N",
    type=click.IntRange(1, MOST_PROCESSES),
    help="几个进程分担全部核验 · processes that share a full check [2 for a large record on two processors, else 1]",
)
@pass_call
def verify(call: Call, full: bool, since_last: bool, matter: str | None, bundle: str | None, **options: Any) -> None:
    """Verify, and exit 9 if anything was found."""
    from engine.errors import Usage

    if full + since_last + (matter is not None) + (bundle is not None) > 1:
        raise Usage("choose one of --full, --since-last, --matter and --bundle", "both")
    call.operator = matter is None or bundle is not None
    said = _bundle(bundle, **options) if bundle is not None else _database(call, since_last, matter, **options)
    call.answer(said, lambda: _page(call, said))
    if not said["ok"]:
        click.get_current_context().exit(9)


def _bundle(bundle: str, receipts: tuple[str, ...], policy: str | None, **_: Any) -> dict[str, Any]:
    """Raise Invalid for a file that cannot be read: a path that was mistyped accuses no bundle."""
    from commands.standalone.verify_bundle import check
    from engine.errors import Invalid
    from engine.log_policy import read_policy

    try:
        with Path(bundle).open("rb"):
            pass
    except OSError as error:
        raise Invalid(f"the bundle {bundle} cannot be read: {error.strerror}", "no_file") from None
    if policy is not None:
        read_policy(policy)
    for each in receipts:
        read_receipts(each)
    said: dict[str, Any] = check(bundle, policy, list(receipts))
    return said


def _database(
    call: Call, since_last: bool, matter: str | None, processes: int | None, **options: Any
) -> dict[str, Any]:
    from engine.anchors import kept_check
    from workflows.verification import verified

    if matter is not None:
        call.reader.show(matter)
    since = kept_check(call.workspace.campaign.log) if since_last else None
    return verified(call.workspace, _scope(call, matter, since, **options), processes)


def _scope(
    call: Call,
    matter: str | None,
    since: tuple[int, str] | None,
    receipts: tuple[str, ...],
    anchors: tuple[str, ...],
    policy: str | None,
    printed: tuple[str, ...],
    tsa_cert: str | None,
) -> "Scope":
    from engine.log_policy import read_policy
    from engine.verifying import Scope

    workspace = call.workspace
    return Scope(
        anchors=_anchors(workspace.campaign.log, anchors),
        policy=read_policy(policy) if policy is not None else None,
        documents=workspace.documents,
        matter=matter,
        since=since,
        timed=workspace.mode == "production",
        receipts={place: said for name in receipts for place, said in read_receipts(name)},
        printed=[_printed(each) for each in printed],
        authority=Path(tsa_cert) if tsa_cert is not None else None,
    )


def _anchors(log: str, named: tuple[str, ...]) -> "list[Anchor | Unreadable]":
    from engine.anchors import anchor_folders, read_anchors

    there = [Path(each) for each in named] or [each for each in anchor_folders() if each.exists()]
    return list(read_anchors(there, log))


def read_receipts(name: str) -> list[tuple[str, Any]]:
    """Read a file of receipts: one, several, or one a line, bare or within an answer. Raises Invalid, also if there is none.

    What is no receipt is given as it is, to be found.
    """
    from engine.errors import Invalid

    try:
        with Path(name).open("rb") as file:
            content = file.read(LARGEST_RECEIPT + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"the receipt {name} cannot be read: {error}", "no_file") from None
    if len(content) > LARGEST_RECEIPT:
        raise Invalid(f"{name} is too large for receipts: at most {LARGEST_RECEIPT} bytes", "too_large")
    try:
        inner = _receipts_in(text)
    except (ValueError, RecursionError):
        raise Invalid(f"{name} is no receipt: not JSON", "not_json") from None
    if not inner:
        raise Invalid(f"{name} is no receipt: there is none in it", "no_receipt")
    return [(name if len(inner) == 1 else f"{name}:{number}", each) for number, each in enumerate(inner, start=1)]


def _receipts_in(text: str) -> list[Any]:
    try:
        return _within(json.loads(text))
    except ValueError:
        return [one for each in text.splitlines() if each.strip() for one in _within(json.loads(each))]


def _within(said: Any) -> list[Any]:
    """The receipts in an answer or a list of them; what is none is given as it is, to be found."""
    if isinstance(said, dict):
        return next((_within(said[name]) for name in ("receipts", "receipt", "items") if name in said), [said])
    return [one for each in said for one in _within(each)] if isinstance(said, list) else [said]


def _printed(text: str) -> tuple[int, str]:
    from engine.errors import Invalid

    root, _, size = text.strip().lower().partition("@")
    if not size.isdecimal() or len(root) < 16 or set(root) - set("0123456789abcdef"):
        raise Invalid(
            f"not a printed root: {text[:80]!r}; write 16 digits or more, @ and the number of entries", "printed"
        )
    return int(size), root


def _page(call: Call, said: dict[str, Any]) -> None:
    for finding in said["findings"]:
        zh, en = FINDINGS.get(finding["code"], (finding["code"], finding["code"]))
        where = f"{finding['stream'] or ''} {finding['seq'] or ''}".strip()
        leaf = (
            "" if finding.get("idx") is None else call.word(f"（第 {finding['idx']} 叶）", f" (leaf {finding['idx']})")
        )
        line(
            f"{finding['code']}  {where}{leaf}  {call.word(f'{zh}：', f'{en}: ')}{worded(finding['message'], call.lang)}",
            "red",
        )
    _checked(call, said)
    for each in said["reservations"]:
        line(call.word("保留：", "reserved: ") + worded(each["message"], call.lang))
    _uncovered(call, said.get("not_covered", ()))
    line(_verdict(call, said), "bold")


def _checked(call: Call, said: dict[str, Any]) -> None:
    if "streams" in said:
        words = (
            f"{said['streams']} 条链、{said['entries']} 条留痕、{said['matters']} 个事项、{said['notices']} 份已发通知、"
            f"{said['accounts']} 项账号岗位"
        )
        en = (
            f"{said['streams']} streams, {said['entries']} entries, {said['matters']} matters, {said['notices']} notices sent, "
            f"{said['accounts']} accounts and posts"
        )
        entry(call.word("已核验", "checked"), call.word(words, en), WIDTH)
    else:
        entry(
            call.word("已核验", "checked"), call.word(f"{said['entries']} 条留痕", f"{said['entries']} entries"), WIDTH
        )
    entry(call.word("日志", "log"), said.get("origin") or said["log"], WIDTH)
    entry(call.word("根值", "root"), said["short_root"], WIDTH)
    anchored = said.get("anchored")
    if anchored:
        at = f"{anchored['size']}  {anchored['at']}  {anchored['place']}"
        entry(call.word("最新锚点", "newest anchor"), at, WIDTH)
    for each in said.get("timestamps", ()):
        entry(call.word("时间戳", "time stamp"), f"{each['size']}  {each['at']}", WIDTH)
    for each in said.get("witnesses", ()):
        entry(call.word("见证", "witness"), f"{each['name']}  {each['size']}  {each['at']}", WIDTH)


def _uncovered(call: Call, columns: "Sequence[dict[str, Any]]") -> None:
    """What is held against nothing, and why: the machinery's own state, and what stands elsewhere or nowhere; columns in JSON."""
    reasons: dict[str, dict[str, None]] = {}
    for each in columns:
        reasons.setdefault(call.label(each["reason"]), {})[call.label(each["label"])] = None
    for at, (why, tables) in enumerate(reasons.items()):
        title = "" if at else call.word("不在核验之列", "not covered")
        entry(title, call.word("、", ", ").join(tables) + call.word("：", ": ") + why, WIDTH)


def _verdict(call: Call, said: dict[str, Any]) -> str:
    if not said["ok"]:
        first = said["first"]
        where = f"{first['stream'] or ''} {first['seq'] or ''}".strip()
        kinds = _kinds(call, said["findings"])
        return call.word(f"发现 {said['count']} 处问题{kinds}，最先是 {first['code']} {where}",
                         f"{said['count']} findings{kinds}; the first is {first['code']} {where}")  # fmt: skip
    if said["verified"]:
        return call.word("未发现问题，核验通过", "nothing found: verified")
    return call.word(
        "未发现问题，但有上述保留，不能算核验通过", "nothing found, with the reservations above: not verified"
    )


def _kinds(call: Call, findings: "Sequence[dict[str, Any]]") -> str:
    """How many there are of each kind, the most first, in brackets; of one or two nothing: they stand above."""
    if len(findings) < MANY:
        return ""
    counts = Counter(each["code"] for each in findings).most_common()
    told = [f"{call.word(*FINDINGS.get(code, (code, code)))} {number}" for code, number in counts]
    return bracketed(call.word("、", ", ").join(told), call.lang)

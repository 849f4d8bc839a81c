"""``audit checkpoint`` and ``audit prove``: seal the log now, and prove that something is in it or that it only grew."""

import os
from pathlib import Path
from typing import Any

import click

from commands.audit_key import key_file
from commands.call import Call
from commands.group import command, pass_call
from commands.paper import entry, line
from commands.reference import REF
from commands.values import TEXT

WIDTH = 16


@command(
    "checkpoint", help="立即封存：签署根值并写到库外 · Seal now: sign the root and put it outside (DUBAN_ANCHORS)."
)
@click.option("--timestamp", is_flag=True, help="并取得时间戳（DUBAN_TSA） · and have it stamped (RFC 3161, DUBAN_TSA)")
@pass_call
def checkpoint(call: Call, timestamp: bool) -> None:
    """Seal."""
    from engine.checkpoints import put_outside, refuse_bent, seal, stamp_outside
    from engine.errors import NotFound, Unavailable, Usage
    from engine.signing_key import load_key

    call.operator = True
    workspace, path = call.workspace, key_file(call)
    private = load_key(path)
    if private is None:
        raise NotFound(f"there is no key at {path}; do: duban audit key new, or point DUBAN_KEY at it", "no_key")
    now, authority = workspace.clock.now(), os.environ.get("DUBAN_TSA", "")
    if timestamp and not authority:
        raise Usage("say in DUBAN_TSA which authority stamps: https://…", "no_tsa")
    refuse_bent(workspace.database, workspace.campaign)
    sealed = seal(workspace.database, workspace.campaign, now, private)
    if sealed is None:
        raise Unavailable("another process is sealing; try again", "busy")
    written = put_outside(workspace.database, workspace.campaign, sealed, now)
    stamps = stamp_outside(workspace.campaign, sealed, now, authority) if timestamp else []
    made = sealed.checkpoint
    said: dict[str, Any] = {
        "origin": made.origin, "size": made.size, "root": made.root.hex(), "short_root": f"{made.short}@{made.size}",
        "new": sealed.new, "note": sealed.note, "anchors": [str(each) for each in written],
        "timestamps": [str(each) for each in stamps],
    }  # fmt: skip

    def page() -> None:
        line(sealed.note.rstrip())
        entry(call.word("短根值", "short root"), said["short_root"], WIDTH)
        for each in (*written, *stamps):
            entry(call.word("已写入", "written to"), str(each), WIDTH)

    call.answer(said, page)
    if not written:
        call.note(
            "没有写到库外：未设 DUBAN_ANCHORS，或一小时内已写过同一根值",
            "nothing was put outside: DUBAN_ANCHORS is not set, or has this root from less than an hour ago",
        )


@command(
    "prove", help="证明一个事项的留痕在日志中，或日志只增不改 · Prove a matter's entries, or that the log only grew."
)
@click.option("--matter", metavar="REF", type=REF, help="事项 · the matter whose entries are proved")
@click.option(
    "--from", "old", metavar="SIZE", type=click.IntRange(0), help="由此大小起只增不改 · that the log grew from SIZE"
)
@pass_call
def prove(call: Call, matter: str | None, old: int | None) -> None:
    """Prove."""
    from engine.errors import Usage
    from engine.log_proofs import growth, proofs

    if (matter is None) == (old is None):
        raise Usage("say --matter REF or --from SIZE", "both")
    call.operator = matter is None
    workspace = call.workspace
    if matter is not None:
        call.reader.show(matter)
    with workspace.database.snapshot() as tx:
        said: dict[str, Any] = (
            proofs(tx, workspace.campaign, [f"matter/{matter}"])
            if matter is not None
            else growth(tx, workspace.campaign, old or 0)
        )

    def page() -> None:
        line(said["checkpoint"].rstrip())
        for each in said.get("entries", ()):
            line(f"{each['stream']} {each['seq']}  leaf {each['idx']}  {each['leaf']}")
            line("  " + " ".join(each["proof"]))
        if "proof" in said:
            line(f"{said['from']} → {said['size']}")
            line("  " + " ".join(said["proof"]))

    call.answer(said, page)


@command(
    "export",
    help="导出证据包，附独立核验程序 · Write a bundle with all proofs and the program that verifies it without duban.",
)
@click.option("--out", metavar="BUNDLE", type=TEXT, required=True, help="写入的文件（.zip） · file to write (.zip)")
@click.option(
    "--matter", metavar="REF", type=REF, help="只导出一个事项，不泄露其余 · one matter, telling nothing of the others"
)
@click.option("--documents", is_flag=True, help="附上材料 · with the documents")
@click.option("--private", is_flag=True, help="附上个人信息原文 · with the private values and their salts")
@pass_call
def export(call: Call, out: str, matter: str | None, documents: bool, private: bool) -> None:
    """Write a bundle, and put on record who took it."""
    from commands.standalone import verify_bundle
    from engine.anchors import Anchor, anchor_folders, read_anchors
    from engine.bundles import Contents, refuse_taking, write_bundle
    from engine.clock import rfc3339
    from engine.exports import note_export

    workspace, actor = call.workspace, call.actor()
    refuse_taking(call.sight, matter, private=private)
    if matter is not None:
        call.reader.show(matter)
    folders = [each for each in anchor_folders() if each.exists()]
    contents = Contents(
        matter,
        workspace.documents if documents else None,
        private,
        [each for each in read_anchors(folders, workspace.campaign.log) if isinstance(each, Anchor)],
        Path(verify_bundle.__file__).read_bytes(),
        rfc3339(workspace.clock.now()),
    )
    with workspace.database.snapshot() as tx:
        said = write_bundle(tx, workspace.campaign, Path(out), contents)
    about = {"ref": matter, "size": said["size"], "private": private, "documents": documents}
    note_export(workspace.engine, actor, "bundle", Path(out), about)

    def page() -> None:
        line(
            call.word(
                f"{out}：{said['entries']} 条留痕，{said['short_root']}",
                f"{out}: {said['entries']} entries, {said['short_root']}",
            )
        )
        line(call.word("核验：", "verify: ") + f"python verify_bundle.py {out} --policy FILE")

    said = {**said, "file": out, "short_root": f"{said['root'][:16]}@{said['size']}"}
    call.answer(said, page)


@command(
    "witness",
    help="见证：拉取检查点，只签只增不改的 · Witness a log: key, trust VKEY, run SOURCE…, each with --store DIR; "
    "`program` prints the program itself, which needs no duban.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="key|trust|run|program...")
def witness(words: tuple[str, ...]) -> int:
    """Run the witness in this process, or print it."""
    from commands.standalone import witness as program

    if words == ("program",):
        line(Path(program.__file__).read_text("utf-8").rstrip())
        return 0
    try:
        return program.main(list(words))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2

"""The shapes of what the API answers, as JSON Schema: what is always there; more may be added, nothing is renamed."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES: Schema = {"type": "boolean"}
AT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
MAP: Schema = {"type": "object"}


def maybe(schema: Schema) -> Schema:
    """*schema*, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    """Another shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(schema: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": schema}


def shape(description: str, /, **fields: Schema) -> Schema:
    """An object that has all of *fields*; a name that Python keeps for itself ends in an underscore here."""
    named = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "description": description, "required": list(named), "properties": named}


def page(of: Schema, about: str) -> Schema:
    """A page of a list."""
    return shape(
        about,
        items=many(of),
        next=maybe({"type": "string", "description": "下一页的 cursor · cursor of the next page"}),
    )


LABEL = shape("中英文名称 · A name in both languages", zh=TEXT, en=TEXT)

_MATTER = {
    "ref": TEXT, "kind": TEXT, "definition": TEXT, "version": NUMBER, "state": TEXT, "state_label": LABEL, "stage": TEXT,
    "body": TEXT, "title": TEXT, "facts": MAP, "documents": many(MAP), "light": maybe({"enum": ["red", "yellow", "green"]}),
    "opened_at": AT, "updated_at": AT, "closed": YES,
}  # fmt: skip

_PROPOSAL = {
    "id": TEXT, "sort": {"enum": ["amend", "publish", "migrate"]}, "digest": TEXT, "said": TEXT, "proposed_by": TEXT,
    "proposed_at": AT, "status": {"enum": ["open", "applied", "rejected", "withdrawn"]}, "decided_by": maybe(TEXT),
    "decided_at": maybe(AT), "reason": maybe(TEXT),
}  # fmt: skip

_RECEIPT = shape(
    "回执，供 duban audit verify --receipt 和独立核验程序对照 · A receipt, to be held against the record with `duban audit verify "
    "--receipt`, or against a bundle with the program of its own", log=TEXT, stream=TEXT, seq=NUMBER, leaf=TEXT,
)  # fmt: skip
_RECEIPT["properties"]["sig"] = {
    "type": "string",
    "description": "日志密钥的签名 · the log's signature, where it has a key",
}

SHAPES: dict[str, Schema] = {
    "Problem": shape(
        "问题说明（RFC 9457） · A problem document", type=TEXT, title=TEXT, status=NUMBER, detail=TEXT, code=TEXT,
    ) | {"examples": [{
        "type": "urn:duban:problem:guard", "title": "不能办理", "status": 409, "detail": "errand/alpha in 'todo' cannot 'submit'",
        "code": "guard", "exit_code": 4, "hint": "", "possible": ["take"],
        "reasons": [{"kind": "state", "text": {"zh": "“待办”状态下不能“报送”", "en": "not possible in “To do”"}}],
    }]},
    "Matter": shape("事项 · A matter", **_MATTER),
    "Matters": page(ref("Matter"), "事项列表，total 为总数（as_of 亦然） · A page of matters; `total` is how many there are"),
    "Work": shape("我的待办 · What waits for the caller", as_of=AT, actor=TEXT, groups=many(MAP)),
    "WorkPage": page(MAP, "一组待办 · A group of what waits"),
    "Matrix": shape("行列各格的件数与灯 · Rows and columns, with counts and lights", columns=many(MAP), rows=many(MAP)),
    "Counted": shape(
        "按一个方面计数 · Counted by one side", axis=TEXT, label=LABEL, as_of=AT, total=NUMBER, open=NUMBER, filter=MAP, rows=many(MAP),
    ),
    "View": shape("自存筛选 · A kept filter", name=TEXT, filter=MAP, saved_at=AT),
    "Entry": shape(
        "留痕 · An entry", seq=NUMBER, kind=TEXT, trigger=maybe(TEXT), from_=maybe(TEXT), to=maybe(TEXT), actor=TEXT, actor_auth=TEXT,
        occurred_at=AT, recorded_at=AT, reason=maybe(TEXT), facts=MAP, documents=many(MAP), request_id=maybe(TEXT), hash=TEXT,
    ),
    "Entries": page(ref("Entry"), "留痕列表 · A page of entries"),
    "Deadline": shape(
        "期限 · A deadline", id=TEXT, ref=TEXT, code=TEXT, label=LABEL, owner=TEXT, basis=TEXT, term=MAP, started_at=AT, last_day=DAY,
        breach_at=AT, status={"enum": ["running", "paused", "met", "late", "breached", "cancelled"]}, provisional=YES,
        extensions=NUMBER, derivation=many(MAP),
    ),
    "Deadlines": page(ref("Deadline"), "期限列表 · A page of deadlines"),
    "ShownMatter": shape(
        "事项全貌 · A matter with its deadlines", **_MATTER, deadlines=many(ref("Deadline")), entries_count=NUMBER, possible=many(TEXT),
        handovers=many(MAP), parent=maybe(TEXT), children=many(TEXT),
    ),
    "Alike": shape("可能系同一事实的事项 · What may be about the same facts", ref=TEXT, items=many(MAP), road=maybe(MAP)),
    "Possibilities": shape("可以办理什么 · What may be done", ref=TEXT, state=TEXT, actor=TEXT, possible=many(MAP), refused=many(MAP)),
    "Notice": shape(
        "通知 · A notice", id=TEXT, ref=maybe(TEXT), deadline=maybe(TEXT), kind=TEXT, level=NUMBER, recipient=TEXT, body=TEXT,
        channel=TEXT, planned_at=AT, effective_at=AT, sent_at=maybe(AT), status=TEXT, subject=TEXT, text=TEXT,
    ),
    "Notices": page(ref("Notice"), "通知台账 · A page of the ledger"),
    "ShownNotice": {"allOf": [ref("Notice"), shape("通知全貌 · A notice with its acts", acts=many(MAP), words_check=MAP)]},
    "Acknowledged": shape("签收或重发 · Acknowledged, or owed again", notice=ref("Notice")),
    "Foreseen": page(
        shape(
            "将发的通知 · What will be sent", planned_at=AT, effective_at=AT, kind=TEXT, recipient=TEXT, ref=TEXT,
            subject=TEXT, text=TEXT,
        ),
        "预告 · A page of what is foreseen",
    ),
    "Outcome": shape(
        "指令的结果 · What an order did", matter=ref("Matter"), entry=ref("Entry"), deadlines_started=many(ref("Deadline")),
        deadlines_stopped=many(ref("Deadline")), notices=many(ref("Notice")), children=many(TEXT), receipt=ref("Receipt"),
    ),
    "Receipt": _RECEIPT,
    "Receipted": {
        "type": "object",
        "description": "凡记入留痕的，答复附其回执 · Whatever is put on record is answered with its receipt beside the rest",
        "properties": {
            "receipt": ref("Receipt"),
            "receipts": {**many(ref("Receipt")), "description": "留痕多条时，前一百条的 · of several entries, the first hundred"},
        },
    },
    "SealedReceipt": {"allOf": [ref("Receipt"), {"type": "object", "required": ["sealed"], "properties": {"sealed": maybe(shape(
        "检查点中的位置与包含证明；空为尚未封存，稍后再取 · Its place in a checkpoint, and the proof; null: not sealed yet, ask again",
        idx=NUMBER, size=NUMBER, root=TEXT, proof=many(TEXT), checkpoint=TEXT,
    ))}}]},
    "Receipts": page(
        shape("本人所办一事 · An act of one's own", kind=TEXT, trigger=maybe(TEXT), recorded_at=AT, receipt=ref("Receipt"), sealed=YES),
        "回执列表 · A page of receipts",
    ),
    "Documents": shape(
        "材料 · Documents",
        items=many(shape("材料 · A document", kind=TEXT, name=maybe(TEXT), sha256=TEXT, seq=NUMBER, brought_by=TEXT, recorded_at=AT)),
    ),
    "Board": shape("各单位各类事项 · The board", as_of=AT, rows=many(MAP)),
    "Diagram": shape("流程图 · A diagram", kind=TEXT, version=NUMBER, mermaid=TEXT),
    "Me": shape(
        "本人 · Oneself", login=TEXT, auth=TEXT, body=maybe(TEXT), posts=many(MAP), deputy=many(MAP), campaign=TEXT,
        mode={"enum": ["production", "rehearsal"]}, now=AT,
    ),
    "Job": shape(
        "任务 · A job", id=TEXT, kind=TEXT, about=MAP, began_at=AT, status={"enum": ["waiting", "running", "done", "failed"]},
        result=maybe(MAP), error=maybe(MAP),
    ),
    "Draft": shape("草案的影响 · What a draft would change", sort=TEXT, digest=TEXT, impact=MAP, proof=maybe(MAP)),
    "Proposal": shape("草案 · A proposal", **_PROPOSAL),
    "Proposals": page(ref("Proposal"), "草案列表 · A page of proposals"),
    "ShownProposal": shape(
        "草案全貌 · A proposal with what it would change", **_PROPOSAL, impact=maybe(MAP), plan=maybe(MAP), proof=maybe(MAP),
        overtaken=YES, open_questions=many(MAP), against=many(MAP),
    ),
    "UnusualDay": shape(
        "与星期不符的一日 · A day that is otherwise than the week says", day=DAY, work=YES, label=LABEL, provisional=YES,
    ),
    "Year": shape(
        "一年的工作日 · A year's working days", year=NUMBER, workdays=NUMBER, sources=many(TEXT), days=many(ref("UnusualDay")),
    ),
    "Supervision": shape("检察监督 · Supervision of transfers", groups=many(MAP)),
    "Verdict": shape("标准的答复 · What the standards say", answers=many(MAP), follows=MAP, against=maybe(MAP)),
    "Proofs": shape("包含证明 · Proofs of inclusion", checkpoint=TEXT, entries=many(MAP)),
    "BulkResult": {
        "description": "一行一个对象 · a line: {line, status: done|already|refused|invalid, ref, code, receipt?, error?}; {summary}",
        "type": "string",
    },
    "Items": shape("列表 · A list", items=many(MAP)),
    "Any": {"type": "object", "description": "同命令行 --json · as the command line has it with --json"},
    "Binary": {"type": "string", "format": "binary"},
}  # fmt: skip

"""The OpenAPI 3.1 document: what FastAPI draws from the routes, with our shapes, forms and the one way to identify oneself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from web.api import forms_schema
from web.api.forms_schema import Form
from web.api.shapes import SHAPES
from web.api.sights import scope_of
from web.relations import RECEIPT

ABOUT = """督办系统的程序接口。金额以分计；时间为 RFC 3339（UTC）；事项编号中的斜线在路径中可写作 %2F。

The interface of duban for programs. Money is counted in fen, instants are RFC 3339 in UTC, a slash in a reference may be
written %2F in a path. A refusal is a problem document (RFC 9457) with `code`, `exit_code` (as on the command line), `reasons`
in both languages and `possible`; 409 with exit_code 4 is the machine's refusal, with 6 a conflict of two orders. The ETag of a
matter is `"VERSION.DIGEST"`: If-Match looks at the version alone. Idempotency-Key is taken by orders and is its caller's own
(`LOGIN/KEY` in the record); the other acts are refused or answered the same when they are repeated. Whatever is put on record
is answered with its `receipt`, signed where the log has a key: keep it, it shows later that the entry was there; that of a file
which was taken out stands in the head `Link` alone. `/receipts/STREAM/SEQ` gives it again, with the proof of a checkpoint in
`sealed` as soon as one covers it. A list goes on at `next`. `x-scope` is what a token that was narrowed must be for; `approve`
has only a token that was made for it in so many words (`duban user token LOGIN --scope approve`)."""

NONE_MATCH = {
    "name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 1000},
    "description": "已有此标签则答 304 · 304 if the caller has this already",
}  # fmt: skip
"""What every operation takes that answers with a tag."""

PARAMETERS = {
    "ref": "事项编号 · reference of a matter", "ident": "编号 · id", "sha256": "文件哈希 · hash of the file",
    "kind": "事项类型 · kind of matter", "version": "版本 · version", "lang": "语言 · language", "body": "单位 · body",
    "person": "登录名 · login", "group": "哪一组 · which group", "axis": "按什么计数 · what is counted by", "name": "名称 · name",
    "since": "自 · from (RFC 3339)", "until": "至 · until (RFC 3339)",
    "on_behalf_of": "代谁 · for whom, by a delegation in force", "old": "旧版本 · the older, as in case@1",
    "year": "年份 · year", "stream": "链 · stream", "seq": "序号 · number in its stream", "new": "新版本 · the newer, as in case@2",
}  # fmt: skip
"""What a parameter is, where its operation does not say."""

TAGS = {
    "matters": "事项 · Matters", "orders": "指令 · Orders", "documents": "材料 · Documents",
    "deadlines": "期限 · Deadlines",
    "notices": "通知 · Notices", "figures": "统计 · Figures", "campaign": "专项行动 · Campaign", "definitions": "流程 · Definitions",
    "views": "自存筛选 · Kept filters", "people": "人员 · People", "audit": "留痕 · The record",
    "rehearsal": "推演 · A rehearsal", "exports": "导出 · Exports", "events": "事件 · Events",
}  # fmt: skip


def document_of(app: FastAPI) -> dict[str, Any]:
    """The document of *app*, made once."""
    tags = [{"name": name, "description": about} for name, about in TAGS.items()]
    found = get_openapi(
        title="duban 督办", version="1", openapi_version="3.1.0", description=ABOUT, routes=app.routes, tags=tags,
        servers=[{"url": "/api/v1"}],
    )  # fmt: skip
    forms = [each for each in vars(forms_schema).values() if isinstance(each, type) and issubclass(each, Form)]
    _, drawn = models_json_schema([(each, "validation") for each in forms], ref_template="#/components/schemas/{model}")
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {**drawn.get("$defs", {}), **SHAPES}
    found["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "db_…",
            "description": "个人令牌 · duban user token LOGIN",
        }
    }
    found["security"] = [{"token": []}]
    for path, item in found["paths"].items():
        for method, operation in item.items():
            _tidy(operation)
            if method != "get" or "exports" in operation.get("tags", ()):
                _receipted(operation)
            operation["x-scope"] = scope_of([method.upper()], operation.get("tags", ()), path) or None
    return found


def _tidy(operation: dict[str, Any]) -> None:
    """Name an operation by its first line; FastAPI's own 200 and 422 are not ours."""
    operation["summary"] = operation.get("description", "").partition("\n")[0]
    for each in operation.get("parameters", ()):
        within = [one.get("description") for one in each["schema"].get("anyOf", ())]
        each.setdefault("description", next(filter(None, [*within, PARAMETERS.get(each["name"])]), ""))
    responses = operation["responses"]
    if "304" in responses:
        operation.setdefault("parameters", []).append(NONE_MATCH)
    if "200" in responses and not any(code in responses for code in ("201", "202")):
        return
    responses.pop("200", None)


def _receipted(operation: dict[str, Any]) -> None:
    """Say of an operation that changes something, or takes something out of the house, where its receipt stands."""
    for code, said in operation["responses"].items():
        shown, taken_out = said.get("content", {}).get("application/json"), "exports" in operation.get("tags", ())
        if code not in ("200", "201", "202") or not (shown or taken_out):
            continue
        if shown and not taken_out:
            shown["schema"] = {"allOf": [shown["schema"], {"$ref": "#/components/schemas/Receipted"}]}
        words = "回执的地址，rel 为 · Address of the receipt, with the rel"
        said["headers"] = {"Link": {"description": f"{words} {RECEIPT}", "schema": {"type": "string"}}}

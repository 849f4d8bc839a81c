"""Problem details (RFC 9457): every refusal of the engine, and of HTTP itself, in one form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi.responses import JSONResponse, Response

from engine.errors import DubanError

MEDIA = "application/problem+json"

STATUS = {1: 500, 2: 400, 3: 404, 4: 409, 5: 403, 6: 409, 7: 422, 8: 503, 9: 503}
"""Status by exit code. What the machine refuses is a conflict with the state the matter is in (RFC 9110, 15.5.10): 409,
told from a conflict of two orders by ``exit_code`` 4 and 6; a wrong value is 422."""

STATUS_OF_CODE = {"stale_version": 412, "too_large": 413, "zip_bomb": 422}
"""Codes with a status of their own."""

TITLES = {
    400: ("请求写法不对", "The request is not well put"),
    401: ("须出示令牌", "A token is needed"),
    403: ("无权办理", "Forbidden"),
    404: ("找不到", "Not found"),
    405: ("不支持的请求方式", "This method is not for this address"),
    406: ("不能以所要求的格式答复", "Not in the format that is asked for"),
    409: ("不能办理", "Not possible as things stand"),
    412: ("他人已先行办理", "Somebody was faster"),
    413: ("请求过大", "Too large"),
    415: ("内容格式不收", "This kind of content is not taken"),
    416: ("范围不对", "This range is not possible"),
    422: ("内容有误", "A value is wrong"),
    429: ("请求过于频繁", "Too many requests"),
    431: ("请求头过大", "The head is too large"),
    500: ("程序故障", "A fault of ours"),
    503: ("暂不可用", "Not available for now"),
}

RETRY_S = {"contention": 1, "locked": 5, "busy": 5}
"""Seconds after which to come again, by code; half a minute for anything else. PLACEHOLDER"""


@dataclass
class Problem(Exception):
    """A refusal of HTTP's own: *more* goes into the document, *headers* onto the answer."""

    status: int
    code: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def wants_english(accept_language: str) -> bool:
    """Say whether a reader prefers English to Chinese; Chinese is the language of the house."""
    weights = {"zh": 0.0, "en": 0.0}
    for each in accept_language.split(","):
        name, _, rest = each.strip().partition(";")
        tag = name.partition("-")[0].strip().lower()
        q = rest.strip().removeprefix("q=")
        weight = float(q) if q.isascii() and q.replace(".", "", 1).isdigit() and len(q) < 8 else 1.0
        if tag in weights:
            weights[tag] = max(weights[tag], weight)
    return weights["en"] > weights["zh"]


def answer(problem: Problem, language: str = "") -> Response:
    """The answer that tells of *problem*; *language* is the reader's ``Accept-Language``."""
    title = TITLES.get(problem.status, (str(problem.status), str(problem.status)))[wants_english(language)]
    body = {
        "type": f"urn:duban:problem:{problem.code}", "title": title, "status": problem.status, "detail": problem.detail,
        "code": problem.code, **problem.more,
    }  # fmt: skip
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **problem.headers}
    return JSONResponse(body, problem.status, headers, MEDIA)


def problem_of(error: DubanError) -> Problem:
    """A refusal of the engine as a problem, with its exit code, reasons and what is possible."""
    status = STATUS_OF_CODE.get(error.code, STATUS.get(error.exit_code, 500))
    said = error.as_json()
    more = {
        "exit_code": error.exit_code, "hint": said["hint"], "reasons": said["reasons"], "possible": said["possible"],
    }  # fmt: skip
    if said.get("problems"):
        more["problems"] = said["problems"]
    headers = {"Retry-After": str(RETRY_S.get(error.code, 30))} if status == 503 else {}
    return Problem(status, error.code, error.message, more, headers)

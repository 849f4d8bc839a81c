"""What is sent to us: strict JSON, or a form with files; read in one place, refused with every flaw named."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from engine.documents import DocumentStore
from engine.errors import Invalid
from engine.intake import take_upload
from engine.orders import Document
from web.api.forms_schema import Form, Upload, WithDocuments
from web.api.gate import media_of
from web.api.parts import Parts
from web.api.problems import Problem
from web.form_text import in_utf8

F = TypeVar("F", bound=Form)

MOST_FILES = 20
"""Files of one form. PLACEHOLDER"""

JSON = ("application/json",)
MULTIPART = "multipart/form-data"


def taken(form: type[F], parts: Parts) -> Callable[[Request], Awaitable[F]]:
    """What reads a request's body as *form*: JSON, and where it takes documents also a form with files."""

    async def read(request: Request) -> F:
        media = media_of(request.headers.get("content-type", ""))
        if media == MULTIPART and issubclass(form, WithDocuments):
            return await _from_form(request, form, parts)
        content = await request.body()
        if not content and not media:
            return checked(form, {})
        if media not in JSON:
            kinds = ", ".join([*JSON, *[MULTIPART] * issubclass(form, WithDocuments)])
            raise Problem(415, "content_type", f"send {kinds}, not {media[:80] or 'content without a type'}")
        return checked(form, read_json(content, parts.bound.depth))

    return read


async def _from_form(request: Request, form: type[F], parts: Parts) -> F:
    """The field ``order`` holds the JSON, every file stands under the kind of the document that it is."""
    if not in_utf8(request.headers.get("content-type", "")):
        raise Problem(415, "content_type", "a form is in UTF-8, and says no other charset")
    async with request.form(max_files=MOST_FILES, max_fields=2, max_part_size=parts.bound.json_bytes) as sent:
        said: Any = {}
        brought: dict[str, Upload] = {}
        for name, value in sent.multi_items():
            if not isinstance(value, str):
                if name in brought:
                    raise Invalid(f"the document {name[:80]!r} is there twice", "repeated")
                refuse_unsound([name, value.filename], parts.bound.depth)
                brought[name] = _uploaded(value.filename or name, await value.read())
            elif name == "order":
                said = read_json(value.encode("utf-8", "surrogateescape"), parts.bound.depth)
            else:
                raise Invalid(f"there is no field {name[:80]!r}; the JSON stands in 'order'", "unknown_key")
    if not isinstance(said, dict):
        raise Invalid("the order is one JSON object", "not_an_object")
    made = checked(form, said)
    made.documents = {**made.documents, **brought}  # type: ignore[attr-defined]  # `taken` has seen that it takes documents
    return made


def _uploaded(name: str, content: bytes) -> Upload:
    try:
        return Upload.of(name, content)
    except ValidationError as error:
        raise flaws([dict(each) for each in error.errors(include_url=False, include_input=False)]) from None


def read_json(content: bytes, depth: int) -> Any:
    """Read one JSON value strictly: no key twice, no fractions, no half characters. Raises Problem 400 or Invalid."""
    try:
        said = json.loads(
            content.decode(), object_pairs_hook=_pairs, parse_constant=_no_constant, parse_float=_no_float
        )
    except UnicodeDecodeError as error:
        raise Problem(400, "not_utf8", f"not UTF-8 at byte {error.start}", {"exit_code": 7}) from None
    except json.JSONDecodeError as error:
        raise Problem(
            400, "not_json", f"not JSON: {error.msg} at line {error.lineno} column {error.colno}", {"exit_code": 7}
        ) from None
    except RecursionError:
        raise Invalid("nested too deeply", "too_deep") from None
    except ValueError as error:
        raise Invalid(str(error)[:200], "not_json") from None
    refuse_unsound(said, depth)
    return said


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number of ours")


def _no_float(word: str) -> None:
    raise ValueError(f"{word[:80]} is no whole number; money is counted in fen")


def refuse_unsound(value: Any, depth: int) -> None:
    """Raise Invalid for what lies too deep and for texts that no database can hold."""
    if depth < 0:
        raise Invalid("nested too deeply", "too_deep")
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Invalid("a NUL character or half a character cannot be kept", "bad_text")
    elif isinstance(value, dict):
        for key, each in value.items():
            refuse_unsound(key, depth)
            refuse_unsound(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            refuse_unsound(each, depth - 1)


M = TypeVar("M", bound=BaseModel)


def checked(form: type[M], said: Any) -> M:
    """*said* as *form*. Raises Problem 422 with a pointer to every flaw."""
    try:
        return form.model_validate(said)
    except ValidationError as error:
        raise flaws([dict(each) for each in error.errors(include_url=False, include_input=False)]) from None


def flaws(found: list[dict[str, Any]]) -> Problem:
    """The problem that names every flaw by its place (RFC 6901)."""
    errors = [{"pointer": pointer(each["loc"]), "code": each["type"], "message": each["msg"]} for each in found]
    words = "; ".join(f"{each['pointer']}: {each['message']}" for each in errors[:5])
    return Problem(422, "invalid", words, {"exit_code": 7, "errors": errors})


def pointer(loc: Any) -> str:
    """The place of a value as a JSON pointer."""
    return "".join("/" + str(each).replace("~", "~0").replace("/", "~1") for each in loc)


def documents_of(form: WithDocuments, store: DocumentStore) -> tuple[Document, ...]:
    """Take the documents of *form* into the store. Raises Invalid for what is not taken in."""
    return tuple(_document(kind, each, store) for kind, each in form.documents.items())


def _document(kind: str, upload: Upload, store: DocumentStore) -> Document:
    try:
        plain = upload.plain
    except ValueError:
        raise Invalid(f"document {kind}: the content is not base64", "not_base64") from None
    return take_upload(store, kind, upload.name, plain)

"""What a form is written in: UTF-8 and nothing else, and only text that every database can be asked for."""

import re

from starlette.datastructures import FormData, UploadFile

_CHARSET = re.compile(r"charset(?!\s*=\s*\"?utf-?8\"?\s*(;|$))", re.IGNORECASE)


def in_utf8(content_type: str) -> bool:
    """Whether a form says of itself that it is in UTF-8, or nothing, as browsers do.

    The library that reads forms takes whatever encoding Python knows at its word: some bring in half characters, some fail
    in their own ways, some take long.
    """
    return _CHARSET.search(content_type) is None


def sound(form: FormData) -> bool:
    """Whether names, texts and names of files hold no NUL, which nobody types and PostgreSQL refuses, and no half characters."""
    return all(_kept(name) and _kept(value) for name, value in form.multi_items())


def _kept(value: UploadFile | str) -> bool:
    text = value if isinstance(value, str) else value.filename or ""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))

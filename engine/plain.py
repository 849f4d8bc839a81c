"""Parts of files that are read at every step: the same fields, without the hook by which pydantic finds each of them."""

from typing import Any, TypeVar, cast

from pydantic import BaseModel

Spec = TypeVar("Spec", bound=BaseModel)


class Plain:
    """Holds the fields of a part of a file, and equals it; nobody changes them."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.__dict__.update(fields)

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, (Plain, BaseModel)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def plain(spec: Spec, **more: Any) -> Spec:
    """The fields of *spec* to be read as from *spec* itself, and *more* that its properties would say; no methods."""
    return cast("Spec", Plain({**spec.__dict__, **more}))

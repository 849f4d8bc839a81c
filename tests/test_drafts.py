"""Words that are filled in by halves are those that are filled in at once, whatever is filled in."""

from typing import Any

import pytest

from engine.texts import LONGEST_VALUE, PLACEHOLDERS, Texts
from workflows import library

OPEN = ("ref", "number", "title")
ODD = {
    "zh": {
        "subject": "100%{{ref}}%s {{title}}%%",
        "text": "{{list}}{{title}}%(ref)s\n{{number}} {{label}} 5% {{title}}",
    }
}
VALUES = (
    "武甲〔2010〕3号",
    "",
    "100% %s %(ref)s {{title}}",
    "一\n二\t三\u202e\0",
    "长" * 150,
    "长" * (LONGEST_VALUE + 1),
)


@pytest.mark.parametrize("own", VALUES)
def test_a_draft_that_is_filled_in_is_the_notice_itself(own: str) -> None:
    ours = library.texts()
    for texts, kinds in ((ours, ours.kinds), (Texts({"odd": ODD}), {"odd"})):
        for kind in sorted(kinds):
            for other in (*VALUES, 3, None):
                known: dict[str, Any] = dict.fromkeys(PLACEHOLDERS, other)
                mine = {"ref": own, "number": own, "title": f"关于{own}"}

                draft = texts.draft(kind, "zh", known, OPEN, ("office",))

                assert draft.filled(mine) == texts.render(kind, "zh", {**known, **mine}, ("office",)), (kind, other)

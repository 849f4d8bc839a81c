"""Words are put down for searching in one form: the short way to it gives what the long one does."""

import random
import unicodedata

from engine.particulars import folded


def slowly(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def test_each_character_is_folded_as_unicode_says() -> None:
    codes = [code for code in range(0x10000) if not 0xD800 <= code < 0xE000]

    assert [hex(code) for code in codes if folded(chr(code)) != slowly(chr(code))] == []


def test_a_text_is_folded_as_unicode_says_whatever_stands_beside_whatever() -> None:
    rng = random.Random(20101126)
    usual = "案件，ＡＢｃ（１２）：督办　e\u0301Aé…Å\u3099か、。“”—〔〕ﬁß\u1100\u1161"
    texts = ["".join(rng.choices(usual, k=rng.randrange(1, 12))) for _ in range(3000)]

    assert [text for text in texts if folded(text) != slowly(text)] == []


def test_lines_are_folded_each_by_itself() -> None:
    lines = ["Ａ案", "e", "\u0301f", "\u1161", "线索，甲"]

    assert "\n".join(map(folded, lines)) == slowly("\n".join(lines))

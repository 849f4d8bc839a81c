"""What a verification mark says to a reader: how far anybody has read the rule that a date rests on."""

from typing import Literal

from engine.term_schema import Mark

Lang = Literal["zh", "en"]

WORDS: dict[Mark, dict[str, str]] = {
    "V": {"zh": "原文已核", "en": "text read"},
    "P": {"zh": "节录已核", "en": "excerpt read"},
    "S": {"zh": "二手来源", "en": "secondary source"},
    "N": {"zh": "未核实", "en": "not verified"},
    "D": {"zh": "本系统设计", "en": "our design"},
}
"""Each mark in both languages."""

UNVERIFIED: Mark = "N"
"""The mark that goes with its rule wherever that is shown: nobody has read its source."""


def said(mark: str, lang: str) -> str:
    """Write a mark with its meaning: ``N 未核实``, ``N not verified``."""
    known = next((words for each, words in WORDS.items() if each == mark), None)
    return f"{mark} {known[lang]}" if known else mark


def warning(mark: str, lang: str) -> str:
    """Warn behind the name of a rule that nobody has verified; nothing for any other."""
    if mark != UNVERIFIED:
        return ""
    return f"〔{said(mark, lang)}〕" if lang == "zh" else f" [{said(mark, lang)}]"

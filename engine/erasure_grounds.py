"""On which grounds personal data are erased, and what stands in their place."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.definition_schema import Label

ERASED_MARK = "〔已依法删除〕"
"""What stands in a text where personal data stood."""

ERASED = Label(zh="已依法删除", en="erased by law")
"""The same, for who is shown that a value is gone."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of erasing: in which words, and by which rule of law."""

    code: str
    label: Label
    statute: Label


def _ground(code: str, item: str, number: int, zh: str, en: str) -> Ground:
    statute = Label(
        zh=f"《个人信息保护法》第四十七条第一款第（{item}）项",
        en=f"Personal Information Protection Law, article 47, paragraph 1 ({number})",
    )
    return Ground(code, Label(zh=zh, en=en), statute)


GROUNDS: Mapping[str, Ground] = {
    each.code: each
    for each in (
        _ground("purpose", "一", 1, "处理目的已实现、无法实现或者不再必要",
                "the purpose is achieved, cannot be achieved, or does not need them any more"),
        _ground("retention", "二", 2, "保存期限已届满", "the period of keeping has ended"),
        _ground("withdrawn", "三", 3, "个人撤回同意", "the person has withdrawn consent"),
        _ground("unlawful", "四", 4, "违反法律、行政法规或者违反约定处理", "they were handled against law or agreement"),
        _ground("other", "五", 5, "法律、行政法规规定的其他情形", "another case that law or regulations name"),
    )
}  # fmt: skip
"""All grounds there are, by code: the closed list of article 47, paragraph 1."""

KEPT_BY_LAW = Label(
    zh="法律、行政法规规定的保存期限未届满的，应当停止除存储和采取必要的安全保护措施之外的处理（第四十七条第二款）",
    en="until then every handling but storage and protection is to stop (article 47, paragraph 2)",
)
"""What applies while the law demands that data be kept."""

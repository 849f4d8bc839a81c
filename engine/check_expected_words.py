"""What is said where a definition and its table of expectations differ: chapter to Chinese and English."""

from collections.abc import Mapping

LOST: Mapping[str, tuple[str, str]] = {
    "moves": ("对账表中“{about}”应为“{phrase}”，流程中没有", "'{about}' is expected to go '{phrase}', and does not"),
    "roles": ("“{phrase}”应可由“{about}”办理，现已不能", "'{phrase}' is expected to be open to '{about}', and is not"),
    "reasons": ("办理“{phrase}”应当说明理由，现未要求", "'{phrase}' is expected to owe a reason, and asks for none"),
    "needs": ("办理“{phrase}”应当有材料“{about}”，现未要求", "'{phrase}' is expected to need '{about}', and does not"),
    "needs_new": (
        "办理“{phrase}”应当提交材料“{about}”，现未要求",
        "'{phrase}' is expected to bring '{about}', and need not",
    ),
    "asks": ("办理“{phrase}”应当填写“{about}”，现未要求", "'{phrase}' is expected to ask for '{about}', and does not"),
    "apart": (
        "办理“{phrase}”的不得是“{about}”的经办人，现未回避",
        "'{phrase}' is expected to be barred to whoever did '{about}', and is not",
    ),
    "guards": (
        "办理“{about}”应以“{phrase}”为条件，现无此条件",
        "'{about}' is expected to be done only when {phrase}, and that is not asked",
    ),
    "copies": ("“{phrase}”应当抄送“{about}”，现未抄送", "'{phrase}' is expected to be copied to '{about}', and is not"),
    "hands": ("“{phrase}”应当转交“{about}”，现未转交", "'{phrase}' is expected to go on to '{about}', and does not"),
    "other": (
        "对账表有“{about} {phrase}”，流程中没有",
        "the table of expectations has '{about} {phrase}', and it is not there",
    ),
}
"""What is expected and not there."""

NEW: Mapping[str, tuple[str, str]] = {
    "reasons": ("办理“{phrase}”须说明理由，对账表中没有", "'{phrase}' asks for a reason, which is not expected"),
    "roles": ("“{phrase}”可由“{about}”办理，对账表中没有", "'{phrase}' is open to '{about}', which is not expected"),
    "moves": ("“{about}”（{phrase}）不在对账表中", "'{about}' goes '{phrase}', which is not expected"),
    "other": ("“{about} {phrase}”不在对账表中", "'{about} {phrase}' is not in the table of expectations"),
}
"""What is there and not expected."""

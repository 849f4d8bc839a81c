"""What carries no proof: columns and tables that a check of the record holds against nothing, each with the reason."""

from collections.abc import Mapping

from engine.definition_schema import Label

OWN_NUMBER = Label(zh="本行编号，不含内容", en="the row's own number; nothing is said by it")
MACHINERY = Label(zh="程序运行状态，随时变化", en="the machinery's own state, which changes at any moment")
LAST_USE = Label(
    zh="最近使用时间，仅供查看和超时判断", en="when it was last used; only for looking at and for ending what is idle"
)
SEALED = Label(
    zh="密封内容自带认证，改动后无法开启", en="sealed with authenticated encryption: what was altered does not open"
)
REPLAY = Label(zh="加盐摘要，仅用于识别重复请求", en="a salted digest that tells a repeated request from another one")
COUNTER = Label(zh="计数，仅用于放慢猜测", en="a counter that slows guessing down")
COUNTED = Label(zh="只在第1、10、100……次入册", en="only the first, tenth, hundredth … time is entered")
TASTE = Label(zh="个人保存的筛选，不影响办理", en="filters that somebody keeps for himself; nothing is done by them")
ADDRESS = Label(zh="登录来源以承诺入册，可抹除", en="where somebody came from stands as a commitment and can be erased")
BEGINNING = Label(
    zh="随专项行动开始的版本，发布人和时间以开始时的留痕为准",
    en="of versions a campaign began with, by whom and when stands in the entry of its beginning",
)
ERASABLE = Label(zh="可依法抹除，链上只存承诺", en="may be erased by law; the chain keeps a commitment only")
WITNESSED = Label(zh="封存时间由锚点和见证人证明", en="when it was sealed is proved by anchors and witnesses")
SPARE = Label(zh="多余节点不被任何证明引用", en="a node beyond those of the leaves is asked for by no proof")
PROPERTY = Label(zh="数据库属性：时钟、编号、标记", en="properties of the database: its clock, counters, marks")
TIDIED = Label(zh="逾期无用的行按期清理", en="rows that are long over are put away")
TOOL = Label(zh="数据库结构版本", en="the version of the tables")

ALL = "*"

UNPROVED: Mapping[str, Mapping[str, Label]] = {
    "access_token": {"last_used_at": LAST_USE},
    "alembic_version": {ALL: TOOL},
    "attachment": {"id": OWN_NUMBER},
    "contact": {"id": OWN_NUMBER},
    "credential": {"totp_step": MACHINERY, "confirmed_at": MACHINERY},
    "definition_version": {"id": OWN_NUMBER, "published_at": BEGINNING, "published_by": BEGINNING},
    "delegation": {"id": OWN_NUMBER},
    "denial": {ALL: COUNTED},
    "entry": {"request_mark": REPLAY},
    "known_device": {ALL: COUNTER},
    "log_checkpoint": {"created_at": WITNESSED},
    "log_leaf": {"sequenced_at": WITNESSED},
    "log_node": {"+": SPARE},
    "log_pending": {"id": OWN_NUMBER},
    "log_state": {"sequenced_at": MACHINERY, "since": MACHINERY},
    "login_session": {"address": ADDRESS, "seen_at": LAST_USE, "-": TIDIED},
    "meta": {ALL: PROPERTY},
    "notice": {
        "attempts": MACHINERY, "next_try_at": MACHINERY, "lease_until": MACHINERY, "worker": MACHINERY,
        "last_error": MACHINERY,
    },
    "one_time_code": {"-": TIDIED},
    "post_grant": {"id": OWN_NUMBER},
    "recovery_code": {"made_at": MACHINERY, "revoked_at": MACHINERY, "-": TIDIED},
    "saved_view": {ALL: TASTE},
    "throttle": {ALL: COUNTER},
    "vault_request": {"purpose": ERASABLE},
    "vault_item": {"name": SEALED, "sealed": SEALED, "key": SEALED, "sealed_at": SEALED, "-": SEALED, "+": SEALED},
}  # fmt: skip
"""By table and column; ``*`` is the whole table, ``-`` a row that is taken away, ``+`` one that is added.

`meta` is proved where it says what the database is; `next_try_at` of a notice that is owed is held against the record.
"""


HOLDS: Mapping[str, tuple[str, str]] = {
    "access_token": ("令牌", "tokens"), "alembic_version": ("版本表", "schema"), "attachment": ("材料", "documents"),
    "contact": ("联系方式", "contacts"), "credential": ("登录凭证", "credentials"),
    "definition_version": ("流程版本", "versions of definitions"), "delegation": ("委托", "delegations"),
    "denial": ("越权尝试", "denials"), "entry": ("留痕", "entries"),
    "known_device": ("已知浏览器", "known browsers"), "log_checkpoint": ("检查点", "checkpoints"),
    "log_leaf": ("日志叶", "leaves"), "log_node": ("日志节点", "nodes"), "log_pending": ("待入日志", "entries to be logged"),
    "log_state": ("日志状态", "state of the log"), "login_session": ("登录会话", "sessions"), "meta": ("属性表", "properties"),
    "notice": ("通知", "notices"), "one_time_code": ("激活码", "one-time codes"), "post_grant": ("岗位", "posts"),
    "recovery_code": ("恢复码", "recovery codes"), "saved_view": ("常用视图", "saved views"), "throttle": ("登录限速", "throttle"),
    "vault_request": ("保密库申请", "requests to the vault"), "vault_item": ("保密库内容", "the vault"),
}  # fmt: skip
"""What each of these tables holds, in Chinese and English."""


def uncovered() -> list[dict[str, object]]:
    """The same for programs and pages."""
    return [
        {
            "table": table,
            "label": dict(zip(("zh", "en"), HOLDS[table], strict=True)),
            "column": column,
            "reason": {"zh": why.zh, "en": why.en},
        }
        for table, columns in UNPROVED.items()
        for column, why in columns.items()
    ]

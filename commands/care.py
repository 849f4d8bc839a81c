"""Looking after a database: bring it up to date, see whether everything is in order, verify its record."""

import platform
import re
import shutil
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from commands.backup import COMMANDS
from commands.call import Call
from commands.group import command, group, pass_call
from commands.paper import entry, local
from commands.time import believed
from workflows.words import MODES

if TYPE_CHECKING:
    from workflows.workspace import Workspace

LOW_DISK_MB = 200
"""Free space below which the doctor warns. PLACEHOLDER"""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

EXAMINED = {
    "duban": ("督办", "duban"),
    "python": ("Python", "Python"),
    "sqlite": ("SQLite", "SQLite"),
    "sqlite_wal_reset_fixed": ("SQLite已无WAL缺陷", "SQLite WAL fault mended"),
    "database": ("数据库", "database"),
    "pooled": ("经连接池", "through a pooler"),
    "writable": ("可写入", "can be written"),
    "mode": ("性质", "mode"),
    "schema": ("库结构版本", "schema"),
    "schema_wanted": ("程序所需版本", "schema wanted"),
    "disk_free_mb": ("可用磁盘（MB）", "free disk (MB)"),
    "disk_low": ("磁盘不足", "disk is low"),
    "clock_believed": ("时钟可信", "clock believed"),
    "clock_doubt": ("时钟疑点", "clock in doubt"),
    "clock_offset_s": ("与数据库服务器时差（秒）", "off the server's clock (s)"),
    "campaign": ("专项行动", "campaign"),
    "now": ("现在", "now"),
    "next_due": ("下一次到期", "next due"),
    "notices_owed": ("待发通知", "notices owed"),
    "notices_failing": ("未发成，将再试", "of them tried in vain"),
    "notices_dead": ("无法送达的通知", "dead notices"),
    "unreachable_bodies": ("无法送达的单位", "unreachable bodies"),
    "notices_held": ("暂缓通知", "notices held"),
    "restored_at": ("由备份恢复于", "restored at"),
    "held_mode": ("积压待发状态", "held mode"),
    "erasures_unscrubbed": ("删除后未重写文件", "erasures not scrubbed"),
    "factors_sealed": ("已加密的动态码密钥", "second factors sealed"),
    "factors_in_clear": ("未加密的动态码密钥", "second factors in clear"),
    "factor_key": ("动态码密钥文件", "key of second factors"),
    "open_to_others": ("他人可读的文件", "files others may read"),
}
"""What is examined, in words; in JSON the codes stand."""

HELD = {
    "ordered": ("人工决定", "ordered"),
    "late": ("发送迟延", "late"),
    "outage": ("系统中断后", "after an outage"),
    "restored": ("恢复数据库后", "after a restore"),
}
"""Why held mode began."""


@group("db", help="数据库 · The database.")
def db_() -> None:
    """Hold the commands about the database."""


for _command in COMMANDS:
    db_.add_command(_command)


@db_.command("upgrade", help="升级到本程序的版本 · Bring the database to the schema of this program.")
@pass_call
def upgrade(call: Call) -> None:
    """Upgrade."""
    from engine.schema_version import upgrade as bring_up
    from engine.store import Database

    call.must_exist()
    database = Database(call.db)
    try:
        before, after = bring_up(database)
    finally:
        database.close()
    call.answer(
        {"before": before, "after": after}, lambda: entry(call.word("版本", "schema"), f"{before} → {after}", 12)
    )


@command(
    "doctor", help="体检：数据库、版本、积压、磁盘 · Is everything in order? Exit 8 if the database cannot be used."
)
@pass_call
def doctor_(call: Call) -> int:
    """Examine."""
    from engine.errors import Unavailable
    from engine.problem_words import worded
    from engine.publishing import unwritable

    call.operator = True
    said = {**_program(), **_database(call)}
    fault = unwritable(call.workspace.database)
    said |= {"writable": fault is None, **believed(call), **_campaign(call.workspace)}
    if fault is not None:
        call.note(worded(fault.message, "zh"), fault.message)
    said["open_to_others"] = _open_files(call.workspace)
    if said["open_to_others"]:
        there = " ".join(map(quote, said["open_to_others"]))
        call.note(
            f"生产库的文件只应由其所有者读取：chmod -R go= {there}",
            f"only their owner should read the files of a production: chmod -R go= {there}",
        )

    if said["erasures_unscrubbed"]:
        from commands.privacy import unscrubbed_words

        call.note(*unscrubbed_words(said["erasures_unscrubbed"]))

    def page() -> None:
        for name, value in said.items():
            entry(call.word(*EXAMINED.get(name, (name, name))), _of(call, name, value), 26)

    call.answer(said, page)
    return 0 if fault is None else Unavailable.exit_code


def _of(call: Call, name: str, value: Any) -> str:
    """What is told of what was examined by *name*."""
    if name == "held_mode" and value:
        why, *rest = value.split(" ")
        return " ".join([call.word(*HELD.get(why, (why, why))), *(_told(call, each) for each in rest)])
    if name == "unreachable_bodies":
        return _told(call, [call.workspace.campaign.body_name(each, call.lang) for each in value])
    return _told(call, value)


def _told(call: Call, value: Any) -> str:
    """A value of the examination for people; an instant in the campaign's zone."""
    if isinstance(value, bool):
        return call.word("是", "yes") if value else call.word("否", "no")
    if isinstance(value, list):
        return call.word("、", ", ").join(map(str, value)) or call.word("无", "none")
    if isinstance(value, dict):
        from engine.timekeeping import OTHERWISE

        return call.word(*OTHERWISE[value["why"]]) + " " + _told(call, value["otherwise"])
    if value is None or value == "":
        return call.word("无", "none")
    text = str(value)
    if INSTANT.fullmatch(text):
        return local(text, call.zone, seconds=True)
    return call.word(*MODES.get(text, (text, text)))


def _program() -> dict[str, Any]:
    from commands.versions import told
    from engine.dialect import SAFE_SQLITE, sqlite_version

    version = sqlite_version()
    return {
        "duban": told(),
        "python": platform.python_version(),
        "sqlite": ".".join(map(str, version)),
        "sqlite_wal_reset_fixed": version >= SAFE_SQLITE,
    }


def _database(call: Call) -> dict[str, Any]:
    from engine.dialect import sqlite_file
    from engine.schema_version import HEAD, current

    workspace = call.workspace
    path = sqlite_file(workspace.database.url)
    free_mb = shutil.disk_usage(path.parent if path else Path.cwd()).free // 1_000_000
    return {
        "database": workspace.database.url.render_as_string(hide_password=True),
        **({"pooled": workspace.database.wire.pooled} if path is None else {}),
        "mode": workspace.mode,
        "schema": current(workspace.database),
        "schema_wanted": HEAD,
        "disk_free_mb": free_mb,
        "disk_low": free_mb < LOW_DISK_MB,
    }


def _campaign(workspace: "Workspace") -> dict[str, Any]:
    from engine.clock import rfc3339
    from engine.factor_seal import count_sealed
    from engine.holding import held_count, standing
    from engine.publishing import get_meta
    from engine.unscrubbed import unscrubbed
    from scheduler.turn import Turn
    from scheduler.unreached import unreachable_bodies

    owed = workspace.reader.notices(status="owed")["items"]
    dead = workspace.reader.notices(status="dead")["items"]
    following = Turn(workspace).next_at()
    with workspace.database.snapshot() as tx:
        sealed, clear = count_sealed(tx)
        mode, held = standing(tx, workspace.campaign).mode, held_count(tx, workspace.campaign).total()
        restored, owing = get_meta(tx, "restored"), unscrubbed(tx, workspace.campaign)
    return {
        "campaign": workspace.campaign.code,
        "now": rfc3339(workspace.clock.now()),
        "next_due": rfc3339(following) if following else None,
        "notices_owed": len(owed),
        "notices_failing": sum(each["attempts"] > 0 for each in owed),
        "notices_dead": len(dead),
        "unreachable_bodies": unreachable_bodies(workspace),
        "notices_held": held,
        "restored_at": restored,
        "held_mode": f"{mode['why']} {mode['since']} {mode['by']}" if mode else None,
        "erasures_unscrubbed": owing,
        "factors_sealed": sealed,
        "factors_in_clear": clear,
        "factor_key": _factor_key(workspace),
    }


def _open_files(workspace: "Workspace") -> list[str]:
    """The files and folders of a production on this machine that others may enter."""
    from scheduler.turn import outbox_folder
    from workflows.file_modes import open_to_others
    from workflows.workspace import documents_folder

    if workspace.mode == "rehearsal":
        return []
    folders = documents_folder(workspace.database), outbox_folder(workspace)
    return [str(each) for each in open_to_others(workspace.database, *folders)]


def _factor_key(workspace: "Workspace") -> str:
    """The file of the key and its name, or what is wrong with it."""
    from engine.errors import DubanError
    from workflows.factor_key import factor_file

    if workspace.mode == "rehearsal":
        return ""
    try:
        name = workspace.engine.factors().ring.name()
    except DubanError as error:
        return error.message
    return f"{factor_file(workspace.database)} {name}"

"""An entry of the record in one sentence: who did what to what, in the visitor's words."""

from collections.abc import Mapping
from typing import Any

from engine.campaign import Campaign
from engine.erasure_grounds import GROUNDS
from engine.machine import Compiled
from web.console.shell import Speech
from web.console.telling import Teller
from workflows.words import AUTHS, ENTRIES, NOTICES

KINDS: Mapping[str, tuple[str, str]] = {
    **ENTRIES,
    "notice": ("通知", "notice"),
    "account": ("账号岗位", "accounts and posts"),
    "access": ("登录", "log-ins"),
    "denied": ("越权访问", "denials"),
    "vault": ("举报人保密库", "the reporter's vault"),
    "privacy": ("个人信息删除", "erasing personal data"),
    "export": ("导出", "exports"),
    "key": ("签名密钥", "the log's key"),
    "configured": ("配置", "configuration"),
    "restored": ("恢复数据库", "recovery"),
    "clock": ("时钟", "the clock"),
    "published": ("流程发布", "definitions published"),
    "amended": ("方案修改", "campaign amended"),
    "calendar": ("放假安排", "holidays"),
    "chore": ("例行事务", "chore"),
    "owed": ("列入待发", "put down as owed"),
    "migration_ordered": ("版本迁移指令", "migration ordered"),
    "migration_done": ("版本迁移完成", "migration done"),
}
"""Kinds of entries; those of a database that has others stay as they are written."""

DEEDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "chore": {
        "insist": ("再次催办", "insisting"), "unreachable": ("无从送达告警", "alarm of the unreachable"),
        "backlog": ("积压待发告警", "alarm of what is held"), "open": ("开立", "opened"), "list": ("通报名单", "list made known"),
        "monitor": ("沉默单位检查", "look for the silent"),
    },
    "notice": {
        "": ("发出", "sent"), "sent": ("发出", "sent"), "failed": ("发送未成", "could not be sent"),
        "dead": ("无法送达", "given up"), "retry": ("重新列入待发", "owed again"), "acknowledge": ("签收", "acknowledged"),
        "passed_on": ("转交接任者", "passed on to the successor"), "hold": ("暂缓", "held"), "release": ("核定发出", "released"),
        "drop": ("取消", "dropped"), "cancel": ("撤销", "cancelled"), "hold_all": ("全部暂缓", "everything held"),
        "release_all": ("解除积压待发", "held mode ended"), "repeat": ("再次催办", "repeated"),
        "idle": ("签收未办，上报", "idle: told further up"),
    },
    "account": {
        "add": ("新增人员", "person added"), "grant": ("授予岗位", "post given"), "disable": ("停用", "disabled"),
        "token": ("发给令牌", "token made"), "feed_token": ("制作日历地址", "calendar address made"),
        "feed_token_revoked": ("收回日历地址", "calendar address taken back"), "delegate": ("委托代理", "delegated"),
        "undelegate": ("终止委托", "delegation ended"), "contact_set": ("登记联系方式", "contact set"),
        "contact_drop": ("取消联系方式", "contact dropped"), "token_reset": ("重置令牌", "token reset"),
        "revoke": ("收回岗位", "post taken back"), "token_revoked": ("收回令牌", "token taken back"),
        "code": ("发给一次性激活码", "activation code made"), "activated": ("账号已激活", "account activated"),
        "password": ("更换密码", "password changed"), "second_factor": ("更换动态码", "second factor changed"),
        "recovery_codes": ("更换恢复码", "recovery codes made"), "recovery_used": ("使用恢复码", "recovery code used"),
        "vouched": ("确认账户", "account confirmed"),
    },
    "access": {
        "signed_in": ("登录", "signed in"), "entered": ("进入推演", "entered the rehearsal"),
        "signed_out": ("退出", "signed out"), "stepped_up": ("再次验证", "stepped up"),
        "sign_in_failed": ("登录失败", "could not sign in"), "step_up_failed": ("再次验证失败", "could not step up"),
        "sessions_ended": ("会话被终止", "sessions ended"), "token_used": ("使用令牌", "used a token"),
        "activation_failed": ("激活失败", "could not be activated"),
        "locked": ("连续失败，暂停登录", "locked after failures"), "address_throttled": ("来源地址被限速", "address slowed down"),
    },
    "denied": {
        "foreign": ("查看无权查看的事项", "asked for a matter that is not his"),
        "unknown": ("查看不存在的事项", "asked for a matter that is not there"),
        "function": ("使用无权使用的功能", "asked for a function he has not"),
    },
    "vault": {
        "request": ("申请查看举报人", "asked to read who reported"), "approve": ("批准查看", "approved"),
        "reveal": ("查看了举报人", "read who reported"),
    },
    "privacy": {
        "request": ("申请删除个人信息", "asked to erase personal data"), "erase": ("批准并删除", "approved and erased"),
        "decline": ("不予删除", "declined to erase"), "hold": ("暂缓删除", "data to be kept"),
        "release": ("解除暂缓删除", "data need not be kept any more"),
        "ask_release": ("申请解除暂缓删除", "asked that the keeping end"),
        "right": ("登记个人的请求", "a person's request entered"), "right_answer": ("答复个人的请求", "answered"),
        "right_copy": ("制作个人信息副本", "a copy made for the person"),
        "scrub": ("重写数据库文件", "the database's files written anew"),
    },
    "export": {
        "bundle": ("导出证据包", "took a bundle"), "ics": ("导出日历", "took a calendar"),
        "matters": ("导出事项清单", "took a list of matters"), "comparison": ("导出两日对比", "took a comparison of two days"),
        "csv": ("导出留痕表", "took the record as a table"), "xes": ("导出留痕（XES）", "took the record as XES"),
        "ocel": ("导出留痕（OCEL）", "took the record as OCEL"),
    },
    "clock": {"confirm": ("确认本机时间无误", "the machine's time confirmed")},
    "key": {"new": ("启用签名密钥", "first key"), "rotate": ("更换签名密钥", "key changed")},
    "configured": {"init": ("建立数据库", "database begun"), "channels": ("通知渠道文件", "channels file")},
}  # fmt: skip
"""What was done, by the kind of the entry and its trigger."""


class Sentences:
    """Tell entries of one campaign in the visitor's language."""

    def __init__(self, campaign: Campaign, speech: Speech) -> None:
        self._campaign = campaign
        self._speech = speech

    def kind(self, code: str) -> str:
        """What a kind of entries is called."""
        return self._speech.t(*KINDS.get(code, (code, code)))

    def actor(self, entry: Mapping[str, Any]) -> str:
        """Who did it, and for whom."""
        who = self._speech.t("系统", "system") if entry["actor"] == "system" else entry["actor"]
        behind = entry["on_behalf_of"]
        return str(who) + (self._speech.t(f"（代 {behind}）", f" (for {behind})") if behind else "")

    def auth(self, entry: Mapping[str, Any]) -> str:
        """How it was known who that was."""
        how, _, which = str(entry["actor_auth"]).partition(":")
        return f"{self._speech.t(*AUTHS.get(how, (how, how)))} {which}".strip()

    def told(self, entry: Mapping[str, Any]) -> str:
        """The entry in a sentence, without who and when."""
        said = entry["said"]
        machine = self._machine(said)
        if machine is not None and entry["stream"].startswith("matter/"):
            return self._of_matter(entry, machine)
        name = said["kind"]
        deed = DEEDS.get(name, {}).get(entry["trigger"] or "")
        words = self._speech.t(*deed) if deed else self._named(entry["trigger"] or "")
        return self._joined(
            self.kind(name), words, self._more(said), self._erased(said), self._owed(said), entry["text"] or ""
        )

    def _named(self, code: str) -> str:
        """What the campaign calls one of its chores, with what is done for it; anything else stays as it is written."""
        doc = self._campaign.doc
        named = {each.code: each.label for each in doc.chores} | {each.code: each.label for each in doc.milestones}
        named |= {each.code: each.label for each in doc.returns} | {each.code: each.label for each in doc.monitors}
        what, _, about = code.rpartition(":")
        if about not in named:
            return code
        words = self._speech.t(*DEEDS["chore"].get(what, (what, what)))
        return f"{words} · {self._speech.label(named[about])}" if what else self._speech.label(named[about])

    def _of_matter(self, entry: Mapping[str, Any], machine: Compiled) -> str:
        teller = Teller(self._campaign, machine, self._speech)
        if entry["kind"] == "deadline":
            about = teller.deadline(entry["trigger"] or "")
            return self._joined(self.kind("deadline"), about, teller.happened(entry), self._owed(entry["said"]))
        came = teller.state(entry["to"])
        moved = entry["from"] and entry["from"] != entry["to"]
        went = f"{teller.state(entry['from'])} → {came}" if moved else came
        names = self._speech.t("、", ", ").join(teller.document(paper["kind"]) for paper in entry["documents"])
        about = teller.trigger(entry["trigger"])
        more = (self._erased(entry["said"]), self._owed(entry["said"]))
        return self._joined(self.kind(entry["kind"]), about, went, names, *more)

    def _erased(self, said: Mapping[str, Any]) -> str:
        """On which ground personal data were erased, who asked for it, and of how many entries; nothing if none were."""
        about = said.get("erased")
        if not isinstance(about, Mapping):
            return ""
        ground, count = GROUNDS.get(str(about.get("ground"))), len(about.get("fields", ()))
        why = self._speech.label(ground.label) if ground else str(about.get("basis", ""))
        who = about.get("asked_by", "")
        return self._speech.t(f"{why}，{who} 申请，{count}条留痕", f"{why}, asked by {who}, of {count} entries")

    def _owed(self, said: Mapping[str, Any]) -> str:
        """How many notices an entry puts down as owed; nothing for none."""
        count = len(said.get("owed", ()))
        return self._speech.t(f"{count}件通知待发", f"{count} notice{'s' * (count > 1)} owed") if count else ""

    def _machine(self, said: Mapping[str, Any]) -> Compiled | None:
        ident = self._campaign.machines.by_digest.get(str(said.get("definition", "")))
        return self._campaign.machines[ident] if ident is not None else None

    def _more(self, said: Mapping[str, Any]) -> str:
        """Whom or what it was about."""
        about = said.get(said["kind"])
        words: list[str] = []
        if said["kind"] == "notice":
            kind = str(said.get("notice_kind", ""))
            words.append(self._speech.t(*NOTICES.get(kind, (kind, kind))))
            words += [str(each) for each in said.get("recipients", [said.get("recipient", "")])][:5]
        elif said["kind"] == "privacy" and isinstance(about, Mapping):
            target = about.get("target", about)
            words += [str(target[name]) for name in ("matter", "person", "ref", "request") if target.get(name)]
        elif isinstance(about, Mapping):
            shown = ("login", "grant", "delegate", "delegator", "channel", "ref", "reporter", "times", "until")
            words += [str(about[name]) for name in shown if about.get(name) not in (None, "")]
        return self._speech.t("、", ", ").join(each for each in words if each)

    def _joined(self, first: str, *more: str) -> str:
        rest = [each for each in more if each]
        return first + (self._speech.t("：", ": ") + " · ".join(rest) if rest else "")

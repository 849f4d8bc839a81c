"""Why not, in both languages: every reason that a refusal can give."""

from collections.abc import Sequence

from engine.definition_schema import InvariantSpec, Label
from engine.errors import Reason
from engine.marks import warning

SYSTEM = Label(zh="系统", en="the system")
"""How the role of timers and signals is called."""


def only_for(labels: Sequence[Label]) -> Reason:
    """Only the holders of these roles may."""
    zh, en = "或".join(label.zh for label in labels), " or ".join(label.en for label in labels)
    return Reason("role", f"须由{zh}办理", f"only for {en}")


def own_body_or_office() -> Reason:
    """Only the matter's own body or the office may."""
    return Reason("role", "须由本单位或办公室办理", "only for the matter's own body or the office")


def head_or_office() -> Reason:
    """Only the head of the matter's own body, or the office, may."""
    return Reason(
        "role", "须由本单位负责人或领导小组办公室办理", "only for the head of the matter's body, or the office"
    )


def recipient_or_office() -> Reason:
    """Only who was told, somebody of that body, or the office may."""
    return Reason("role", "须由收件人、本单位或领导小组办公室办理", "only for the recipient, that body or the office")


def self_or_administrator() -> Reason:
    """Only oneself or an administrator of the office may."""
    return Reason("role", "须由本人或领导小组办公室管理员办理", "only for oneself or an administrator of the office")


def only_for_administrators() -> Reason:
    """Only an administrator of the office may."""
    return Reason("role", "须由领导小组办公室管理员办理", "only for an administrator of the office")


def in_own_name_only() -> Reason:
    """Who stands in for another does not give away posts."""
    return Reason("delegation", "受托人不得办理账户和岗位事项", "accounts and posts are changed in one's own name only")


def only_one_left(body: str, post: str) -> Reason:
    """Nobody else could give the post to another."""
    return Reason(
        "last_administrator",
        f"须另有一名无期限的办公室管理员；请先：duban user grant LOGIN --body {body} --post {post}",
        f"the office needs another administrator without an end; first: duban user grant LOGIN --body {body} --post {post}",
    )


def same_person(label: Label) -> Reason:
    """Whoever did that may not do this too."""
    return Reason("distinct", f"“{label.zh}”的经办人不得办理此项", f"not by whoever did “{label.en}”")


def document_missing(label: Label, code: str) -> Reason:
    """A document must be held, or be brought now."""
    return Reason("document", f"缺少材料：{label.zh}（{code}）", f"document missing: {label.en} ({code})")


def bring_now(label: Label, code: str) -> Reason:
    """A document must come with this very order."""
    return Reason("document", f"须随本次提交：{label.zh}（{code}）", f"bring it now: {label.en} ({code})")


def state_it(label: Label, code: str) -> Reason:
    """A fact must be stated with this order."""
    return Reason("fact", f"须填写：{label.zh}（{code}）", f"to be stated: {label.en} ({code})")


def not_taken(label: Label, code: str) -> Reason:
    """A fact was stated that the arrow does not take."""
    return Reason("fact_not_asked", f"此项不填写：{label.zh}（{code}）", f"not to be stated here: {label.en} ({code})")


def not_stated(label: Label, code: str) -> Reason:
    """A condition needs a fact that nobody has stated."""
    return Reason("fact", f"尚未填写：{label.zh}（{code}）", f"not stated yet: {label.en} ({code})")


def say_why() -> Reason:
    """A reason must be given."""
    return Reason("reason", "须说明理由", "a reason must be given")


def not_met(zh: str, en: str) -> Reason:
    """A condition, read aloud in both languages, does not hold."""
    return Reason("when", f"条件不成立：{zh}", f"condition not met: {en}")


def not_from(state: Label, trigger: Label) -> Reason:
    """The trigger does not exist in this state."""
    return Reason("state", f"“{state.zh}”状态下不能“{trigger.zh}”", f"not possible in “{state.en}”")


def other_origin() -> Reason:
    """The way back leads elsewhere."""
    return Reason("origin", "不是从该状态转来的", "the matter did not come from there")


def breaks(spec: InvariantSpec) -> Reason:
    """The new situation would break an invariant."""
    zh, en = (f"{spec.basis}{warning(spec.mark, lang)}" for lang in ("zh", "en"))
    return Reason("invariant", f"违反不变量“{spec.label.zh}”（{zh}）", f"breaks the invariant “{spec.label.en}” ({en})")


def to_oneself(label: Label, body: str) -> Reason:
    """A body cannot hand over to itself."""
    return Reason(
        "handover",
        f"“{label.zh}”的接收单位不能是移送单位自己（{body}）",
        f"“{label.en}” cannot go to its own sender ({body})",
    )


def senders_side(label: Label, body: str) -> Reason:
    """The receipt is the receiver's to give."""
    return Reason(
        "handover",
        f"“{label.zh}”须由接收单位签收，移送单位（{body}）人员不得签收",
        f"the receipt of “{label.en}” is not for the sender's side ({body})",
    )


def before_sending(label: Label, received: str, sent: str) -> Reason:
    """Nothing is received before it was sent."""
    return Reason(
        "handover",
        f"“{label.zh}”签收时间 {received} 早于送出时间 {sent}",
        f"“{label.en}”: received {received}, before it was sent {sent}",
    )


def row_is_met(label: Label, code: str, zh: str, en: str) -> Reason:
    """A person may not say no where a row of the standards in force is met."""
    return Reason(
        "standard",
        f"不得填写为否：{label.zh}（{code}）；已达到标准：{zh}",
        f"not to be denied: {label.en} ({code}); this row is met: {en}",
    )


def ground_needed(label: Label, code: str) -> Reason:
    """A duty that no standard gives needs its ground."""
    return Reason(
        "ground",
        f"标准未达到或尚不能判断，须填写：{label.zh}（{code}）",
        f"no row of the standards says so: state {label.en} ({code})",
    )


def approver_needed(labels: Sequence[Label]) -> Reason:
    """A correction after which the duty would vanish needs a second person."""
    zh, en = "或".join(label.zh for label in labels), " or ".join(label.en for label in labels)
    return Reason(
        "approval",
        f"更正后将不再达到标准，须由另一人（{zh}）批准：更正时加 --approve-by 或 --approve-token-file",
        f"after it the standard would no longer be met: a second person ({en}) must approve the correction"
        " (--approve-by, --approve-token-file)",
    )


def approver_is_corrector() -> Reason:
    """Nobody approves a correction of his own."""
    return Reason("distinct", "批准人不得为更正人本人", "not approved by whoever corrects")


def is_paused(label: Label) -> Reason:
    """A clock that rests."""
    return Reason("paused", f"“{label.zh}”已中止计时", f"“{label.en}” is paused")


def is_not_paused(label: Label) -> Reason:
    """A clock that does not rest."""
    return Reason("paused", f"“{label.zh}”未中止计时", f"“{label.en}” is not paused")


def has_run_out(label: Label, last_day: str) -> Reason:
    """A clock whose time is over."""
    return Reason("extension", f"“{label.zh}”已于{last_day}届满", f"“{label.en}” has run out on {last_day}")


def no_rule(label: Label, basis: str, zh: str, en: str) -> Reason:
    """The rule that a clock rests on does not know what was asked."""
    return Reason("basis", f"“{label.zh}”：{basis}未规定{zh}", f"“{label.en}”: {basis} knows no {en}")


def not_in_state(label: Label, state: Label) -> Reason:
    """What was asked of a clock is not possible in this state."""
    return Reason("state", f"“{state.zh}”状态下不能变更“{label.zh}”", f"“{label.en}” cannot be changed in “{state.en}”")


def several_ways(triggers: Sequence[str]) -> Reason:
    """Several acts would do what was asked."""
    return Reason(
        "several_ways", f"有多种办法：{'、'.join(triggers)}", f"there are several ways: {', '.join(triggers)}"
    )


def not_with_this(code: str) -> Reason:
    """A document that the order does not take."""
    return Reason("document", f"此项不收材料：{code}", f"no document is taken here: {code}")

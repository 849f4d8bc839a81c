"""What a proof has to say, in both languages: each finding by its code, and each assumption."""

from collections.abc import Mapping

from engine.definition_schema import Label

FINDINGS: Mapping[str, tuple[str, str]] = {
    "invariant_broken": (
        "{steps}步之内可违反“{label}”（{code}）；各步见下，须以条件堵住，或由不变式写明 refuses: true",
        "‘{label}’ ({code}) can be broken in {steps} steps; guard one of them, or let the invariant say refuses: true",
    ),
    "goal_lost": (
        "“{label}”（{code}）不成立：{steps}步之后再也到不了{goal}",
        "‘{label}’ ({code}) does not hold: after {steps} steps {goal} is out of reach for good",
    ),
    "no_way_to_end": (
        "处于“{state}”的事项可能再也无法办结：{steps}步之后没有出路",
        "a matter in ‘{state}’ may never come to an end: after {steps} steps there is no way out",
    ),
    "unreached_state": ("状态“{state}”在任何情形下都到不了", "the state ‘{state}’ cannot be reached by any matter"),
    "arrow_never_fires": (
        "动作“{trigger}”（自{state}）在任何情形下都不能办理：{why}",
        "‘{trigger}’ from {state} can never be done: {why}",
    ),
    "two_arrows_open": (
        "{steps}步之后动作“{trigger}”同时有两条转移可走（另一条是第{other}条）",
        "after {steps} steps ‘{trigger}’ has two arrows open at once (the other is transitions[{other}])",
    ),
    "gap": (
        "{steps}步之后办理“{trigger}”而填写{facts}时，没有一条转移适用",
        "after {steps} steps, stating {facts} for ‘{trigger}’ fits none of its arrows",
    ),
    "nobody_waited_for": (
        "{steps}步之后处于“{state}”：既无计时中的期限，也不等待任何人，将无人过问",
        "after {steps} steps it is in ‘{state}’ with no running deadline and nobody it waits for: it would be forgotten",
    ),
    "never_resumed": (
        "期限“{label}”在“{state}”中止后，没有任何动作能使其恢复计时",
        "the deadline ‘{label}’ rests in ‘{state}’ and no act ever lets it run again",
    ),
    "clock_goes_on": (
        "“{label}”（{code}）不成立：“{trigger}”没有使期限“{clock}”停止",
        "‘{label}’ ({code}) does not hold: ‘{trigger}’ does not stop the deadline ‘{clock}’",
    ),
    "clock_not_there": (
        "“{label}”（{code}）落空：能办“{trigger}”之处，期限“{clock}”从不计时",
        "‘{label}’ ({code}) says nothing: where ‘{trigger}’ can be done the deadline ‘{clock}’ never runs",
    ),
    "clock_without_end": (
        "{steps}步之后期限“{label}”在“{state}”仍在计时，而此后已没有任何动作能使其停止，必然逾期",
        "after {steps} steps the deadline ‘{label}’ goes on in ‘{state}’, and no act from there on ends it: it is bound to run out",
    ),
    "separation_unstaffed": (
        "“{trigger}”须由他人办理（{other}的经办人除外），而本专项行动中只有{people}能办：没有第二人",
        "‘{trigger}’ is not for whoever did {other}, but only {people} could do either: nobody is left",
    ),
    "waits_for_nothing": (
        "状态“{state}”等待“{role}”，而{why}",
        "the state ‘{state}’ waits for ‘{role}’, but {why}",
    ),
    "owner_cannot_stop": (
        "期限“{label}”催的是“{role}”，而能使其停止的只有{acts}，由{who}办理：被催的人无事可办",
        "the deadline ‘{label}’ reminds ‘{role}’, but only {acts} stops it, which is done by {who}: whoever is reminded can do nothing",
    ),
    "form_masked": (
        "办理“{trigger}”要填写“{fact}”，而{seat}在此类事项中看不到个人信息",
        "‘{trigger}’ asks for ‘{fact}’, and {seat} sees matters of this kind with personal facts hidden",
    ),
    "act_unseen": (
        "“{trigger}”由“{role}”办理，而其中的{seat}看不到此类事项",
        "‘{trigger}’ is for ‘{role}’, but {seat}, who holds it, sees no matter of this kind",
    ),
    "document_unprovided": (
        "“{trigger}”只由系统办理，却需要材料“{document}”，而没有人能够提供",
        "‘{trigger}’ is fired by the system alone and needs ‘{document}’, which nobody can provide",
    ),
    "role_unheld_here": (
        "{body}没有担任“{role}”的岗位（{posts}），而专项行动为其开立此类事项",
        "{body} has none of the posts of ‘{role}’ ({posts}), though the campaign opens such matters for it",
    ),
    "role_unheld": (
        "没有人能担任“{role}”：{body}没有其岗位（{posts}）",
        "nobody can hold ‘{role}’: {body} has none of its posts ({posts})",
    ),
    "copy_unheld": (
        "“{label}”抄送“{role}”，而{body}没有其岗位（{posts}），抄送将无人收到",
        "‘{label}’ is copied to ‘{role}’, but {body} has none of its posts ({posts}): nobody would get the copy",
    ),
    "handover_unheld": (
        "“{label}”移送“{role}”，而{body}没有其岗位（{posts}），将无人收到",
        "‘{label}’ is handed to ‘{role}’, but {body} has none of its posts ({posts}): nobody would get it",
    ),
    "tell_unheld": (
        "监测“{label}”查出后告知“{role}”，而{body}没有其岗位（{posts}），将无人得知",
        "the monitor ‘{label}’ tells ‘{role}’, but {body} has none of its posts ({posts}): nobody would be told",
    ),
    "children_never_close": (
        "“{trigger}”要等子事项（{child}）全部办结，而子事项{steps}步之后可停在“{state}”，再也无法办结",
        "‘{trigger}’ waits until every child ({child}) is closed, but after {steps} steps a child may be in ‘{state}’ for good",
    ),
    "signal_never_sent": (
        "“{trigger}”要等子事项的信号，而按子事项（{kinds}）自身的定义，由此派生的子事项永远不会发出该信号",
        "‘{trigger}’ waits for a signal that no child opened here can ever send by its own definition ({kinds})",
    ),
    "left_on_hold": (
        "“{kept}”为“{keeper}”而停在“{state}”，而{steps}步之后“{keeper}”已到“{end}”，没有发出使其离开的信号：此后无人恢复或办结它；"
        "须由最后一步发出信号，或为“{state}”设期限",
        "‘{kept}’ is on hold in ‘{state}’ for ‘{keeper}’, and after {steps} steps ‘{keeper}’ is over in ‘{end}’ without a signal "
        "that lets it go: nobody would take it up again. Let the last step signal, or arm a deadline in ‘{state}’",
    ),
    "wait_in_circle": (
        "“{kept}”停在“{state}”等“{keeper}”的信号，而{steps}步之后“{keeper}”在“{end}”须等“{kept}”办结或发来信号：彼此等待，都再不能动",
        "‘{kept}’ is on hold in ‘{state}’ until ‘{keeper}’ signals, and after {steps} steps ‘{keeper}’ is in ‘{end}’ until ‘{kept}’ "
        "is closed or signals: they wait for each other for good",
    ),
    "hold_forgotten": (
        "“{keeper}”在“{state}”时已放“{kept}”继续办理，“{trigger}”又使其程序重新进行，却没有发出使“{kept}”再次停住的信号",
        "in ‘{state}’ ‘{keeper}’ has let ‘{kept}’ go on; ‘{trigger}’ takes it up again without a signal that halts ‘{kept}’ once more",
    ),
    "signals_in_circle": (
        "“{trigger}”发出的信号会绕回自身（{acts}）：一笔指令将永无止境",
        "the signals of ‘{trigger}’ come back to it ({acts}): one order would never end",
    ),
    "hold_not_proved": (
        "“{kept}”与“{keeper}”一并查证的情形超过{limit}种，未能查完，不予放行：“{keeper}”办结时“{kept}”是否都已恢复或终结，未获证明。"
        "可减少信号条件所用的事实；也可用 --limit 放宽",
        "more than {limit} situations of ‘{kept}’ and ‘{keeper}’ together: it is not proved that ‘{kept}’ is always let go when "
        "‘{keeper}’ is over. Let the conditions of signals read fewer facts; --limit N allows more",
    ),
    "spawn_unknown_fact": (
        "“{trigger}”派生{child}时带去事实{fact}，而该流程没有此事实",
        "‘{trigger}’ opens {child} with the fact {fact}, which it does not have",
    ),
    "spawn_out_of_range": (
        "“{trigger}”派生{child}时，事实{fact}可能为{values}，而该流程不允许此值：届时整个动作将被拒绝",
        "‘{trigger}’ opens {child} with {fact} = {values}, which that fact cannot be: the whole act would be refused",
    ),
    "spawn_unveils": (
        "“{trigger}”派生{child}时带去的“{fact}”属于个人信息或保密信息，而在该流程中将公开",
        "‘{trigger}’ hands ‘{fact}’ over to {child}: here it is personal or sealed, there it would be open",
    ),
    "signal_refused": (
        "发给{parent}的信号“{trigger}”没有一条转移允许系统办理",
        "the signal ‘{trigger}’ is taken by no arrow of {parent} that the system may fire",
    ),
    "ends_before_start": (
        "期限“{label}”止于{day}，而它最早{start}才能起算",
        "the deadline ‘{label}’ ends on {day}, but cannot begin before {start}",
    ),
    "ends_after_phase": (
        "期限“{label}”最早于{start}起算，{day}才届满，晚于{phase}的最后一日{end}",
        "the deadline ‘{label}’ begins on {start} at the earliest and ends on {day}, after the last day of {phase}, {end}",
    ),
    "ends_after_closing": (
        "期限“{label}”最早于{start}起算，{day}才届满，而能使其停止的动作自{closing}起不能再办",
        "the deadline ‘{label}’ begins on {start} at the earliest and ends on {day}, but from {closing} on no act that stops it "
        "is possible",
    ),
    "act_after_end": (
        "期限“{label}”于{start}起算的，{day}届满，而能使其停止的动作最早{opening}才能办",
        "the deadline ‘{label}’, begun on {start}, ends on {day}, but no act that stops it is possible before {opening}",
    ),
    "due_outside_phase": (
        "材料“{label}”应于{day}前报送，而其所属阶段“{phase}”为{start}至{end}",
        "‘{label}’ is due on {day}, outside its phase ‘{phase}’, {start} to {end}",
    ),
    "monitor_never_holds": (
        "监测“{label}”的条件（{when}）在任何在办情形下都不会成立，永远查不出问题",
        "the monitor ‘{label}’ would never find anything: its condition ({when}) holds in no situation of a live matter",
    ),
    "start_never_counts": (
        "期限“{label}”不会因“{trigger}”起算：办理该动作时它总已在计时（另由{others}起算）或其条件不成立，只会重新计算",
        "‘{trigger}’ never starts the deadline ‘{label}’: whenever it can be done the clock runs already (started by {others}), "
        "or its condition does not hold; it would only set it back",
    ),
    "guard_always_true": (
        "“{trigger}”的条件（{when}）在能够办理的各种情形下总是成立，不起限制作用{why}；去掉不改变任何办理，写明的是法定条件的可以保留",
        "the condition of ‘{trigger}’ ({when}) holds whenever it is asked: it refuses nothing{why}; nothing changes without it, "
        "and where it says what the law asks it may stay",
    ),
    "too_large": (
        "情形超过{limit}种，未能查完，不予放行。相乘的有：{facts}。可将流程拆为子事项，或减少条件所用的事实；也可用 --limit 放宽",
        "more than {limit} situations: not all were looked at, so it is not let through. What multiplies: {facts}. "
        "Split the machine into child matters or let guards read fewer facts; --limit N allows more",
    ),
    "too_much": (
        "试过的填写和更正超过{limit}种，未能查完，不予放行。相乘的有：{facts}。"
        "可减少一个动作同时填写、条件同时比较的事实；也可用 --limit 放宽",
        "more than {limit} statements and corrections were tried: not all were looked at, so it is not let through. What "
        "multiplies: {facts}. Let one act state, and one condition compare, fewer facts; --limit N allows more",
    ),
    "scenario": (
        "情景“{name}”第{step}步不符：{what}应为{wanted}，实为{found}",
        "scenario ‘{name}’, step {step}: {what} should be {wanted} and is {found}",
    ),
}
"""The words of each finding; a parameter that is a label is said in its language."""

ASSUMPTIONS: Mapping[str, tuple[str, str]] = {
    "people": (
        "每个有人担任的岗位都会履职；声明了的材料都能提供",
        "whoever holds a post will act, and every declared document can be had",
    ),
    "facts": (
        "证明只及于所填写的事实；是否如实填写，由监测和监督来管",
        "the proof is about what is stated; whether it was stated truly is for monitors and supervision",
    ),
    "no_corrections": (
        "不含留痕更正：更正可改任何事实（加 --corrections 一并查证）；更正时不变式照样把关",
        "corrections are left out: they may change any fact (--corrections includes them); invariants refuse them all the same",
    ),
    "corrections": (
        "包含留痕更正：任何事实随时可被更正为任何值，也可一并更正数项，但不变式拒绝的除外；期限因更正而重算的不在此查",
        "corrections are included: any facts may be set to any values at any time, several at once, unless an invariant "
        "refuses it; how it moves the end of a running clock is not looked at",
    ),
    "time": (
        "期限可在任何时刻届满；时间总会流逝；延期次数、开始日期是否合法，监测的条件能否一直保持到查出之时，不在此查",
        "a deadline may run out at any moment and time does pass; how often one may be put off, and whether what a monitor waits "
        "for can last as long as it counts, is not looked at",
    ),
    "evaluates": (
        "立案追诉标准的结论（{facts}）视为自由：每次填写相关事实都可能得出任何结论，只是不与本次填写相反",
        "what the standards answer ({facts}) is free: any answer may follow whenever facts are stated, save a contradiction",
    ),
    "children": (
        "子事项（{kinds}）视为：随时可能办结，且终将办结；随时可能发出其声明的任何信号，所等的信号终会发出。其自身的事实和条件不在此查",
        "child matters ({kinds}) may close at any time and do close in the end; they may send any of their signals at any "
        "time, and send one that is waited for; their own facts and guards are not looked at",
    ),
    "children_bounded": (
        "子事项（{kinds}）已按其自身定义、由此派生的情形查过（不含对子事项的更正）：只发出其条件容许的信号；须等其办结的，查明总能办结。"
        "视为：信号可在任何时刻到来，也可不来；孙级事项只按其声明；子事项与本事项事实之间的联系，除一并查过的外不在此查",
        "child matters ({kinds}) were explored by their own definitions as they are opened here, without corrections of theirs: "
        "they send only signals that their guards allow, and those waited for can always be closed. Taken for granted: a signal "
        "may come at any time, or never; children of children do as they declare; how facts of child and parent hang together "
        "is looked at only where the two are looked at together",
    ),
    "signals_come": (
        "没有上下级事项的信号就无法办结的情形，视为所等的信号终会到来",
        "where a matter cannot end without a signal of its kin, the signal that is waited for is taken to come",
    ),
    "together": (
        "与{kinds}一并查过：一方为另一方而停在某状态的，另一方办结时必已使其恢复或终结。每次跟踪一个子事项；未停住的一方，"
        "随时可能被信号停住；更正不在此查",
        "looked at together with {kinds}: what is on hold for the other is let go by the time the other is over. One child is "
        "followed at a time; what is not on hold may be put on hold by a signal at any time; corrections are left out",
    ),
    "rung_children": (
        "提醒阶梯派生的子事项（{kinds}）也算在未办结的子事项之内，而其派生和办结不在此查",
        "what a ladder opens below a matter ({kinds}) counts among its open children; when it is opened and that it is closed is "
        "not looked at",
    ),
    "parents": (
        "亦由{kinds}派生，所带事实可为任何值",
        "it is also opened by {kinds}, with any values of the facts handed over",
    ),
    "refuses": (
        "由引擎逐笔把关、不另证明的不变式：{codes}",
        "invariants that the engine keeps by refusing the order, and that are not proved otherwise: {codes}",
    ),
    "sums": (
        "合计条件（{facts}）只试了若干代表值",
        "sums ({facts}) were tried with some values of their parts only",
    ),
    "no_campaign": (
        "未结合专项行动：岗位、机构、日期和上下级流程未查",
        "without a campaign: posts, bodies, dates and the kinds around it were not looked at",
    ),
}
"""What a proof takes for granted."""

Words = Mapping[str, "str | int | Label"]


def said(table: Mapping[str, tuple[str, str]], code: str, words: Words) -> Label:
    """The text of *code* with its parameters, in both languages."""
    zh, en = table[code]
    return Label(zh=zh.format(**_in("zh", words)), en=en.format(**_in("en", words)))


def _in(lang: str, words: Words) -> dict[str, str]:
    return {name: getattr(word, lang) if isinstance(word, Label) else str(word) for name, word in words.items()}

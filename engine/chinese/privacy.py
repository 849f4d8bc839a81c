"""Personal data: asking for it to be erased, deciding, keeping, erasing again in a restored database."""

from collections.abc import Mapping

SAID: Mapping[str, str] = {
    "the campaign runs no kind {}; it runs: {}": "本专项行动没有事项类型{}；有：{}",
    "no ground {}; there are: {}": "没有依据{}；可用：{}",
    "nothing of it is held in {}": "{}中没有所指的个人信息",
    "nothing of it is held of {}": "已没有{}的个人信息",
    "the same was asked already: request {} waits for a decision": "已有同样的申请{}待批准",
    "no request {} to erase; duban privacy list shows them": "没有删除申请{}；见 duban privacy list",
    "the request {} is {} already, by {}": "申请{0}已由{2}办理",
    "{} asked for it: another decides": "{}是申请人：须由他人决定",
    "{} may not have personal data of {} erased or kept": "{}不得申请、批准或暂缓删除{}的个人信息",
    "{} may not have personal data of accounts erased": "{}不得申请或批准删除账号的个人信息",
    "the data of {} are kept already, by {}": "{}的个人信息已由{}暂缓删除",
    "the data of {} are not kept by anybody's word": "{}没有被暂缓删除",
    "{}: its data are kept by the word of {}": "{}的个人信息已由{}暂缓删除",
    "{} is not closed: its data are needed until then": "{}尚未办结，其个人信息仍为办理所必需",
    "{} is to be kept until {}": "{}须保存至{}前一日",
    "{} has no personal facts; name what is meant: {}, {}, {}, {}": "{}没有个人信息字段；请指明：{}、{}、{}、{}",
    "not a field that can be erased: {}; there are: {}": "不是可以删除的字段：{}；可用：{}",
    "say why, in at most {} characters": "请说明理由，至多{}个字符",
    "a message about {} is being sent at this moment; try again in a minute": "有关{}的通知正在发出，请稍后再试",
    "{} is not disabled: its holder acts under his name": "{}尚未停用，仍以其姓名办理",
    "{} is another's account": "{}是他人的账号",
    "this is no ledger of erasures ({})": "不是删除台账（{}）",
    "the ledger is of another campaign or another database": "该台账属于另一专项行动或另一数据库",
    "a request has its fields and its text already": "申请已有其字段和文字，不必再写",
    "name a matter": "请填事项编号",
    "nobody can ask for {}; there are: {}": "不能请求{}；可请求：{}",
    "say who asks, in {} to {} characters": "请写明请求人，{}至{}个字符",
    "{} is a day to come": "{}尚未到来",
    "no answer {}; there are: {}": "没有答复{}；可用：{}",
    "{} entered it: another declines": "{}是登记人：不予办理须由他人决定",
    "the request {} asks for no copy": "请求{}不是请求查阅、复制",
    "no request {} of a person; duban privacy right list shows them": "没有个人的请求{}；见 duban privacy right list",
    "the request {} was answered already, by {}": "请求{}已由{}答复",
    "{} may not handle what persons ask about their data": "{}不得办理个人就其个人信息提出的请求",
    "{} is no day like 2026-11-26": "{}不是日期，如 2026-11-26",
    "the document {}… of {} is used by another matter too": "{1}的材料{0}……另有事项在用",
    "the request {} would take something else by now: look at it again": "申请{}现在将删除的内容与所看到的不同，请重新查看",
    "not a place that the request would take: {}": "该申请不会删除此处：{}",
    "the ledger is not signed, and the log has a key: take one by duban privacy ledger":
        "台账没有签名，而日志已有密钥：请以 duban privacy ledger 另取",
    "no key of the log has signed this ledger: it was changed, or somebody else wrote it":
        "台账不是本日志的密钥所签：已被改动，或系他人所写",
    "name one of --matter REF, --person LOGIN, --text TEXT": "请指明其一：--matter REF、--person LOGIN、--text TEXT",
    "name a matter REF with --field or --text, --text alone, or --person LOGIN":
        "请指明事项 REF（可加 --field 或 --text）、单独的 --text，或 --person LOGIN",
}  # fmt: skip
"""What is said in English, with what it is in Chinese."""

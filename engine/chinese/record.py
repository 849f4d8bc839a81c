"""The record and its log: seals, keys, receipts, backups, and the database that holds them."""

from collections.abc import Mapping

SAID: Mapping[str, str] = {
    "there is no entry {} of {}": "{1}中没有第{0}条留痕",
    "there is no such entry": "没有该条留痕",
    "there are no anchors at {}: no such folder or file": "{}处没有锚点：没有该文件夹或文件",
    "the anchors in {} cannot be read: {}": "{}处的锚点读不出来：{}",
    "the anchor cannot be written to {}: {}": "锚点无法写入{}：{}",
    "what was sealed cannot be kept in {}: {}": "封存的内容无法保存到{}：{}",
    "{} cannot be written: {}": "{}无法写入：{}",
    "this is not the log's key: it is {}…, the log's is {}…; point DUBAN_KEY at that one":
        "不是本日志的密钥：文件中为{}…，日志用{}…；请将 DUBAN_KEY 指向后者",
    "put the newer database back; if it is lost, two people put that on record: duban audit recover --reason … --approve-by LOGIN":
        "请恢复较新的数据库；如已丢失，由两人记录在案：duban audit recover --reason … --approve-by 登录名",
    "there is a database already; a backup is restored into a new one: name another --db":
        "此处已有数据库；备份只恢复到新库，请用 --db 另指一处",
    "there is no database of ours in it": "其中没有本系统的数据库",
    "unknown kind of database: {}; use sqlite:///… or postgresql://…": "不支持的数据库：{}；请用 sqlite:///… 或 postgresql://…",
    "not a way to a database: {}={}; use {}=yes or leave it away":
        "数据库地址参数不正确：{}={}；请写 {}=yes 或不写",
    "not a database URL: {}; use sqlite:///duban.db or postgresql://…":
        "不是数据库地址：{}；请用 sqlite:///duban.db 或 postgresql://…",
    "this login of the database lacks rights: {}; grant them, then try again": "该数据库账号权限不足：{}；授权后再试",
    "the database is busy: a lock was not free in time; nothing was done, try again":
        "数据库繁忙：未能及时取得锁，未作任何改动，请再试",
    "the database is locked by another program; nothing was done, try again": "数据库被其他程序锁定，未作任何改动，请再试",
    "the disk does not take it ({}); free some space, then try again": "磁盘写不进去（{}）；请腾出空间后再试",
    "the database may not be written to (read-only)": "数据库只读，不能写入",
    "a row of the database is damaged and cannot be read; run audit verify": "数据库有记录行已损坏，无法读取；请运行 audit verify 核验",
    "a row of the database is damaged, its column {} cannot be read; run audit verify": (
        "数据库有记录行已损坏，{}列无法读取；请运行 audit verify 核验"
    ),
    "the row of {} is damaged and cannot be read; run audit verify": "{}的记录行已损坏，无法读取；请运行 audit verify 核验",
    "the database was changed meanwhile: {}; nothing was done, try again": "数据库在此期间已变更：{}；未作任何改动，请重试",
    "the database cannot be used: {}": "数据库不能使用：{}",
    "the database file cannot be opened, or -wal and -shm cannot be made beside it: look at the rights of file and folder "
    "and whether the disk is read-only; a database on such a disk is looked at in a copy where one may write":
        "数据库文件打不开，或无法在其旁建立 -wal、-shm 文件：请检查文件和文件夹的权限、磁盘是否只读；"
        "只读盘上的数据库，请复制到可写处再查看",
    "this is no usable database: {}": "这不是可用的数据库：{}",
    "no such folder: {}": "没有该文件夹：{}",
    "{} was replaced while it was in use; start this process again": "{}在使用中被替换；请重新启动本进程",
    "the database is gone: {}: {}": "数据库不见了：{}：{}",
    "the log has a key already; to change it: duban audit key rotate": "日志已有密钥；更换请用 duban audit key rotate",
    "there is no key at {}; do: duban audit key new, or point DUBAN_KEY at it":
        "{}处没有密钥；请执行 duban audit key new，或用 DUBAN_KEY 指明",
    "the key file {} cannot be changed: {}": "密钥文件{}无法更改：{}",
    "the key in the file is not the log's key; point DUBAN_KEY at the one in use":
        "文件中的密钥不是日志的密钥；请用 DUBAN_KEY 指向现用的密钥",
    "there is no checkpoint to prove against; do: duban audit checkpoint":
        "日志尚未封存，没有检查点可供证明；请执行 duban audit checkpoint",
    "the newest checkpoint has {} entries, fewer than {}": "最新检查点只有{}条，少于{}条",
    "no version {} of {} is kept; see: duban campaign versions": "未保存{1}的版本{0}；见 duban campaign versions",
    "this database is a {} database for ever; use another --db for {}": "本库永远是{}库；请为{}另指 --db",
    "this database was begun with another hash function than {}, for ever": "本库建库时所用的哈希算法不是{}，此后不能更改",
    (
        "{}@{} is already published here with other content ({}…, the file has {}…); what is published never changes: give the "
        "change a new version"
    ):
        "{}@{}已在此发布，内容不同（{}…，文件为{}…）；已发布的不再改动，请为修改另立版本",
    (
        "raise `version:` in the definition to {} (and in the campaign file), then: duban campaign publish FILE, duban campaign "
        "amend FILE for new matters, duban campaign migrate {} --to {} for those that are open"
    ): (
        "请将流程定义中的 `version:` 提高到{}（专项行动文件亦同），再执行：duban campaign publish FILE；新事项用 duban campaign "
        "amend FILE；在办事项用 duban campaign migrate {} --to {}"
    ),
    (
        "the campaign {} is already open with other content; give the new one a code of its own, or change the open one: duban "
        "campaign amend FILE"
    ):
        "专项行动{}已启用，内容不同；请为新的另取代码，或修改已启用的：duban campaign amend FILE",
    "no campaign is open in this database; do: duban init": "本库没有已启用的专项行动；请执行 duban init",
    "which campaign? say --campaign with one of: {}": "哪个专项行动？请用 --campaign 指明：{}",
    "no campaign {} in this database; there are: {}": "本库没有专项行动{}；现有：{}",
    "a version was published while this was looked at; look again": "查看期间发布了新版本，请重新查看",
    "the database is at schema {}, newer than this program ({}); use the newer duban":
        "数据库结构为{}，比本程序（{}）新；请用较新的 duban",
    "this database was not initialised; do: duban init": "数据库尚未初始化；请执行 duban init",
    "the database is at schema {}, from which this program knows no way; restore a backup of a released version":
        "数据库结构为{}，本程序无从升级；请恢复由已发布版本所作的备份",
    "the database is at schema {}, this program needs {}; do: duban db upgrade":
        "数据库结构为{}，本程序须用{}；请执行 duban db upgrade",
    "there is a file {} already; to change the key: duban audit key rotate": "文件{}已存在；更换密钥请用 duban audit key rotate",
    "the key cannot be written to {}: {}": "密钥无法写入{}：{}",
    "others may read the key {}; do: chmod 600 {}": "他人可以读取密钥{}；请执行 chmod 600 {}",
    "{} is no Ed25519 key": "{}不是 Ed25519 密钥",
    "the key {} cannot be read: {}": "密钥{}读不出来：{}",
    "{} is no private key: {}": "{}不是私钥：{}",
    "the database cannot be used": "数据库不能使用",
    "time stamps need the extra 'timestamp': pip install 'duban[timestamp]'":
        "时间戳须安装附加组件 timestamp：pip install 'duban[timestamp]'",
    "not the address of a time-stamping authority: {}; write https://…": "不是时间戳服务机构的地址：{}；请写 https://…",
    "the time-stamping authority {} refuses: status {}": "时间戳服务机构{}拒绝：状态码{}",
    "the time-stamping authority {} does not answer: {}": "时间戳服务机构{}没有应答：{}",
    "the time-stamping authority {} gave no answer of RFC 3161: {}": "时间戳服务机构{}的应答不符合 RFC 3161：{}",
    "the certificate {} cannot be read: {}": "证书{}读不出来：{}",
    "another process holds the database and does not let go; nothing was done, try again":
        "另一进程占用数据库不放，未作任何改动，请再试",
    "the database may not be written to: {}: {}": "数据库不能写入：{}：{}",
    "{}: the open campaign has {}, the file {}": "{}：已启用的专项行动为{}，文件为{}",
    "{} is there already; a backup overwrites nothing": "{}已存在；备份不覆盖任何文件",
    "the copy of the database is not sound: {}": "数据库副本不完好：{}",
    "{} is damaged: {} is missing": "{}已损坏：缺少{}",
    "{} is damaged, or no backup of duban: {}": "{}已损坏，或不是督办系统的备份：{}",
    "{}: {} is not in the manifest": "{}：{}不在清单中",
    "{} is no backup of duban: there is no manifest in front": "{}不是督办系统的备份：开头没有清单",
    "{}: the manifest is not one of {}": "{}：清单不是{}格式",
    "{} is damaged: {} is not what the manifest says": "{}已损坏：{}与清单不符",
    "{} does not take it: {}": "{}写不进去：{}",
    "the disk does not take it ({}); nothing was changed": "磁盘写不进去（{}）；未作任何改动",
    "--calendar asof is for a rehearsal; production knows every notice there is":
        "--calendar asof 仅用于推演库；正式库采用全部已公布的放假通知",
    "--at sets the clock of a rehearsal; a production database has the real one": "--at 设定推演时钟；正式库使用真实时钟",
    "not an instant: {}; write 2010-11-25T15:00": "不是时刻：{}；请写 2010-11-25T15:00",
    "the campaign {} ended on {}; to try it out: duban init --rehearsal, or duban rehearse; to load it all the same: --late":
        "专项行动{}已于{}结束；试用请执行 duban init --rehearsal 或 duban rehearse；仍要载入请加 --late",
    "{}: {} questions are open, {} quotes are of the old document": "{}尚有{}个问题待定，{}处引文仍是旧文件的",
    "answer them and propose anew; to put it in force as it stands, say that what is open is accepted (accept_open)":
        "请逐一确定后重新提出；仍要按现状施行，请勾选“知悉待定事项”（accept_open）",
    "answer them and take their marks away; to put it in force as it stands: --accept-open":
        "请逐一确定并删去标记；仍要按现状施行请加 --accept-open",
    "the export cannot be written down: {}": "导出文件无法写出：{}",
    "{} is an account of this database that was disabled; name another administrator in the campaign file":
        "{}是本库已停用的账号；请在专项行动文件中另指管理员",
    "{} was finished or replaced by somebody else meanwhile": "{}其间已由他人办结或更换",
    "the campaign has no matters of the kind {}: add it to the campaign file": "本专项行动没有类型为{}的事项；请列入专项行动文件",
    "this is in force already; nothing would change": "已在施行，没有变化",
    "no matter can be taken over so; see the plan": "没有事项可以这样转用新版本，见方案",
    "something stands against it now; see the plan": "现有情形与之不符，见方案",
    "another version of the campaign has come into force since: propose anew": "其间另一版方案已经施行，请重新提出",
    "say why it is rejected": "请说明不予批准的理由",
    "{} is not proved: {}: {}": "{}未通过证明：{}：{}",
    "the database agrees with all of its anchors; nothing is lost": "数据库与其全部锚点一致，没有丢失",
    "another process is at the log; try again": "另一进程正在处理日志，请再试",
    "no such file: {}": "没有该文件：{}",
    "{} is damaged: its database is not sound: {}": "{}已损坏：其中的数据库不完好：{}",
    "a database in memory keeps nothing; name a file: sqlite:///new.db": "内存数据库不能保存；请指定文件：sqlite:///new.db",
    "{} is there already; a backup is restored into a new database: name another --db":
        "{}已存在；备份只恢复到新库，请用 --db 另指一处",
    "the record in {} does not hold: {} in {}: {} ({} findings)": "{}中的留痕核验未通过：{}（{}）：{}（共{}项）",
    "{} has come to be there meanwhile; nothing was restored": "{}其间已经出现；未恢复任何内容",
    "no second process can be begun: {}": "不能启动第二个进程：{}",
    "the second process could not verify: {}": "第二个进程未能核验：{}",
    "the second process ended before its work was done ({}): nothing is verified":
        "第二个进程未做完即已结束（{}）：未核验任何内容",
    "try again, or let one process do all of it: --processes 1": "请重试，或只用一个进程：--processes 1",
}  # fmt: skip

"""What the stand-alone verifier finds in a bundle of evidence, and what it cannot vouch for."""

from collections.abc import Mapping

SAID: Mapping[str, str] = {
    "the bundle {} cannot be read: {}": "证据包{}读不出来：{}",
    "the bundle is too large, swells when it is unpacked, or has a name twice": "证据包过大、解压后异常膨胀，或有重名文件",
    "the checkpoint is of {}, the bundle of {}": "检查点属于{}，证据包属于{}",
    "the entry is another than the bundle says": "留痕与证据包所标不是同一条",
    "the key that signed is none of those in the policy": "签名密钥不在策略文件所列之中",
    "the proof does not lead to the root of the checkpoint": "包含证明推不出检查点的根值",
    "there is no entry of {}": "没有{}的留痕",
    "too few witnesses have signed": "签名的见证人不够数",
    "{} entries do not make the root of the checkpoint of {}": "{}条留痕推不出检查点（{}条）的根值",
    "{} is not a document of these entries": "{}不是这些留痕所载的材料",
    "{} is of the log {}": "{}属于日志{}",
    "the {} of {} entries has another root": "{:word}（{}条）的根值与之不同",
    "the {} of {} entries is not signed by the log's key": "{:word}（{}条）没有日志密钥的签名",
    "{}: what it acknowledges is not in the bundle": "{}：所签收的留痕不在证据包中",
    "the log's key is the bundle's own word: give --policy": "日志密钥仅凭证据包自身所载；请用 --policy 指明",
    "the bundle of one matter cannot show that nothing was entered later, nor what other matters say":
        "只含一个事项的证据包，不能证明此后再无留痕，也不涉及其他事项",
    "no witness of a policy of yours has signed": "没有策略文件所列见证人的签名",
    "BadZipFile: {}": "不是 zip 文件，或已损坏（{}）",
    "KeyError: {}": "缺少应有的内容：{}",
}  # fmt: skip

"""What a password must be like: two profiles that contradict each other, each with its source, and what everybody guesses."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from engine.errors import Invalid, Reason


@dataclass(frozen=True, slots=True)
class Profile:
    """Least length in characters, kinds of characters, and days until it must be changed (None: never)."""

    length: int
    kinds: int
    days: int | None


PROFILES: Mapping[str, Profile] = {
    "asvs": Profile(15, 1, None),
    "mlps3": Profile(10, 3, 90),
}
"""``asvs``: OWASP ASVS 5.0, 6.2.1, 6.2.5, 6.2.10: long, of any characters, never changed without need.
``mlps3``: GB/T 22239-2019, 8.1.4.1: complex and changed regularly; the figures are ours. PLACEHOLDER"""

LONGEST = 256
"""Characters of a password; at least 64 must be taken (OWASP ASVS 5.0, 6.2.9)."""

COMMON = frozenset(
    """
    password passwort passw0rd passcode administrator admin administer root toor guest user test tester testing demo
    default changeme letmein welcome login logon master access secret sesame qwerty qwertyuiop qwertyui asdfgh asdfghjkl
    asdf zxcvbn zxcvbnm qazwsx qazwsxedc qwaszx zaqxsw edcrfv rfvtgb wsxedc monkey dragon football baseball basketball
    sunshine princess shadow michael jordan superman batman trustno iloveyou loveyou lovely freedom whatever ninja mustang
    starwars computer internet server database oracle mysql postgres cisco huawei tencent alibaba baidu wechat weixin
    woaini woaiwo woaini wobuaini woshishui woshinibaba aini aiwo nihao zhongguo china tianjin beijing shanghai guangzhou
    shenzhen gongan gongshang zhengfu bangong bangongshi jiancha fayuan xuanchuan mima wodemima yonghu guanliyuan anquan
    caonima laopo laogong baobao mama baba wangyut zhang zhangwei wangwei wangfang liwei lina liuyang zhaolei
    abc abcd abcde abcdef abcdefg abcdefgh abcabc aaa aaaa aaaaaa xxx xxxxxx qqq qqqqqq asd qwe qweasd qweasdzxc
    hello helloworld happy summer winter spring autumn january february march april june july august september october
    november december monday friday company office work manager system security audit auditor operator service support
    google facebook windows microsoft apple android iphone samsung lenovo dell thinkpad linux ubuntu debian
    """.split()  # noqa: SIM905 - a list of so many words reads best as words
)
"""The words that stand at the heart of the passwords everybody tries first. Our list: what is often seen in published
collections, here and abroad, without the figures and signs that people put round them."""

SHORTEST_WORD = 4
"""Characters from which a word of the account or the campaign may not stand in a password."""

_LEET = str.maketrans("01345789@$!", "oieastbgasi")


def refuse_weak(password: str, profile: str, words: Iterable[str]) -> str:
    """Return *password* in the form that is hashed (NFC). *words* are those of the account and the campaign.

    Raises Invalid with every rule that is broken; the password itself is never repeated.
    """
    said = unicodedata.normalize("NFC", password)
    flaws = list(_flaws(said, PROFILES[profile], words))
    if flaws:
        raise Invalid("; ".join(flaw.en for flaw in flaws), "password", flaws)
    return said


def _flaws(said: str, profile: Profile, words: Iterable[str]) -> Iterable[Reason]:
    if len(said) < profile.length:
        yield _flaw(f"口令至少 {profile.length} 个字符", f"a password has at least {profile.length} characters")
    if len(said) > LONGEST:
        yield _flaw(f"口令至多 {LONGEST} 个字符", f"a password has at most {LONGEST} characters")
    if not said.isprintable():
        yield _flaw("口令不得含控制字符", "a password has no control characters")
    if kinds_in(said) < profile.kinds:
        yield _flaw(
            f"口令须含大写字母、小写字母、数字、其他字符中的至少 {profile.kinds} 类",
            f"a password has {profile.kinds} of: capital letters, small letters, figures, other characters",
        )
    if is_common(said):
        yield _flaw("口令过于常见", "this password is among those that everybody tries first")
    if (word := _word_in(said, words)) is not None:
        yield _flaw(f"口令不得含“{word}”", f"a password does not contain “{word}”")


def kinds_in(said: str) -> int:
    """How many kinds of characters there are: capital, small, figure, any other."""
    return len({_kind(char) for char in said})


def _kind(char: str) -> str:
    if char.isdecimal():
        return "figure"
    if char.isupper():
        return "capital"
    return "small" if char.islower() else "other"


def is_common(said: str) -> bool:
    """Say whether at the heart of *said* is a common word, a run along the keyboard, or hardly any variety."""
    folded = said.casefold()
    if len(set(folded)) < 5:
        return True
    cores = set()
    for text in (folded, folded.translate(_LEET)):
        letters = re.sub(r"[\W\d_]+", "", text)
        cores |= {letters, _half(letters)}
    bare = cores - {""}
    return any(core in COMMON for core in bare) or (not bare and _is_run(re.sub(r"\D", "", folded)))


def _half(text: str) -> str:
    """Half of a text that is twice the same; else all of it."""
    middle = len(text) // 2
    return text[:middle] if text and text == text[:middle] * 2 else text


def _is_run(figures: str) -> bool:
    """Say whether there are figures and no more than a run up or down, or few different ones."""
    steps = {int(b) - int(a) for a, b in pairwise(figures)}
    return bool(figures) and (len(set(figures)) < 4 or len(steps) <= 2)


def _word_in(said: str, words: Iterable[str]) -> str | None:
    folded = said.casefold()
    parts = {part for word in words for part in (word.casefold(), *re.split(r"[\W_]+", word.casefold()))}
    return next((part for part in sorted(parts) if len(part) >= SHORTEST_WORD and part in folded), None)


def _flaw(zh: str, en: str) -> Reason:
    return Reason("password", zh, en)

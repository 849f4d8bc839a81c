"""Every message is told in Chinese as well: no file of the program may say something in English alone."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from commandline import ROOT

from engine.errors import Invalid, Problem
from engine.form_errors import _FORMS, _TYPES
from engine.problem_words import SUBJECTS, _Taken, every_form, in_chinese, worded
from engine.recurrence_schema import DAYS_IN_TURN

LAYERS = ("engine", "workflows", "scheduler", "web", "commands")

APART = {"standalone", "migrations", "chinese"}
"""What stands alone is a program of its own, for whoever has nothing of ours; migrations and the forms themselves say nothing."""

REFUSALS = {
    "Usage", "NotFound", "Unseen", "Refused", "Forbidden", "Conflict", "Invalid", "Unavailable", "VerificationFailed",
    "ValueError", "TimeoutError", "ImportError", "NotYet", "PermanentFailure",
}  # fmt: skip
"""What is raised with a message first, and a hint by name."""

PLACES = {"add": 2, "refuse": 2, "ExprError": 1, "_fail": 1, "Problem": 4, "reserve": 1}
"""What takes down a flaw: where its message stands, the hint behind it."""

INSIDE = {
    "a key for links has at least {} bytes", "a link is for 1 to {} notices, not {}",  # the engine's own callers
    "{} says no offset", "the weights are not positive", "a fen is not divided", "a key is there twice",
}  # fmt: skip
"""What never leaves the program: whoever calls so is at fault, or says something better."""


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def said_in(path: Path) -> set[str]:
    """What *path* says in English: messages and hints, ``{}`` for what differs; what comes from elsewhere is left out."""
    found: set[str] = set()
    of_the_record = path.stem.startswith("verify")  # there the message follows the code, not the path and the code
    for function in (
        each for each in ast.walk(parsed(path)) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    ):
        named: dict[str, set[str]] = {}
        for each in ast.walk(function):
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                named.setdefault(each.targets[0].id, set()).update(texts(each.value, {}))
        for each in ast.walk(function):
            if isinstance(each, ast.Call):
                found |= {text for node in spoken(each, of_the_record=of_the_record) for text in texts(node, named)}
    return {each for each in found if " " in each and each.strip("{}:; ,.")}


def spoken(call: ast.Call, *, of_the_record: bool = False) -> Iterator[ast.expr]:
    """The message and the hint of a call that refuses or takes down a flaw, unless it says both in Chinese itself."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = {each.arg: each.value for each in call.keywords}
    if "zh" in given:
        return
    if name in REFUSALS:
        in_both = "reasons" in given or len(call.args) > 2  # reasons are in both languages, and told instead
        yield from () if in_both else call.args[:1]
    elif name in PLACES:
        yield from call.args[1 if of_the_record else PLACES[name] :][:2]
    if name in REFUSALS or name in PLACES:
        yield from (given[each] for each in ("message", "hint") if each in given)


def texts(node: ast.expr, named: dict[str, set[str]]) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        return {"".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)}
    if isinstance(node, ast.IfExp):
        return texts(node.body, named) | texts(node.orelse, named)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        ends = {"{}"} if not texts(node.right, named) else texts(node.right, named)
        return {one + end for one in texts(node.left, named) for end in ends}
    return named.get(node.id, set()) if isinstance(node, ast.Name) else set()


def filled(form: str) -> str:
    """The *form* with something else at each of its places."""
    for number in range(form.count("{}")):
        form = form.replace("{}", f"v{number}", 1)
    return form


@pytest.mark.parametrize("layer", LAYERS)
def test_whatever_a_file_says_has_its_chinese(layer: str) -> None:
    paths = [each for each in sorted((ROOT / layer).rglob("*.py")) if not APART & set(each.parts)]
    said = {(str(path.relative_to(ROOT)), form) for path in paths for form in said_in(path) - INSIDE}

    assert said
    assert {(path, form) for path, form in said if not in_chinese(filled(form))} == set()


def test_the_walk_finds_what_is_said() -> None:
    call = 'def f(x):\n    raise Invalid(f"no {x} here", "no", hint="say another" if x else "say one")'

    found = [texts(node, {}) for node in spoken(next(n for n in ast.walk(ast.parse(call)) if isinstance(n, ast.Call)))]

    assert found == [{"no {} here"}, {"say another", "say one"}]


@pytest.mark.parametrize("form", [*_TYPES.values(), *_FORMS.values(), DAYS_IN_TURN])
def test_what_a_form_complains_of_has_its_chinese(form: str) -> None:
    assert in_chinese(form)


def test_what_differs_is_taken_over_in_its_place() -> None:
    assert in_chinese("there is no role 'clerk'") == "没有角色“clerk”"
    assert in_chinese("the state 'a' is here twice, first on line 7") == "状态“a”重复，首次在第7行"
    assert in_chinese("the state 'a' (in the stage 'b') is final, no arrow leads out of it").startswith(
        "状态“a”（属阶段“b”）"
    )
    problem = Problem("x.yaml", 3, 4, "code", "the list is empty")
    assert (problem.said("zh"), problem.said("en")) == ("x.yaml:3:4: 列表为空", "x.yaml:3:4: the list is empty")
    assert problem.as_json()["text"] == {"zh": "列表为空", "en": "the list is empty"}


def test_a_message_within_a_message_is_told_in_chinese_too() -> None:
    said = "the channels file 'c.yaml' cannot be read: [Errno 13] Permission denied: 'c.yaml'"

    assert in_chinese(said) == "渠道文件“c.yaml”读不出来：没有权限：“c.yaml”"


def test_a_refusal_is_told_in_both_languages_with_its_advice() -> None:
    refusal = Invalid("no body 'x' in this campaign", "no_body", hint="did you mean 'y'?")

    assert (refusal.said("zh"), refusal.advice("zh")) == ("本专项行动没有单位“x”", "是否为“y”？")
    assert (refusal.said("en"), refusal.advice("en")) == (refusal.message, refusal.hint)
    assert refusal.as_json()["text"] == {"zh": "本专项行动没有单位“x”", "en": refusal.message}
    assert worded("nobody has said this", "zh") == "nobody has said this"


def test_no_form_has_more_places_in_chinese_than_in_english() -> None:
    assert {en for en, zh in every_form().items() if en.count("{}") < zh.replace("{{", "").count("{")} == set()


def test_no_form_is_taken_for_a_more_general_one() -> None:
    places = [_Taken(f"v{number}") for number in range(9)]
    other = {en for en, zh in every_form().items() if in_chinese(filled(en)) != zh.format(*places)}

    assert other == set()


def test_no_form_is_said_twice() -> None:
    held = [ROOT / "engine" / "chinese" / f"{each}.py" for each in SUBJECTS] + [ROOT / "engine" / "problem_words.py"]
    keys = [
        key.value
        for path in held
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and " " in str(key.value)
    ]

    assert sorted({each for each in keys if keys.count(each) > 1}) == []

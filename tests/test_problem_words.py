"""Every problem of a file is told in Chinese as well."""

import ast
from pathlib import Path

import pytest
from commandline import ROOT

from engine.errors import Problem
from engine.problem_words import IN_CHINESE, in_chinese

CHECKS = [
    *sorted((ROOT / "engine").glob("check_*.py")),
    *(
        ROOT / "engine" / f"{name}.py"
        for name in ("monitors", "statutes", "standard_file", "text_file", "campaign_file")
    ),
]


def messages(path: Path) -> set[str]:
    """The texts given to ``add`` as messages, with ``{}`` for what differs; those that come from elsewhere are left out."""
    found: set[str] = set()
    for function in (
        each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.FunctionDef)
    ):
        named: dict[str, set[str]] = {}
        for each in ast.walk(function):
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                named.setdefault(each.targets[0].id, set()).update(texts(each.value, {}))
        for each in ast.walk(function):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr == "add":
                found |= texts(each.args[2], named) if len(each.args) > 2 else set()
    return found


def texts(node: ast.expr, named: dict[str, set[str]]) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        return {"".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)}
    if isinstance(node, ast.IfExp):
        return texts(node.body, named) | texts(node.orelse, named)
    return named.get(node.id, set()) if isinstance(node, ast.Name) else set()


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_every_message_of_a_check_has_its_chinese(path: Path) -> None:
    silent = {each for each in messages(path) if not in_chinese(each.replace("{}", "x"))}

    assert silent == set()


def test_what_differs_is_taken_over_in_its_place() -> None:
    assert in_chinese("there is no role 'clerk'") == "没有角色“clerk”"
    assert in_chinese("the state 'a' is here twice, first on line 7") == "状态“a”重复，首次在第7行"
    assert in_chinese("the state 'a' (in the stage 'b') is final, no arrow leads out of it").startswith(
        "状态“a”（属阶段“b”）"
    )
    problem = Problem("x.yaml", 3, 4, "code", "the list is empty")
    assert (problem.said("zh"), problem.said("en")) == ("x.yaml:3:4: 列表为空", "x.yaml:3:4: the list is empty")
    assert problem.as_json()["text"] == {"zh": "列表为空", "en": "the list is empty"}


def test_each_chinese_form_has_as_many_places_as_its_english() -> None:
    assert {en for en, zh in IN_CHINESE.items() if en.count("{}") != zh.count("{")} == set()

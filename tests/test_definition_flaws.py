"""One flaw at a time in a sound definition: its code, its place, its message and what was meant."""

import pytest
from test_definition_file import changed, place_of, problems

FLAWS = [
    # the form
    ("version: 1", "version: '1'", "bad_type", "‹'1'", "a whole number is needed", ""),
    ("reason: true", "reason: yes", "bad_type", "reason: ‹yes", "true or false", "did you mean true?"),
    ("needs: report", "needs: [3]", "bad_type", "needs: [‹3", "a text is needed", "quotes"),
    ("posts: [liaison]", "posts: liaison", "bad_type", "posts: ‹liaison}", "a list is needed", ""),
    ("posts: [liaison]", "posts: []", "bad_type", "posts: ‹[]", "the list is empty", ""),
    ("to: closed", "to: Closed", "bad_form", "to: ‹Closed", "'Closed' does not have", "= or @back"),
    ("type: bool", "type: boolean", "bad_value", "type: ‹boolean", "'boolean'", "did you mean 'bool'?"),
    ("workdays: 3", "workdays: 0", "bad_value", "workdays: ‹0", "0 is not possible", "at least 1"),
    ("{hours: 24}", "{hours: 24, days: 1}", "inconsistent", "term: ‹{hours", "exactly one of", ""),
    ("en: Errand", "e: Errand", "unknown_key", "‹e: Errand", "no key 'e'", "did you mean 'en'?"),
    ("- trigger: take", "- triger: take", "unknown_key", "- ‹triger", "no key 'triger'", "'trigger'"),
    ("    owner: clerk\n", "", "missing_key", "answer:\n    ‹label", "the key 'owner' is missing", ""),
    (", en: Report}", "}", "missing_key", "report: {label: ‹{zh", "the key 'en' is missing", ""),
    ("  report: {label", "  Report: {label", "bad_form", "‹Report: {", "'Report'", "lower-case"),
    # declarations
    ("initial: todo", "initial: toda", "unknown_state", "‹toda", "no state 'toda'", "did you mean 'todo'?"),
    ("  dropped: {label", "  review: {label", "duplicate_key", "‹review: {label: {zh: 撤销", "twice", ""),
    (
        "  dropped: {label",
        "  doing: {label",
        "duplicate_state",
        "  ‹doing: {label: {zh: 撤销",
        "first on line",
        "",
    ),
    ("  clerk: {label", "  system: {label", "reserved_role", "‹system: {label", "not declared", ""),
    ("of: matter", "of: fact:urgent", "fact_type", "of: ‹fact:urgent", "names no body", ""),
    ("of: matter", "of: fact:organ", "unknown_fact", "of: ‹fact:organ", "no fact 'organ'", ""),
    ("values: [good, fair, poor], ", "", "fact_values", "grade: ‹{type", "values or a taxonomy", ""),
    (
        "type: bool,",
        "type: bool, values: [a],",
        "fact_values",
        "type: bool, ‹values",
        "only facts of type",
        "",
    ),
    ("type: bool,", "type: bool, minimum: 1,", "fact_minimum", "type: bool, ‹minimum", "only numbers", ""),
    ("[good, fair, poor]", "[good, good]", "duplicate_value", "[good, ‹good", "twice", ""),
    (
        "role: [office, clerk]",
        "role: [office, clark]",
        "unknown_role",
        "‹clark",
        "no role 'clark'",
        "'clerk'",
    ),
    ("waits_for: clerk", "waits_for: clark", "unknown_role", "‹clark", "no role 'clark'", "'clerk'"),
    ("correct_by: head", "correct_by: hed", "unknown_role", "by: ‹hed", "no role 'hed'", "'head'"),
    ("optional: [urgent, cost_fen]", "optional: [urgnt]", "unknown_fact", "‹urgnt", "'urgnt'", "'urgent'"),
    ("  optional: [urgent", "  ref: '{kind}/{nr}'\n  optional: [urgent", "placeholder", "‹{nr}", "'nr'", ""),
    ("  optional: [urgent", "  ref: '{kind'\n  optional: [urgent", "placeholder", "‹'{kind'", "brace", ""),
    # arrows
    ("from: todo", "from: tood", "unknown_state", "from: ‹tood", "no state 'tood'", "did you mean 'todo'?"),
    ("from: todo", "from: [todo, todo]", "duplicate_state", "[todo, ‹todo", "twice", ""),
    ("to: paused", "to: pause", "unknown_state", "to: ‹pause", "no state 'pause'", "did you mean 'paused'?"),
    ("[work, review]", "[work, closed]", "final_state", "[work, ‹closed", "'closed' is final", ""),
    ("trigger: take", "trigger: open", "trigger_taken", "trigger: ‹open", "how a matter is opened", ""),
    ("role: clerk", "role: clark", "unknown_role", "‹clark", "no role 'clark'", "did you mean 'clerk'?"),
    ("needs: report", "needs: reprot", "unknown_document", "‹reprot", "no document 'reprot'", "'report'"),
    ("needs: report", "needs_new: rep", "unknown_document", "needs_new: ‹rep", "no document 'rep'", "report"),
    ("asks: grade", "asks: [grade, grad]", "unknown_fact", "[grade, ‹grad]", "no fact 'grad'", "'grade'"),
    ("asks: grade", "asks: grade\n    optional: [grade]", "asked_twice", "‹grade]", "already asked", ""),
    ("asks: grade", "asks: grade\n    sets: {urgent: 1}", "bad_constant", "urgent: ‹1", "true or false", ""),
    (
        "asks: grade",
        "asks: grade\n    sets: {grad: a}",
        "unknown_fact",
        "{‹grad",
        "no fact 'grad'",
        "'grade'",
    ),
    ("asks: grade", "asks: urgent\n    sets: {grade: god}", "bad_constant", "‹god", "not a value", "'good'"),
    ("asks: grade", "asks: grade\n    sets: {cost_fen: -1}", "bad_constant", "‹-1", "below the least", ""),
    (
        "asks: grade",
        "asks: grade\n    sets: {grade: good}",
        "asked_and_set",
        "{‹grade",
        "asked for and set",
        "",
    ),
    (
        "distinct_from: submit",
        "distinct_from: [sumbit]",
        "unknown_trigger",
        "‹sumbit",
        "'sumbit'",
        "'submit'",
    ),
    ("extends: answer", "extends: anwser", "unknown_deadline", "‹anwser", "no deadline 'anwser'", "'answer'"),
    ("extends: answer", "extends: review_term", "no_extension", "‹review_term", "cannot be put off", ""),
    ("asks: extended_until", "asks: urgent", "no_new_date", "extends: ‹answer", "'extended_until'", "asks"),
    (
        "extended_until: {type: date",
        "extended_until: {type: text",
        "fact_type",
        "asks: ‹ext",
        "type date",
        "",
    ),
    # expressions
    ("not urgent or", "not urgnt or", "expression", '"not ‹urgnt', "no fact 'urgnt'", "'urgent'"),
    ("('good', 'fair')", "('good', 'fare')", "expression", "'good', ‹'fare'", "'fare'", "'fair'"),
    ("not has('report')", "not has('rep')", "expression", "has(‹'rep'", "no document 'rep'", "report"),
    (
        "    met_by: [",
        "    when: urgent == 1\n    met_by: [",
        "expression",
        "when: ‹urgent ==",
        "compared",
        "",
    ),
    (
        "\"not urgent or known('cost_fen')\"",
        ">-\n      urgent or\n      urgnt",
        "expression",
        "‹urgnt",
        "no fact 'urgnt'",
        "'urgent'",
    ),
    # deadlines
    ("owner: head", "owner: haed", "unknown_role", "‹haed", "no role 'haed'", "did you mean 'head'?"),
    ("during: review", "during: reveiw", "unknown_state", "‹reveiw", "no state 'reveiw'", "'review'"),
    ("pause_in: paused", "pause_in: pausd", "unknown_state", "‹pausd", "no state 'pausd'", "'paused'"),
    ("stop_on: submit", "stop_on: sumbit", "unknown_trigger", "‹sumbit", "no trigger 'sumbit'", "'submit'"),
    ("    stop_on: submit\n", "", "never_met", "  ‹answer:", "nothing meets this", ""),
    (
        "    during: review\n",
        "    start_on: submit\n",
        "met_by_without_during",
        "‹met_by",
        "no 'during'",
        "stop_on",
    ),
    (
        "    pause_in: p",
        "    start_fact: urgent\n    pause_in: p",
        "fact_type",
        "fact: ‹urgent",
        "instant is",
        "",
    ),
    ("{workdays: 3}", "{fact: urgent}", "fact_type", "fact: ‹urgent", "date or instant is needed", ""),
    (
        "    pause_in: p",
        "    on_breach: drop\n    pause_in: p",
        "not_for_system",
        "‹drop\n    p",
        "role system",
        "",
    ),
    # structure
    (
        "    to: paused\n",
        "    to: doing\n",
        "unreachable",
        "‹paused: {",
        "no arrow leads to the state 'paused'",
        "",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "mark", "message", "hint"), FLAWS)
def test_a_flaw_is_told_with_its_place(old: str, new: str, code: str, mark: str, message: str, hint: str) -> None:
    text = changed((old, new))

    found = problems(text)

    flaw = next((each for each in found if each.code == code), None)
    assert flaw is not None, found
    assert (flaw.line, flaw.column) == place_of(text, mark)
    assert message in flaw.message
    assert hint in flaw.hint

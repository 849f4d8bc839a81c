"""Canonical JSON: the same bytes as the standard library's encoder, whatever may be put on record."""

import hashlib
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.canonical import canonical, digest, digest_of, leaf_hash, leaf_of, parsed, written

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def by_the_standard_library(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@given(values)
def test_canonical_writes_what_the_standard_library_writes(value: object) -> None:
    assert canonical(value) == by_the_standard_library(value)


@given(values)
def test_what_is_hashed_are_the_bytes_of_what_is_written(value: object) -> None:
    text = by_the_standard_library(value)
    assert written(value) == text.encode()
    assert digest_of(value) == digest(text) == hashlib.sha256(text.encode()).hexdigest()
    assert leaf_of(written(value)) == leaf_hash(text) == hashlib.sha256(b"\0" + text.encode()).hexdigest()


@given(values)
def test_parsed_reads_what_canonical_wrote(value: object) -> None:
    text = canonical(value)
    if all(abs(number) < 2**63 for number in _integers(value)):
        assert parsed(text) == json.loads(text)


@pytest.mark.parametrize(
    "value",
    [
        '\x00\x1f\x7f\u2028\u2029"\\/\b\f\n\r\t',
        "督办\U00020000",
        {"b": 1, "a": 2, "ä": 3, "\U0001f600": 4, "\uffee": 5},
    ],
    ids=["control characters", "beyond the basic plane", "keys in the order of code points"],
)
def test_characters_that_encoders_differ_about(value: object) -> None:
    assert canonical(value) == by_the_standard_library(value)


def test_what_the_fast_encoder_refuses_is_written_all_the_same() -> None:
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    for value in (2**64, {1: "a", 2: "b"}, deep, "\ud800"):
        assert canonical(value) == by_the_standard_library(value)


@pytest.mark.parametrize("value", [date(2010, 11, 26), {1, 2}, b"bytes"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize("text", ["", "{", '{"a":1}x', "{'a':1}"])
def test_what_is_no_json_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):
        parsed(text)


def _integers(value: object) -> list[int]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _integers(inner)]
    if isinstance(value, list | tuple):
        return [number for inner in value for number in _integers(inner)]
    return [value] if isinstance(value, int) else []


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000])
def test_what_is_nested_without_end_is_no_json(text: str) -> None:
    """A forger who could end a check of the record with a fault would keep its findings from being told."""
    with pytest.raises(ValueError):
        parsed(text)

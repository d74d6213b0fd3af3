"""What is stored with a session comes back exactly, and what others stored is not trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import UsageError
from yesman.sessions import metadata

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_.-]{0,9}", fullmatch=True), _texts, max_size=5))
def test_entries_survive_and_the_encoding_is_one_harmless_line(entries: dict[str, str]):
    entries = {key: value for key, value in entries.items() if key not in metadata.COMPUTED}
    encoded = metadata.encode(entries)
    assert encoded.isascii()
    assert encoded.isprintable()
    assert "'" not in encoded
    assert metadata.decode(encoded) == entries


@pytest.mark.parametrize("key", ["", "Task", "1a", "a b", "a" * 65, "a\n", "@x", "repo", "branch", "commit"])
def test_such_keys_cannot_be_set(key: str):
    with pytest.raises(UsageError):
        metadata.with_entry({}, key, "x")


def test_too_much_is_refused():
    with pytest.raises(UsageError, match="longer than 4096"):
        metadata.with_entry({}, "task", "x" * 4097)
    with pytest.raises(UsageError, match="limited to 16384"):
        metadata.encode({f"k{number}": "x" * 4096 for number in range(5)})


def test_half_a_character_is_refused():
    with pytest.raises(UsageError, match="not valid Unicode"):
        metadata.encode({"task": "\ud83d"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"a":1}',
        '{"a":null}',
        "[" * 10_000,
        '{"a":"' + "x" * 20_000 + '"}',
        '{"a":"\ud83d"}',
        "\x1b[31m",
    ],
)
def test_what_is_not_ours_counts_as_nothing(text: str):
    assert metadata.decode(text) == {}


def test_a_forged_repository_is_dropped():
    assert metadata.decode('{"repo":"evil/one","UP":"x","ok":"yes"}') == {"ok": "yes"}

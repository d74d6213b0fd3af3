"""Words: what is indexed, what is asked, and what no query language may see."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.marketplace.words import GRAM, LONGEST, MOST_ASKED, asked, grams_of, indexed, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GitHub-Integration", ("github", "integration")),
        ("Über Löwen & Zebras!", ("uber", "lowen", "zebras")),
        ("a\u202eb\u200bc", ("a", "b", "c")),
        ('" OR 1=1 --', ("or", "1", "1")),
        ("", ()),
    ],
)
def test_words_are_letters_and_digits_without_case_and_accents(text, words):
    assert words_of(text) == words


@given(st.text())
def test_no_word_holds_a_sign_whatever_goes_in(text):
    for word in (*words_of(text), *indexed("x", text).replace(GRAM, "").split()):
        assert all(unicodedata.category(character)[0] in "LN" for character in word)
        assert len(word) <= LONGEST
    assert len(asked(text)) <= MOST_ASKED


def test_a_part_of_a_name_is_in_the_index_as_its_grams():
    index = set(indexed("session-recorder", "Records").split())
    assert set(grams_of("ion-rec")) <= index
    assert not set(grams_of("ion-rex")) <= index
    assert {"session", "recorder", "sessionrecorder", "records"} <= index

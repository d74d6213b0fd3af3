"""Which protocol is spoken, decided from values alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman import __version__
from yesman.wire.frames import PROTOCOL_VERSION, ProtocolError
from yesman.wire.handshake import (
    HIGHEST,
    MAX_VERSION,
    SPOKEN,
    IncompatibleError,
    Spoken,
    agreed,
    common,
    greeting,
    spoken,
)

RANGES = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(lambda pair: Spoken(max(pair), min(pair)))


@given(RANGES, RANGES)
def test_both_sides_choose_the_newest_that_both_speak(ours, theirs):
    both = set(range(ours.oldest, ours.newest + 1)) & set(range(theirs.oldest, theirs.newest + 1))
    assert common(ours, theirs) == common(theirs, ours) == max(both, default=None)


def test_our_own_greeting_is_understood():
    hello = greeting()
    assert spoken(hello["protocol"], hello["oldest"]) == SPOKEN
    assert agreed(SPOKEN, SPOKEN, "it", hello["version"]) == PROTOCOL_VERSION


def test_who_names_no_oldest_speaks_one_protocol():
    assert spoken(3) == spoken(3, 3) == Spoken(3, 3)


@pytest.mark.parametrize(
    "said",
    [(0,), (-1,), (None,), ("1",), (True,), (1.0,), (1, 2), (1, 0), (1, -1), (1, "1"), (HIGHEST + 1, 1)],
)
def test_nonsense_is_no_greeting(said):
    with pytest.raises(ProtocolError, match="names no protocols"):
        spoken(*said)


@pytest.mark.parametrize(
    ("theirs", "stale"), [(Spoken(9, 8), f"this yesman ({__version__})"), (Spoken(4, 2), "its worker")]
)
def test_without_a_common_protocol_both_are_named_and_the_older_is_to_be_updated(theirs, stale):
    with pytest.raises(IncompatibleError) as caught:
        agreed(Spoken(6, 5), theirs, "its worker", "0.99.0")
    text = str(caught.value)
    assert "'0.99.0'" in text
    assert str(theirs) in text
    assert f"yesman {__version__} and speaks protocols 5 to 6" in text
    assert text.endswith(f"update {stale}")


def test_what_the_other_side_calls_itself_is_cut_and_harmless():
    with pytest.raises(IncompatibleError) as caught:
        agreed(Spoken(1, 1), Spoken(2, 2), "its worker", "\n\x1b[2J\u202e" + "x" * 1000)
    assert str(caught.value).isprintable()
    assert "x" * MAX_VERSION not in str(caught.value)

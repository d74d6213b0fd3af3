"""What several plugins' answers come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.host.verdicts import ALLOW, DENY, Answer, Verdict, parse, vetoed, voted

OPTIONS = ("Yes", "No")


def allow(plugin, option="Yes"):
    return Answer(plugin, ALLOW, option)


def deny(plugin, why="no"):
    return Answer(plugin, DENY, why)


def broken(plugin, *, closed):
    return Answer(plugin, error="it crashed", closed=closed)


answers = st.lists(
    st.builds(
        Answer,
        st.sampled_from("abc"),
        st.sampled_from(["", ALLOW, DENY]),
        st.sampled_from(["Yes", "No", "other"]),
        st.sampled_from(["", "", "it crashed"]),
        st.booleans(),
    )
)


def test_silence_forbids_nothing_and_chooses_nothing():
    assert vetoed([Answer("a")]).goes_ahead
    assert not voted([Answer("a")], OPTIONS).goes_ahead


def test_deny_beats_allow():
    told = vetoed([allow("a"), deny("b", "not now")])
    assert (told.goes_ahead, told.by, told.why) == (False, ("b",), "b: not now")
    assert not voted([allow("a"), deny("b")], OPTIONS).goes_ahead


def test_a_broken_plugin_denies_where_failing_is_closed():
    assert vetoed([broken("a", closed=False)]).goes_ahead
    assert vetoed([broken("a", closed=True)]).why == "a: it could not be asked (it crashed)"


@pytest.mark.parametrize("closed", [True, False])
def test_a_broken_voter_means_that_a_person_is_asked(closed):
    told = voted([allow("a"), broken("b", closed=closed)], OPTIONS)
    assert (told.goes_ahead, told.by) == (False, ("b",))


def test_voters_must_agree_on_one_of_the_options():
    assert voted([allow("a"), allow("b")], OPTIONS) == Verdict(True, "Yes", ("a", "b"))
    assert not voted([allow("a"), allow("b", "No")], OPTIONS).goes_ahead
    assert not voted([allow("a"), allow("a", "No")], OPTIONS).goes_ahead
    assert not voted([allow("a", "Yes, and never ask again")], OPTIONS).goes_ahead


@given(answers, st.randoms())
def test_the_outcome_does_not_depend_on_the_order(given_answers, random):
    shuffled = [*given_answers]
    random.shuffle(shuffled)
    assert vetoed(shuffled) == vetoed(given_answers)
    assert voted(shuffled, OPTIONS) == voted(given_answers, OPTIONS)


@given(answers)
def test_only_an_unopposed_yes_lets_a_vote_through(given_answers):
    if voted(given_answers, OPTIONS).goes_ahead:
        assert any(answer.verdict == ALLOW for answer in given_answers)
        assert not any(answer.verdict == DENY or answer.error for answer in given_answers)


@pytest.mark.parametrize(
    "wrong",
    [True, "allow", {"allow": 1}, {"allow": "Yes", "deny": "no"}, {"yes": "Yes"}, [], {"deny": "x" * 501}],
)
def test_an_unforeseen_answer_is_a_failure(wrong):
    assert parse("a", wrong, closed=True).error
    assert not parse("a", wrong, closed=True).verdict

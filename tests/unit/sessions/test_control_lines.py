"""Answers come out whole whatever is in them, and nothing that is sent ends the reader but its bounds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.sessions import control_lines
from yesman.sessions.control_lines import Answer, ControlError, Nudge, Reader, command_text, question, quoted

WORD = "f00d"
LINES = st.one_of(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["%end 1 2 1", "%begin 1 2 1", "%error 1 2 1", "%exit", "%sessions-changed", "f00", ""]),
)


def reply(lines, *, end="%end", word=WORD, between=()):
    block = ["%begin 1 7 1", *lines, f"{end} 1 7 1", *between]
    return "".join(f"{line}\n" for line in [*block, "%begin 1 8 1", word, "%end 1 8 1"]).encode()


def read(data, cuts=(), *, commands=1):
    reader = Reader()
    reader.expect(WORD, commands=commands)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[start:stop] for start, stop in itertools.pairwise(places)]
    return [token for piece in pieces for token in reader.feed(piece)]


@given(st.lists(LINES), st.lists(st.integers(0, 10_000), max_size=5))
def test_an_answer_is_what_stands_before_the_word_whatever_that_is(lines, cuts):
    answers = [token for token in read(reply(lines), cuts) if isinstance(token, Answer)]
    assert answers == [Answer(accepted=True, text="".join(f"{line}\n" for line in lines))]


def test_a_notification_after_an_answer_is_no_part_of_it():
    found = read(reply(["one"], between=["%sessions-changed"]))
    assert found == [Answer(accepted=True, text="one\n"), Nudge()]


def test_answers_to_several_commands_are_joined():
    data = b"%begin 1 5 1\na\n%end 1 5 1\n%window-add @1\n%begin 1 6 1\nb\n%end 1 6 1\n"
    found = read(data + b"%begin 1 7 1\nf00d\n%end 1 7 1\n", commands=2)
    assert found == [Answer(accepted=True, text="a\nb\n"), Nudge()]


@given(st.lists(LINES))
def test_the_last_of_several_answers_may_hold_any_line(lines):
    data = b"%begin 1 5 1\na\n%end 1 5 1\n%window-add @1\n" + reply(lines)
    found = read(data, commands=2)
    assert found == [Answer(accepted=True, text="".join(f"{line}\n" for line in ["a", *lines])), Nudge()]


def test_a_refusal_is_the_last_thing_said():
    found = read(b"%begin 1 5 1\na\n%end 1 5 1\n" + reply(["can't find it"], end="%error"), commands=2)
    assert found == [Answer(accepted=False, text="can't find it\n")]


@given(st.lists(st.binary(max_size=40)))
def test_what_nobody_asked_for_is_news_at_most(pieces):
    reader = Reader()
    assert all(token == Nudge() for piece in pieces for token in reader.feed(piece))


@given(st.lists(st.binary(max_size=40)))
def test_nonsense_is_an_error_of_ours_or_no_answer(pieces):
    data = b"".join(pieces) + b"\nf00d\n"
    try:
        assert all(isinstance(token, Answer | Nudge) for token in read(data))
    except ControlError as error:
        assert error.next_step  # noqa: PT017 - either is right


def test_what_never_ends_is_cut_off(monkeypatch):
    monkeypatch.setattr(control_lines, "MAX_ANSWER", 1000)
    for data in (b"x" * 1001, b"x\n" * 501):
        with pytest.raises(ControlError, match="more than"):
            read(data)


@given(st.lists(st.text(max_size=30), min_size=1))
def test_a_question_is_two_lines_whatever_is_asked(words):
    assert question(WORD, words, words).count(b"\n") == 2 if _is_text(words) else True
    assert "\n" not in command_text(words)
    assert "\n" not in quoted("\n")


def _is_text(words):
    return all(not 0xD800 <= ord(char) < 0xE000 for word in words for char in word)

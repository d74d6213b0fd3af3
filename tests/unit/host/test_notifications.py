"""What a message may be, and what becomes of it on its way."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.host.notification_ways import argv
from yesman.host.notifications import MAX_BODY, MAX_TITLE, Message, check
from yesman.model.errors import UsageError
from yesman.sessions.messages import MAX_MESSAGE, literal

WRONG = [
    {"title": ""},
    {"title": "  "},
    {"title": "x" * (MAX_TITLE + 1)},
    {"title": "two\nlines"},
    {"title": "\x1b[2J"},
    {"title": "\u202egnp"},
    {"body": "x" * (MAX_BODY + 1)},
    {"body": "\x1b]0;x\x07"},
    {"body": "\x00"},
    {"urgency": "high"},
    {"urgency": ""},
    {"urgency": "--hint=string:x:y"},
]


@pytest.mark.parametrize("changed", WRONG)
def test_what_is_no_message_is_refused(changed):
    message = Message("demo", "Title", "one\n\ttwo", "normal")
    check(message)  # the control
    with pytest.raises(UsageError):
        check(message._replace(**changed))


def test_a_message_says_whose_it_is():
    assert Message("demo", "Done", "", "low").heading == "demo: Done"
    assert Message("", "Done", "", "low").heading == "yesman: Done"


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_of_a_message_is_an_option_markup_or_an_escape_to_the_desktop(title, body):
    *options, dashes, heading, shown = argv(Message("demo", title, body, "low"))
    assert options == ["notify-send", "--app-name=yesman", "--urgency=low"]
    assert (dashes, heading) == ("--", f"demo: {title}")
    assert not {"<", ">"} & set(shown)
    assert html.unescape(shown).replace("\\\\", "\\") == html.unescape(html.escape(body, quote=False))
    assert "\\" not in shown.replace("\\\\", "")


@given(st.text(alphabet="#%({[}]) T!?:;,ab", max_size=200))
def test_every_format_character_is_doubled(text):
    shown = literal(text)
    assert shown.replace("##", "").count("#") == shown.replace("%%", "").count("%") == 0
    assert shown.replace("##", "#").replace("%%", "%") == " ".join(text.split())


def test_a_message_in_a_terminal_is_one_bounded_line():
    assert literal("a\n\tb") == "a b"
    assert len(literal("x" * 9_999)) == MAX_MESSAGE

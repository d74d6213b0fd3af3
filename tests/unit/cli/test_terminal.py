"""A stranger's text, made harmless."""

import re
import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.cli.terminal import LONGEST_COLOUR, RESET, Sanitiser, block, escape, plain, sentence
from yesman.model.plain_text import unsafe_character

COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
NASTY = st.sampled_from(
    [
        "\x1b",
        "\x1b[",
        "31",
        ";",
        "8",
        "38;5;8",
        "m",
        "\r",
        "\n",
        "\x9b",
        "\u202e",
        "é",
        "\x1b[31m",
        "\x1b[0m",
        "]0;t\x07",
    ]
)
TEXTS = st.lists(st.one_of(NASTY, st.text(max_size=3))).map("".join).map(lambda t: t.encode(errors="replace"))
BYTES = st.one_of(st.binary(), TEXTS)


def clean(data: bytes, *, colour=True, rewrite=True) -> str:
    sanitiser = Sanitiser(colour=colour, rewrite=rewrite)
    return sanitiser.feed(data) + sanitiser.finish()


def in_pieces(data: bytes, cuts: list[int], *, colour, rewrite) -> str:
    sanitiser = Sanitiser(colour=colour, rewrite=rewrite)
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [data[start:end] for start, end in pairwise(edges)]
    return "".join(map(sanitiser.feed, pieces)) + sanitiser.finish()


@given(BYTES, st.booleans(), st.booleans())
@pytest.mark.escape("terminal")
def test_no_escape_character_passes_but_in_a_colour(data, colour, rewrite):
    text = clean(data, colour=colour, rewrite=rewrite)
    assert "\x1b" not in (COLOUR.sub("", text) if colour else text)


@given(BYTES, st.booleans(), st.booleans())
@pytest.mark.escape("terminal")
def test_nothing_else_that_is_unsafe_passes(data, colour, rewrite):
    text = COLOUR.sub("", clean(data, colour=colour, rewrite=rewrite)).replace("\r\n", "\n")
    assert unsafe_character(text, allowed="\n\t\r" if rewrite else "\n\t") is None


@given(BYTES, st.lists(st.integers(0)), st.booleans(), st.booleans())
def test_it_does_not_matter_how_the_stream_is_cut(data, cuts, colour, rewrite):
    assert in_pieces(data, cuts, colour=colour, rewrite=rewrite) == clean(
        data, colour=colour, rewrite=rewrite
    )


@given(BYTES)
def test_colours_are_back_to_normal_at_the_end(data):
    colours = COLOUR.findall(clean(data))
    assert not colours or colours[-1] in {RESET, "\x1b[m"} or re.fullmatch(r"\x1b\[0+m", colours[-1])


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "M", "Lo"])))
def test_ordinary_text_is_untouched(text):
    assert clean(text.encode()) == text


def test_every_character_is_judged_as_unicode_says():
    escaped = {chr(code) for code in range(sys.maxunicode + 1) if block(chr(code)) != chr(code)}
    unsafe = {
        c for c in map(chr, range(sys.maxunicode + 1)) if unsafe_character(c, allowed="\n\t") is not None
    }
    assert unsafe <= escaped
    # Beyond those only letters and marks that show nothing (Default_Ignorable_Code_Point).
    assert {unicodedata.category(c) for c in escaped - unsafe} <= {"Mn", "Lo", "Cn"}
    assert len([c for c in escaped - unsafe if unicodedata.category(c) == "Lo"]) == 4


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        "0",
        "1",
        "01;31",
        "31",
        "1;4;97;100",
        "38;5;8",
        "48;5;255",
        "38;2;8;8;8",
        "4:3",
        "58:2::8:0:0;1",
        "0;7;27",
    ],
)
def test_colours_pass(parameters):
    assert clean(f"\x1b[{parameters}mx".encode()).startswith(f"\x1b[{parameters}mx")


@pytest.mark.parametrize(
    "parameters",
    [
        "8",
        "08",
        "0;8",
        "38;8",
        "38;5;256",
        "38;5",
        "38;2;1;2",
        "5",
        "6",
        "1;8;31",
        "38:8",
        "4:8",
        "12",
        "999",
        "31;;8",
    ],
)
@pytest.mark.escape("terminal")
def test_what_hides_or_is_not_understood_is_shown(parameters):
    assert clean(f"\x1b[{parameters}mx".encode()) == f"\\x1b[{parameters}mx"


@pytest.mark.parametrize("colour", [True, False])
def test_other_sequences_are_shown(colour):
    data = b"\x1b]0;title\x07 \x1b[2J \x1bP1$r\x1b\\ \x1b[?25l \x9b31m"
    assert clean(data, colour=colour) == "\\x1b]0;title\\x07 \\x1b[2J \\x1bP1$r\\x1b\\ \\x1b[?25l \\x9b31m"


def test_colours_are_left_out_where_none_are_wanted():
    assert clean(b"\x1b[31mred\x1b[0m\x1b[8mhidden", colour=False) == "red\\x1b[8mhidden"


@pytest.mark.escape("terminal")
def test_an_endless_sequence_is_not_waited_for():
    sanitiser = Sanitiser(colour=True, rewrite=True)
    assert sanitiser.feed(b"\x1b[" + b"1" * LONGEST_COLOUR) == ""
    assert sanitiser.feed(b"1").startswith("\\x1b[1")


@pytest.mark.parametrize(("rewrite", "shown"), [(True, "10%\r20%\r\n"), (False, "10%\\x0d20%\r\n")])
def test_a_line_is_rewritten_on_a_terminal_only(rewrite, shown):
    assert clean(b"10%\r20%\r\n", rewrite=rewrite) == shown


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"\xe2\x82", "\\xe2\\x82"),
        ("€".encode(), "€"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
    ],
)
def test_bytes_that_are_no_text_are_shown(data, shown):
    assert clean(data) == shown


def test_a_character_in_two_pieces_is_one_character():
    sanitiser = Sanitiser(colour=True, rewrite=True)
    assert sanitiser.feed("é".encode()[:1]) + sanitiser.feed("é".encode()[1:]) == "é"


@pytest.mark.parametrize(
    ("character", "shown"),
    [("\x1b", "\\x1b"), ("\x85", "\\x85"), ("\u202e", "\\u202e"), ("\U000e0041", "\\U000e0041")],
)
def test_escapes_look_like_those_of_python(character, shown):
    assert escape(character) == shown


def test_a_cell_is_one_line_and_a_sentence_too():
    assert plain("a\nb\tc\x1b[31m") == "a\\nb\\tc\\x1b[31m"
    assert sentence("two\nlines\x1b") == "two lines\\x1b"


def test_emoji_and_joined_scripts_stay_whole():
    text = "👩\u200d💻 \u0645\u06cc\u200c\u062e\u0648 ❤\ufe0f"
    assert clean(text.encode()) == text

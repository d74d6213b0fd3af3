"""Tables, records and values, as wide as the terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.cli import render

ROWS = [("short", "x" * 30), ("a", "several words that can be broken at their spaces")]


def test_a_table_stands_in_columns():
    assert render.table(("NAME", "N"), [("work", 3), ("a", 12)], 80) == "NAME  N\nwork  3\na     12"


@pytest.mark.parametrize("width", [30, 40, 60])
def test_a_table_fits_and_loses_nothing(width):
    text = render.table(("NAME", "TEXT"), ROWS, width)
    assert max(map(len, text.split("\n"))) <= width
    assert "".join(text.split()).count("x") == 30
    assert all(word in text.split() for word in ROWS[1][1].split())


def test_a_very_narrow_table_becomes_records():
    assert render.table(("NAME", "TEXT"), [("work", "some text"), ("b", "more words here")], 16).startswith(
        "NAME:  work\n"
    )


SCOPED = [
    (
        "session.read",
        "in part: session.read:work*",
        "Medium",
        "sees folders and windows of sessions",
        "to tell",
    ),
    ("network.external:api.example.com:443", "no", "Medium", "connects to api.example.com:443", "to ask"),
]


def test_words_that_fit_stay_whole_beside_one_that_does_not():
    text = render.table(("PERMISSION", "GRANTED", "RISK", "REACHES", "REASON (AS IT SAYS)"), SCOPED, 80)
    assert max(map(len, text.split("\n"))) <= 80
    assert "session.read:work*" in text.split()


def test_a_word_that_is_too_long_is_broken_at_its_joints():
    assert render.wrap("network.external:api.example.com:443", 20) == [
        "network.external:",
        "api.example.com:443",
    ]
    assert render.wrap("a:" + "b" * 12, 10) == ["a:bbbbbbbb", "bbbb"]


def test_wide_characters_count_twice_and_marks_not_at_all():
    assert render.table(("A", "B"), [("日本", 1), ("e\u0301", 2)], 80).split("\n")[1:] == [
        "日本  1",
        "e\u0301     2",
    ]


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1), st.integers(30, 100))
def test_no_table_is_wider_than_its_terminal(rows, width):
    text = render.table(("ONE", "TWO"), rows, width)
    assert max(map(render.wide, text.split("\n"))) <= width


@given(st.text(), st.integers(1, 40))
def test_wrapping_loses_only_spaces(text, width):
    assert "".join(render.wrap(text, width)).replace(" ", "") == text.replace(" ", "")


@pytest.mark.escape("terminal")
def test_hostile_cells_are_shown_escaped():
    text = render.table(("NAME",), [("a\x1b[2J\nfake row",)], 80)
    assert text == "NAME\na\\x1b[2J\\nfake row"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (["a", 1], "a, 1"),
        ({"k": "é"}, '{"k": "\\u00e9"}'),
        (1.5, "1.5"),
    ],
)
def test_cells_read_naturally(value, text):
    assert render.cell(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"success": True, "pr_url": "https://x"}, "success:  yes\npr_url:   https://x"),
        ([{"a": 1}, {"b": 2}], "a  b\n1\n   2"),
        (["one", "two\x1b"], "one\ntwo\\x1b"),
        ("lines\nkept\x1b", "lines\nkept\\x1b"),
        ({}, "{}"),
        ([], "[]"),
        (7, "7"),
    ],
)
def test_values_read_naturally(value, text):
    assert render.value_text(value) == text


@pytest.mark.parametrize(
    "value",
    [
        [{f"k{number}": 1} for number in range(9000)],
        [{"a": 1}] * 1001,
        [{f"k{number}": 1 for number in range(51)}],
        [{"k" * 101: 1}],
    ],
)
def test_what_no_table_can_hold_is_one_json_object_a_line(value):
    lines = render.value_text(value).split("\n")
    assert [json.loads(line) for line in lines] == value


def test_what_no_record_can_hold_is_json():
    for value in ({"k" * 200_000: 1, "a": 2}, {f"k{number}": 1 for number in range(1001)}):
        assert json.loads(render.value_text(value)) == value


def test_one_long_cell_does_not_pad_the_others(monkeypatch, capfd):
    monkeypatch.delenv("COLUMNS", raising=False)
    rows = [{"a": "x" * 1_000_000, "b": 1}, *({"a": "y", "b": 1} for _ in range(900))]
    assert len(render.value_text(rows)) < 4_000_000


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_is_printable_ascii_and_the_same_value(value):
    text = render.dump(value)
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text) == value


def test_columns_are_what_the_user_says(monkeypatch):
    monkeypatch.setenv("COLUMNS", "57")
    assert render.columns() == 57


@pytest.mark.parametrize("said", ["", "0", "-3", "wide", "\u0664"])
def test_columns_of_a_pipe_are_unlimited(monkeypatch, capfd, said):
    monkeypatch.setenv("COLUMNS", said)
    assert render.columns() == render.UNLIMITED


def test_the_width_of_a_huge_table_is_found_quickly():
    assert render.table(("A",), [("x" * 1_000_000,)], 80).count("\n") == 12_500


HEADS = ("NAME", "TYPE", "ALSO", "")
PLUGINS = [
    ("a-rather-long-name", "integration", "one-thing, another-thing", "Text that says what it is for.")
]


@pytest.mark.parametrize("width", [40, 50, 60, 80, 100])
def test_names_are_not_broken_while_text_can_be(width):
    shown = render.table(HEADS, PLUGINS, width, dispensable=("TYPE", "ALSO"))
    assert "a-rather-long-name" in shown
    assert max(map(len, shown.splitlines())) <= width


def test_what_matters_less_is_left_out_before_text_gets_too_narrow():
    heads = {
        width: render.table(HEADS, PLUGINS, width, dispensable=("TYPE", "ALSO")).splitlines()[0].split()
        for width in (120, 80, 60)
    }
    assert heads == {120: ["NAME", "TYPE", "ALSO"], 80: ["NAME", "ALSO"], 60: ["NAME"]}


def test_a_record_without_a_head_has_no_colon():
    assert render.record({"NAME": "x", "": "what it is"}, 80) == "NAME:  x\n       what it is"

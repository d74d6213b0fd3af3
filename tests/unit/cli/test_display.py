"""What a call prints while it runs."""

import io

import pytest

from yesman.cli.display import WIPE, Display, LineDisplay


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")


def test_each_stream_goes_where_it_belongs():
    out, err = io.StringIO(), io.StringIO()
    display = Display(out, err)
    display.show("out", b"result")
    display.show("err", b"warning\n")
    display.finish()
    assert (out.getvalue(), err.getvalue(), display.printed) == ("result", "warning\n", True)


def test_only_output_counts_as_printed():
    display = Display(io.StringIO(), io.StringIO())
    display.show("err", b"x")
    display.show("progress", b"x")
    display.show("out", b"")
    assert not display.printed


def test_colours_reach_a_terminal_and_end_with_the_call():
    out = Terminal()
    display = Display(out, Terminal())
    display.show("out", b"\x1b[31mred\n")
    display.finish()
    assert out.getvalue() == "\x1b[31mred\n\x1b[0m"


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_stay_away_when_they_are_not_wanted(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    out = Terminal()
    Display(out, Terminal()).show("out", b"\x1b[31mred\x1b[0m\n")
    assert out.getvalue() == "red\n"


def test_an_unfinished_line_is_ended_on_a_terminal():
    out = Terminal()
    display = Display(out, Terminal())
    display.show("out", b"Password:\r")
    display.finish()
    assert out.getvalue() == "Password:\r\n"


def test_what_a_file_gets_is_not_changed_at_the_end():
    out = io.StringIO()
    display = Display(out, io.StringIO())
    display.show("out", b"no newline")
    display.finish()
    assert out.getvalue() == "no newline"


def test_progress_rewrites_one_line_of_a_terminal():
    err = Terminal()
    display = Display(Terminal(), err)
    display.show("progress", b"first")
    display.show("progress", b"second, which is longer than the line")
    display.finish()
    assert err.getvalue() == f"{WIPE}first{WIPE}second, which is…{WIPE}"


def test_progress_is_lines_elsewhere():
    err = io.StringIO()
    display = Display(io.StringIO(), err)
    display.show("progress", b"first\x1b[2J")
    display.show("progress", b"second")
    assert err.getvalue() == "first\\x1b[2J\nsecond\n"


def test_progress_does_not_run_into_output():
    terminal = Terminal()
    display = Display(terminal, terminal)
    display.show("progress", b"working")
    display.show("out", b"half")
    display.show("progress", b"more")
    display.finish()
    assert terminal.getvalue() == f"{WIPE}working{WIPE}half\n{WIPE}more{WIPE}"


def test_remarks_are_for_terminals():
    terminal, file = Terminal(), io.StringIO()
    Display(terminal, terminal).remark("wait")
    Display(io.StringIO(), file).remark("wait")
    assert (terminal.getvalue(), file.getvalue()) == ("wait\n", "")


def test_log_lines_as_json(capsys):
    display = LineDisplay()
    display.show("out", b"one\ntwo \xff")
    display.show("out", b" end")
    display.finish()
    assert capsys.readouterr().out == '{"line": "one"}\n{"line": "two \\\\xff end"}\n'

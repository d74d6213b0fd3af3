"""A plugin's log is bounded, and each record is one harmless line."""

from __future__ import annotations

import logging

import pytest

from yesman.host.logs import BURST, MAX_BYTES, MAX_LINE, PluginLog, printable


@pytest.fixture
def log(tmp_path):
    return PluginLog(tmp_path / "logs" / "demo.log")


def test_a_secret_is_not_written_as_it_is(tmp_path):
    log = PluginLog(tmp_path / "demo.log")
    log.hide(["hunter2-hunter2", "-----BEGIN\nKEY-----", "short", 12345678])
    log.write(logging.ERROR, "GET https://x/?token=hunter2-hunter2 with -----BEGIN\nKEY----- short 12345678")
    (line,) = log.tail(9)
    assert line.endswith("GET https://x/?token=(secret) with (secret) short 12345678")


def test_a_record_has_time_level_and_text(log):
    log.write(logging.WARNING, "careful")
    (line,) = log.tail(10)
    assert line.endswith("Z WARNING careful")


def test_every_line_is_a_record_of_its_own(log):
    log.write(logging.INFO, "one\ntwo\r\nthree\x0bfour\u2028five")
    assert [line.partition("INFO ")[2] for line in log.tail(10)] == ["one", "two", "three", "four", "five"]


def test_an_empty_message_is_a_line(log):
    log.write(logging.INFO, "")
    assert len(log.tail(10)) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("\x9b1m", "\\x9b1m"),
        ("\ud800", "\\ud800"),
        ("tab\tgrüß 👋", "tab\tgrüß 👋"),
    ],
)
@pytest.mark.escape("terminal")
def test_what_could_act_on_a_terminal_is_escaped(log, text, shown):
    assert printable(text) == shown
    log.write(logging.INFO, text)
    assert log.tail(1)[0].endswith(shown)


def test_long_lines_are_cut(log):
    log.write(logging.INFO, "x" * 100_000)
    assert log.tail(1)[0].count("x") == MAX_LINE


@pytest.mark.escape("resources")
def test_a_flood_is_counted_and_not_written(log):
    for number in range(int(BURST) + 500):
        log.write(logging.INFO, str(number))
    written = len(log.tail(10_000))
    assert BURST <= written < BURST + 400
    log._tokens = 5.0  # as after a pause
    log.write(logging.INFO, "calm again")
    *_, told, last = log.tail(10_000)
    assert "lines dropped" in told
    assert last.endswith("calm again")


def test_what_was_dropped_is_said_when_somebody_looks_and_when_the_plugin_ends(log):
    log.write(logging.INFO, "line\n" * 5_000)
    log._tokens = 0.0
    log.write(logging.INFO, "one more")
    told = [line for line in log.tail(10_000) if "lines dropped" in line]
    assert len(told) == 1
    written = len(log.tail(10_000)) - 1
    assert f"({5_001 - written} lines dropped" in told[0]
    log._tokens = 0.0
    log.write(logging.INFO, "and one")
    log.settle()
    assert "(1 lines dropped" in log.path.read_text().splitlines()[-1]


@pytest.mark.escape("resources")
def test_a_message_of_many_lines_is_a_flood_too(log):
    log.write(logging.INFO, "line\n" * 100_000)
    assert len(log.tail(1_000_000)) < BURST + 400


@pytest.mark.escape("resources")
def test_a_large_log_is_put_aside_once(log):
    log.write(logging.INFO, "first")
    log.path.write_bytes(b"x" * (MAX_BYTES + 1))
    log.write(logging.INFO, "second")
    assert [line.partition("INFO ")[2] for line in log.tail(10)] == ["second"]
    assert log.path.with_suffix(".log.1").stat().st_size == MAX_BYTES + 1


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path):
    (tmp_path / "logs").touch()
    log = PluginLog(tmp_path / "logs" / "demo.log")
    log.write(logging.INFO, "lost")
    assert log.tail(10) == []


def test_the_end_of_a_log_is_what_was_asked_for(log):
    for number in range(10):
        log.write(logging.INFO, str(number))
    assert [line[-1] for line in log.tail(3)] == ["7", "8", "9"]
    assert log.tail(0) == []

"""Lines, entries and the store: each answer once, whatever happens to the files."""

from __future__ import annotations

import io
import json
import os

import pytest


def lines_of(modules, data, offset=0, most=16):
    return list(modules.lines.whole_lines(io.BytesIO(data), offset, most))


def test_whole_lines_come_with_the_place_behind_them(modules):
    assert lines_of(modules, b"one\ntwo\n") == [(b"one\n", 4), (b"two\n", 8)]
    assert lines_of(modules, b"one\ntwo\n", 4) == [(b"two\n", 8)]


@pytest.mark.parametrize("torn", [b"", b"t", b"x" * 15, b"x" * 16, b"x" * 100])
def test_a_line_without_its_end_is_left(modules, torn):
    assert lines_of(modules, b"one\n" + torn) == [(b"one\n", 4)]


@pytest.mark.parametrize("length", [16, 17, 31, 32, 33, 1_000])
def test_a_line_that_is_too_long_is_passed_over(modules, length):
    data = b"x" * length + b"\ntwo\n"
    assert lines_of(modules, data) == [(None, length + 1), (b"two\n", length + 5)]


def test_an_answer_is_read(modules, make_line):
    row = make_line(tokens={"write_1h": 7})
    found = modules.entry.parse(json.dumps(row).encode())
    assert (found.message, found.session, found.folder) == ("msg_1", row["sessionId"], "/work/app")
    assert (found.model, found.at, found.standard) == ("claude-opus-4-5-20251101", 1762156967, True)
    assert found.tokens == (100, 20, 30, 7, 1_000)


@pytest.mark.parametrize(
    "damage",
    [
        {"type": "user"},
        {"message": None},
        {"message": {"role": "assistant", "usage": [1]}},
        {"message": {"id": "m", "model": "<synthetic>", "usage": {}}},
        {"message": {"model": "m", "usage": {}}, "uuid": None},
    ],
)
def test_what_is_no_answer_of_a_model_is_passed_over(modules, make_line, damage):
    assert modules.entry.parse(json.dumps(make_line() | damage).encode() + b' "assistant" "usage"') is None
    assert modules.entry.parse(json.dumps(make_line() | damage).encode()) is None


@pytest.mark.parametrize("line", [b"", b"[" * 100_000, b"\xff", b'"assistant" "usage"', b"null"])
def test_nonsense_is_passed_over(modules, line):
    assert modules.entry.parse(line + b' "assistant" "usage"') is None


@pytest.mark.parametrize("tokens", [-1, True, "9", None, 1 << 70, 1.5, [1]])
def test_numbers_that_are_none_count_nothing(modules, make_line, tokens):
    row = make_line(usage={"input_tokens": tokens, "output_tokens": tokens, "cache_creation": tokens})
    found = modules.entry.parse(json.dumps(row).encode())
    assert found.tokens == (0, 0, 30, 0, 1_000)


@pytest.mark.parametrize("at", ["", "yesterday", None, 5, "9999-99-99T00:00:00Z"])
def test_a_time_that_is_none_is_unknown(modules, make_line, at):
    assert modules.entry.parse(json.dumps(make_line(at=at)).encode()).at is None


@pytest.fixture
def read(modules, tmp_path, log):
    """Read what is new, with a process of its own; return how many answers and output tokens are known."""
    log()

    def scan():
        store = modules.store.Store(tmp_path / "usage.db")
        modules.scan.scan(tmp_path / "home" / ".claude" / "projects", store)
        sums = list(store.sums())
        store.close()
        return sum(part.answers for part in sums), sum(part.tokens.output for part in sums)

    return scan


def test_lines_of_one_answer_count_once_and_the_largest_counts(read, log, make_line):
    log(*(make_line(tokens={"output": n}) for n in (1, 5, 20, 20)), make_line("msg_2"))
    assert read() == (2, 40)
    log(make_line(tokens={"output": 30}))
    assert read() == (2, 50)


def test_a_torn_line_counts_once_it_is_whole(read, log, make_line):
    text = json.dumps(make_line())
    log(text[:50])
    assert read() == (0, 0)
    log(text[50:], "\n")
    assert read() == (1, 20)


def test_only_what_is_new_is_read_again(read, log, make_line, modules, monkeypatch):
    log(make_line("msg_1"))
    read()
    log(make_line("msg_2"))
    parsed = []
    monkeypatch.setattr(modules.scan, "parse", parsed.append)
    read()
    assert [json.loads(text)["message"]["id"] for text in parsed] == ["msg_2"]


def test_a_file_that_was_replaced_is_read_from_its_beginning(read, log, make_line):
    path = log(make_line("msg_1"), make_line("msg_2"))
    assert read() == (2, 40)
    path.unlink()
    log(make_line("msg_3"))
    assert read() == (3, 60)
    path.write_text("")
    assert read() == (3, 60)


def test_a_resumed_session_that_repeats_answers_and_agents_of_one_count_once(read, log, make_line):
    log(make_line("msg_1"))
    log(make_line("msg_1", session="other"), make_line("msg_2", session="other"), name="other")
    log(make_line("msg_3"), make_line("msg_1"), name="agent-7", project="-work-app/other/subagents")
    assert read() == (3, 60)


def test_links_and_other_kinds_of_files_are_left(read, log, make_line, tmp_path):
    path = log(make_line())
    (tmp_path / "elsewhere.jsonl").write_text(json.dumps(make_line("msg_9")) + "\n")
    (path.parent / "link.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    os.mkfifo(path.parent / "pipe.jsonl")
    (path.parent / "notes.txt").write_text(json.dumps(make_line("msg_8")) + "\n")
    assert read() == (1, 20)


def test_a_damaged_store_is_put_aside(read, log, make_line, tmp_path):
    log(make_line())
    read()
    (tmp_path / "usage.db").write_bytes(b"nonsense" * 1_000)
    assert read() == (1, 20)
    assert (tmp_path / "usage.damaged").exists()


def test_many_lines_are_kept_in_batches(read, log, make_line, modules, monkeypatch):
    monkeypatch.setattr(modules.scan, "BATCH", 10)
    log(*(make_line(f"msg_{n}") for n in range(95)))
    assert read() == (95, 1_900)

"""The parts that need no sandbox: who lacks which commits, git's lines, notes."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from yesman.plugins import Session


def history(seed: int, size: int) -> list[SimpleNamespace]:
    """Return commits with random parents among those before them, some with the same date."""
    rng, made = random.Random(seed), []
    for number in range(size):
        parents = rng.sample(made, min(len(made), rng.choice((0, 1, 1, 1, 2, 3)))) if number else []
        commit = SimpleNamespace(binsha=b"%d" % number, committed_date=number // 3, parents=parents)
        made.append(commit)
    return made


def ancestors(commits: list[SimpleNamespace]) -> set[bytes]:
    found, border = set(), list(commits)
    while border:
        commit = border.pop()
        if commit.binsha not in found:
            found.add(commit.binsha)
            border.extend(commit.parents)
    return found


def test_missing_commits_are_what_two_full_walks_say(source):
    rng = random.Random(1)
    for seed in range(300):
        commits = history(seed, 40)
        wanted, had = rng.sample(commits, 2), rng.sample(commits, rng.randrange(4))
        found = {commit.binsha for commit in source.history.missing(wanted, had)}
        assert found == ancestors(wanted) - ancestors(had), seed


def test_history_long_before_the_parting_is_not_read(source):
    class Old:
        binsha, committed_date = b"old", 0

        @property
        def parents(self):
            raise AssertionError

    day = source.history.SLACK
    base = SimpleNamespace(binsha=b"base", committed_date=2 * day, parents=[Old()])
    theirs = SimpleNamespace(binsha=b"theirs", committed_date=3 * day, parents=[base])
    ours = SimpleNamespace(binsha=b"ours", committed_date=4 * day, parents=[base])
    assert source.history.missing([ours], [theirs]) == [ours]


def test_too_many_commits_are_left_to_git(source, monkeypatch):
    monkeypatch.setattr(source.history, "MOST_COMMITS", 10)
    last = SimpleNamespace(binsha=b"0", committed_date=0, parents=[])
    for number in range(1, 12):
        last = SimpleNamespace(binsha=b"%d" % number, committed_date=number, parents=[last])
    with pytest.raises(source.history.TooMany, match="push them with git"):
        source.history.missing([last], [])


def test_lines_are_read_as_they_are_written(source):
    sent = source.lines.line("one\n") + source.lines.FLUSH + source.lines.line("zwö")
    assert sent == b"0008one\n00000008zw\xc3\xb6"
    assert list(source.lines.lines(sent)) == ["one", "", "zwö"]


@pytest.mark.parametrize("cut", range(1, 8))
def test_no_part_of_a_line_is_a_line(source, cut):
    with pytest.raises(source.lines.TalkError):
        list(source.lines.lines(b"0008one\n"[:cut]))


def test_references_of_an_empty_repository_are_none(source):
    said = [b"# service=git-receive-pack\n", b"", b"0" * 40 + b" capabilities^{}\0report-status\n", b""]
    data = b"".join(source.lines.line(row.decode()) if row else source.lines.FLUSH for row in said)
    assert source.lines.read_references(data) == {}


def test_references_by_sha256_are_of_an_unknown_kind(source):
    data = source.lines.line("# service=git-receive-pack\n") + source.lines.line(
        "a" * 64 + " refs/heads/main\0"
    )
    with pytest.raises(source.lines.TalkError, match="unknown kind"):
        source.lines.read_references(data)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["unpack ok", "ok refs/heads/a"], None),
        (["unpack ok", "ng refs/heads/a protected branch hook declined"], "protected branch hook declined"),
        (["unpack index-pack failed", "ng refs/heads/a unpacker error"], "unpack index-pack failed"),
        (["unpack ok", "ok refs/heads/other"], "it does not say why"),
    ],
)
def test_a_report_is_of_the_branch_in_question(source, rows, said):
    data = b"".join(source.lines.line(row + "\n") for row in rows) + source.lines.FLUSH
    assert source.lines.read_report(data, "refs/heads/a") == said


def place(source, number: int):
    return source.place.Place(f"s{number}", f"${number}", "ada/app", "topic", None)


def test_a_note_is_taken_once_and_the_oldest_are_forgotten(source, tmp_path):
    file = tmp_path / "sessions.json"
    notebook = source.notebook.Notebook(file)
    for number in range(source.notebook.MOST + 1):
        notebook.put(place(source, number))
    assert source.notebook.Notebook(file).take("$0") is None
    assert source.notebook.Notebook(file).take("$1") == ("ada/app", "topic")
    assert notebook.take("$1") is None


@pytest.mark.parametrize("content", ["", "[]", '{"$0": 3}', '{"$0": ["a"]}', "{"])
def test_a_notebook_that_cannot_be_read_is_empty(source, tmp_path, content):
    file = tmp_path / "sessions.json"
    file.write_text(content)
    notebook = source.notebook.Notebook(file)
    assert notebook.take("$0") is None
    notebook.put(place(source, 0))
    assert notebook.take("$0") == ("ada/app", "topic")


def session(name: str, cwd: str, *, attached: bool = False, repo: str = "ada/app") -> Session:
    return Session(name, "$0", cwd, attached, 0.0, (), {"repo": repo} if repo else {})


@pytest.mark.parametrize(
    ("sessions", "chosen"),
    [
        ([session("a", "/a")], "a"),
        ([session("a", "/a"), session("b", "/b", repo="")], "a"),
        ([session("a", "/a"), session("b", "/b", attached=True)], "b"),
        ([session("a", "/a"), session("b", "/a")], "b"),
        ([session("a", "/a"), session("b", "/b")], None),
        ([session("b", "/b", repo="")], None),
        ([], None),
    ],
)
def test_the_session_that_is_meant(source, sessions, chosen):
    if chosen is None:
        with pytest.raises(source.place.PlaceError):
            source.place.chosen(sessions)
    else:
        assert source.place.chosen(sessions).name == chosen

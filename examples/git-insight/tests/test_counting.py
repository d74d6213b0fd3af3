"""Weeks, walks and tables, without a repository."""

from __future__ import annotations

import itertools
import unicodedata
from datetime import UTC, datetime

import pytest


def commit(seconds: int | None, name: bytes = b"A") -> bytes:
    date = b"" if seconds is None else b" %d +0000" % seconds
    return b"tree 0\nauthor " + name + b" <a@e>" + date + b"\ncommitter C <c@e> 5 +0000\n\nm"


def insight(plugin, *raw: bytes):
    commits = map(plugin.commits.parse_commit, raw)
    return plugin.insight.count_commits(commits, plugin.mailmap.Mailmap())


@pytest.mark.parametrize("day", ["1970-01-01", "2020-12-31", "2021-01-03", "2024-02-29", "9999-12-31"])
def test_week_is_the_iso_week_in_utc(plugin, day):
    date = datetime.fromisoformat(day).replace(tzinfo=UTC)
    year, week, _ = date.isocalendar()
    number = plugin.insight.week_number(int(date.timestamp()))
    assert plugin.insight.week_label(number) == f"{year}-W{week:02d}"


def test_dates_that_no_calendar_holds_are_counted_as_unknown(plugin):
    data = insight(plugin, commit(None), commit(10**15), commit(0)).as_data()
    assert data["weeks"] == [{"week": "1970-W01", "commits": 1}, {"week": "unknown", "commits": 2}]


def test_authors_with_most_commits_come_first(plugin):
    rows = insight(plugin, commit(0, b"B"), commit(0, b"C"), commit(0, b"A"), commit(0, b"C")).authors
    assert [(row.name, row.commits) for row in rows] == [("C", 2), ("A", 1), ("B", 1)]


def test_walk_reads_each_commit_once(plugin):
    raw = {
        b"aa": b"tree 0\nparent bb\nparent cc\n\n",
        b"bb": b"tree 0\nparent dd\n\n",
        b"cc": b"tree 0\nparent dd\n\n",
        b"dd": b"tree 0\n\n",
    }
    read: list[bytes] = []
    walk = plugin.walk.walk(b"aa", lambda name: read.append(name) or raw[name], {})
    assert len(list(walk)) == 4
    assert sorted(read) == sorted(raw)


def test_walk_holds_only_the_border(plugin):
    def endless(name: bytes) -> bytes:
        return b"tree 0\nparent %08x\n\n" % (int(name, 16) + 1)

    walk = plugin.walk.walk(b"00000000", endless, {})
    assert len(list(itertools.islice(walk, 1000))) == 1000


@pytest.mark.parametrize("width", [1, 24, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(plugin, width):
    names = (b"short", b"long " * 40, "東京".encode() * 40, "e\u0301".encode() * 60)
    counts = insight(plugin, *(commit(week * 604800, names[week % 4]) for week in range(40)))
    text = plugin.table.render(counts, "/a/long/path" * 20, by="both", width=width)
    wide = [
        sum(1 + (unicodedata.east_asian_width(c) in "FW") for c in line if not unicodedata.combining(c))
        for line in text.splitlines()
    ]
    assert max(wide) <= max(width, 24)


def test_nothing_in_a_table_moves_the_cursor(plugin):
    counts = insight(plugin, commit(0, "\x1b[2J\u202e\u2028x\x9b".encode()))
    text = plugin.table.render(counts, "/a\x07b", by="both", width=80)
    assert {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}} == {"\n"}


@pytest.mark.parametrize(("by", "shown"), [("author", (True, False)), ("week", (False, True))])
def test_only_the_wanted_table_is_shown(plugin, by, shown):
    text = plugin.table.render(insight(plugin, commit(0)), "/r", by=by, width=80)
    assert ("author\n" in text, "1970-W01  " in text) == shown

"""How two folders differ, told within limits whatever is in them."""

from __future__ import annotations

import time

import pytest

from yesman.host.difference import LARGEST_TEXT, changes, shown


@pytest.fixture
def sides(tmp_path):
    """Write files of both sides, return the folders."""

    def write(old, new):
        for side, content in (("old", old), ("new", new)):
            for path, data in content.items():
                file = tmp_path / side / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data if isinstance(data, bytes) else data.encode())
        return tmp_path / "old", tmp_path / "new"

    return write


def test_files_are_added_removed_and_changed(sides):
    found = changes(
        *sides(
            {"same": "1", "gone": "a\nb", "src/main.py": "a\nb\nc\n"},
            {"same": "1", "src/new.py": "x\ny\nz", "src/main.py": "a\nB\nBB\nc\n"},
        )
    )
    assert [tuple(getattr(row, f) for f in row.__struct_fields__) for row in found] == [
        ("gone", "removed", 0, 2),
        ("src/main.py", "changed", 2, 1),
        ("src/new.py", "added", 3, 0),
    ]


def test_a_mode_is_a_change_too(sides):
    old, new = sides({"run": "#!/bin/sh\n"}, {"run": "#!/bin/sh\n"})
    (new / "run").chmod(0o755)
    assert [row.path for row in changes(old, new)] == ["run"]


@pytest.mark.parametrize("data", [b"\0", b"a" * (LARGEST_TEXT + 1)])
def test_what_is_no_text_has_no_lines(sides, data):
    old, new = sides({"f": "text"}, {"f": data})
    (row,) = changes(old, new)
    assert (row.lines_added, row.lines_removed) == (None, None)
    assert list(shown(old, new))[1:] == ["  (no text, or too large to be shown)"]


def test_differences_are_shown_with_what_is_around_them(sides):
    old, new = sides({"f": "1\n2\n3\n4\n5\n"}, {"f": "1\n2\nthree\n4\n5\n"})
    assert list(shown(old, new)) == ["changed: f", " 1", " 2", "-3", "+three", " 4", " 5", " "]


def test_lines_between_two_changes_are_not_counted(sides):
    many = [str(n) for n in range(1000)]
    old, new = sides({"f": "\n".join(many)}, {"f": "\n".join(["first", *many[1:-1], "last"])})
    (row,) = changes(old, new)
    assert (row.lines_added, row.lines_removed) == (2, 2)
    assert len(list(shown(old, new))) < 20


def test_where_too_much_differs_it_is_told_as_one_change(sides):
    old, new = sides({"f": "\n".join("a" * 9999)}, {"f": "\n".join("b" * 9999)})
    (row,) = changes(old, new)
    assert (row.lines_added, row.lines_removed) == (9999, 9999)


@pytest.mark.parametrize("line", ["a", "", "{n}", "{odd}"])
def test_no_content_makes_it_slow(sides, line):
    def text(count, shift):
        return "\n".join(line.format(n=n, odd=n % 7 + shift) for n in range(count))

    old, new = sides({"f": "x" + text(50_000, 0)}, {"f": "y" + text(49_000, 1)})
    began = time.process_time()
    assert len(list(shown(old, new))) < 200_000
    assert time.process_time() - began < 10

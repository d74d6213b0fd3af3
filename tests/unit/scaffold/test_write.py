"""A new plugin is written as a whole, and never over anything."""

from __future__ import annotations

import os

import pytest

from yesman.model.errors import PlatformError, UsageError
from yesman.scaffold import write

TEXTS = {"plugin.yaml": "name: x\n", "src/main.py": "# é\n", ".gitignore": "*.pyc\n"}


def contents(folder):
    return {str(p.relative_to(folder)): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_that_is_not_there_or_empty_is_filled(tmp_path, there):
    folder = tmp_path / "deep" / "mine"
    if there:
        folder.mkdir(parents=True)
    write(TEXTS, folder)
    assert contents(folder) == TEXTS
    assert names(folder.parent) == ["mine"]
    assert names(folder) == [".gitignore", "plugin.yaml", "src"]


def test_the_users_mask_decides_who_may_read_it(tmp_path):
    before = os.umask(0o022)
    try:
        write(TEXTS, tmp_path / "mine")
    finally:
        os.umask(before)
    modes = {p.stat().st_mode & 0o777 for p in (tmp_path / "mine", tmp_path / "mine" / "src")}
    assert modes == {0o755}
    assert (tmp_path / "mine" / "plugin.yaml").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("name", [".hidden", "plugin.yaml", "folder"])
def test_nothing_is_written_where_there_is_something(tmp_path, name):
    folder = tmp_path / "mine"
    (folder / "folder").mkdir(parents=True) if name == "folder" else folder.mkdir()
    if name != "folder":
        (folder / name).write_text("theirs")
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="is not empty"):
        write(TEXTS, folder)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("kind", ["file", "dangling", "loop"])
def test_what_is_no_folder_stays_what_it_is(tmp_path, kind):
    place = tmp_path / "mine"
    place.write_text("theirs") if kind == "file" else place.symlink_to(
        "mine" if kind == "loop" else "nowhere"
    )
    with pytest.raises((UsageError, PlatformError)):
        write(TEXTS, place)
    assert names(tmp_path) == ["mine"]


def test_a_link_to_an_empty_folder_is_as_good_as_the_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "mine").symlink_to("real")
    write(TEXTS, tmp_path / "mine")
    assert contents(tmp_path / "real") == TEXTS


def test_what_fails_half_way_leaves_nothing(tmp_path):
    texts = {**TEXTS, "src/main.py/below": "a file cannot hold a file"}
    for folder in (tmp_path / "new", tmp_path / "empty"):
        if folder.name == "empty":
            folder.mkdir()
        with pytest.raises(PlatformError):
            write(texts, folder)
    assert names(tmp_path) == ["empty"]
    assert names(tmp_path / "empty") == []

"""A plugin's folder is copied whole, exactly, read-only, or refused with the path named."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import AuthorError, NotFoundError, UsageError
from yesman.model.plain_text import unsafe_character
from yesman.package import digest_folder, remove_tree, stage_folder
from yesman.package.walk import FolderLimits


@pytest.fixture
def plugin(tmp_path):
    folder = tmp_path / "plugin"
    (folder / "src").mkdir(parents=True)
    (folder / "plugin.yaml").write_text("name: demo\n")
    (folder / "src" / "main.py").write_text("x = 1\n")
    return folder


@pytest.fixture
def store(tmp_path):
    yield tmp_path / "store"
    remove_tree(tmp_path / "store")  # read-only folders would stop pytest's own clean-up


def content(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_copy_holds_the_same_files_under_the_name_of_its_digest(plugin, store):
    staged = stage_folder(plugin, store)
    assert content(staged.folder) == content(plugin)
    assert staged.digest == f"sha256:{staged.folder.name}" == digest_folder(plugin)
    assert digest_folder(staged.folder) == staged.digest
    assert [path.name for path in store.iterdir()] == [staged.folder.name]


def test_nothing_in_the_copy_can_be_written(plugin, store):
    (plugin / "run.sh").write_text("#!/bin/sh\n")
    (plugin / "run.sh").chmod(0o4777)
    staged = stage_folder(plugin, store)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (staged.folder, *staged.folder.rglob("*"))}
    assert modes == {staged.folder.name: 0o555, "src": 0o555, "run.sh": 0o555} | dict.fromkeys(
        ("plugin.yaml", "main.py"), 0o444
    )


@pytest.mark.parametrize("change", ["content", "name", "executable", "split"])
def test_every_change_of_content_changes_the_digest(plugin, change):
    before = digest_folder(plugin)
    main = plugin / "src" / "main.py"
    if change == "content":
        main.write_text("x = 2\n")
    elif change == "name":
        main.rename(plugin / "src" / "other.py")
    elif change == "executable":
        main.chmod(0o755)
    else:
        (plugin / "src" / "more.py").touch()
    assert digest_folder(plugin) != before


def test_history_environments_and_caches_are_left_out_whatever_they_are(plugin):
    before = digest_folder(plugin)
    for name in (".git", "__pycache__", "node_modules", "myenv"):
        (plugin / "src" / name).mkdir()
        (plugin / "src" / name / "pyvenv.cfg").write_text("x")
    (plugin / ".venv").symlink_to("/nowhere")
    (plugin / "src" / "main.pyc").write_bytes(b"x")
    assert digest_folder(plugin) == before


def make_link(path):
    path.symlink_to("/etc/passwd")


def make_folder_link(path):
    path.symlink_to("/etc")


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (make_link, "a symbolic link"),
        (make_folder_link, "a symbolic link"),
        (os.mkfifo, "a named pipe"),
        (make_socket, "a socket"),
    ],
)
@pytest.mark.escape("environment")
def test_what_is_neither_file_nor_folder_is_refused_by_name(plugin, store, make, kind):
    make(plugin / "src" / "odd")
    with pytest.raises(AuthorError, match=f"'src/odd' is {kind}"):
        stage_folder(plugin, store)
    assert not list(store.iterdir())


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb", "safe\u202egnp.exe", "zero\u200bwidth", b"\xff\xfe"])
@pytest.mark.escape("terminal")
def test_names_that_could_deceive_are_refused_and_shown_harmlessly(plugin, name):
    (Path(os.fsdecode(plugin)) / os.fsdecode(name)).touch()
    with pytest.raises(AuthorError, match="invisible or invalid") as caught:
        digest_folder(plugin)
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("pair", [("Readme", "README"), ("straße", "STRASSE"), ("é", "e\u0301")])
def test_names_that_other_file_systems_would_merge_are_refused(plugin, pair):
    for name in pair:
        (plugin / name).touch()
    with pytest.raises(AuthorError, match="differ only in case"):
        digest_folder(plugin)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (FolderLimits(entries=2), "more than 2 files"),
        (FolderLimits(total=10), "is larger than"),
        (FolderLimits(file=5), "file larger than .*plugin.yaml"),
        (FolderLimits(depth=0), "deeper than 0 folders at 'src/main.py'"),
        (FolderLimits(path=8), "longer than 8 bytes"),
    ],
)
def test_a_folder_beyond_its_budget_is_refused(plugin, store, limits, message):
    with pytest.raises(AuthorError, match=message):
        stage_folder(plugin, store, limits=limits)
    assert not list(store.iterdir())


@pytest.mark.escape("environment")
def test_a_sparse_giant_is_refused_without_being_copied(plugin, store):
    with (plugin / "big").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(AuthorError, match="larger than 64 MiB: 'big'"):
        stage_folder(plugin, store)


def test_a_missing_folder_and_a_file_are_the_users_mistake(plugin, store):
    with pytest.raises(NotFoundError, match="no folder"):
        stage_folder(plugin / "none", store)
    with pytest.raises(UsageError, match="is not a folder"):
        stage_folder(plugin / "plugin.yaml", store)


@pytest.mark.escape("environment")
def test_a_folder_that_holds_our_own_state_is_refused(plugin):
    with pytest.raises(UsageError, match="its own state"):
        stage_folder(plugin, plugin / "state" / "plugins")
    assert not (plugin / "state").exists()


def test_staging_the_same_content_again_keeps_the_folder(plugin, store):
    first = stage_folder(plugin, store)
    inode = first.folder.stat().st_ino
    assert stage_folder(plugin, store) == first
    assert first.folder.stat().st_ino == inode


def test_a_kept_folder_that_was_altered_is_replaced(plugin, store):
    first = stage_folder(plugin, store)
    altered = first.folder / "plugin.yaml"
    altered.chmod(0o644)
    altered.write_text("name: other\n")
    assert stage_folder(plugin, store) == first
    assert digest_folder(first.folder) == first.digest
    assert len(list(store.iterdir())) == 1


def test_the_umask_does_not_change_what_is_kept(plugin, store):
    before = os.umask(0o077)
    try:
        staged = stage_folder(plugin, store)
    finally:
        os.umask(before)
    assert stat.S_IMODE((staged.folder / "src" / "main.py").stat().st_mode) == 0o444


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8).map(str.strip)


@given(
    st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=64), max_size=6)
)
def test_any_folder_is_copied_exactly_or_refused(files):
    with TemporaryDirectory() as scratch:
        source, store = Path(scratch, "source"), Path(scratch, "store")
        source.mkdir()
        for name, data in files.items():
            try:
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / name).write_bytes(data)
            except OSError:  # '..', a file where a folder should be: the tree is odd enough without
                continue
        try:
            staged = stage_folder(source, store)
            assert digest_folder(source) == digest_folder(staged.folder) == staged.digest
        except AuthorError as error:
            assert unsafe_character(error.message) is None  # noqa: PT017 - either outcome is right
        remove_tree(store)

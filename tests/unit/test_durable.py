"""A file is as before or as after."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from yesman import durable
from yesman.model.errors import PlatformError


def test_a_file_is_replaced_whole_and_for_its_owner_only(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    durable.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_a_part(tmp_path):
    path, seen, stop = tmp_path / "file", set(), threading.Event()
    durable.write(path, b"a" * 100_000)

    def read():
        while not stop.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for letter in b"bcdefgh" * 10:
        durable.write(path, bytes([letter]) * 100_000)
    stop.set()
    reader.join()
    assert {(len(content), len(set(content))) for content in seen} == {(100_000, 1)}


def test_a_link_in_the_way_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "file").symlink_to(tmp_path / "target")
    durable.write(tmp_path / "file", b"new")
    assert (tmp_path / "target").read_bytes() == b"mine"
    assert not (tmp_path / "file").is_symlink()


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(PlatformError) as caught:
        durable.write(tmp_path / "absent" / "file", b"x")
    assert "absent/file cannot be written: No such file or directory" in caught.value.message
    assert caught.value.next_step


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path):
    keep = [".file", ".file.longer-than-ours", ".other.01234567", "file"]
    for name in (*keep, ".file.01234567", ".file.89abcdef"):
        (tmp_path / name).touch()
    durable.sweep(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(keep)


def test_the_systems_reason_is_kept():
    with pytest.raises(PlatformError, match="No space left on device") as caught, durable.explained("/x"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "/x" in caught.value.message

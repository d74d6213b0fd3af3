"""Trees are removed whatever their modes, depth and links, and never beyond themselves."""

from __future__ import annotations

import os
import stat

import pytest

from yesman.model.errors import VerificationError
from yesman.package.trees import remove_tree, seal


def test_read_only_and_unreadable_folders_are_removed(tmp_path):
    tree = tmp_path / "tree"
    for name, mode in (("a", 0o555), ("b", 0o000), ("c", 0o311)):
        (tree / name / "deep").mkdir(parents=True)
        (tree / name / "deep" / "file").touch()
        (tree / name / "deep").chmod(mode)
        (tree / name).chmod(mode)
    tree.chmod(0o555)
    remove_tree(tree)
    assert not tree.exists()


def test_links_are_removed_and_what_they_point_to_stays(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").touch()
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "link").symlink_to(outside)
    remove_tree(tmp_path / "tree")
    (tmp_path / "direct").symlink_to(outside)
    remove_tree(tmp_path / "direct")
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (outside / "keep").exists()


def test_removing_what_is_not_there_or_a_file_is_fine(tmp_path):
    remove_tree(tmp_path / "none")
    (tmp_path / "file").touch()
    remove_tree(tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_depth_beyond_recursion_descriptors_and_path_length_is_no_obstacle(tmp_path):
    top = tmp_path / "tree"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for level in range(3000):
        os.mkdir("x" if level % 2 else ".1", dir_fd=here)
        deeper = os.open("x" if level % 2 else ".1", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    remove_tree(top)
    assert not top.exists()


def test_many_names_that_clash_with_the_moved_ones_are_removed(tmp_path):
    for name in (".1", ".2", ".3"):
        (tmp_path / "tree" / name / ".1" / ".2" / ".3").mkdir(parents=True)
        (tmp_path / "tree" / f".{name}").touch()
        (tmp_path / "tree" / name / ".1" / "file").touch()
    remove_tree(tmp_path / "tree")
    assert not list(tmp_path.iterdir())


def test_sealing_takes_every_write_and_set_id_bit(tmp_path):
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "file").touch()
    (tmp_path / "tree" / "sub" / "file").chmod(0o6722)
    seal(tmp_path / "tree")
    found = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tree").rglob("*")]
    assert sorted(found) == [0o544, 0o555]
    remove_tree(tmp_path / "tree")


def test_sealing_refuses_links(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(VerificationError, match="neither a file nor a folder"):
        seal(tmp_path)

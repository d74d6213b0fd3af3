"""Every package of the corpus is refused with its own sentence, and nothing is written anywhere.

The control unpacks the same packages the way the plan's sketch did, and is hurt.
"""

from __future__ import annotations

import os
import re
import stat
import tarfile
import tempfile
import tracemalloc
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hostile import CORPUS
from hostile.making import END, GOOD, gz

from yesman.model.errors import YesmanError
from yesman.model.plain_text import unsafe_character
from yesman.package import remove_tree
from yesman.package.permitted import PackageLimits
from yesman.package.unpacking import read_package, stage_package

MIB = 1 << 20
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "package.md"


@pytest.fixture
def arena():
    """A short folder, because absolute paths must fit a tar header; ``outside`` in it must stay as it is."""
    with tempfile.TemporaryDirectory(prefix="yp-", dir="/tmp") as name:
        top = Path(name)
        (top / "deep" / "er" / "in").mkdir(parents=True)
        (top / "deep" / "er" / "outside").mkdir()
        (top / "deep" / "er" / "outside" / "victim").write_text("mine")
        yield top / "deep" / "er"
        remove_tree(top / "deep")


def snapshot(folder):
    return {str(p.relative_to(folder)): (p.lstat().st_mode, p.lstat().st_nlink) for p in folder.rglob("*")}


@contextmanager
def packed(row, arena):
    file = arena.parent / "hostile.yplug"
    file.write_bytes(row.make(arena / "outside"))
    yield file
    file.unlink()


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{n}-{row.name}") for n, row in enumerate(CORPUS)])
@pytest.mark.escape("environment")
def test_a_hostile_package_is_refused_with_its_own_sentence_and_leaves_nothing(row, arena):
    expected = row.error.replace("{outside}", str(arena / "outside"))
    limits = PackageLimits(**row.limits)
    with packed(row, arena) as file:
        before = snapshot(arena)
        with pytest.raises(YesmanError) as looked:
            read_package(file, limits=limits)
        with pytest.raises(YesmanError) as taken:
            stage_package(file, arena / "in", limits=limits)
        assert (looked.value.message, taken.value.message) == (expected, expected)
        assert snapshot(arena) == before
    assert unsafe_character(expected) is None


def test_the_corpus_is_broad_and_without_the_fault_its_package_is_accepted(arena):
    assert len(CORPUS) >= 80
    assert len({row.error for row in CORPUS}) >= 80
    (arena / "good.yplug").write_bytes(gz(GOOD + END))
    package, staged = stage_package(arena / "good.yplug", arena / "in")
    assert package == read_package(arena / "good.yplug")
    assert (staged.folder / "src" / "main.py").read_text() == "x = 1\n"


def test_the_page_about_packages_lists_every_error_and_no_other():
    table = PAGE.read_text("utf-8").partition("<!-- errors:")[2].partition("<!-- end of errors -->")[0]
    patterns = re.findall(r"^\| (?!it says|---)(.*?) \|", table, re.MULTILINE)
    assert len(patterns) > 40
    said = [re.sub(r"\s+", " ", row.error) for row in CORPUS]
    found = {pattern: re.compile(".+".join(map(re.escape, pattern.split("…")))) for pattern in patterns}
    assert [error for error in said if not any(each.fullmatch(error) for each in found.values())] == []
    assert [text for text, each in found.items() if not any(map(each.fullmatch, said))] == []


def naively(file, folder):
    with tarfile.open(file, "r:gz") as archive:
        archive.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
        archive.extractall(folder)  # noqa: S202 - in a throw-away folder; to see what it does


def hurts(arena, before):
    """Tell what a careless extraction did to the arena."""
    found = (
        {"outside"}
        if {k: v for k, v in snapshot(arena).items() if not k.startswith("in")} != before
        else set()
    )
    for path in (arena / "in").rglob("*"):
        mode = path.lstat().st_mode
        found |= {"kind"} if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) else set()
        found |= {"mode"} if not stat.S_ISLNK(mode) and mode & 0o7002 else set()
        found |= {"shared"} if stat.S_ISREG(mode) and path.lstat().st_nlink > 1 else set()
        found |= (
            {"name"} if unsafe_character(os.fsdecode(path.name)) is not None or "\\" in path.name else set()
        )
        found |= {"code"} if path.suffix in {".pth", ".pyc"} or path.name == "sitecustomize.py" else set()
        found |= {"bomb"} if path.lstat().st_size > 50 * MIB else set()
    return found


def test_a_naive_extractor_is_hurt_by_many_of_them(arena):
    kinds, rows = set(), set()
    before = {k: v for k, v in snapshot(arena).items() if not k.startswith("in")}
    for number, row in enumerate(CORPUS):
        with packed(row, arena) as file, suppress(tarfile.TarError, OSError, EOFError, ValueError):
            naively(file, arena / "in")
        found = hurts(arena, before)
        kinds |= found
        rows |= {number} if found else set()
        mend(arena)
    assert kinds >= {"outside", "kind", "mode", "name", "code", "bomb"}
    assert len(rows) >= 30, sorted(rows)


def mend(arena):
    """Make the arena again what it was."""
    top = arena.parent.parent
    for path in (*top.iterdir(), *(top / "deep").iterdir()):
        remove_tree(path)
    for name in ("in", "outside"):
        (arena / name).mkdir(parents=True)
    (arena / "outside" / "victim").write_text("mine")


GREEDY = (
    "zeros that unpack to a thousand times their size",
    "more bytes than allowed, none of which says anything",
    "too many files",
    "few files in too many folders",
    "an endless lock",
)


@pytest.mark.parametrize("name", GREEDY)
def test_refusing_takes_little_memory(name, arena):
    row = next(row for row in CORPUS if row.name == name)
    with packed(row, arena) as file:
        tracemalloc.start()
        with pytest.raises(YesmanError):
            read_package(file, limits=PackageLimits(**row.limits))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 8 * MIB

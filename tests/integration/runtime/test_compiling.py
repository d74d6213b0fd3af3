"""Packages are compiled in a sandbox that runs none of them and writes to none of them."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from yesman.runtime.compiling import compile_packages

if TYPE_CHECKING:
    from pathlib import Path

TAG = sys.implementation.cache_tag


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    site, scratch = tmp_path / "site", tmp_path / "scratch"
    (site / "pack").mkdir(parents=True)
    scratch.mkdir()
    (site / "pack" / "part.py").write_text("VALUE = 7\n")
    return site, scratch


async def test_bytecode_lies_beside_its_source(rig, folders):
    site, scratch = folders
    await compile_packages(rig.zygote, site, scratch)
    compiled = site / "pack" / "__pycache__" / f"part.{TAG}.pyc"
    spec = importlib.util.spec_from_file_location("part", compiled)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.VALUE == 7


@pytest.mark.escape("environment")
async def test_a_codec_that_the_package_brings_is_not_imported(rig, folders):
    """Python imports the codec of a ``# coding`` line by name: ours, never the package's."""
    site, scratch = folders
    trap = f"open({str(scratch / 'ran')!r}, 'w')\n"
    for name in ("_codecs_jp.py", "encodings.py", "sitecustomize.py", "py_compile.py"):
        (site / name).write_text(trap)
    (site / "bait.py").write_text("# coding: shift_jis\nVALUE = 1\n")
    (site / "trap.pth").write_text(f"import os; open({str(scratch / 'ran')!r}, 'w')\n")
    await compile_packages(rig.zygote, site, scratch)
    assert not (scratch / "ran").exists()
    assert (site / "__pycache__" / f"bait.{TAG}.pyc").exists()


async def test_what_cannot_be_compiled_is_left_alone(rig, folders):
    site, scratch = folders
    (site / "broken.py").write_text("def broken(:\n")
    (site / "deep.py").write_text("(" * 5000)
    (site / "other").mkdir()
    (site / "other" / "__pycache__").write_text("a file of that name")
    (site / "other" / "fine.py").write_text("")
    await compile_packages(rig.zygote, site, scratch)
    assert [path.name for path in site.rglob("*.pyc")] == [f"part.{TAG}.pyc"]


async def test_every_file_is_compiled_however_many_share_the_work(rig, folders, monkeypatch):
    site, scratch = folders
    for number in range(30):
        (site / "pack" / f"module_{number}.py").write_text(f"VALUE = {'9' * number}1\n")
    monkeypatch.setattr("yesman.runtime.compiling.MOST_PROCESSES", 1)
    await compile_packages(rig.zygote, site / "pack", scratch)
    alone = {path.name: path.read_bytes() for path in site.rglob("*.pyc")}
    assert len(alone) == 31
    shutil.rmtree(site / "pack" / "__pycache__")
    monkeypatch.setattr("yesman.runtime.compiling.MOST_PROCESSES", 4)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(3))
    await compile_packages(rig.zygote, site / "pack", scratch)
    assert alone == {path.name: path.read_bytes() for path in site.rglob("*.pyc")}


async def test_bytecode_beyond_all_measure_is_left_out(rig, folders, monkeypatch):
    site, scratch = folders
    (site / "large.py").write_text(f"VALUE = {'x' * 5_000!r}\n")
    monkeypatch.setattr("yesman.runtime.compiling.LARGEST", 4_000)
    await compile_packages(rig.zygote, site, scratch)
    assert [path.name for path in site.rglob("*.pyc")] == [f"part.{TAG}.pyc"]

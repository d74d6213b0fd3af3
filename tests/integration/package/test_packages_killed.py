"""Killed between any two lines, whoever packs or unpacks leaves the old or the new, never a part."""

from __future__ import annotations

import pytest
from hosted.killed import killed_after, lines_of

from yesman.package import digest_folder, remove_tree
from yesman.package.packing import pack
from yesman.package.staging import sweep
from yesman.package.unpacking import stage_package

MOMENTS = 60


@pytest.fixture
def plugin(tmp_path):
    folder = tmp_path / "plugin"
    (folder / "src").mkdir(parents=True)
    (folder / "plugin.yaml").write_text("name: demo\nversion: 1.0.0\n")
    for name in ("main", "one", "two"):
        (folder / "src" / f"{name}.py").write_text(f"{name} = 1\n" * 20)
    return folder


@pytest.fixture
def store(tmp_path):
    yield tmp_path / "store"
    remove_tree(tmp_path / "store")


def moments(work):
    """Return how many lines to let pass before each kill, spread over all of ``work``."""
    count = lines_of(work)
    return [count * number // MOMENTS for number in range(MOMENTS)]


def names(folder):
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_unpacking_leaves_all_or_nothing(plugin, store, tmp_path):
    file = tmp_path / "demo.yplug"
    pack(plugin, file)
    places = moments(lambda: stage_package(file, store))
    whole, halves = digest_folder(plugin), 0
    for place in places:
        remove_tree(store)
        ended = killed_after(place, lambda: stage_package(file, store))
        found = {name for name in names(store) if not name.startswith(".")}
        assert found <= {whole.removeprefix("sha256:")}
        assert all(digest_folder(store / name) == whole for name in found)
        halves += not ended and bool(names(store) - found)
        if store.exists():
            sweep(store)
        assert names(store) == found
    assert halves > MOMENTS // 4, "most kills must have met unfinished work"


def test_packing_leaves_the_old_file_or_the_new(plugin, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    file = out / "demo.yplug"
    pack(plugin, file)
    old = file.read_bytes()
    (plugin / "src" / "main.py").write_text("other = 1\n")
    places, new = moments(lambda: pack(plugin, file)), file.read_bytes()
    for place in places:
        file.write_bytes(old)
        killed_after(place, lambda: pack(plugin, file))
        assert file.read_bytes() in (old, new)
        assert {name for name in names(out) if not name.startswith(".")} == {"demo.yplug"}
    assert old != new

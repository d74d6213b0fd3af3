"""What a plugin requires is locked when it is packed: once, by hash, for every machine."""

from __future__ import annotations

import pytest

from yesman.model.errors import AuthorError
from yesman.model.manifest import parse_manifest
from yesman.package.lock import packages_of
from yesman.package.locking import ensure_lock
from yesman.package.reading import LOCK
from yesman.package.uv import Uv


@pytest.fixture
def lock(tmp_path, environ, python):
    """Lock a folder that requires what is given; return whether that was new, and the lock."""
    folder = tmp_path / "plugin"
    folder.mkdir()

    async def run(*required):
        manifest = parse_manifest(b"name: demo\nversion: 1.0.0\n")
        (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in required))
        made = await ensure_lock(folder, manifest, Uv(tmp_path / "cache", python, environ))
        return made, (folder / LOCK).read_text() if (folder / LOCK).exists() else None

    return run


async def test_the_lock_is_made_once_and_kept(house, lock):
    house.add("alpha", requires=["beta"])
    house.add("beta")
    made, text = await lock("alpha")
    assert (made, packages_of(text)) == (True, ("alpha==1.0", "beta==1.0"))
    house.add("beta", "2.0")
    assert await lock("alpha") == (False, text)


async def test_the_lock_is_for_machines_other_than_this_one(house, lock):
    house.add("alpha", requires=["beta; sys_platform == 'win32'", "gamma; python_version >= '3.99'"])
    house.add("beta")
    house.add("gamma")
    _, text = await lock("alpha")
    assert packages_of(text) == ("alpha==1.0", "beta==1.0", "gamma==1.0")


async def test_nothing_required_needs_no_lock(lock, tmp_path):
    assert await lock() == (False, None)
    (tmp_path / "plugin" / LOCK).write_text("")
    with pytest.raises(AuthorError, match="nothing is required"):
        await lock()


async def test_an_old_lock_is_refused_and_left_alone(house, lock, tmp_path):
    house.add("alpha")
    _, text = await lock("alpha")
    with pytest.raises(AuthorError, match=r"requirements\.lock: .*does not cover 'alpha>=2'"):
        await lock("alpha>=2")
    assert (tmp_path / "plugin" / LOCK).read_text() == text


async def test_what_cannot_be_locked_leaves_no_lock(lock):
    with pytest.raises(AuthorError, match="nowhere"):
        await lock("nowhere")
    with pytest.raises(AuthorError, match="option of pip"):
        await lock("-r other.txt")

"""Environments of tests: resolved once, used by many at a time, resolved anew when asked or when spoiled."""

from __future__ import annotations

import asyncio
import os

import pytest

from yesman.package.kept import KeptEnvironments


@pytest.fixture
def made_by(root, environ, python):
    """Use the same folder as another process would; what is reported goes to ``said``."""
    said = []

    async def ensure(*requirements, forget=False):
        kept = KeptEnvironments(root, python, environ=environ)
        if forget:
            kept.forget(requirements)
        return await kept.ensure(requirements, report=said.append)

    ensure.said = said
    return ensure


async def test_the_index_is_asked_once(house, made_by):
    house.add("one", "1.0")
    first = await made_by("one")
    house.add("one", "2.0")
    said = len(made_by.said)
    assert (await made_by("one")).packages == first.packages == ("one==1.0",)
    assert len(made_by.said) == said
    assert (await made_by("one", forget=True)).packages == ("one==2.0",)
    assert first.path.is_dir(), "somebody may be using it"


async def test_other_requirements_are_resolved_for_themselves(house, made_by):
    house.add("one", "1.0")
    house.add("one", "2.0")
    assert (await made_by("one<2")).packages == ("one==1.0",)
    assert (await made_by("one")).packages == ("one==2.0",)
    assert await made_by() is None


@pytest.mark.parametrize("spoilt", [b"", b"\xff\xfe", b"other==1.0 --hash=sha256:00", b"one==1.0"])
async def test_what_is_kept_and_does_not_fit_is_made_anew(house, made_by, root, spoilt):
    house.add("one", "1.0")
    await made_by("one")
    (lock,) = (root / "locks").iterdir()
    lock.write_bytes(spoilt)
    assert (await made_by("one", forget=spoilt == b"one==1.0")).packages == ("one==1.0",)


async def test_many_at_a_time_get_the_same(house, made_by, root):
    house.add("one", "1.0")
    found = await asyncio.gather(*(made_by("one") for _ in range(4)))
    assert {environment.packages for environment in found} == {("one==1.0",)}
    assert all(environment.path.is_dir() for environment in found)
    assert len(os.listdir(root / "locks")) == 1  # noqa: PTH208 - names, no paths

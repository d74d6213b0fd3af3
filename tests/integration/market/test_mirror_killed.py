"""Copying is killed between its lines: who reads the copy finds the old state or the new, and all of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hosted.folders import Plugins
from hosted.killed import killed_after
from registered.shop import Author, Shop

from yesman.market.copying import mirrored
from yesman.market.fetching import package_path
from yesman.market.mirrors import commit
from yesman.market.questions import Mirror
from yesman.market.sources import source
from yesman.model.errors import VerificationError
from yesman.package.unpacking import read_package
from yesman.trust.offline import OfflineRegistry

OLD = ({"1.0.0": True}, {})
NEW = ({"1.0.0": True, "2.0.0": True}, {"1.0.0": True})


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path / "shop")


@pytest.fixture
def copy(shop, tmp_path):
    """Copy the registry, as the program does that is asked to."""
    (tmp_path / "locks").mkdir()

    def copied():
        asked = Mirror(
            url=str(shop.files),
            root=str(shop.root),
            metadata=str(tmp_path / "metadata"),
            to=str(tmp_path / "copy"),
            locks=str(tmp_path / "locks"),
        )
        commit(tmp_path / "copy", mirrored(asked, source(asked.url)).timestamp)

    return copied


@pytest.fixture
def read(shop, tmp_path):
    """Which versions the copy has, of which everything is there."""

    def versions(name):
        files = tmp_path / "copy"
        registry = OfflineRegistry(source(str(files)), shop.root.read_bytes(), datetime.now(UTC))
        registry.revocations()
        index = registry.index_of(name)
        registry.claims_of(name)
        found = {}
        for release in index.releases if index else ():
            path = package_path(files / "packages", release.sha256)
            found[release.version] = path.exists() and read_package(path).sha256 == release.sha256
        return found

    return versions


def test_the_old_state_or_the_new(shop, copy, read, tmp_path):
    author, plugins = Author(), Plugins(tmp_path / "plugins")
    shop.publish(plugins.make(), author)
    shop.claim("demo", author)
    copy()
    shop.publish(plugins.make(version="2.0.0"), author)
    shop.publish(plugins.make("other"), author)
    seen, lines = [], 1
    while not killed_after(lines, copy):
        seen.append((read("demo"), read("other")))
        lines += max(1, lines // 12)
    assert (read("demo"), read("other")) == NEW
    assert seen.count(OLD) > 12
    assert all(each in (OLD, NEW) for each in seen)


def test_a_copy_that_counts_too_early_is_noticed(shop, copy, read, tmp_path):
    author, plugins = Author(), Plugins(tmp_path / "plugins")
    shop.publish(plugins.make(), author)
    copy()
    shop.publish(plugins.make(version="2.0.0"), author)
    commit(tmp_path / "copy", (shop.files / "metadata/timestamp.json").read_bytes())
    with pytest.raises(VerificationError, match="does not have"):
        read("demo")

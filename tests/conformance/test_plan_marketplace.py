"""An embedder uses the plan's marketplace and registry, against a marketplace's real server."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hosted.desk import desk_of
from marketed.market import Market

from yesman.embed import PluginMarketplace, PluginRegistry, SecurityError
from yesman.marketplace.place import Settings
from yesman.model.errors import PermissionDeniedError, UsageError


@pytest.fixture
def market(tmp_path):
    """A marketplace with two versions of a plugin."""
    made = Market(tmp_path / "market", Settings()).start()
    author = made.author("acme")
    for version in ("1.0.0", "2.0.0"):
        assert made.publish(author, author.make(tmp_path, "notes", version)).status == 201
    asks = author.make(tmp_path, "typist", permissions="[session.type]")
    assert made.publish(author, asks).status == 201
    yield made
    made.close()


@pytest.fixture
def user(tmp_path, monkeypatch):
    """Somebody whose home this process's embedding uses, and who sits at no terminal."""
    (tmp_path / "user").mkdir()
    with desk_of(tmp_path / "user") as desk:
        for name in ("YESMAN_HOME", "HOME", "PIP_NO_INDEX"):
            monkeypatch.setenv(name, desk.environ[name])
        yield desk


@pytest.fixture
def trust(user, market):
    """Have the user trust the marketplace at an address; return that."""

    def add(url):
        asked = ("market", "add", url, "--root", str(market.folder.root_file), "--name", "acme")
        said = user.yesman(*asked, "--fingerprint", "0", code=4).stderr
        user.yesman(*asked, "--fingerprint", re.search(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", said)[0])
        return url

    return add


@pytest.fixture
def trusted(trust, market):
    return trust(market.url)


def sha256_of(file):
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


async def test_a_plugin_is_searched_looked_at_downloaded_and_installed(trusted):
    registry = PluginRegistry()
    async with PluginMarketplace(trusted) as marketplace:
        (found,) = await marketplace.search_plugins("not")
        details = await marketplace.get_plugin_details(found["name"])
        assert [row["version"] for row in details["versions"]] == ["2.0.0", "1.0.0"]
        package = Path(await marketplace.download_plugin("notes"))
        assert sha256_of(package) == details["latest_version"]["sha256"]
        await marketplace.install_plugin("notes", "1.0.0")
    assert sha256_of(package) == "", "nobody has to tidy up"
    assert registry.is_installed("notes")
    assert registry.get_installed_plugins()["notes"]["version"] == "1.0.0"
    registry.unregister_plugin("notes")
    assert registry.registry == {}


async def test_a_package_that_was_changed_is_refused(trust, market):
    files = market.folder.path / "public"
    for package in files.glob("packages/*.yplug"):
        package.write_bytes(package.read_bytes()[:-1] + b"x")
    async with PluginMarketplace(trust(str(files))) as marketplace:
        with pytest.raises(SecurityError, match="is not the package that its index names"):
            await marketplace.download_plugin("notes")
        with pytest.raises(SecurityError, match="is not the package that its index names"):
            await marketplace.install_plugin("notes")
    assert not PluginRegistry().is_installed("notes")


async def test_nobody_agrees_for_the_user(trusted):
    async with PluginMarketplace(trusted) as marketplace:
        with pytest.raises(PermissionDeniedError, match="no terminal"):
            await marketplace.install_plugin("typist")
    assert not PluginRegistry().is_installed("typist")


@pytest.mark.usefixtures("user")
async def test_what_the_user_does_not_trust_is_only_searched(market):
    async with PluginMarketplace(market.url) as marketplace:
        assert len(await marketplace.search_plugins(sort_by="name")) == 2
        for method in (marketplace.download_plugin, marketplace.install_plugin):
            with pytest.raises(UsageError, match="no registry that you trust"):
                await method("notes")


def test_a_folder_is_registered_by_installing_it(user):
    folder = user.plugin(
        "local", "from yesman.plugins import PluginBase\n\n\nclass Local(PluginBase):\n    pass\n"
    )
    registry = PluginRegistry(f"{user.home}/plugin_registry.json")
    with pytest.raises(ValueError, match="path"):
        registry.register_plugin({"name": "local", "version": "1.0.0"})
    registry.register_plugin({"name": "local", "path": str(folder)})
    assert registry.get_installed_plugins()["local"]["manifest"]["name"] == "local"
    registry.unregister_plugin("local")
    registry.unregister_plugin("local")
    assert not registry.is_installed("local")


def test_another_file_is_no_registry(tmp_path):
    with pytest.raises(ValueError, match="must end in"):
        PluginRegistry(str(tmp_path / "registry.json"))

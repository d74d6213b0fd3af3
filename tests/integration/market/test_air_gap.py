"""A machine that no network reaches installs from a folder that was brought to it."""

from __future__ import annotations

import json
import sys

import pytest
from hosted.desk import YESMAN, desk_of
from hosted.files import served
from hosted.lonely import alone
from registered.locked import lock

REACHES = "import socket; socket.create_connection(('127.0.0.1', {port}), 5)"


@pytest.fixture
def bundle(customer, shop, author, plugins, wheel):
    """Publish a plugin that requires something and copy the registry; return the copy."""
    told = {"which": "import thing; return thing.VERSION"}
    folder = plugins.make(commands=told, dependencies=["thing"])
    shop.publish(lock(folder, wheel("thing", "1.5")), author)
    shop.claim("demo", author)
    copy = shop.files.with_name("copy")
    customer.server.call("market.mirror", to=str(copy))
    customer.server.stop()
    return copy


@pytest.fixture
def lonely(tmp_path, orphans):
    """A machine without a network, where nothing was installed yet."""
    user = tmp_path / "lonely"
    user.mkdir()
    with desk_of(user, [*alone(), *YESMAN]) as desk:
        yield desk


def trust(desk, url, root, *more, code=0):
    add = ("market", "add", str(url), "--root", str(root), "--name", "shop", *more, "--fingerprint")
    mark = desk.yesman(*add, "0", code=4).stderr.partition("fingerprint: ")[2].partition(".")[0]
    return desk.yesman(*add, mark, code=code)


def test_a_plugin_and_what_it_requires_are_installed_where_no_network_is(bundle, lonely):
    trust(lonely, bundle, bundle / "root.json")
    said = lonely.yesman("plugin", "install", "demo", "--yes").stderr
    assert "The registry's metadata is of" in said
    assert "0 hours ago" in said
    assert lonely.yesman("which").stdout == "1.5\n"
    shown = json.loads(lonely.yesman("plugin", "show", "demo", "--json").stdout)
    assert (shown["source"], shown["state"]) == ("shop:demo", "running")


def test_without_the_bundle_the_same_machine_gets_nothing(bundle, shop, lonely, tmp_path):
    with served(shop.files) as port:
        reaches = [sys.executable, "-c", REACHES.format(port=port)]
        with desk_of(tmp_path, reaches) as outside:
            outside.yesman()
        with desk_of(tmp_path, [*alone(), *reaches]) as inside:
            assert "unreachable" in inside.yesman(code=1).stderr
        said = trust(lonely, f"http://127.0.0.1:{port}", shop.root, code=None).stderr
    assert "cannot be got" in said
    assert "no registry" in lonely.yesman("plugin", "install", "demo", "--yes", code=2).stderr


def test_without_the_wheels_nothing_is_installed(bundle, lonely):
    for wheel in (bundle / "wheels").iterdir():
        wheel.unlink()
    trust(lonely, bundle, bundle / "root.json")
    refused = lonely.yesman("plugin", "install", "demo", "--yes", code=5)
    assert "wheels lacks something that the plugin requires" in refused.stderr
    assert json.loads(lonely.yesman("plugin", "list", "--json").stdout) == []


def test_a_wheel_that_was_exchanged_is_refused(bundle, lonely, wheel):
    (there,) = (bundle / "wheels").iterdir()
    there.write_bytes(wheel("thing", "1.5", body="EXCHANGED = 1").read_bytes())
    trust(lonely, bundle, bundle / "root.json")
    refused = lonely.yesman("plugin", "install", "demo", "--yes", code=4)
    assert "another file for 'thing==1.5' than was locked" in refused.stderr
    assert json.loads(lonely.yesman("plugin", "list", "--json").stdout) == []

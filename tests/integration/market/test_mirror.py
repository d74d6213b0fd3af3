"""A registry is copied to a folder: verified, only what is new, the old copy until the new one is whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from hosted.files import served
from registered.customer import Customer
from registered.locked import lock


class Mirror:
    """A copy of the registry in a folder.

    Attributes:
        folder: It.
        server: Who makes it.
    """

    def __init__(self, folder, server):
        self.folder, self.server = folder, server

    def __call__(self, *plugins, **params):
        """Make it, and return what is said of it."""
        return self.server.call(
            "market.mirror", registry="shop", to=str(self.folder), plugins=plugins, **params
        )

    def refusal(self, *plugins):
        return self.server.refusal("market.mirror", registry="shop", to=str(self.folder), plugins=plugins)

    def files(self):
        """What it holds, by path, but for what is ours."""
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in paths if p.name != ".lock"}

    def fetch(self, name="demo"):
        """Ask it, as another registry, for a plugin."""
        root = str(self.folder / "root.json")
        if "copy" not in {row["name"] for row in self.server.call("market.list")}:
            mark = self.server.call("market.recognise", root=root)["fingerprint"]
            self.server.call("market.add", name="copy", url=str(self.folder), root=root, fingerprint=mark)
        return self.server.ask("market.fetch", name=name, registry="copy")


@pytest.fixture
def mirror(customer, tmp_path):
    return Mirror(tmp_path / "copy", customer.server)


@pytest.fixture
def needy(make, wheel):
    """Make a plugin that requires something."""
    file = wheel("thing")
    return lambda **more: lock(make(dependencies=["thing"], **more), file)


def test_all_of_a_registry_is_copied_with_what_plugins_require(shop, author, needy, make, mirror):
    shop.publish(needy(), author)
    shop.publish(make(name="other"), author)
    shop.claim("demo", author)
    said = mirror()
    assert (said["plugins"], said["packages"], said["wheels"]) == (
        {"demo": ["1.0.0"], "other": ["1.0.0"]},
        2,
        1,
    )
    assert mirror.files()["root.json"] == shop.root.read_bytes()
    assert "wheels/thing-1.0-py3-none-any.whl" in mirror.files()
    for name in ("demo", "other"):
        assert mirror.fetch(name).value["version"] == "1.0.0"


def test_a_registry_on_a_file_server_is_copied_as_one_in_a_folder(server, shop, author, needy, tmp_path):
    shop.publish(needy(), author)
    with served(shop.files) as port:
        mirror = Mirror(tmp_path / "copy", Customer(server, shop, f"http://127.0.0.1:{port}").server)
        assert (mirror()["packages"], mirror()["new"]) == (1, 0)
    assert "cannot be got" in mirror.refusal()["message"]
    assert mirror.fetch().value["version"] == "1.0.0"


def test_what_was_not_named_is_left_out(shop, author, make, mirror):
    shop.publish(make(), author)
    shop.publish(make("2.0.0"), author)
    shop.publish(make(name="other"), author)
    assert mirror("demo==1.0.0")["plugins"] == {"demo": ["1.0.0"]}
    assert len([path for path in mirror.files() if path.endswith(".yplug")]) == 1
    mirror.server.call("market.refresh")
    assert "no packages/" in mirror.fetch().failure["message"]  # the newest is not there
    assert mirror.refusal("none")["kind"] == "not-found"


def test_what_is_there_is_not_fetched_again(shop, author, make, mirror):
    release = shop.publish(make(), author)
    assert mirror()["new"] == 1
    before = mirror.files()
    shop.package(release).unlink()
    assert mirror()["new"] == 0
    assert mirror.files() == before
    shop.publish(make("2.0.0"), author)
    assert mirror()["new"] == 1


@pytest.mark.parametrize("kind", [".yplug", ".dsse", "snapshot.json", "demo.json", ".whl"])
def test_what_was_damaged_in_the_folder_is_mended(shop, author, needy, mirror, kind):
    shop.publish(needy(), author)
    mirror()
    whole = mirror.files()
    damaged = next(path for path in whole if path.endswith(kind))
    (mirror.folder / damaged).write_bytes(b"{}" + bytes(100))
    mirror()
    assert mirror.files() == whole


def test_a_registry_that_lies_changes_nothing(shop, author, make, mirror):
    shop.publish(make(), author)
    mirror()
    before = mirror.files()["metadata/timestamp.json"]
    release = shop.publish(make("2.0.0"), author)
    shop.package(release).write_bytes(b"something else")
    assert mirror.refusal("demo")["kind"] == "verification"
    assert mirror.files()["metadata/timestamp.json"] == before
    said = mirror()
    assert "shorter" in said["left_out"]["demo"]


def test_an_older_state_is_not_copied(shop, author, make, mirror):
    shop.publish(make(), author)
    old = (shop.files / "metadata/timestamp.json").read_bytes()
    shop.publish(make("2.0.0"), author)
    mirror()
    before = mirror.files()
    (shop.files / "metadata/timestamp.json").write_bytes(old)
    assert "rolled back" in mirror.refusal()["message"]
    assert mirror.files() == before


def test_a_folder_that_is_something_else_is_left_alone(shop, author, make, mirror):
    shop.publish(make(), author)
    mirror.folder.mkdir()
    (mirror.folder / "letter").write_text("dear")
    assert "something else" in mirror.refusal()["message"]
    assert [path.name for path in mirror.folder.iterdir()] == ["letter"]


def test_a_link_in_the_folder_is_not_followed(shop, author, make, mirror, tmp_path):
    shop.publish(make(), author)
    mirror()
    (mirror.folder / "packages").rename(tmp_path / "outside")
    (mirror.folder / "packages").symlink_to(tmp_path / "outside")
    before = sorted((tmp_path / "outside").iterdir())
    shop.publish(make("1.0.1"), author)
    assert "leads elsewhere" in mirror.refusal()["message"]
    assert sorted((tmp_path / "outside").iterdir()) == before


def test_killed_at_any_moment_the_old_copy_stands_and_the_next_run_ends_it(shop, author, make, mirror):
    shop.publish(make(), author)
    mirror()
    shop.publish(make("2.0.0", name="demo"), author)
    shop.publish(make(name="other"), author)
    command = [sys.executable, "-m", "yesman", "market", "mirror", "shop", "--to", str(mirror.folder)]
    for pause in (0.2, 0.5, 0.8):
        with subprocess.Popen(command, env=mirror.server.environ, stderr=subprocess.DEVNULL) as running:
            try:
                running.wait(pause)
            except subprocess.TimeoutExpired:
                mirror.server.kill()
                running.send_signal(signal.SIGKILL)
        if mirror.server.running() is None:
            assert mirror.server.start() is None
        assert mirror.fetch().value["version"] in {"1.0.0", "2.0.0"}
    assert mirror()["plugins"] == {"demo": ["2.0.0"], "other": ["1.0.0"]}
    assert mirror.fetch().value["version"] == "2.0.0"
    assert not [path for path in mirror.files() if path.endswith(".partial")]


def test_the_command_line_says_what_was_copied(customer, shop, author, make, mirror):
    shop.publish(make(), author)
    listed = mirror.folder.with_name("list")
    listed.write_text("# for the lab\ndemo\n")
    ran = mirror.server.yesman("market", "mirror", "--to", str(mirror.folder), "--list", str(listed))
    fingerprint = mirror.server.call("market.list")[0]["fingerprint"]
    assert fingerprint.split()[0] in ran.stdout
    assert "metadata is of" in ran.stderr
    customer.install()
    lockfile = str(mirror.server.home.registry)
    ran = mirror.server.yesman(
        "market", "mirror", "shop", "--to", str(mirror.folder), "--list", lockfile, "--json"
    )
    assert json.loads(ran.stdout)["plugins"] == {"demo": ["1.0.0"]}

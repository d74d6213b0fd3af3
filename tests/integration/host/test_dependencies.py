"""Third-party packages: one environment per lock, shared, and gone when nobody needs it."""

from __future__ import annotations

import os
import shutil

VERSION = {"version": "import thing; return thing.VERSION"}


def environments(server):
    folder = server.home.environments
    return sorted(e.name for e in folder.iterdir() if not e.name.startswith(".")) if folder.exists() else []


def test_a_plugin_has_its_dependencies_and_no_other(server, plugins, wheel):
    wheel("thing", "1.5")
    server.install(plugins.make(commands=VERSION, dependencies=["thing>=1"]))
    server.install(plugins.make("bare", commands={"bare": VERSION["version"]}))
    assert server.value("demo", "version") == "1.5"
    failure = server.explained(server.run("bare", "bare"))
    assert "No module named 'thing'" in failure["message"]


def test_the_file_and_the_manifest_both_count(server, plugins, wheel):
    wheel("thing")
    wheel("other")
    folder = plugins.make(
        commands={"both": "import thing, other; return [thing.VERSION, other.VERSION]"},
        dependencies=["thing"],
    )
    (folder / "requirements.txt").write_text("other\nyesman\n")
    server.install(folder)
    assert server.value("demo", "both") == ["1.0", "1.0"]


def test_the_same_lock_is_one_environment(server, plugins, wheel):
    wheel("thing")
    for name in ("one", "two"):
        server.install(plugins.make(name, commands={name: VERSION["version"]}, dependencies=["thing"]))
    assert len(environments(server)) == 1


def test_an_environment_goes_with_its_last_plugin(server, plugins, wheel):
    wheel("thing")
    for name in ("one", "two"):
        server.install(plugins.make(name, commands={name: VERSION["version"]}, dependencies=["thing"]))
    server.call("plugin.remove", name="one", purge=True)
    assert len(environments(server)) == 1
    assert server.value("two", "two") == "1.0"
    server.call("plugin.remove", name="two", purge=True)
    assert environments(server) == []


def test_an_update_that_needs_another_version_gets_it(server, plugins, wheel, until):
    wheel("thing", "3.0")
    wheel("thing", "1.0")
    wheel("thing", "2.0")
    server.install(plugins.make(commands=VERSION, dependencies=["thing<2"]))
    assert server.value("demo", "version") == "1.0"
    before = environments(server)
    server.install(plugins.make(commands=VERSION, dependencies=["thing>=2,<3"], version="2.0.0"))
    assert server.value("demo", "version") == "2.0"
    assert set(before) < set(environments(server)), "it can be gone back to"
    server.install(plugins.make(commands=VERSION, dependencies=["thing>=3"], version="3.0.0"))
    assert server.value("demo", "version") == "3.0"
    until(lambda: len(environments(server)) == 2)  # the oldest goes when its process has ended
    assert not set(before) & set(environments(server))


def test_two_plugins_use_two_versions_at_once(server, plugins, wheel):
    wheel("thing", "1.0")
    wheel("thing", "2.0")
    server.install(plugins.make("old", commands={"old": VERSION["version"]}, dependencies=["thing==1.0"]))
    server.install(plugins.make("new", commands={"new": VERSION["version"]}, dependencies=["thing==2.0"]))
    assert (server.value("old", "old"), server.value("new", "new")) == ("1.0", "2.0")
    both = server.plugin_pid("old"), server.plugin_pid("new")
    assert (server.value("new", "new"), server.value("old", "old")) == ("2.0", "1.0")
    assert both == (server.plugin_pid("old"), server.plugin_pid("new")), "the same processes, side by side"


def on_disk(folder):
    """Bytes that a folder takes on the disk: the blocks of each inode, however many names it has."""
    found = (path.lstat() for path in folder.rglob("*"))
    return 512 * sum({(file.st_dev, file.st_ino): file.st_blocks for file in found}.values())


def test_a_second_name_takes_no_disk_and_a_copy_does(tmp_path):
    (tmp_path / "one").write_bytes(os.urandom(1_000_000))
    one = on_disk(tmp_path)
    (tmp_path / "name").hardlink_to(tmp_path / "one")
    assert on_disk(tmp_path) == one > 900_000
    shutil.copy(tmp_path / "one", tmp_path / "copy")
    assert on_disk(tmp_path) == 2 * one


def test_twenty_plugins_with_the_same_dependencies_take_hardly_more_disk_than_one(server, plugins, wheel):
    wheel("thing", body=f"DATA = {os.urandom(2_000_000).hex()!r}")
    environments, taken = server.home.environments, []
    for number in range(20):
        name = f"p{number}"
        server.install(plugins.make(name, commands={name: VERSION["version"]}, dependencies=["thing"]))
        taken.append((on_disk(environments), on_disk(server.home.root)))
    assert server.value("p0", "p0") == server.value("p19", "p19") == "1.0"
    assert all(size > 8_000_000 for size in taken[0])
    assert taken[-1][0] <= 1.2 * taken[0][0], "environments"
    assert taken[-1][1] <= 1.2 * taken[0][1], "everything that yesman keeps"


def test_a_dependency_that_does_not_exist_changes_nothing(server, plugins, wheel):
    server.install(plugins.make(commands={"version": "return 1"}))
    before = server.on_disk()
    failure = server.explained(server.try_install(plugins.make(commands=VERSION, dependencies=["nowhere"])))
    assert "nowhere" in failure["message"]
    assert failure["next_step"]
    assert server.on_disk() == before
    assert environments(server) == []
    assert server.value("demo", "version") == 1

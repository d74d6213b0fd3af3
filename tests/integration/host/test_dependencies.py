"""Third-party packages: one environment per lock, shared, and gone when nobody needs it."""

from __future__ import annotations

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


def test_an_update_that_needs_another_version_gets_it(server, plugins, wheel):
    wheel("thing", "1.0")
    wheel("thing", "2.0")
    server.install(plugins.make(commands=VERSION, dependencies=["thing<2"]))
    assert server.value("demo", "version") == "1.0"
    before = environments(server)
    server.install(plugins.make(commands=VERSION, dependencies=["thing>=2"], version="2.0.0"))
    assert server.value("demo", "version") == "2.0"
    assert len(environments(server)) == 1
    assert environments(server) != before


def test_two_plugins_use_two_versions_at_once(server, plugins, wheel):
    wheel("thing", "1.0")
    wheel("thing", "2.0")
    server.install(plugins.make("old", commands={"old": VERSION["version"]}, dependencies=["thing==1.0"]))
    server.install(plugins.make("new", commands={"new": VERSION["version"]}, dependencies=["thing==2.0"]))
    assert (server.value("old", "old"), server.value("new", "new")) == ("1.0", "2.0")


def test_a_dependency_that_does_not_exist_changes_nothing(server, plugins, wheel):
    server.install(plugins.make(commands={"version": "return 1"}))
    before = server.on_disk()
    failure = server.explained(server.try_install(plugins.make(commands=VERSION, dependencies=["nowhere"])))
    assert "nowhere" in failure["message"]
    assert failure["next_step"]
    assert server.on_disk() == before
    assert environments(server) == []
    assert server.value("demo", "version") == 1

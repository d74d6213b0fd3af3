"""Packages are installed and updated as folders are, and what is wrong with one changes nothing."""

from __future__ import annotations

import pytest
from hostile import CORPUS

from yesman.package.lock import environment_digest
from yesman.package.packing import pack
from yesman.package.reading import LOCK

VERSION = {"version": "import thing; return thing.VERSION"}
HELLO = {"hello": "return 'hello'"}
READ, MODIFY = "session.read", "session.modify"
ROWS = [row for row in CORPUS if not row.limits][:: len(CORPUS) // 24]


@pytest.fixture
def packed(plugins, tmp_path):
    """Make a package, always the same file unless another is named."""

    def make(*arguments, file="demo.yplug", lock=None, **manifest):
        folder = plugins.make(*arguments, **manifest)
        if lock is not None:
            (folder / LOCK).write_text(lock)
        pack(folder, tmp_path / file)
        return tmp_path / file

    return make


def stored(server):
    return [entry.name for entry in server.home.store.iterdir()] if server.home.store.exists() else []


def test_a_package_is_inspected_installed_and_run(server, packed):
    file = packed(commands=HELLO, permissions=[READ])
    seen = server.inspect(file)
    assert (seen["name"], seen["package"], seen["publisher"]) == ("demo", True, "local")
    assert stored(server) == []
    assert server.install(file)["state"] == "enabled"
    assert server.value("demo", "hello") == "hello"
    shown = server.call("plugin.show", name="demo")
    assert (shown["source"], shown["digest"]) == (str(file), seen["digest"])
    file.unlink()
    server.stop()
    server.start()
    assert server.value("demo", "hello") == "hello"


def test_a_package_and_the_folder_it_was_made_of_are_the_same_content(server, packed, plugins):
    assert (
        server.inspect(packed(commands=HELLO))["digest"]
        == server.inspect(plugins.make(commands=HELLO))["digest"]
    )


def test_an_update_from_the_same_file_keeps_the_answers_and_asks_only_for_more(server, packed):
    server.install(packed(commands=HELLO, permissions=[READ]))
    file = packed(commands={"hello": "return 'again'"}, permissions=[READ, MODIFY], version="1.1.0")
    seen = server.inspect(file)
    assert (seen["installed"]["version"], seen["added_permissions"]) == ("1.0.0", [MODIFY])
    refused = server.explained(server.try_install(file, consent=[]))
    assert (refused["kind"], server.value("demo", "hello")) == ("permission", "hello")
    server.install(file, consent=[MODIFY])
    assert server.value("demo", "hello") == "again"


def test_another_file_of_the_same_name_takes_a_plugins_place_only_when_that_was_agreed(server, packed):
    server.install(packed(commands=HELLO, permissions=[READ]))
    other = packed(commands=HELLO, permissions=[READ], version="1.1.0", file="other.yplug")
    assert server.inspect(other)["added_permissions"] == [READ], "nobody signed either"
    assert server.explained(server.try_install(other))["kind"] == "permission"
    server.install(other, replace=True)
    assert server.call("plugin.show", name="demo")["version"] == "1.1.0"


@pytest.mark.escape("environment")
def test_what_was_exchanged_after_it_was_looked_at_is_refused(server, packed):
    seen = server.inspect(packed(commands=HELLO))
    file = packed(commands={"hello": "return 'evil'"})
    refused = server.explained(
        server.ask("plugin.install", path=str(file), digest=seen["digest"], consent=[])
    )
    assert (refused["kind"], refused["message"]) == ("verification", f"{file} changed while you were asked")
    assert (server.names(), stored(server)) == ([], [])


def test_a_package_cannot_be_linked(server, packed):
    refused = server.explained(server.try_install(packed(commands=HELLO), link=True))
    assert "only a folder can be linked" in refused["message"]


def hash_of(wheel):
    from hashlib import sha256  # noqa: PLC0415 - for two tests

    return sha256(wheel.read_bytes()).hexdigest()


def test_what_is_locked_is_installed_although_there_is_newer(server, packed, wheel):
    lock = f"thing==1.0 --hash=sha256:{hash_of(wheel('thing', '1.0'))}\n"
    wheel("thing", "2.0")
    server.install(packed(commands=VERSION, dependencies=["thing"], lock=lock))
    assert server.value("demo", "version") == "1.0"
    (environment,) = [entry.name for entry in server.home.environments.iterdir() if entry.name[0] != "."]
    assert environment != environment_digest("", "")


def test_a_wheel_with_another_hash_is_refused(server, packed, wheel):
    wheel("thing", "1.0")
    file = packed(commands=VERSION, dependencies=["thing"], lock=f"thing==1.0 --hash=sha256:{'0' * 64}\n")
    refused = server.explained(server.try_install(file))
    assert refused["kind"] == "verification", refused
    assert (server.names(), stored(server)) == ([], [])


def test_a_folders_lock_counts_too_and_says_when_it_is_old(server, plugins, wheel):
    lock = f"thing==1.0 --hash=sha256:{hash_of(wheel('thing', '1.0'))}\n"
    wheel("thing", "2.0")
    folder = plugins.make(commands=VERSION, dependencies=["thing"])
    (folder / LOCK).write_text(lock)
    server.install(folder)
    assert server.value("demo", "version") == "1.0"
    plugins.make(commands=VERSION, dependencies=["thing>=2"])
    refused = server.explained(server.try_install(folder))
    assert refused["message"] == "requirements.lock: The lock of the dependencies does not cover 'thing>=2'"
    assert "Remove requirements.lock" in refused["next_step"]


@pytest.mark.escape("environment")
def test_hostile_packages_change_nothing(server, packed, tmp_path):
    server.install(packed(commands=HELLO))
    before, content = server.on_disk(), stored(server)
    (tmp_path / "outside").mkdir()
    for row in ROWS:
        file = tmp_path / "hostile.yplug"
        file.write_bytes(row.make(tmp_path / "outside"))
        for method, params in (("plugin.inspect", {}), ("plugin.install", {"digest": "x", "consent": []})):
            refused = server.refusal(method, path=str(file), **params)
            assert refused["message"].startswith(row.error.partition("{outside}")[0])
        assert (server.on_disk(), stored(server)) == (before, content)
    assert list((tmp_path / "outside").iterdir()) == []
    assert server.value("demo", "hello") == "hello"

"""Data that a removed plugin left: its own publisher gets it back, nobody else of its name does."""

from __future__ import annotations

import pytest

NOTES = {"write": "self.note(arg)", "read": "return os.listdir(self.context.data_dir)"}


@pytest.fixture
def left(server, plugins):
    """A plugin that kept a secret and was removed; returns its folder."""
    folder = plugins.make(commands=NOTES)
    server.install(folder)
    server.value("demo", "write", "secret")
    server.call("plugin.remove", name="demo", purge=False)
    return folder


@pytest.fixture
def stranger(left):
    """Another folder whose plugin has that name."""
    return left.rename(left.with_name("elsewhere"))


def test_the_same_folder_gets_its_data_back_and_that_is_shown(server, left):
    seen = server.inspect(left)["heritage"]
    assert (seen["inherited"], seen["left_by"]["source"]) == (True, str(left))
    assert server.install(left)["warnings"] == []
    assert server.value("demo", "read") == ["notes"]


def test_another_folder_does_not_get_it_and_that_is_said_twice(server, stranger):
    assert server.inspect(stranger)["heritage"]["inherited"] is False
    (warning,) = server.install(stranger)["warnings"]
    aside = server.data("demo.kept-1")
    assert str(aside) in warning
    assert server.value("demo", "read") == []
    assert (aside / "notes").read_text() == "secret\n"


def test_nothing_set_aside_is_ever_replaced(server, stranger):
    server.install(stranger)
    server.value("demo", "write", "mine")
    server.call("plugin.remove", name="demo", purge=False)
    server.install(stranger.rename(stranger.with_name("third")))
    assert (server.data("demo.kept-1") / "notes").read_text() == "secret\n"
    assert (server.data("demo.kept-2") / "notes").read_text() == "mine\n"


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"demo": 1}', b"\xff"])
def test_where_it_is_not_known_who_left_it_nobody_gets_it(server, left, content):
    known = server.home.kept_data
    known.unlink() if content is None else known.write_bytes(content)
    assert server.inspect(left)["heritage"] == {
        "folder": str(server.data("demo")),
        "left_by": None,
        "inherited": False,
    }
    assert "demo.kept-1" in server.install(left)["warnings"][0]


def test_an_installation_that_fails_moves_nothing(server, stranger):
    (stranger / "src/main.py").write_text("raise ValueError")
    assert server.try_install(stranger).failure
    assert (server.data("demo") / "notes").exists()


def test_purged_data_leaves_no_trace(server, plugins):
    folder = plugins.make(commands=NOTES)
    server.install(folder)
    server.value("demo", "write", "x")
    server.call("plugin.remove", name="demo", purge=True)
    assert server.inspect(folder)["heritage"] is None
    assert server.home.kept_data.exists() is False

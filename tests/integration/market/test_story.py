"""An author publishes to a real marketplace, a user installs from it: every step by the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hosted.desk import desk_of

EXAMPLE = Path(__file__).parents[3] / "examples/usage-insight"
SERVE = [sys.executable, "-m", "yesman", "market", "serve"]


@pytest.fixture
def desk(tmp_path, orphans):
    user = tmp_path / "user"
    user.mkdir()
    with desk_of(user) as found:
        yield found


@pytest.fixture
def market(desk, tmp_path):
    """A marketplace that is served; its address."""
    folder = tmp_path / "market"
    desk.yesman("market", "init", str(folder), "--small", "--root-keys", "1", "--threshold", "1")
    argv = [*SERVE, str(folder), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=os.environ | desk.environ) as server:
        try:
            yield re.search(r"(http://\S+?)\.\s", server.stderr.readline())[1]
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0


@pytest.fixture
def token(desk, market, tmp_path):
    """Make what somebody may show the marketplace."""

    def make(who, *scopes):
        options = [part for scope in scopes for part in ("--scope", scope)]
        return desk.yesman("market", "token", str(tmp_path / "market"), who, *options).stdout.strip()

    return make


@pytest.fixture
def package(desk, tmp_path):
    desk.yesman("plugin", "keys", "create", "--no-passphrase")
    made = json.loads(desk.yesman("plugin", "pack", str(EXAMPLE), "-o", str(tmp_path), "--json").stdout)
    return Path(made["file"])


def test_what_is_published_is_found_installed_reported_and_yanked(desk, market, token, package, tmp_path):
    root = str(tmp_path / "market/root.json")
    said = desk.yesman(
        "market", "add", market, "--root", root, "--name", "acme", "--fingerprint", "0", code=4
    )
    fingerprint = re.search(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", said.stderr)[0]
    desk.yesman("market", "add", market, "--root", root, "--name", "acme", "--fingerprint", fingerprint)
    environ = {"YESMAN_MARKET_TOKEN": token("acme", "publish", "keys", "yank")}
    unsigned = desk.yesman("plugin", "publish", str(package), code=5, **environ)
    assert "is not signed" in unsigned.stderr
    desk.yesman("plugin", "sign", str(package))
    assert "There is no token" in desk.yesman("plugin", "publish", str(package), code=2).stderr
    stranger = desk.yesman("plugin", "publish", str(package), code=None, YESMAN_MARKET_TOKEN="x" * 40)
    assert (stranger.returncode != 0, "token" in stranger.stderr) == (True, True)
    assert "Published usage-insight" in desk.yesman("plugin", "publish", str(package), **environ).stdout
    (found,) = json.loads(desk.yesman("plugin", "search", "tokens", "--json").stdout)
    assert (found["name"], found["publisher"]) == ("usage-insight", "acme")
    desk.yesman("plugin", "install", "usage-insight", "--yes")
    shown = json.loads(desk.yesman("plugin", "show", "usage-insight", "--json").stdout)
    assert (shown["source"], shown["state"]) == ("acme:usage-insight", "enabled")
    report = ("plugin", "report", "usage-insight", "--kind", "malware", "--text", "it tells on me")
    assert "scope 'report'" in desk.yesman(*report, code=3, **environ).stderr
    assert "Reported usage-insight" in desk.yesman(*report, YESMAN_MARKET_TOKEN=token("ann", "report")).stdout
    desk.yesman("plugin", "yank", "usage-insight", shown["version"], "--reason", "it counts twice", **environ)
    assert "it counts twice" in desk.yesman("plugin", "info", "usage-insight").stdout
    desk.yesman("plugin", "remove", "usage-insight")
    desk.yesman("plugin", "install", "usage-insight", "--yes", code=5)


def test_a_folder_that_lies_around_is_not_taken_for_a_plugin(desk, market, tmp_path):
    bait = desk.plugin("usage-insight", "raise SystemExit", "", ())

    def install(name):
        argv = [*desk.program, "plugin", "install", name, "--yes"]
        ran = subprocess.run(
            argv, cwd=bait.parent, env=desk.environ, capture_output=True, text=True, check=False
        )
        return ran.returncode, ran.stderr

    assert "--registry" not in install(bait.name)[1], (
        "the control: without a registry it can only be the folder"
    )
    root = str(tmp_path / "market/root.json")
    add = ("market", "add", market, "--root", root, "--name", "acme", "--fingerprint")
    fingerprint = re.search(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", desk.yesman(*add, "0", code=4).stderr)[0]
    desk.yesman(*add, fingerprint)
    code, said = install(bait.name)
    assert (code, "--registry NAME" in said) == (2, True)
    assert "--registry NAME" not in install(f"./{bait.name}")[1]


def test_a_token_goes_neither_to_the_server_nor_to_sessions(desk):
    secret = "hunter2"  # noqa: S105 - a test's
    desk.yesman("plugin", "list", YESMAN_MARKET_TOKEN=secret)
    desk.yesman("session", "new", "work", "--cwd", "/")
    status = json.loads(desk.yesman("server", "status", "--json").stdout)
    assert secret.encode() not in Path(f"/proc/{status['pid']}/environ").read_bytes()
    shown = subprocess.run(
        ["tmux", "-S", status["tmux_socket"], "show-environment", "-g"], capture_output=True, check=True
    )
    assert secret.encode() not in shown.stdout

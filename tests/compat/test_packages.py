"""Plugins packed against each released version install and do what they did, without a change, for ever."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Driven

VERSIONS = sorted(path for path in Path(__file__).parent.iterdir() if list(path.glob("*.yplug")))
KEPT = ("context", "sessions", "panes", "bus", "plugins", "described")


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def yesman(request: pytest.FixtureRequest, driven: Callable[[Path], Driven]) -> Driven:
    return driven(request.param)


@pytest.fixture
def port() -> Iterator[int]:
    """Where somebody says welcome, once."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"welcome\n")

        threading.Thread(target=greet, daemon=True).start()
        yield listening.getsockname()[1]


def test_there_is_a_version_to_try():
    assert VERSIONS


def test_a_commands_options_arrive(yesman):
    yesman.install("compat-command")
    plain = {"text": "none", "count": 2, "ratio": None, "loud": False, "many": []}
    assert yesman.value("compat-options") == plain
    words = ("-t", "x", "--count", "5", "--ratio", "1.5", "--loud", "--many-words", "a", "--many-words", "b")
    given = {"text": "x", "count": 5, "ratio": 1.5, "loud": True, "many": ["a", "b"]}
    assert yesman.value("compat-options", *words) == given
    assert "Some text." in yesman.said("compat-options", "--help")


def test_a_commands_streams_results_and_refusals(yesman):
    yesman.install("compat-command")
    line = [sys.executable, "-m", "yesman", "compat-streams"]
    ran = subprocess.run(line, env=yesman.server.environ, input=b"Ada\n", capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (7, b"name?\nhello Ada\n", b"careful\n")
    all_kinds = {"text": "é\n", "number": 1.5, "yes": True, "none": None, "list": [1, [2]], "dict": {"a": {}}}
    assert yesman.value("compat-data") == all_kinds
    assert "lacks permission 'session.modify:precious'" in yesman.said("compat-refused", code=3)


def test_what_the_context_offers(yesman):
    yesman.install("compat-provider")
    yesman.install("compat-command")
    assert {
        what: yesman.value(f"compat-{what}", "--session", "compat-home") for what in KEPT
    } == dict.fromkeys(KEPT, "kept")
    log = yesman.said("plugin", "logs", "compat-command")
    assert "begun" in log
    assert "a warning of mine" in log
    yesman.said("plugin", "disable", "compat-command")
    assert (yesman.server.data("compat-command") / "ended").exists()


def heard(yesman: Driven, *event: Any) -> bool:
    return list(event) in yesman.value("compat-heard")


def test_hooks_hear_and_forbid(yesman, until, tmp_path):
    yesman.install("compat-hook")
    where = ("--cwd", str(tmp_path))
    yesman.said("session", "new", "compat-a", *where)
    assert "not today" in yesman.said("session", "new", "forbidden-one", *where, code=3)
    yesman.said("session", "new", "forbidden-two", *where)
    yesman.said("session", "new", "kept-one", *where)
    assert "user may not" in yesman.said("session", "close", "kept-one", code=3)
    yesman.said("session", "close", "compat-a")
    until(lambda: heard(yesman, "session.created", "compat-a", "host"))
    until(lambda: heard(yesman, "session.closed", "compat-a", "host"))
    assert not heard(yesman, "session.created", "forbidden-two", "host")
    yesman.said("plugin", "reload", "compat-hook")
    assert heard(yesman, "session.created", "compat-a", "host")
    assert heard(yesman, "taken over", "1.0.0", "")
    yesman.install("compat-command")
    yesman.value("compat-described")
    until(lambda: any(name.startswith("plugin.") for name, *_ in yesman.value("compat-heard")))


def test_providers_are_called(yesman):
    yesman.install("compat-provider")
    yesman.said("provider", "call", "compat-notes", "send", "title=T", "body=B")
    assert yesman.value("compat-provided") == [["connect"], ["send", "T", "B", "normal"]]
    commit = ("commit", "message=M", "files=a", "files=b")
    assert "c0ffee" in yesman.said("provider", "call", "compat-vcs", *commit)
    assert {row["name"] for row in json.loads(yesman.said("provider", "check", "--json"))} == {
        "compat-notes",
        "compat-vcs",
    }


def test_an_integration_reaches_what_it_was_granted(yesman, port, until):
    folder = Path(yesman.server.environ["HOME"]) / "compat"
    (folder / "out").mkdir(parents=True)
    (folder / "in").write_text("read me")
    yesman.install("compat-provider")
    yesman.install("compat-hook")
    yesman.install("compat-integration", "--config", "api_token=s3cr3t", "--config", "mode=slow")
    assert yesman.value("compat-outside", "--port", str(port), "--folder", str(folder)) == "kept"
    assert (folder / "out" / "made").read_text() == "compat-integration"
    assert yesman.value("compat-alone") == yesman.value("compat-others") == "kept"
    settings = {"api_token": "s3cr3t", "webhook": "", "sort_key": "name", "mode": "slow"}
    assert yesman.value("compat-settings") == settings
    until(lambda: ["send", "compat-integration: LOOK HERE", "now", "low"] in yesman.value("compat-provided"))
    yesman.said("provider", "call", "compat-lamp", "send", "title=T", "body=B")
    assert (yesman.server.data("compat-integration") / "lamp").read_text() == "normal T: B\n"
    yesman.said("session", "new", "compat-b", "--cwd", str(folder))
    until(lambda: "saw compat-b" in yesman.said("plugin", "logs", "compat-integration"))


def test_a_promise_that_is_not_kept_is_noticed(yesman, tmp_path):
    yesman.install("compat-command")
    yesman.said("session", "new", "compat-other", "--cwd", str(tmp_path))
    assert "AssertionError" in yesman.said("compat-sessions", "--session", "compat-other", code=1)

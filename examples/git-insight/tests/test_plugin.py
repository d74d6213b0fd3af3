"""The command itself, with a context made by hand and real repositories."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from yesman.plugins import EventBus, PluginContext, SessionManager, TmuxManager


class OneSession:
    """A transport that knows one session and answers nothing else."""

    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd

    def call(self, method: str, /, **params: Any) -> Any:
        assert (method, params) == ("session.current", {})
        return {
            "name": "s",
            "id": "$0",
            "cwd": str(self.cwd),
            "attached": False,
            "created": 0.0,
            "windows": [],
            "metadata": {},
        }


def command(plugin: Any, cwd: Path) -> Any:
    transport = OneSession(cwd)
    context = PluginContext(
        plugin_id="git-insight",
        plugin_dir=str(Path(__file__).parents[1]),
        config={},
        logger=logging.getLogger("git-insight"),
        session_manager=SessionManager(transport),
        tmux_manager=TmuxManager(transport),
        event_bus=EventBus(transport),
    )
    (only,) = plugin.main.GitInsightPlugin(context).get_commands()
    return only


def test_command_returns_what_git_log_says_as_json(plugin, history, repository, capsys):
    data = command(plugin, repository).handler()
    assert data.pop("repository") == str(repository)
    assert json.loads(json.dumps(data)) == history.git_log(repository)
    assert "1,200 commits by" in capsys.readouterr().out


def test_output_fits_the_callers_terminal(plugin, repository, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    command(plugin, repository).handler(by="author")
    lines = capsys.readouterr().out.splitlines()
    assert 45 < max(map(len, lines)) <= 50


def test_options_are_described_for_help(plugin, tmp_path):
    options = command(plugin, tmp_path).describe()["options"]
    assert [(o["name"], o["type"], o["default"]) for o in options] == [
        ("--max-count", "int", None),
        ("--by", "str", "both"),
    ]


@pytest.mark.parametrize(("options", "named"), [({"by": "day"}, "--by"), ({"max_count": -1}, "--max-count")])
def test_senseless_options_are_named(plugin, repository, options, named):
    with pytest.raises(ValueError, match=named):
        command(plugin, repository).handler(**options)


def test_folder_outside_every_repository_is_one_sentence(plugin, tmp_path):
    with pytest.raises(ValueError, match="no Git repository holds"):
        command(plugin, tmp_path).handler()


def test_repository_without_commits(plugin, history, tmp_path, capsys):
    history.git(tmp_path, "init", "--quiet", ".")
    data = command(plugin, tmp_path).handler()
    assert (data["commits"], data["authors"], data["weeks"]) == (0, [], [])
    assert "no commits yet" in capsys.readouterr().out


def test_missing_commit_is_named(plugin, history, tmp_path):
    history.git(tmp_path, "init", "--quiet", ".")
    lost = "f" * 40
    history.write_commit(tmp_path, b"author A <a@e> 1 +0000", parent=lost)
    with pytest.raises(ValueError, match=f"commit {lost} is missing"):
        command(plugin, tmp_path).handler()


def test_damaged_object_is_one_sentence(plugin, history, tmp_path):
    history.git(tmp_path, "init", "--quiet", ".")
    name = history.write_commit(tmp_path, b"author A <a@e> 1 +0000")
    path = tmp_path / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    with pytest.raises(ValueError, match=f"commit {name} is damaged"):
        command(plugin, tmp_path).handler()


def test_extension_that_cannot_be_read_is_named(plugin, history, tmp_path):
    history.git(tmp_path, "init", "--quiet", ".")
    history.git(tmp_path, "config", "core.repositoryFormatVersion", "1")
    history.git(tmp_path, "config", "extensions.future", "true")
    with pytest.raises(ValueError, match="future"):
        command(plugin, tmp_path).handler()


def test_no_file_outside_the_repository_is_opened(plugin, repository, capsys):
    command(plugin, repository).handler()
    opened: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        named = arguments[0] if arguments else None
        if watching and event in {"open", "os.listdir", "os.scandir"} and isinstance(named, str | bytes):
            opened.append(os.fsdecode(named))
        elif watching and event in {"subprocess.Popen", "os.posix_spawn", "os.fork", "socket.connect"}:
            opened.append(event)

    sys.addaudithook(hook)  # cannot be removed: it stops listening below
    try:
        command(plugin, repository).handler()
    finally:
        watching = False
    assert opened
    assert [path for path in opened if not path.startswith(str(repository))] == []

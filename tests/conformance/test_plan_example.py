"""The plan's example plugin: its source, untouched, with stand-ins for what is not installed."""

from __future__ import annotations

import importlib.util
import logging
import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from yesman.plugins import EventBus, PluginContext, SessionManager, TmuxManager

EXAMPLE = re.compile(r"^### Example: GitHub Integration\n.*?^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


class OneSession:
    """Answers for a single session of a checkout."""

    def call(self, method: str, /, **params: Any) -> Any:
        assert (method, params) == ("session.current", {})
        return {
            "name": "work",
            "id": "$0",
            "cwd": "/src",
            "attached": True,
            "created": 0.0,
            "windows": [],
            "metadata": {"repo": "owner/name", "branch": "topic"},
        }


class Github:
    """Stands in for the client of the package `github`, which the tests do not install."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.asked: dict[str, str] = {}

    def get_repo(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(create_pull=lambda **fields: self._create(name, **fields))

    def _create(self, repo: str, **fields: str) -> SimpleNamespace:
        self.asked = {"repo": repo, **fields}
        return SimpleNamespace(html_url="https://example.invalid/1")


@pytest.fixture
def example(plan_text, tmp_path, monkeypatch):
    """The plan's example plugin, its source untouched, imported from a file of its own."""
    github = ModuleType("github")
    github.Github = Github
    monkeypatch.setitem(sys.modules, "github", github)
    main = tmp_path / "main.py"
    (source,) = EXAMPLE.findall(plan_text)
    main.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("plan_example", main)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    transport = OneSession()
    services = SessionManager(transport), TmuxManager(transport), EventBus(transport)
    config, logger = {"github_token": "t"}, logging.getLogger("github-integration")
    return module.GitHubIntegrationPlugin(
        PluginContext("github-integration", str(tmp_path), config, logger, *services)
    )


def test_the_plans_example_plugin_describes_its_command(example):
    (command,) = example.get_commands()
    assert command.describe()["name"] == "gh-create-pr"
    said = {option["name"]: (option["required"], option["default"]) for option in command.options}
    assert said == {"--title": (True, None), "--body": (True, None), "--base": (False, "main")}


async def test_the_plans_example_plugin_runs_from_start_to_end(example):
    await example.initialize()
    (command,) = example.get_commands()
    result = await command.handler(title="T", body="B", base="main")
    assert result == {"success": True, "pr_url": "https://example.invalid/1"}
    wanted = {"repo": "owner/name", "title": "T", "body": "B", "base": "main", "head": "topic"}
    assert example.github.asked == wanted
    await example.cleanup()

"""Logs as Claude Code writes them, and the plugin: its modules by name, and whole in the real sandbox."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from yesman.plugins.testing import load_plugin

if TYPE_CHECKING:
    from collections.abc import Callable

PLUGIN = Path(__file__).resolve().parents[1]
SESSION = "ea165b75-656c-4d3e-b3ab-bc1c21ffdc53"


def line(message: str = "msg_1", **more: Any) -> dict[str, Any]:
    """One line of an answer, with the keys that version 2.1 of Claude Code writes."""
    tokens = {
        "input": 100,
        "output": 20,
        "write_5m": 30,
        "write_1h": 0,
        "read": 1_000,
        **more.get("tokens", {}),
    }
    usage = {
        "input_tokens": tokens["input"],
        "cache_creation_input_tokens": tokens["write_5m"] + tokens["write_1h"],
        "cache_read_input_tokens": tokens["read"],
        "output_tokens": tokens["output"],
        "cache_creation": {
            "ephemeral_1h_input_tokens": tokens["write_1h"],
            "ephemeral_5m_input_tokens": tokens["write_5m"],
        },
        "service_tier": "standard",
        **more.get("usage", {}),
    }
    answer = {"id": message, "type": "message", "role": "assistant", "usage": usage}
    answer |= {
        "model": more.get("model", "claude-opus-4-5-20251101"),
        "content": [{"type": "text", "text": "!"}],
    }
    about = {
        "type": "assistant",
        "uuid": "u",
        "sessionId": more.get("session", SESSION),
        "isSidechain": False,
    }
    about |= {"cwd": more.get("cwd", "/work/app"), "version": "2.1.330"}
    return about | {"timestamp": more.get("at", "2025-11-03T08:02:47.860Z"), "message": answer}


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """Append lines to a session's log; a text is written as it is."""

    def write(*rows: dict[str, Any] | str, name: str = SESSION, project: str = "-work-app") -> Path:
        path = tmp_path / "home" / ".claude" / "projects" / project / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows))
        return path

    return write


@pytest.fixture
def usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Load the plugin for a user whose home is the test's own."""
    (tmp_path / "home").mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return lambda **config: load_plugin(PLUGIN, config={"timezone": "UTC", **config})


@pytest.fixture(scope="session")
def modules() -> SimpleNamespace:
    """The plugin's modules by name, loaded by path: every plugin's package is called ``src``."""
    init = PLUGIN / "src" / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        "usage_insight_under_test", init, submodule_search_locations=[str(init.parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules[spec.name] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    names = sorted(path.stem for path in init.parent.glob("[a-z]*.py"))
    return SimpleNamespace(**{name: importlib.import_module(f"{spec.name}.{name}") for name in names})


@pytest.fixture(scope="session")
def make_line() -> Callable[..., dict[str, Any]]:
    return line

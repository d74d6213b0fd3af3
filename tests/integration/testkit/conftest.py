"""Plugins to be tested by tests of tests."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOP = "import asyncio\nfrom yesman.plugins import Allow, Deny, IntegrationPlugin, PluginCommand\n"


@pytest.fixture
def plugin_of(tmp_path: Path) -> Callable[..., Path]:
    """Make the folder of a plugin ``demo`` from methods, with the commands and hooks that are among them."""

    def make(methods: str, top: str = "", **manifest: Any) -> Path:
        folder = tmp_path / "demo"
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "__init__.py").touch()
        body = textwrap.indent(textwrap.dedent(methods), "    ")
        (folder / "src" / "main.py").write_text(f"{TOP}{top}\nclass Demo(IntegrationPlugin):\n{body}\n")
        about = {"name": "demo", "version": "1.0.0", "description": "d", "type": "integration"}
        (folder / "plugin.yaml").write_text(json.dumps(about | manifest))
        return folder

    return make

"""A sound plugin's folder, to be changed, and what is found in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from yesman.findings.folder import judged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from yesman.findings.rules import Finding

SOUND = {
    "plugin.yaml": "name: hello\nversion: 1.0.0\ndescription: It says hello.\n",
    "README.md": "# hello\n",
    "src/main.py": "from yesman.plugins import PluginBase\n\n\nclass Hello(PluginBase):\n    pass\n",
}


@pytest.fixture
def found(tmp_path: Path) -> Callable[[dict[str, str | None]], list[Finding]]:
    """Return what is found in a sound folder with these files changed, appended to (+) or left out (None)."""

    def look(changed: dict[str, str | None]) -> list[Finding]:
        for name, content in (SOUND | changed).items():
            if content is not None:
                path = tmp_path / name
                path.parent.mkdir(exist_ok=True, parents=True)
                before = SOUND.get(name, "")
                path.write_text(before + content[1:] if content.startswith("+") else content)
        return asyncio.run(judged(tmp_path, None)).findings

    return look

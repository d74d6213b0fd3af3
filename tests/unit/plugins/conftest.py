"""A transport that remembers what was asked and answers from a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

PANE = {
    "id": "%0",
    "index": 0,
    "command": "bash",
    "cwd": "/src",
    "pid": 41,
    "active": True,
    "width": 80,
    "height": 24,
}
WINDOW = {"id": "@0", "index": 0, "name": "main", "active": True, "panes": [PANE]}
SESSION = {
    "name": "work",
    "id": "$0",
    "cwd": "/src",
    "attached": False,
    "created": 1700000000.5,
    "windows": [WINDOW],
    "metadata": {"repo": "owner/name", "branch": "main"},
}


@dataclass
class TableTransport:
    """Answers each method from ``answers``; an exception there is raised."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, method: str, /, **params: Any) -> Any:
        self.calls.append((method, params))
        answer = self.answers.get(method)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def transport() -> TableTransport:
    return TableTransport(
        {
            "session.current": SESSION,
            "session.get": SESSION,
            "session.list": [SESSION],
            "session.create": SESSION,
            "tmux.windows": [WINDOW],
            "tmux.panes": [PANE],
            "tmux.capture": "$ make\n",
        }
    )

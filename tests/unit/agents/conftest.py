"""Screens of the real program, as `make test-claude` recorded them (RECORD_SCREENS=1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.agents.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED = Path(__file__).parents[2] / "screens" / "claude"


@pytest.fixture(params=["80x24", "200x50"])
def recorded(request: pytest.FixtureRequest) -> Callable[[str], Screen]:
    """Returns a recorded screen by its name, in each size."""

    def load(name: str) -> Screen:
        text = (RECORDED / request.param / f"{name}.txt").read_text(encoding="utf-8")
        position, _, rows = text.partition("\n")
        column, row = map(int, position.split())
        return Screen.of(rows, column, row)

    return load

"""What every test may ask for. Nothing here starts a process or touches the real home."""

from __future__ import annotations

from pathlib import Path

import pytest

PLAN = Path(__file__).resolve().parents[2] / "shared" / "plan.md"


@pytest.fixture(scope="session")
def plan_text() -> str:
    """The text of plan.md where it lies beside the checkout, as it does in CI; else the test is not run."""
    if not PLAN.is_file():
        pytest.skip("not run: plan.md does not lie beside the checkout")
    return PLAN.read_text(encoding="utf-8")

"""Whatever one plugin does, and whatever is done to the host: nobody else notices."""

from __future__ import annotations


def test_nobody_else_notices(scene, outcomes, fault):
    outcome = scene.strike(fault)
    outcomes.append(outcome)
    assert not outcome.problems(), "\n".join(outcome.problems())

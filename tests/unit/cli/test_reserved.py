"""Names that plugins may not take are exactly known to both sides."""

from __future__ import annotations

from yesman.cli import catalogue
from yesman.model.reserved import BUILT_IN


def test_every_built_in_command_is_reserved():
    assert set(catalogue.ROOT) <= BUILT_IN

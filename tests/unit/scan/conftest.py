"""A sound plugin, to be changed, and what scanning finds in it, in this process and unconfined."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from scanned.making import scan_here, write

from yesman.scan import patterns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import yara_x

    from yesman.scan.model import Scan


@pytest.fixture(scope="session")
def rules() -> yara_x.Rules:
    return patterns.compiled()


@pytest.fixture
def scanned(tmp_path: Path, rules: yara_x.Rules) -> Callable[..., Scan]:
    """Return the scan of a sound plugin with these files changed."""

    def look(changed: object, **known: object) -> Scan:
        return scan_here(write(tmp_path / os.urandom(4).hex(), changed), rules, **known)

    return look

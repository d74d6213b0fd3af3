"""A reader for each test: an empty folder, a home of its own, a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from followed.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def reader() -> Iterator[Shell]:
    shell = Shell()
    yield shell
    shell.close()

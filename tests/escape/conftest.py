"""Runs the whole corpus once for all tests: twice inside the sandbox, once outside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from corpus import confined, control
from corpus.attempt import DIFFERS, DONE, ROOT, WORKS
from corpus.table import attempts

ATTEMPTS = attempts()


@pytest.fixture(scope="session")
def ungranted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The answer each attempt gets inside the sandbox, with no grants."""
    return confined.run(ATTEMPTS, tmp_path_factory.mktemp("none").resolve(), unrelated=False)


@pytest.fixture(scope="session")
def granted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same, with grants that have nothing to do with it."""
    return confined.run(ATTEMPTS, tmp_path_factory.mktemp("some").resolve(), unrelated=True)


@pytest.fixture(scope="session")
def forked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The answer each attempt gets in a process that is forked from a template, with no grants."""
    return confined.run(ATTEMPTS, tmp_path_factory.mktemp("fork").resolve(), unrelated=False, forked=True)


@pytest.fixture(scope="session")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The answer where there are only resource limits."""
    return control.run(ATTEMPTS, tmp_path_factory.mktemp("control").resolve())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the rows of the table that it is about."""
    if "attempt" in metafunc.fixturenames:
        metafunc.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
    if "compared" in metafunc.fixturenames:
        kinds = {WORKS, DIFFERS} | ({ROOT} if os.geteuid() == 0 else set())
        rows = [a for a in ATTEMPTS if a.control in kinds and a.confined != DONE]
        metafunc.parametrize("compared", rows, ids=lambda attempt: attempt.name)

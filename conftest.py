"""Holds for every test, the examples' included.

Property tests are not timed and write nothing down. Nothing is kept in the user's own home. No run stands
still for ever: a test has its time (pytest-timeout), what tears a failed one down has its own.

To look for what the usual number of examples does not find: ``pytest tests/unit --hypothesis-profile long``.
What is found becomes an ``@example`` beside the test that found it.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from yesman.package.trees import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("untimed", deadline=None, database=None)
settings.register_profile("long", parent=settings.get_profile("untimed"), max_examples=20_000)
settings.load_profile("untimed")


TEAR_DOWN_SECONDS = 90
_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the way to the terminal, which is taken from tests."""
    config.stash[_STDERR] = os.dup(sys.stderr.fileno())


@pytest.hookimpl(trylast=True)
def pytest_exception_interact(node: pytest.Item | pytest.Collector) -> None:
    """Give the tear-down of a failed test its time, then end the run: nobody else's clock goes on now."""
    if isinstance(node, pytest.Item) and not node.config.getoption("usepdb"):
        faulthandler.dump_traceback_later(TEAR_DOWN_SECONDS, file=node.config.stash[_STDERR], exit=True)


@pytest.fixture(scope="session", autouse=True)
def home_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where packages for ``load_plugin`` and its kin are kept, until all tests are over."""
    folder = tmp_path_factory.mktemp("yesman-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YESMAN_HOME", str(folder))
        yield
    remove_tree(folder)

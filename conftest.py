"""Holds for every test, the examples' included.

Property tests are not timed and write nothing down. Nothing is kept in the user's own home.

To look for what the usual number of examples does not find: ``pytest tests/unit --hypothesis-profile long``.
What is found becomes an ``@example`` beside the test that found it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from yesman.package.trees import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("untimed", deadline=None, database=None)
settings.register_profile("long", parent=settings.get_profile("untimed"), max_examples=20_000)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def home_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where packages for ``load_plugin`` and its kin are kept, until all tests are over."""
    folder = tmp_path_factory.mktemp("yesman-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YESMAN_HOME", str(folder))
        yield
    remove_tree(folder)

"""Keys and facts that tests of signatures start from."""

from __future__ import annotations

from itertools import pairwise

import pytest

from yesman.trust.author_keys import first, successor
from yesman.trust.ed25519 import SigningKey
from yesman.trust.statement import Facts

SINCE = "2026-11-23T12:00:00+00:00"


@pytest.fixture(scope="session")
def keys():
    """Five keys that nobody else has, the same in every run."""
    return [SigningKey(bytes([number]) * 32) for number in range(1, 6)]


@pytest.fixture(scope="session")
def chain(keys):
    """Keys 0, 1 and 2, each signed by the one before."""
    line = [first(keys[0], SINCE)]
    line += [successor(old, new, SINCE) for old, new in pairwise(keys[:3])]
    return line


@pytest.fixture(scope="session")
def facts():
    return Facts(
        name="demo",
        version="1.0.0",
        sha256="a" * 64,
        content=f"sha256:{'b' * 64}",
        manifest="c" * 64,
        permissions=("session.read", 'filesystem.read:~/é "x"\\'),
    )

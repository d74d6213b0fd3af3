"""Who signs what in a registry, and how its files are called. Standard library only.

::

    root (m of n, offline) ── timestamp ── snapshot          which files are the present ones
      └── targets (offline)
            ├── claims (offline)      claims/*               whose names are, by 256 buckets
            ├── revocations           revocations.json
            └── index (offline)       index/*
                  └── bin-000 … bin-3ff                      one target per plugin, by the hash of its path

Each delegation ends the search, so no role can say anything of another's files.
"""

from __future__ import annotations

import hashlib
from typing import Final

ROOT: Final = "root"
TIMESTAMP: Final = "timestamp"
SNAPSHOT: Final = "snapshot"
TARGETS: Final = "targets"
CLAIMS: Final = "claims"
REVOCATIONS: Final = "revocations"
INDEX: Final = "index"
BINS: Final = "bin"
"""What the names of bins begin with, and the role of the keys that sign them."""

OFFLINE_KEYS: Final = (ROOT, TARGETS, CLAIMS)
ONLINE_KEYS: Final = (SNAPSHOT, TIMESTAMP, BINS, REVOCATIONS)
OFFLINE_ROLES: Final = (TARGETS, CLAIMS, INDEX)
"""Delegations and claims: a server takes newer ones over as they are and cannot make any."""

TIMESTAMP_PATH: Final = f"metadata/{TIMESTAMP}.json"
REVOCATIONS_TARGET: Final = "revocations.json"
MADE: Final = "x-yesman-made"
"""A field of the timestamp: when the registry last said that all this is the present state, UTC."""


def metadata_path(role: str, version: int) -> str:
    """Return where version ``version`` of a role's metadata lies."""
    return f"metadata/{version}.{role}.json"


def index_target(name: str) -> str:
    """Return the target path of a plugin's index."""
    return f"index/{name}.json"


def plugin_of(path: str) -> str:
    """Return whose index the target at ``path`` is, or ""."""
    name = path.removeprefix("index/").removesuffix(".json")
    return name if path == index_target(name) else ""


def claims_target(name: str) -> str:
    """Return the target path of the bucket that a claim to ``name`` is in."""
    return f"claims/{hashlib.sha256(name.encode()).hexdigest()[:2]}.json"


def stored_target(path: str, sha256: str) -> str:
    """Return where a target lies: its digest is part of its name, so old and new stand side by side."""
    folder, slash, name = path.rpartition("/")
    return f"targets/{folder}{slash}{sha256}.{name}"

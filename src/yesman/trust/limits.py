"""How much a registry may say: every limit of this package, with units. Standard library only.

What always holds: whatever comes from a registry is measured against these before it is parsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB


@dataclass(frozen=True)
class Limits:
    """What is refused when it is larger.

    Attributes:
        root_bytes: One root file; forty keys fit.
        roots: New roots that are followed from the one the user has seen.
        timestamp_bytes: The timestamp.
        snapshot_bytes: The snapshot; 1 024 bins need 33 kB.
        targets_bytes: Any other metadata; a bin of 100 plugins needs 20 kB.
        index_bytes: What is published of one plugin.
        claims_bytes: One bucket of claims.
        revocations_bytes: All revocations.
        brackets: Objects and lists that one file may hold.
        nesting: How deep they may be.
        releases: Of one plugin.
        keys: Of one publisher.
        entries: Revocations, or claims in one bucket.
    """

    root_bytes: int = 64 * KIB
    roots: int = 256
    timestamp_bytes: int = 16 * KIB
    snapshot_bytes: int = 2 * MIB
    targets_bytes: int = 2 * MIB
    index_bytes: int = 4 * MIB
    claims_bytes: int = 4 * MIB
    revocations_bytes: int = 8 * MIB
    brackets: int = 100_000
    nesting: int = 32
    releases: int = 5_000
    keys: int = 64
    entries: int = 20_000


LIMITS: Final = Limits()


@dataclass(frozen=True)
class Periods:
    """For how long a signature counts.

    Attributes:
        offline: Of what offline keys sign: root, targets, index, claims.
        bins: Of a bin. The snapshot says each day which version of it is the present one, so nobody can
            hold an old one back by this being long.
        online: Of snapshot, timestamp and revocations: how long a frozen registry goes unnoticed.
        ahead: How far a registry's clock may run before ours.
    """

    offline: timedelta = timedelta(days=365)
    bins: timedelta = timedelta(days=365)
    online: timedelta = timedelta(days=1)
    ahead: timedelta = timedelta(hours=1)


PERIODS: Final = Periods()

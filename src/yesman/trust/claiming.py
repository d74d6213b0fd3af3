"""A claim to a name, made from what an operator typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from yesman.model.errors import UsageError
from yesman.trust.index import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def claim_of(name: str, keyids: Iterable[str], now: datetime) -> Claim:
    """Return the claim of the keys ``keyids`` to ``name``, of the moment ``now`` (UTC).

    Raises:
        UsageError: No plugin can be called so, or one of the keys.
    """
    said = {"name": name, "keys": list(keyids), "since": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    try:
        return msgspec.convert(said, Claim)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"That is no claim: {error}", "Give a plugin's name and keys of 64 digits"
        ) from error

"""A registry as it is believed here: in date, and not older than what was seen of it before.

What always holds: metadata that the registry itself no longer vouches for is believed only where the user
has said for how long, of a folder that no network reaches; and never an older state than one seen before.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from yesman import durable
from yesman.market.mirrors import WHEELS
from yesman.model.errors import VerificationError
from yesman.trust.client import RegistryClient, locked
from yesman.trust.offline import OfflineRegistry, said

if TYPE_CHECKING:
    from yesman.market.questions import Fetch, Look, Mirror, Revoked
    from yesman.trust.fetching import Fetch as Source
    from yesman.trust.registry import Registry

_SEEN: Final = "seen"


def opened(asked: Fetch | Look | Mirror | Revoked, fetch: Source) -> Registry:
    """Return the registry that is asked.

    Raises:
        YesmanError: It cannot be reached, or cannot be believed.
    """
    root, folder = Path(asked.root).read_bytes(), Path(asked.metadata)
    if asked.longest_age:
        return _bundle(fetch, root, folder, timedelta(days=asked.longest_age))
    client = RegistryClient(folder, root, fetch)
    try:
        client.refresh()
    except VerificationError as error:
        if asked.url.startswith("/") and "is expired" in error.message:
            raise VerificationError(error.message, _OLDER) from error
        raise
    return client


_OLDER: Final = (
    "Bring a newer copy, or believe one that is older than its registry allows: "
    "yesman market add FOLDER --root FILE --max-age DAYS"
)


def _bundle(fetch: Source, root: bytes, folder: Path, longest: timedelta) -> OfflineRegistry:
    """Return what has come by hand; its version is remembered, so that no older one is taken afterwards."""
    seen = folder / _SEEN
    with locked(folder):
        least = int(seen.read_text("ascii")) if seen.exists() else 0
        found = OfflineRegistry(fetch, root, datetime.now(UTC), longest_age=longest, least_version=least)
        if found.version > least:
            durable.write(seen, str(found.version).encode())
    return found


def age_of(registry: Registry) -> dict[str, str]:
    """Return how old what the registry says is, for people and for programs."""
    moment, now = registry.moment, datetime.now(UTC)
    return {
        "made": moment.made.isoformat(timespec="seconds"),
        "until": moment.until.isoformat(timespec="seconds"),
        "age": said(max(now - moment.made, timedelta(0))),
        "left": said(max(moment.until - now, timedelta(0))),
    }


def brought(url: str, registry: Registry) -> dict[str, Any]:
    """Return what is to be known of a registry that is a folder; nothing of any other."""
    if not url.startswith("/"):
        return {}
    wheels = Path(url) / WHEELS
    return {"metadata": age_of(registry), "wheels": str(wheels) if wheels.is_dir() else ""}

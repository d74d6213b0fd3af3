"""Which update of an installed plugin there is, and whether it is taken unasked. Decides, never acts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COOL_DOWN: Final = timedelta(hours=48)
"""How old a release is before it is taken unasked: most bad ones are found within that."""


class Update(NamedTuple):
    """What could become of a plugin.

    Attributes:
        version: The release, or "" where there is none.
        waits: Why it is not taken unasked, or "".
    """

    version: str
    waits: str = ""


def update_of(
    installed: str, releases: Iterable[Mapping[str, Any]], now: datetime, *, pinned: bool, blocked: bool
) -> Update:
    """Return the update of a plugin.

    Args:
        installed: Its version.
        releases: Rows of ``market.look``.
        now: UTC.
        pinned: Whether the user wants none.
        blocked: Whether the installed version was revoked: then what replaces it need not cool down.
    """
    fit = [row for row in releases if row["runs_here"] and not row["revoked"] and not row["yanked"]]
    final = [row for row in fit if not Version(row["version"]).is_prerelease]
    newer = sorted(
        (row for row in final if Version(row["version"]) > Version(installed)),
        key=lambda row: Version(row["version"]),
        reverse=True,
    )
    if not newer:
        return Update("")
    if pinned:
        return Update(newer[0]["version"], "it is pinned")
    old_enough = [row for row in newer if blocked or now - _published(row) >= COOL_DOWN]
    if old_enough:
        return Update(old_enough[0]["version"])
    until = _published(newer[-1]) + COOL_DOWN
    return Update(newer[0]["version"], f"it is too young until {until:%Y-%m-%d %H:%M} UTC")


def _published(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(row["published"])

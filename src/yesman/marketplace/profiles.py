"""What a release shows of itself beside its manifest: a readme, an icon, and what its scan found.

What always holds: readme and icon are taken from the bytes that are published, while these are judged, and
no more of them is kept than may be shown; a picture that may not be shown is not kept.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from sqlalchemy import select

from yesman.marketplace import pictures
from yesman.marketplace.schema import plugins, profiles, releases
from yesman.web import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from yesman.package.content import Write

README_BYTES: Final = 64 * 1024
_READMES: Final = ("readme.md", "readme.markdown", "readme.txt", "readme")
_ICONS: Final = tuple(f"assets/icon.{ending}" for ending in ("png", "webp", "jpg", "jpeg", "gif"))


class Icon(NamedTuple):
    """A picture that may be shown: a kind of :data:`yesman.marketplace.pictures.MEDIA`, and its bytes."""

    kind: str
    data: bytes

    @property
    def sha256(self) -> str:
        """What it is found by."""
        return hashlib.sha256(self.data).hexdigest()


class Profile(NamedTuple):
    """What a release shows of itself; ``readme`` is HTML that :func:`markdown.cleaned` has yet to see."""

    readme: str = ""
    icon: Icon | None = None
    findings: Sequence[str] = ()


class Collected:
    """A sink for a package's files that keeps the first bytes of those that a page shows."""

    def __init__(self) -> None:
        self._kept: dict[str, bytearray] = {}

    @contextmanager
    def take(self, path: str, _executable: bool) -> Iterator[Write]:  # noqa: FBT001 - a sink
        """Take one file."""
        most = _most(path)
        kept = self._kept.setdefault(path.lower(), bytearray()) if most else bytearray()

        def write(piece: bytes) -> None:
            kept.extend(piece[: most - len(kept)])

        yield write

    def profile(self, findings: Sequence[str]) -> Profile:
        """Return what was found, with what a scan found."""
        text = next((bytes(self._kept[name]) for name in _READMES if name in self._kept), b"")
        icons = (Icon(pictures.kind_of(data), data) for data in self._icons())
        icon = next((found for found in icons if found.kind), None)
        return Profile(markdown.rendered(_text(text)), icon, tuple(findings))

    def _icons(self) -> Iterator[bytes]:
        return (bytes(self._kept[name]) for name in _ICONS if name in self._kept)


def _most(path: str) -> int:
    """Return how much of a file is kept; of an icon one byte more than it may have, so that it is refused."""
    if path.lower() in _READMES:
        return README_BYTES
    return pictures.MOST_BYTES + 1 if path.lower() in _ICONS else 0


def _text(data: bytes) -> str:
    """Return a readme as text; databases take no NUL."""
    return data.decode("utf-8", "replace").replace("\0", "\ufffd")


def keep(connection: Connection, release: int, profile: Profile) -> None:
    """Write down what a new release shows of itself."""
    row = {"release_id": release, "readme": profile.readme}
    row |= {"findings": msgspec.json.encode(profile.findings).decode()}
    if profile.icon is not None:
        row |= {"icon": profile.icon.sha256, "icon_kind": profile.icon.kind, "icon_data": profile.icon.data}
    connection.execute(profiles.insert().values(row))


def find(connection: Connection, release: int) -> Profile:
    """Return what a release shows of itself but for its icon; one of before there were profiles: nothing."""
    query = select(profiles.c.readme, profiles.c.findings).where(profiles.c.release_id == release)
    row = connection.execute(query).one_or_none()
    return Profile(row.readme, None, msgspec.json.decode(row.findings)) if row else Profile()


def icon(connection: Connection, sha256: str) -> Icon | None:
    """Return an icon of a release that readers may see."""
    query = (
        select(profiles.c.icon_kind, profiles.c.icon_data)
        .join_from(profiles, releases)
        .join(plugins, plugins.c.id == releases.c.plugin_id)
        .where(
            profiles.c.icon == sha256,
            releases.c.quarantined == "",
            releases.c.revision <= plugins.c.published,
            plugins.c.state == "active",
        )
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return Icon(row.icon_kind, bytes(row.icon_data)) if row else None


def icons_of(connection: Connection, shown: Sequence[int]) -> dict[int, str]:
    """Return the icons of those of these plugins that have one, as ``SHA256.KIND``."""
    query = (
        select(plugins.c.id, profiles.c.icon, profiles.c.icon_kind)
        .join_from(plugins, releases, releases.c.plugin_id == plugins.c.id)
        .join(profiles, profiles.c.release_id == releases.c.id)
        .where(plugins.c.id.in_(shown), releases.c.version == plugins.c.latest, profiles.c.icon != "")
    )
    return {row.id: f"{row.icon}.{row.icon_kind}" for row in connection.execute(query)}

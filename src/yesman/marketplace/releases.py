"""Releases that are there: looked up by version as PEP 440 compares them, and sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_version
from sqlalchemy import select

from yesman.marketplace.refusals import ConflictError
from yesman.marketplace.schema import plugins, releases

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Known(NamedTuple):
    """A release, as far as deciding about it needs.

    Attributes:
        id: Its row's.
        plugin_id: Its plugin's.
        publisher_id: Who owns the name.
        revision: From which on the index names it.
        version: As it was published.
        sha256: Of the package.
        quarantined: Why readers do not get it, or "".
        state: Of its plugin.
    """

    id: int
    plugin_id: int
    publisher_id: int
    revision: int
    version: str
    sha256: str
    quarantined: str
    state: str


def release_of(connection: Connection, name: str, version: str) -> Known | None:
    """Return the release of ``name`` whose version equals ``version`` (1.0 equals 1.0.0), visible or not."""
    columns = [releases.c[key] for key in ("id", "plugin_id", "revision", "version", "sha256", "quarantined")]
    query = (
        select(*columns, plugins.c.publisher_id, plugins.c.state)
        .join_from(releases, plugins)
        .where(plugins.c.name == name, releases.c.canonical == canonicalize_version(version))
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Known(**row._mapping)  # noqa: SLF001 - how SQLAlchemy calls it


def sealed(release: Known, sha256: str) -> None:
    """Refuse other bytes for a version that is published.

    Raises:
        ConflictError: They are others.
    """
    if release.sha256 != sha256:
        raise ConflictError(
            f"Version {release.version} is published and stays as it is", "Publish a new version"
        )

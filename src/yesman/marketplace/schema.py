"""The tables, for SQLite and PostgreSQL alike. What changes them is a migration beside this.

What always holds:

- A name in ``plugins`` is never taken out: it is active, reserved (owned, without a release) or removed,
  and nobody else gets it in any of the three.
- A release is sealed: ``version`` (as PEP 440 compares it), ``sha256`` and ``content`` never change.
- A release is there for readers once its plugin's ``published`` has reached its ``revision``: the signed
  index names it. ``wanted`` counts what the index must say, ``published`` what it does say;
  where they differ, the index is made anew, by whoever sees it first (:mod:`yesman.marketplace.indexing`).
- ``events`` only grows: the database itself refuses to change or delete a row.

Times are text (:mod:`yesman.marketplace.clock`). Lists and manifests are JSON text.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    desc,
    text,
)

NAMING: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: Final = MetaData(naming_convention=NAMING)
_ZERO: Final = text("0")
_EMPTY: Final = text("''")


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _of_plugin() -> Column[int]:
    return Column("plugin_id", ForeignKey("plugins.id"), nullable=False)


def _of_publisher(*, nullable: bool = False) -> Column[int]:
    return Column("publisher_id", ForeignKey("publishers.id"), nullable=nullable)


def _text(name: str, length: int | None = None) -> Column[str]:
    return Column(name, String(length) if length else Text, nullable=False, server_default=_EMPTY)


def _partial(name: str, column: Column[Any], condition: ColumnElement[bool]) -> None:
    Index(name, column, sqlite_where=condition, postgresql_where=condition)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=_ZERO)


publishers = Table(
    "publishers",
    metadata,
    _id(),
    Column("name", String(64), nullable=False, unique=True),
    Column("trusted", Boolean, nullable=False, server_default=text("false")),
    _text("created", 20),
    _count("upheld"),
    _count("dismissed"),
)
"""Everybody who has a token: who publishes, reviews or reports. ``trusted``: their reports weigh more;
``upheld`` and ``dismissed``: how their reports were judged, which changes that."""

keys = Table(
    "keys",
    metadata,
    Column("keyid", String(64), primary_key=True),
    _of_publisher(),
    _text("public", 200),
    _text("since", 20),
    _text("signed_by", 64),
    _text("signature", 200),
    UniqueConstraint("publisher_id", "signed_by"),
)
"""Author keys; key N+1 is signed by key N, and no key by two."""

tokens = Table(
    "tokens",
    metadata,
    _id(),
    _of_publisher(),
    Column("hash", String(64), nullable=False, unique=True),
    _text("scopes", 200),
    _text("plugin", 64),
    _text("created", 20),
    _text("expires", 20),
    _text("revoked", 20),
)
"""Bearer tokens: sha256 only. ``scopes``: words separated by spaces; ``plugin``: the only one, or ""."""

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("token_id", ForeignKey("tokens.id"), nullable=False),
    _text("expires", 20),
)
"""Who is signed in to the pages: the sha256 of what their cookie holds; good for as long as their token."""

categories = Table("categories", metadata, Column("name", String(40), primary_key=True), _text("title", 100))

plugins = Table(
    "plugins",
    metadata,
    _id(),
    Column("name", String(64), nullable=False, unique=True),
    _of_publisher(nullable=True),
    Column("state", String(12), nullable=False),
    Column("category", ForeignKey("categories.name")),
    _text("type", 20),
    _text("description", 500),
    _text("author", 200),
    _text("homepage", 500),
    _text("license", 200),
    _text("latest", 200),
    _text("words"),
    _text("created", 20),
    _text("updated", 20),
    _count("downloads"),
    _count("stars"),
    _count("reviews"),
    Column("rating", Float, nullable=False, server_default=_ZERO),
    _count("wanted"),
    _count("published"),
    _text("held", 20),
    CheckConstraint("state IN ('active', 'reserved', 'quarantined', 'removed')", name="state"),
)
"""One row a name. ``latest`` is empty until the index names a release; then the texts are that release's.
``held``: since when it waits in quarantine for a moderator, "" where it does not; of releases likewise."""

Index("ix_plugins_popularity", desc(plugins.c.downloads), plugins.c.id)
Index("ix_plugins_updated", desc(plugins.c.updated), plugins.c.id)
Index("ix_plugins_rating", desc(plugins.c.rating), plugins.c.id)
Index("ix_plugins_publisher", plugins.c.publisher_id)
Index("ix_plugins_category", plugins.c.category, plugins.c.type)
Index("ix_plugins_type", plugins.c.type)
_partial("ix_plugins_pending", plugins.c.id, plugins.c.wanted > plugins.c.published)
_partial("ix_plugins_held", plugins.c.id, plugins.c.held != "")

releases = Table(
    "releases",
    metadata,
    _id(),
    _of_plugin(),
    _text("version", 200),
    _text("canonical", 200),
    _count("length"),
    _text("sha256", 64),
    _text("content", 80),
    _text("envelope", 64),
    _text("signer", 64),
    _text("manifest"),
    _text("scan", 12),
    _text("published", 20),
    _text("yanked", 2000),
    _text("quarantined", 2000),
    _count("revision"),
    _text("held", 20),
    UniqueConstraint("plugin_id", "canonical"),
)
Index("ix_releases_sha256", releases.c.sha256)
_partial("ix_releases_held", releases.c.plugin_id, releases.c.held != "")

profiles = Table(
    "profiles",
    metadata,
    Column("release_id", ForeignKey("releases.id"), primary_key=True, autoincrement=False),
    _text("readme"),
    _text("findings"),
    _text("icon", 64),
    _text("icon_kind", 8),
    Column("icon_data", LargeBinary),
)
"""What a release shows of itself on its page, taken from its package when it was published: its readme
(HTML, unfiltered), what its scan found (JSON, a list of sentences), and its icon by sha256, or ""."""

Index("ix_profiles_icon", profiles.c.icon)

reviews = Table(
    "reviews",
    metadata,
    _id(),
    _of_plugin(),
    _of_publisher(),
    _count("stars"),
    _text("text"),
    _text("version", 200),
    _text("updated", 20),
    UniqueConstraint("plugin_id", "publisher_id"),
    CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
)

reports = Table(
    "reports",
    metadata,
    _id(),
    _of_plugin(),
    _of_publisher(),
    _text("version", 200),
    _text("kind", 20),
    _text("text"),
    _count("weight"),
    _text("created", 20),
    _text("settled", 20),
    UniqueConstraint("plugin_id", "publisher_id"),
)
"""What users say is wrong; ``weight`` is what the reporter's word weighed then. Settled by a decision."""
_partial("ix_reports_open", reports.c.plugin_id, reports.c.settled == "")

decisions = Table(
    "decisions",
    metadata,
    _id(),
    _of_plugin(),
    _text("version", 200),
    _of_publisher(nullable=True),
    _text("action", 20),
    _text("reason", 2000),
    _text("created", 20),
)
"""What moderators (or, without a publisher, the rules) decided about a plugin or a version of it."""

requests = Table(
    "requests",
    metadata,
    _id(),
    _of_plugin(),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False, unique=True),
    _text("text"),
    _text("created", 20),
    _text("settled", 20),
)
"""Authors who ask that a decision be looked at again: once each. Settled by the next decision."""
_partial("ix_requests_open", requests.c.plugin_id, requests.c.settled == "")

revocations = Table(
    "revocations",
    metadata,
    _id(),
    _text("plugin", 64),
    _text("version", 200),
    _text("keyid", 64),
    _text("severity", 4),
    _text("reason", 2000),
    _text("since", 20),
    _text("withdrawn", 20),
)
"""What must not run, or is warned of: a plugin, a version of it, or all that a key has signed."""

lists = Table(
    "lists",
    metadata,
    Column("name", String(20), primary_key=True),
    _count("wanted"),
    _count("published"),
)
"""Signed lists that are one for all plugins (revocations), and whether they are behind, as ``plugins``."""

events = Table(
    "events",
    metadata,
    _id(),
    _text("at", 20),
    _text("kind", 20),
    _text("plugin", 64),
    _text("version", 200),
    _text("publisher", 64),
    _text("detail", 2000),
)
Index("ix_events_plugin", events.c.plugin, events.c.id)
Index("ix_events_publisher", events.c.publisher, events.c.id)

downloads = Table(
    "downloads",
    metadata,
    Column("release_id", ForeignKey("releases.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    _count("count"),
)

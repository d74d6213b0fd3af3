"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables, what is searched, and what keeps events as they are."""
    _accounts()
    _catalogue()
    _releases()
    _voices()
    _history()
    if op.get_bind().dialect.name == "sqlite":
        _run(*_SQLITE)
    else:
        _run(*_POSTGRESQL)


def _run(*statements: str) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _text(name: str, length: int | None = None) -> sa.Column[Any]:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, server_default=sa.text("''"), nullable=False)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _accounts() -> None:
    op.create_table(
        "publishers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("trusted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _text("created", 20),
        sa.PrimaryKeyConstraint("id", name="pk_publishers"),
        sa.UniqueConstraint("name", name="uq_publishers_name"),
    )
    op.create_table(
        "keys",
        sa.Column("keyid", sa.String(length=64), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=False),
        _text("public", 200),
        _text("since", 20),
        _text("signed_by", 64),
        _text("signature", 200),
        sa.ForeignKeyConstraint(["publisher_id"], ["publishers.id"], name="fk_keys_publisher_id"),
        sa.PrimaryKeyConstraint("keyid", name="pk_keys"),
        sa.UniqueConstraint("publisher_id", "signed_by", name="uq_keys_publisher_id"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        _text("scopes", 200),
        _text("plugin", 64),
        _text("created", 20),
        _text("expires", 20),
        _text("revoked", 20),
        sa.ForeignKeyConstraint(["publisher_id"], ["publishers.id"], name="fk_tokens_publisher_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )


def _catalogue() -> None:
    op.create_table(
        "categories",
        sa.Column("name", sa.String(length=40), nullable=False),
        _text("title", 100),
        sa.PrimaryKeyConstraint("name", name="pk_categories"),
    )
    op.create_table(
        "plugins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
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
        sa.Column("rating", sa.Float(), server_default=sa.text("0"), nullable=False),
        _count("wanted"),
        _count("published"),
        sa.CheckConstraint(
            "state IN ('active', 'reserved', 'quarantined', 'removed')", name="ck_plugins_state"
        ),
        sa.ForeignKeyConstraint(["category"], ["categories.name"], name="fk_plugins_category"),
        sa.ForeignKeyConstraint(["publisher_id"], ["publishers.id"], name="fk_plugins_publisher_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plugins"),
        sa.UniqueConstraint("name", name="uq_plugins_name"),
    )
    pending = sa.text("wanted > published")
    op.create_index("ix_plugins_pending", "plugins", ["id"], sqlite_where=pending, postgresql_where=pending)
    op.create_index("ix_plugins_popularity", "plugins", [sa.literal_column("downloads DESC"), "id"])
    op.create_index("ix_plugins_rating", "plugins", [sa.literal_column("rating DESC"), "id"])
    op.create_index("ix_plugins_updated", "plugins", [sa.literal_column("updated DESC"), "id"])
    kinds = ("command", "hook", "provider", "ui", "integration")
    rows = [
        {"name": kind, "title": "User interface" if kind == "ui" else kind.capitalize()} for kind in kinds
    ]
    op.bulk_insert(sa.table("categories", sa.column("name"), sa.column("title")), rows)


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin_id", sa.Integer(), nullable=False),
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
        sa.ForeignKeyConstraint(["plugin_id"], ["plugins.id"], name="fk_releases_plugin_id"),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        sa.UniqueConstraint("plugin_id", "canonical", name="uq_releases_plugin_id"),
    )
    op.create_index("ix_releases_sha256", "releases", ["sha256"])
    op.create_table(
        "downloads",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        _count("count"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_downloads_release_id"),
        sa.PrimaryKeyConstraint("release_id", "day", name="pk_downloads"),
    )


def _voices() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin_id", sa.Integer(), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=False),
        _count("stars"),
        _text("text"),
        _text("version", 200),
        _text("updated", 20),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_reviews_stars"),
        sa.ForeignKeyConstraint(["plugin_id"], ["plugins.id"], name="fk_reviews_plugin_id"),
        sa.ForeignKeyConstraint(["publisher_id"], ["publishers.id"], name="fk_reviews_publisher_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.UniqueConstraint("plugin_id", "publisher_id", name="uq_reviews_plugin_id"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin_id", sa.Integer(), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=False),
        _text("version", 200),
        _text("kind", 20),
        _text("text"),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        _text("created", 20),
        _text("settled", 20),
        sa.ForeignKeyConstraint(["plugin_id"], ["plugins.id"], name="fk_reports_plugin_id"),
        sa.ForeignKeyConstraint(["publisher_id"], ["publishers.id"], name="fk_reports_publisher_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("plugin_id", "publisher_id", name="uq_reports_plugin_id"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin_id", sa.Integer(), nullable=False),
        _text("version", 200),
        sa.Column("publisher_id", sa.Integer(), nullable=True),
        _text("action", 20),
        _text("reason", 2000),
        _text("created", 20),
        sa.ForeignKeyConstraint(["plugin_id"], ["plugins.id"], name="fk_decisions_plugin_id"),
        sa.ForeignKeyConstraint(["publisher_id"], ["publishers.id"], name="fk_decisions_publisher_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )


def _history() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("at", 20),
        _text("kind", 20),
        _text("plugin", 64),
        _text("version", 200),
        _text("publisher", 64),
        _text("detail", 2000),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_plugin", "events", ["plugin", "id"])


_SQLITE = (
    # Words are separated by spaces and made of letters and digits alone: 'ascii' splits at nothing else.
    """CREATE VIRTUAL TABLE plugins_search USING fts5(
        words, content='plugins', content_rowid='id', tokenize='ascii', prefix='2 3 4 5', detail='none',
        columnsize=0)""",
    """CREATE TRIGGER plugins_search_insert AFTER INSERT ON plugins BEGIN
        INSERT INTO plugins_search(rowid, words) VALUES (new.id, new.words); END""",
    """CREATE TRIGGER plugins_search_update AFTER UPDATE OF words ON plugins BEGIN
        INSERT INTO plugins_search(plugins_search, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO plugins_search(rowid, words) VALUES (new.id, new.words); END""",
    "CREATE TRIGGER plugins_stay BEFORE DELETE ON plugins BEGIN SELECT RAISE(ABORT, 'names stay taken'); END",
    "CREATE TRIGGER events_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events stay'); END",
    "CREATE TRIGGER events_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events stay'); END",
    """CREATE TRIGGER releases_sealed BEFORE UPDATE OF plugin_id, version, canonical, length, sha256, content,
        envelope, signer, manifest, published ON releases
        BEGIN SELECT RAISE(ABORT, 'releases are sealed'); END""",
    "CREATE TRIGGER releases_stay BEFORE DELETE ON releases BEGIN SELECT RAISE(ABORT, 'releases stay'); END",
)
_POSTGRESQL = (
    """ALTER TABLE plugins ADD COLUMN search tsvector
        GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED""",
    "CREATE INDEX ix_plugins_search ON plugins USING gin (search) WITH (fastupdate = off)",
    """CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'these rows stay as they are'; END $$""",
    "CREATE TRIGGER plugins_stay BEFORE DELETE ON plugins EXECUTE FUNCTION kept()",
    "CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON events EXECUTE FUNCTION kept()",
    """CREATE TRIGGER releases_sealed BEFORE DELETE OR UPDATE OF plugin_id, version, canonical, length,
        sha256, content, envelope, signer, manifest, published ON releases EXECUTE FUNCTION kept()""",
)

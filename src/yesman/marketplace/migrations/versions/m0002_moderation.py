"""Moderation: what waits, who asks again, what is revoked, and what reporters' words weigh."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the new tables and columns, and fill in what follows from what is there."""
    _columns()
    _tables()
    for name, column, condition in (
        ("plugins", "id", "held != ''"),
        ("releases", "plugin_id", "held != ''"),
        ("reports", "plugin_id", "settled = ''"),
        ("requests", "plugin_id", "settled = ''"),
    ):
        where = sa.text(condition)
        kind = "open" if "settled" in condition else "held"
        op.create_index(f"ix_{name}_{kind}", name, [column], sqlite_where=where, postgresql_where=where)
    for statement in (
        "UPDATE plugins SET held = created WHERE state = 'quarantined'",
        "UPDATE releases SET held = published WHERE quarantined != ''",
        "UPDATE reports SET weight = CASE WHEN trusted THEN 2 ELSE 1 END",
        "INSERT INTO lists (name) VALUES ('revocations')",
    ):
        op.execute(statement)
    op.drop_column("reports", "trusted")
    op.create_index("ix_events_publisher", "events", ["publisher", "id"])


def _text(name: str, length: int | None = None) -> sa.Column[Any]:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, server_default=sa.text("''"), nullable=False)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _columns() -> None:
    op.add_column("publishers", _count("upheld"))
    op.add_column("publishers", _count("dismissed"))
    op.add_column("plugins", _text("held", 20))
    op.add_column("releases", _text("held", 20))
    op.add_column("reports", _count("weight"))


def _tables() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        _text("text"),
        _text("created", 20),
        _text("settled", 20),
        sa.ForeignKeyConstraint(["plugin_id"], ["plugins.id"], name="fk_requests_plugin_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_requests_decision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("decision_id", name="uq_requests_decision_id"),
    )
    op.create_table(
        "revocations",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("plugin", 64),
        _text("version", 200),
        _text("keyid", 64),
        _text("severity", 4),
        _text("reason", 2000),
        _text("since", 20),
        _text("withdrawn", 20),
        sa.PrimaryKeyConstraint("id", name="pk_revocations"),
    )
    op.create_table(
        "lists",
        sa.Column("name", sa.String(length=20), nullable=False),
        _count("wanted"),
        _count("published"),
        sa.PrimaryKeyConstraint("name", name="pk_lists"),
    )

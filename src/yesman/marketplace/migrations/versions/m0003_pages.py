"""What the pages need: readmes, icons and findings of releases, and who is signed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    """Make the tables; releases of before have no profile, and their pages say less."""
    op.create_table(
        "profiles",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        _text("readme"),
        _text("findings"),
        _text("icon", 64),
        _text("icon_kind", 8),
        sa.Column("icon_data", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_profiles_release_id"),
        sa.PrimaryKeyConstraint("release_id", name="pk_profiles"),
    )
    op.create_index("ix_profiles_icon", "profiles", ["icon"])
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        _text("expires", 20),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name="fk_sessions_token_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
    op.create_index("ix_plugins_publisher", "plugins", ["publisher_id"])
    op.create_index("ix_plugins_category", "plugins", ["category", "type"])
    op.create_index("ix_plugins_type", "plugins", ["type"])

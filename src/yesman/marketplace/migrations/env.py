"""Alembic's environment: it gets the connection that is open, in its transaction."""

from __future__ import annotations

from alembic import context

from yesman.marketplace.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

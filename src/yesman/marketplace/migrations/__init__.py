"""What alembic runs; :mod:`yesman.marketplace.migrating` starts it."""

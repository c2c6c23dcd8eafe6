"""What Alembic runs: migrations on the connection, and inside the transaction, that ``migrate.upgrade`` opened."""

from __future__ import annotations

from alembic import context

from jupyter_mlops.store.sql.tables import METADATA, SCHEMA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=SCHEMA.name
)
with context.begin_transaction():
    context.run_migrations()

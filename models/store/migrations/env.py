"""Alembic's entry point: runs on the connection, and in the transaction, that `models.store.schema` hands over."""

from alembic import context

from models.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

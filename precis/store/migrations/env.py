"""Alembic's environment: runs on the connection that `precis.store.migrating` hands over."""

from alembic import context

from precis.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

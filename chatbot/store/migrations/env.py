"""Alembic's hook for its own command line; the bot upgrades through chatbot.store.migrate."""

from alembic import context

from chatbot.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

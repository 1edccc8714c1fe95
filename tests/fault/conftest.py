"""A PostgreSQL server whose tables are copied while something goes wrong."""

from real_postgres import database, postgres_server

__all__ = ["database", "postgres_server"]

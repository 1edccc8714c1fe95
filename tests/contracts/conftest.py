"""A PostgreSQL server for the engines' suites."""

from real_postgres import database, postgres_server

__all__ = ["database", "postgres_server"]

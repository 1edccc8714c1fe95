"""Every operator and function of a condition gives the same value on both engines, cell by cell."""

import math

import pytest
from both import written
from sqlglot import exp, parse_one

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check.compile.conditions import typed_value
from assay.check.compile.tree import sql
from assay.check.questions import OWN_TYPES
from assay.core.dataset import Files
from assay.core.rules.row_sql import FUNCTIONS

pytestmark = pytest.mark.spark

CELLS = {
    "i": ["0", "1", "-7", "42", "9223372036854775807", "-9223372036854775807", "NULL", "1000000", "-1", "3"],
    "j": ["3", "0", "2", "-5", "1", "1", "4", "NULL", "2000000000", "7"],
    "f": ["0.5", "-0.5", "'nan'", "'inf'", "'-inf'", "1e300", "-1e300", "NULL", "-2.5", "9007199254740993"],
    "de": ["0.01", "-0.5", "12.34", "NULL", "9999999.99", "-9999999.99", "1", "0", "2.5", "3.5"],
    "t": ["''", "' a '", "'Zü'", r"'a\b'", "chr(9) || 'x' || chr(10)", "'a%_b'", "NULL", "'😀né'", "'ABC'", "'it''s'"],
    "b": ["true", "false", "NULL", "true", "true", "false", "NULL", "false", "true", "true"],
    "d": [
        *("'2013-02-28'", "'0001-01-01'", "'9999-12-31'", "NULL", "'1969-12-31'", "'2000-02-29'", "'1582-10-04'"),
        *("'1970-01-01'", "'2013-01-31'", "'2024-12-31'"),
    ],
    "ts": [
        *("'2013-01-01 05:00:00'", "'1969-12-31 23:59:59.999999'", "'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.5'"),
        *("NULL", "'2013-01-01 00:00:00'", "'2013-06-01 12:34:56.789'", "'1582-10-10 01:02:03'", "'2000-01-01'"),
        "'2013-01-01 05:00:00.000001'",
    ],
    "z": [
        *("'2013-01-01 00:30:00+02:00'", "NULL", "'1969-12-31 23:59:59.5+00'", "'2013-07-01 00:00:00-08'"),
        *(
            "'2000-02-29 12:00:00+00'",
            "'1900-01-01 00:00:00+00'",
            "'2013-01-01 05:00:00+00'",
            "'9999-12-31 00:00:00+00'",
        ),
        *("'2013-03-31 01:30:00+00'", "'2013-03-31 02:30:00+02'"),
    ],
}
TYPES = {"i": "BIGINT", "j": "INTEGER", "f": "DOUBLE", "de": "DECIMAL(9, 2)", "t": "VARCHAR", "b": "BOOLEAN"} | {
    "d": "DATE",
    "ts": "TIMESTAMP",
    "z": "TIMESTAMPTZ",
}

EXPRESSIONS = (
    *(
        "f = f",
        "f > 1e9",
        "de >= 2.5",
        "de = i",
        "f <= i",
        "de in (2.5, 0.01)",
        "de = f",
        "f > 9007199254740992",
        "i = 0.0",
    ),
    *(
        "b is not false",
        "t is not distinct from null",
        "b or i > 0 or f > 0",
        "i in (0, 42, null)",
        "f between -1 and 1",
    ),
    *(
        "j - 2000000001",
        "j * 2000000000",
        "i / 0",
        "-7 % j",
        "i % 0",
        "-j",
        "f + de",
        "f * f",
        "2000000000 + 2000000000",
    ),
    *("1000000 * 1000000 + j", "length(t) * 2000000000", "extract(year from d) * 2000000", "i > 9223372036854775000"),
    *("abs(j)", "abs(f)", "abs(de)", "floor(f)", "ceil(f)", "floor(de)", "ceil(de)", "floor(j)", "sqrt(f)", "sqrt(de)"),
    *("coalesce(f, de, 1)", "coalesce(d, ts)", "nullif(f, 0.5)", "nullif(t, '')", "greatest(i, j, 5)", "least(f, de)"),
    *(
        "greatest(d, ts)",
        "least(t, 'B')",
        "greatest(f, 1.0)",
        "least(null, j)",
        "length(t)",
        "lower(t)",
        "upper(t)",
        "trim(t)",
    ),
    *("substring(t, 2)", "substring(t, 2, 2)", "t || t", "t like '%_b'", "t like '%😀_%'", "t >= 'Z'"),
    *(
        "regexp_matches(t, '^.$')",
        r"regexp_matches(t, '\\')",
        "regexp_matches(t, '^..n')",
        r"regexp_matches(t, '\w\W|%')",
    ),
    *(
        "extract(day from z)",
        "extract(hour from z)",
        "extract(second from ts)",
        "year(ts)",
        "month(d)",
        "day(ts)",
        "hour(ts)",
    ),
    *(
        "minute(z)",
        "second(z)",
        "hour(d)",
        "epoch(ts)",
        "epoch(d)",
        "epoch(ts) - epoch(z)",
        "d < ts",
        "z > ts",
        "z = '2013-01-01 05:00'",
    ),
    *(
        "ts < timestamp '2013-01-01 05:00:00.000001'",
        "d >= date '2000-02-29'",
        "case when b then i when j > 3 then f end",
    ),
    *("cast(j as varchar)", "cast(i as double)", "cast(ts as date)", "cast(d as timestamp)", "cast(z as date)"),
)
"""Beside those of the engines' suite: on days before 1582 and after 9000, on infinities, on decimals, on what leaves 32 bits."""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rows = (
        f"SELECT {n} AS id, "
        + ", ".join(f"CAST({cells[n]} AS {TYPES[name]}) AS {name}" for name, cells in CELLS.items())
        for n in range(10)
    )
    return written(tmp_path_factory.mktemp("cells"), " UNION ALL ".join(rows))


def values(engine, path):
    with engine.open({"source": Files((path,))}) as opened:
        columns = {column.name: column for column in opened.columns["source"]}
        types = {name: OWN_TYPES[column.held] for name, column in columns.items()}
        parts = []
        for text in EXPRESSIONS:
            part, kind, *_ = typed_value(parse_one(text, read="duckdb"), columns, types, engine.dialect)
            told = exp.cast(part, "TEXT") if kind in ("date", "time") else part
            parts.append(f"{sql(told, engine.dialect)} AS e{len(parts)}")
        return opened.rows(f"SELECT {', '.join(parts)} FROM source ORDER BY c0")


def alike(one, other):
    both_nan = isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    return both_nan or (one == other and isinstance(one, bool) == isinstance(other, bool))


def test_every_function_is_asked():
    asked = {name for name in FUNCTIONS if any(f"{name}(" in text for text in EXPRESSIONS)}
    assert asked == set(FUNCTIONS)


def test_values_are_the_same(spark, path):
    found = {}
    for n, (one, other) in enumerate(zip(values(DuckdbEngine(), path), values(spark, path), strict=True)):
        for text, a, b in zip(EXPRESSIONS, one, other, strict=True):
            if not alike(a, b):
                found.setdefault(text, []).append((n, a, b))
    assert found == {}

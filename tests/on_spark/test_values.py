"""Values about which engines have ideas of their own: Spark finds what DuckDB finds."""

import pytest
from both import assert_alike, both, written

from assay.core.rules import QueryRule, RowRule, Rules, parse_column

pytestmark = pytest.mark.spark


def columns(**lines):
    return tuple(parse_column(name, line) for name, line in lines.items())


def by_column(findings):
    return {finding["column"]: finding for finding in findings if finding["column"]}


def test_nan_null_and_infinity(spark, tmp_path):
    path = written(
        tmp_path,
        """SELECT * FROM (VALUES (1, 1.0::DOUBLE, 0.1::FLOAT, 3.0::DOUBLE), (2, 'nan', 'nan', 'nan'), (3, NULL, NULL, NULL),
        (4, 'inf', 'inf', 9.3e18), (5, '-inf', '-inf', -9.3e18), (6, -0.0, 0.5, 2.5), (7, 1e308, 3.4e38, 9223372036854774784),
        (8, 5e-324, 1e-40, -9223372036854775808), (9, 2, 0.25, 'inf')) AS t(id, f, small, whole)""",
    )
    rules = Rules(
        columns=columns(f="float? -1..100, median <= 1.5, p99 < 10", small="float > 0.1", whole="int? >= 0"),
        unique=(("id",), ("f",)),
        row_rules=(RowRule("twice", "f * 2 <= 10 or small is null"), RowRule("sane", "f = f and whole < 1e18")),
        slices=("f",),
    )
    assert_alike(spark, [path], rules)


def test_a_number_that_leaves_64_bits_is_a_finding_and_hides_no_other(spark, tmp_path):
    path = written(tmp_path, "SELECT 9223372036854775807 - i AS a, i AS b FROM range(4) AS t(i)")
    rules = Rules(columns=columns(b="int 0..2"), row_rules=(RowRule("sum", "a + b + 1 > 0"), RowRule("less", "a > b")))
    of_duckdb, of_spark = both(spark, [path], rules)
    assert of_spark[0] == of_duckdb[0]
    assert of_spark[-1] == of_duckdb[-1]
    (told,) = [finding["detail"] for finding in of_spark if finding["rule"].startswith("sum")]
    assert told == "it cannot be computed: overflow"


def test_days_times_and_zones(spark, tmp_path):
    path = written(
        tmp_path,
        """SELECT i AS id, DATE '1969-12-30' + i::INTEGER AS day, TIMESTAMP '1999-12-31 23:59:59' + to_milliseconds(i * 500) AS moment,
        (TIMESTAMPTZ '2013-03-31 00:30:00+01:00' + to_minutes(i * 15)) AS zoned,
        TIMESTAMP '2013-01-01' + to_hours(i * 12) AS midnights,
        [DATE '0001-01-01', DATE '1582-10-10', DATE '9999-12-31', NULL][1 + i % 4] AS far FROM range(9) AS t(i)""",
    )
    rules = Rules(
        columns=columns(
            day="date >= 1970-01-01",
            moment="time < 2000-01-01 00:00:00",
            zoned="time 2013-03-31 00:00..2013-03-31 01:00",
            midnights="date",
            far="date? > 1582-10-10",
        ),
        unique=(("id",),),
        row_rules=(RowRule("order", "day < moment and zoned > '2013-03-30 23:45'"),),
        slices=("day", "zoned"),
    )
    findings = by_column(assert_alike(spark, [path], rules))
    assert findings["zoned"]["sample"][0]["zoned"] == "2013-03-30T23:30:00Z"
    assert findings["midnights"]["failing_rows"] == 4


PATTERNS = (
    *(
        "^N[0-9]{1,5}[A-Z]{0,2}$",
        "^.*$",
        ".",
        "a$",
        r"\s",
        r"^\S+$",
        r"\\",
        r"[\]\-^]",
        "(?i)^n1[a-z]$",
        "[^a-zA-Z0-9]",
    ),
    *("^(?:ab|cd)*$", "é|ü", "^.{2}$", r"\d.\d|^$", "^'", "😀", r"\W\w", r"^[\s\S]{1,3}$", r"[\d&&[a-z]", "~#|<>"),
)


def test_patterns(spark, tmp_path):
    cells = r"""(''), ('N123AA'), ('N1a'), ('n1A'), ('a' || chr(10)), (chr(10) || 'a'), ('a\b'), ('x]-^'), ('abcd'), ('é1 2'), ('ü'), ('😀x'),
    ('''q'), (NULL), ('1.2'), (chr(9)), (chr(160)), ('a' || chr(13)), ('1' || chr(10) || '2'), ('&'), ('<>')"""
    shown = ", ".join(f"t AS p{place}" for place in range(len(PATTERNS)))
    path = written(tmp_path, f"SELECT t, {shown} FROM (VALUES {cells}) AS texts(t)")
    quoted = [f'"{pattern}"' if "'" in pattern else f"'{pattern}'" for pattern in PATTERNS]
    lines = {f"p{place}": f"str? ~ {pattern}, allow 100%" for place, pattern in enumerate(quoted)}
    findings = assert_alike(spark, [path], Rules(columns=columns(**lines), unique=(("t",),)))
    assert len({finding["detail"] for finding in findings}) > 8


def test_texts_are_counted_by_character(spark, tmp_path):
    path = written(
        tmp_path,
        r"""SELECT * FROM (VALUES (1, ''), (2, '😀né'), (3, 'a"b'), (4, ' ab'), (5, repeat('x', 200000)), (6, 'it''s \n'), (7, NULL))
        AS t(id, text)""",
    )
    rules = Rules(
        columns=columns(text="str len 3"), unique=(("id",),), row_rules=(RowRule("quote", "text not like '%\"%'"),)
    )
    findings = by_column(assert_alike(spark, [path], rules))
    assert findings["text"]["values"][0]["value"] == ""


def test_decimals_and_wide_numbers(spark, tmp_path):
    path = written(
        tmp_path,
        """SELECT i AS id, (i / 8)::DECIMAL(18, 3) AS price, (i * 5 / 2)::DECIMAL(4, 1) AS whole, (18446744073709551600 + i)::UBIGINT AS wide,
        (i * 1000000007)::DECIMAL(38, 10) AS long, i::UTINYINT AS tiny FROM range(12) AS t(i)""",
    )
    rules = Rules(
        columns=columns(
            price="float 0.25..1.125, mean < 0.5", whole="int", wide="int", long="float < 5e9", tiny="int <= 9"
        ),
        unique=(("price",), ("id",)),
        slices=("price",),
        row_rules=(RowRule("sum", "price + whole < 30 and long > 0"),),
    )
    findings = by_column(assert_alike(spark, [path], rules))
    assert findings["wide"]["failing_rows"] == 12


def test_nested_columns(spark, tmp_path):
    path = written(
        tmp_path,
        """SELECT i AS id, CASE WHEN i > 1 THEN [i % 2, NULL] END AS list, {'a': i % 2, 'b': 'x"' || i % 2, 'c': NULL::INTEGER} AS struct,
        map {'k': i % 2} AS map, [{'t': TIMESTAMP '2013-01-01 05:00:00', 'd': DATE '2013-01-01'}] AS deep FROM range(6) AS t(i)""",
    )
    rules = Rules(
        columns=columns(id="int < 5"),
        unique=(("id",), ("struct",), ("map", "list")),
        distinct_rows=True,
        slices=("map",),
    )
    findings = assert_alike(spark, [path], rules)
    sample = findings[0]["sample"][0]
    assert sample["list"] == "[1,null]"
    assert sample["struct"] == '{"a":1,"b":"x\\"1","c":null}'
    assert sample["map"] == '{"k":1}'


def test_names_of_columns(spark, tmp_path):
    names = ["back`tick", "do.t", 'qu"ote', "new\nline", "Case"]
    shown = ", ".join(f'i AS "{name.replace(chr(34), chr(34) * 2)}"' for name in names)
    path = written(tmp_path, f"SELECT {shown} FROM range(3) AS t(i)")
    rules = Rules(
        columns=tuple(parse_column(name, "int < 2") for name in names[:2]),
        unique=(("do.t", "new\nline"),),
        row_rules=(RowRule("all", '"do.t" = "back`tick" and "Case" = "qu""ote" and "do.t" < 2'),),
        queries=(QueryRule("own", "own.sql"),),
        slices=("back`tick",),
    )
    assert_alike(spark, [path], rules, queries={"own.sql": "SELECT * FROM data"})

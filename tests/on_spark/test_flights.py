"""All kinds of rules on flights: Spark finds what DuckDB finds, to the row."""

import msgspec
import pytest
from both import assert_alike, written

from assay.core.dataset import Files
from assay.core.rules import Fresh, MembersOf, QueryRule, RowRule, Rules, Tolerance, parse_column, parse_rows

pytestmark = pytest.mark.spark

FLIGHTS = """
SELECT
    i::INTEGER AS id,
    (1 + i // 700)::INTEGER AS month,
    CASE WHEN i % 97 = 0 THEN NULL WHEN i % 1013 = 0 THEN 2500 ELSE (i * 37) % 2400 END::INTEGER AS dep_time,
    CASE WHEN i % 31 = 0 THEN NULL ELSE (i * 7919) % 200 - 40 END::DOUBLE AS dep_delay,
    CASE WHEN i % 53 = 0 THEN 'nan'::DOUBLE WHEN i % 11 = 0 THEN NULL ELSE ((i * 104729) % 300 - 60) / 2 END AS arr_delay,
    CASE WHEN i = 17 THEN 17 ELSE 100 + (i * 13) % 2500 END::SMALLINT AS distance,
    ['EWR', 'JFK', 'LGA', 'ewr', NULL][CASE WHEN i % 499 = 0 THEN 4 WHEN i % 397 = 0 THEN 5 ELSE 1 + i % 3 END] AS origin,
    ['AA', 'UA', 'DL', 'ZZ'][CASE WHEN i % 503 = 0 THEN 4 ELSE 1 + i % 3 END] AS carrier,
    CASE WHEN i % 40 = 0 THEN NULL WHEN i % 15 = 0 THEN 'D' || i ELSE 'N' || (i % 900 + 100) || 'A' END AS tailnum,
    CASE WHEN i % 2500 = 3 THEN 'BOST' WHEN i % 2500 = 4 THEN 'Zü' ELSE 'BOS' END AS dest,
    DATE '2013-01-01' + (i // 23)::INTEGER AS day,
    TIMESTAMP '2013-01-01 05:00:00' + to_minutes(i * 11) AS sched,
    (TIMESTAMP '2013-01-01 05:00:00' + to_seconds(i * 61 + i % 7 / 10))::TIMESTAMPTZ AS seen,
    ((i * 17) % 100000 / 100)::DECIMAL(9, 2) AS fare,
    i % 3 = 0 AS is_late
FROM range(8000) AS t(i)
"""

COLUMNS = {
    "month": "int 1..11",
    "dep_time": "int? 1..2400, nulls <= 1%",
    "dep_delay": "int? -30..150, mean 60..61, stddev < 10",
    "arr_delay": "int?, p95 <= 80, p50 > 20, nulls <= 10%",
    "distance": "int 100..2590, allow 3 rows",
    "origin": "str in [EWR, JFK, LGA]",
    "tailnum": "str? ~ '^N[0-9]{1,5}[A-Z]{0,2}$', allow 1%",
    "dest": "str len 3",
    "day": "date 2013-01-02..2013-12-20",
    "sched": "time >= 2013-01-01 08:00",
    "seen": "time < 2013-01-04 01:02:03",
    "fare": "float 0.01..999.98, mean < 100",
    "is_late": "bool in [false]",
}


def rules(names=tuple(COLUMNS), **more):
    columns = tuple(parse_column(name, COLUMNS[name]) for name in names)
    return Rules(columns=columns, unique=(("id",),), **more)


@pytest.fixture(scope="module")
def flights(tmp_path_factory):
    return written(tmp_path_factory.mktemp("data"), FLIGHTS)


def test_columns(spark, flights):
    findings = assert_alike(spark, [flights], rules())
    failed = [finding for finding in findings if not finding["passed"]]
    assert {finding["column"] for finding in failed} >= set(COLUMNS) - {"distance"}
    assert any(finding["values"] for finding in failed)


def test_slices(spark, flights):
    findings = assert_alike(spark, [flights], rules(("origin", "fare"), slices=("carrier", "day", "is_late")))
    assert [len(finding["slices"]) for finding in findings if not finding["passed"]][:1] == [3 + 10 + 2]


def test_the_whole_dataset(spark, flights):
    more = rules(
        ("month", "seen"),
        rows=parse_rows("60000.."),
        fresh=(Fresh("seen", 3600.0), Fresh("day", 86400.0)),
        closed=True,
    )
    assert_alike(spark, [flights], more, now_s=1_400_000_000.0)


def test_keys_and_repeats(spark, flights):
    keys = Rules(
        columns=(parse_column("dest", "str unique"), parse_column("id", "int unique")),
        unique=(("tailnum", "day"), ("id",), ("dest",)),
        distinct_rows=True,
    )
    findings = assert_alike(spark, [flights], keys)
    assert [finding["failing_rows"] for finding in findings if finding["rule"].startswith("unique")][1] == 0


def test_members_of_another_dataset(spark, flights, tmp_path):
    airlines = written(tmp_path, "SELECT unnest(['AA', 'UA', NULL]) AS code, 1 AS n", "airlines.parquet")
    line = msgspec.structs.replace(parse_column("carrier", "str"), members=MembersOf("data/airlines.parquet", "code"))
    members = Rules(columns=(line,), unique=(("id",),), slices=("origin",))
    findings = assert_alike(spark, [flights], members, others={"data/airlines.parquet": Files((airlines,))})
    assert findings[0]["failing_rows"] > findings[0]["sample"][0]["id"]


def test_conditions_on_rows(spark, flights):
    conditions = (
        RowRule("arrival", "dep_time <= 2400 and (distance > 100 or origin is null)"),
        RowRule("tail", "tailnum is not null", given="dep_delay is not null", severity="warn"),
        RowRule("early", "extract(hour from seen) >= 3", allow=Tolerance(rows=100)),
        RowRule("sum", "month * 100 + id % 10 < 1209"),
    )
    assert_alike(spark, [flights], rules(("arr_delay",), row_rules=conditions))


def test_a_query_of_the_users_own(spark, flights):
    text = "SELECT id, tailnum, fare FROM data WHERE is_late AND fare > 990 ORDER BY id DESC"
    own = Rules(queries=(QueryRule("late", "checks/late.sql"),), columns=(parse_column("fare", "float"),))
    findings = assert_alike(spark, [flights], own, queries={"checks/late.sql": text})
    (late,) = [finding for finding in findings if finding["rule"].startswith("late")]
    assert late["failing_rows"] > len(late["sample"]) == 10

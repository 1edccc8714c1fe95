"""Every line of the grammar, as the docs write it: it holds for data that is well, and tells what is wrong where it is not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from assay.core.finding import CheckReport, Finding
from assay.core.pipeline import CheckAction
from assay.flows.data_check import check_data
from assay.workspace import Workspace

ASSAY_YAML = """\
steps:
  - name: Data Validation
    check:
      data/flights.parquet:
        rows: 30_000..
        fresh: {time_hour: 2 days}
        unique: [time_hour, carrier, flight]
        closed: true                                        # an unknown column fails; default: warn
        columns:
          month: int 1..12                                  # typed: not NULL
          dep_time: int? 1..2400, nulls <= 5%               # "?": may be NULL
          dep_delay: int? -60..1440, mean 5..20
          arr_delay: int?, p95 <= 120, nulls <= 3%
          distance: int 50..5000, allow 1 row
          origin: str in [EWR, JFK, LGA]
          carrier: str in data/airlines.parquet:carrier
          tailnum: str? ~ '^N[0-9]{1,5}[A-Z]{0,2}$', allow 7%
          dest: str len 3
          air_time: int? > 0, stddev 50..150
          sched_dep_time: int
          arr_time: int
          hour: int
          minute: int
          time_hour: time
          flight: int
        rules:                                              # SQL; NULL passes
          sched: sched_dep_time = hour*100 + minute
          arrival: arr_time >= dep_time or dep_time - arr_time > 1200
          no_tail: {if: dep_time is not null, then: tailnum is not null, severity: warn}
          late: {sql: checks/late.sql}
        slices: [carrier, origin]                           # failures counted by slice
        drift: {since: champion, batch: 1 day, window: 7 days, ignore: [month]}
"""

FLIGHTS = """
CREATE TABLE flights AS
SELECT now()::TIMESTAMP - to_hours(range // 100) - INTERVAL 1 HOUR AS time_hour, 1 + range % 12 AS month,
  CASE WHEN range % 40 <> 0 THEN 600 + range % 60 END::BIGINT AS dep_time, (range % 31 - 5)::BIGINT AS dep_delay,
  CASE WHEN range % 50 <> 0 THEN range % 100 END::BIGINT AS arr_delay, 100 + range % 2000 AS distance,
  ['EWR', 'JFK', 'LGA'][1 + range % 3] AS origin, ['AA', 'UA', 'B6'][1 + range % 3] AS carrier,
  CASE WHEN range % 40 <> 0 THEN 'N' || (100 + range % 900) || 'AA' END AS tailnum, 'BOS' AS dest,
  (20 + range % 300)::BIGINT AS air_time, 600 + range % 60 AS sched_dep_time, 700 + range % 60 AS arr_time,
  6::BIGINT AS hour, range % 60 AS minute, range AS flight
FROM range(30000)
"""
NONE = "WHERE flight = 7"

BROKEN = {
    "rows": ("DELETE FROM flights WHERE flight = 29999", "rows: 30000..", "29,999 rows, not 30000.."),
    "fresh": (
        "UPDATE flights SET time_hour = time_hour - INTERVAL 3 DAY",
        "fresh: {time_hour: 2 days}",
        "the newest time_hour is",
    ),
    "unique": (
        "INSERT INTO flights SELECT * FROM flights WHERE flight IN (7, 8)",
        "unique: [time_hour, carrier, flight]",
        "time_hour, carrier, flight is not unique: 2 rows repeat an earlier key",
    ),
    "closed": (
        "ALTER TABLE flights ADD COLUMN gate INTEGER",
        "closed: true",
        "1 column without a line under `columns`: [gate]",
    ),
    "absent": ("ALTER TABLE flights DROP COLUMN dest", "dest: str len 3", "no column `dest`"),
    "month": (
        f"UPDATE flights SET month = 13 {NONE}",
        "month: int 1..12",
        "1 of 30,000 rows (<0.1 %) outside 1..12: up to 13",
    ),
    "not NULL": (f"UPDATE flights SET month = NULL {NONE}", "month: int 1..12", "1 of 30,000 rows (<0.1 %) are NULL"),
    "null share": (
        "UPDATE flights SET dep_time = NULL WHERE flight % 10 = 1",
        "dep_time: int? 1..2400, nulls <= 5%",
        "3,750 of 30,000 rows (12.5 %) are NULL, more than 5 %: 1,500 rows",
    ),
    "mean": ("UPDATE flights SET dep_delay = dep_delay + 20", "dep_delay: int? -60..1440, mean 5..20", "mean 29.9"),
    "quantile": (
        "UPDATE flights SET arr_delay = 121 WHERE flight % 15 = 1",
        "arr_delay: int?, p95 <= 120, nulls <= 3%",
        "p95: ",
    ),
    "allow 1 row": (
        "UPDATE flights SET distance = 1 WHERE flight < 2",
        "distance: int 50..5000, allow 1 row",
        "2 of 30,000 rows (<0.1 %) outside 50..5000: down to 1",
    ),
    "set": (
        f"UPDATE flights SET origin = 'PHL' {NONE}",
        "origin: str in [EWR, JFK, LGA]",
        '1 of 30,000 rows (<0.1 %) not in [EWR, JFK, LGA]: "PHL"',
    ),
    "set of another dataset": (
        f"UPDATE flights SET carrier = 'ZZ' {NONE}",
        "carrier: str in data/airlines.parquet:carrier",
        '1 of 30,000 rows (<0.1 %) not in data/airlines.parquet:carrier: "ZZ"',
    ),
    "pattern": (
        "UPDATE flights SET tailnum = 'D' || tailnum WHERE flight % 10 = 1",
        "tailnum: str? ~ '^N[0-9]{1,5}[A-Z]{0,2}$', allow 7%",
        "3,000 of 30,000 rows (10 %) do not match",
    ),
    "length": (
        f"UPDATE flights SET dest = 'BOST' {NONE}",
        "dest: str len 3",
        '1 of 30,000 rows (<0.1 %) not of length 3: "BOST"',
    ),
    "comparison": (
        f"UPDATE flights SET air_time = 0 {NONE}",
        "air_time: int? > 0, stddev 50..150",
        "1 of 30,000 rows (<0.1 %) not > 0: down to 0",
    ),
    "deviation": ("UPDATE flights SET air_time = 100", "air_time: int? > 0, stddev 50..150", "stddev 0, not 50..150"),
    "type": (
        "ALTER TABLE flights ALTER month TYPE VARCHAR",
        "month: int 1..12",
        "the column holds VARCHAR, not int",
    ),
    "rule": (
        f"UPDATE flights SET minute = minute + 1 {NONE}",
        "sched: sched_dep_time = hour*100 + minute",
        "1 of 30,000 rows (<0.1 %) break it",
    ),
    "rule of two columns": (
        f"UPDATE flights SET arr_time = 599 {NONE}",
        "arrival: arr_time >= dep_time or dep_time - arr_time > 1200",
        "1 of 30,000 rows (<0.1 %) break it",
    ),
    "if and then": (
        f"UPDATE flights SET tailnum = NULL {NONE}",
        "no_tail: {if: dep_time is not null, then: tailnum is not null}",
        "1 of 30,000 rows (<0.1 %) break it",
    ),
    "query": (
        f"UPDATE flights SET dep_delay = 1301 {NONE}",
        "late: {sql: checks/late.sql}",
        "1 of 30,000 rows (<0.1 %) break it",
    ),
}


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("grammar")
    (root / "assay.yaml").write_text(ASSAY_YAML)
    (root / "checks").mkdir()
    (root / "checks" / "late.sql").write_text("SELECT carrier, flight FROM data WHERE dep_delay > 1300\n")
    (root / "data").mkdir()
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE airlines AS SELECT unnest(['AA', 'UA', 'B6']) AS carrier")
        connection.execute(f"COPY airlines TO '{root}/data/airlines.parquet'")
    return root


@pytest.fixture
def report(well: Path, tmp_path: Path) -> Callable[..., CheckReport]:
    """What is found after the flights were changed by a statement, and a line of the rules by another."""

    def found(change: str = "", line: str = "", becomes: str = "") -> CheckReport:
        root = tmp_path / "project"
        shutil.copytree(well, root)
        (root / "assay.yaml").write_text(ASSAY_YAML.replace(line, becomes) if line else ASSAY_YAML)
        with duckdb.connect() as connection:
            connection.execute(FLIGHTS)
            if change:
                connection.execute(change)
            connection.execute(f"COPY flights TO '{root}/data/flights.parquet'")
        (held,) = check_data(Workspace(root, {}))
        return held.report

    return found


def broken(report: CheckReport) -> list[Finding]:
    return [finding for finding in report.findings if not finding.passed]


def test_every_line_holds_for_data_that_is_well(report: Callable[..., CheckReport]) -> None:
    found = report("")
    assert broken(found) == []
    assert len(found.findings) == 25
    assert found.findings[-1].detail.startswith("no reference yet: there is no champion yet")


@pytest.mark.parametrize("line", BROKEN)
def test_what_is_wrong_is_told_by_the_line_that_says_so(line: str, report: Callable[..., CheckReport]) -> None:
    change, rule, detail = BROKEN[line]
    found = broken(report(change))
    told = [finding for finding in found if finding.rule == rule]
    assert told, [finding.rule for finding in found]
    assert told[0].detail.startswith(detail)
    assert (told[0].severity == "warn") is (line == "if and then")


ON_TERMS = {
    "rows": ("", "rows: 30_000..", "rows: {range: 40_000.., severity: warn}", "30,000 rows, not 40000.."),
    "fresh": (
        "UPDATE flights SET time_hour = time_hour - INTERVAL 3 DAY",
        "fresh: {time_hour: 2 days}",
        "fresh: {time_hour: {within: 2 days, severity: warn}}",
        "the newest time_hour is",
    ),
    "unique": (
        "INSERT INTO flights SELECT * FROM flights WHERE flight < 4",
        "unique: [time_hour, carrier, flight]",
        "unique: [{columns: [time_hour, carrier, flight], severity: warn, allow: 3 rows}]",
        "time_hour, carrier, flight is not unique: 4 rows repeat an earlier key, 3 may",
    ),
    "closed": (
        "ALTER TABLE flights ADD COLUMN gate INTEGER",
        "closed: true",
        "closed: warn",
        "1 column without a line under `columns`: [gate]",
    ),
    "distinct rows": (
        "INSERT INTO flights SELECT * FROM flights WHERE flight < 4",
        "unique: [time_hour, carrier, flight]",
        "distinct_rows: {severity: warn, allow: 3 rows}",
        "4 rows are equal to an earlier one in every column, 3 may",
    ),
    "apart_from": (
        "",
        "unique: [time_hour, carrier, flight]",
        "apart_from: [{data: data/airlines.parquet, severity: warn}]",
        "30,000 of 30,000 rows (100 %) stand in data/airlines.parquet too, compared by carrier",
    ),
    "slices": (
        "",
        "slices: [carrier, origin]",
        "slices: [carrier, orign]",
        "`slices` names `orign`, which is no column; did you mean `origin`?",
    ),
}


@pytest.mark.parametrize("rule", ON_TERMS)
def test_what_only_warns_stops_nothing(rule: str, report: Callable[..., CheckReport]) -> None:
    change, line, becomes, detail = ON_TERMS[rule]
    found = report(change, line, becomes)
    (finding,) = broken(found)
    assert (finding.severity, found.passed) == ("warn", True)
    assert finding.detail.startswith(detail)


ALLOWED = {
    "unique: [time_hour, carrier, flight]": "unique: [{columns: [month], allow: 29_988 rows}]",
    "flight: int": "flight: int unique, allow 2 rows",
    "time_hour: time": "time_hour: time 2000-01-01..2000-01-01, allow 30_000 rows",
}


@pytest.mark.parametrize("line", ALLOWED)
def test_rows_that_may_break_a_rule_break_nothing(line: str, report: Callable[..., CheckReport]) -> None:
    found = report("UPDATE flights SET flight = 7 WHERE flight IN (2, 3)", f"{line}\n", f"{ALLOWED[line]}\n")
    assert broken(found) == []
    assert any(finding.failing_rows and "may" in finding.detail for finding in found.findings)


def test_failures_are_counted_by_slice(report: Callable[..., CheckReport]) -> None:
    (finding,) = broken(report("UPDATE flights SET month = 13 WHERE flight IN (0, 3, 4)"))
    assert [(part.column, part.value, part.rows) for part in finding.slices] == [
        ("carrier", "AA", 2),
        ("carrier", "UA", 1),
        ("origin", "EWR", 2),
        ("origin", "JFK", 1),
    ]


def test_the_rules_are_the_same_in_a_file_of_their_own(well: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(well, root)
    head, _, rules = ASSAY_YAML.partition("      data/flights.parquet:\n")
    (root / "checks" / "flights.yaml").write_text("\n".join(line[8:] for line in rules.splitlines()) + "\n")
    (root / "assay.yaml").write_text(f"{head}      data/flights.parquet: checks/flights.yaml\n")
    one = Workspace(root, {}).pipeline.steps[0].action
    other = Workspace(well, {}).pipeline.steps[0].action
    assert isinstance(one, CheckAction)
    assert one == other

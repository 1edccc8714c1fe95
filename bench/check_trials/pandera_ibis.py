"""The suite as a pandera schema on a table of Ibis's, which asks DuckDB."""

import datetime as dt

import ibis
import pandera.ibis as pa
from asked import (
    CHECKS,
    COLUMNS,
    KEY,
    LEAST_ROWS,
    MEAN_DELAY,
    NOT_NULL,
    NULL_SHARES,
    OLDEST_DAYS,
    ORIGINS,
    P95_DELAY,
    RANGES,
    TAIL,
    answer,
    asked,
)
from pandera.errors import SchemaErrors

given = asked()
table = ibis.duckdb.connect().read_parquet(given.flights)
carriers = ibis.duckdb.connect().read_parquet(given.airlines)["carrier"].execute().tolist()
checks: dict[str, list[pa.Check]] = {name: [] for name in COLUMNS}


def ask(expression: object, name: str) -> pa.Check:
    """A condition on rows, or on all of them together."""
    return pa.Check(lambda data: expression(data.table), name=name)


for name, share in NULL_SHARES.items():
    checks[name].append(ask(lambda t, name=name, share=share: t[name].isnull().mean() <= share, f"nulls {name}"))
for name, (low, high) in RANGES.items():
    checks[name].append(pa.Check.in_range(low, high))
checks["origin"].append(pa.Check.isin(ORIGINS))
checks["carrier"].append(pa.Check.isin(carriers))
checks["tailnum"].append(pa.Check.str_matches(TAIL))
checks["dest"].append(pa.Check.str_length(3, 3))
checks["dep_delay"].append(ask(lambda t: t.dep_delay.mean().between(*MEAN_DELAY), "mean"))
checks["arr_delay"].append(ask(lambda t: (t.arr_delay > P95_DELAY).sum() <= 0.05 * t.arr_delay.count(), "p95"))
oldest = dt.datetime.now() - dt.timedelta(days=OLDEST_DAYS)  # noqa: DTZ005 - the column has no zone
checks["time_hour"].append(ask(lambda t: t.time_hour.max() >= oldest, "fresh"))
schema = pa.DataFrameSchema(
    {name: pa.Column(table.schema()[name], checks[name], nullable=name not in NOT_NULL) for name in COLUMNS},
    checks=[
        ask(lambda t: t.sched_dep_time == t.hour * 100 + t.minute, "sched"),
        ask(lambda t: (t.arr_time >= t.dep_time) | (t.dep_time - t.arr_time > 1200), "arrival"),
        ask(lambda t: t.count() >= LEAST_ROWS, "rows"),
    ],
    unique=list(KEY) if given.is_unique else None,
    strict=True,
)
failed: dict[str, int] = {}
try:
    schema.validate(table, lazy=True)
except SchemaErrors as errors:
    failed = errors.failure_cases["check"].value_counts().to_dict()  # the column is not told


def failing(check: str) -> int:
    return sum(rows for name, rows in failed.items() if str(name).startswith(check))


answer(
    CHECKS if given.is_unique else CHECKS - 1,
    tailnum=failing("str_matches"),
    distance=failing("in_range(50"),
    arrival=failing("arrival"),
)

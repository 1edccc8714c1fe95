"""The suite as a pandera schema on a Polars frame."""

import datetime as dt

import pandera.polars as pa
import polars as pl
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
    TEXTS,
    answer,
    asked,
)
from pandera.errors import SchemaErrors

given = asked()
col = pl.col
frame = pl.read_parquet(given.flights)
carriers = pl.read_parquet(given.airlines)["carrier"].to_list()
checks: dict[str, list[pa.Check]] = {name: [] for name in COLUMNS}


def ask(expression: pl.Expr, name: str) -> pa.Check:
    """A condition on rows, or on all of them together."""
    return pa.Check(lambda data: data.lazyframe.select(expression), name=name)


for name, share in NULL_SHARES.items():
    checks[name].append(ask(col(name).is_null().mean() <= share, f"nulls {name}"))
for name, (low, high) in RANGES.items():
    checks[name].append(pa.Check.in_range(low, high))
checks["origin"].append(pa.Check.isin(ORIGINS))
checks["carrier"].append(pa.Check.isin(carriers))
checks["tailnum"].append(pa.Check.str_matches(TAIL))
checks["dest"].append(pa.Check.str_length(3, 3))
checks["dep_delay"].append(ask(col("dep_delay").mean().is_between(*MEAN_DELAY), "mean"))
checks["arr_delay"].append(ask((col("arr_delay") > P95_DELAY).sum() <= 0.05 * col("arr_delay").count(), "p95"))
oldest = dt.datetime.now() - dt.timedelta(days=OLDEST_DAYS)  # noqa: DTZ005 - the column has no zone
checks["time_hour"].append(ask(col("time_hour").max() >= oldest, "fresh"))
schema = pa.DataFrameSchema(
    {
        name: pa.Column(pl.String if name in TEXTS else frame.schema[name], checks[name], nullable=name not in NOT_NULL)
        for name in COLUMNS
    },
    checks=[
        ask(col("sched_dep_time") == col("hour") * 100 + col("minute"), "sched"),
        ask((col("arr_time") >= col("dep_time")) | (col("dep_time") - col("arr_time") > 1200), "arrival"),
        ask(pl.len() >= LEAST_ROWS, "rows"),
    ],
    unique=list(KEY) if given.is_unique else None,
    strict=True,
)
failed: dict[str, int] = {}
try:
    schema.validate(frame, lazy=True)
except SchemaErrors as errors:
    by_column = errors.failure_cases.with_columns(pl.coalesce("column", "check").alias("what"))
    failed = dict(by_column.group_by("what").len().iter_rows())
answer(
    CHECKS if given.is_unique else CHECKS - 1,
    tailnum=failed.get("tailnum", 0),
    distance=failed.get("distance", 0),
    arrival=failed.get("arrival", 0),
)

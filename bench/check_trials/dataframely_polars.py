"""The suite as a dataframely schema. What is asked of all rows together becomes a rule of every row."""

import datetime as dt

import dataframely as dy
import polars as pl
from asked import (
    CHECKS,
    COLUMNS,
    INTEGERS,
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

given = asked()
col = pl.col
carriers = pl.read_parquet(given.airlines)["carrier"].to_list()
oldest = dt.datetime.now() - dt.timedelta(days=OLDEST_DAYS)  # noqa: DTZ005 - the column has no zone
more = {
    "origin": dy.String(nullable=False, check=lambda x: x.is_in(ORIGINS)),
    "carrier": dy.String(nullable=False, check=lambda x: x.is_in(carriers)),
    "tailnum": dy.String(nullable=True, regex=TAIL),
    "dest": dy.String(nullable=True, min_length=3, max_length=3),
    "time_hour": dy.Datetime(nullable=True),
}


def number(name: str) -> dy.Column:
    low, high = RANGES.get(name, (None, None))
    return dy.Integer(nullable=name not in NOT_NULL, min=low, max=high)


def rule(expression: pl.Expr) -> object:
    return dy.rule()(lambda cls: expression)


rules = {
    "sched": rule(col("sched_dep_time") == col("hour") * 100 + col("minute")),
    "arrival": rule((col("arr_time") >= col("dep_time")) | (col("dep_time") - col("arr_time") > 1200)),
    "mean": rule(col("dep_delay").mean().is_between(*MEAN_DELAY)),
    "p95": rule((col("arr_delay") > P95_DELAY).sum() <= 0.05 * col("arr_delay").count()),
    "fresh": rule(col("time_hour").max() >= oldest),
    "enough": rule(pl.len() >= LEAST_ROWS),
    **{f"nulls_{name}": rule(col(name).null_count() <= share * pl.len()) for name, share in NULL_SHARES.items()},
}
if given.is_unique:
    rules["key"] = rule(pl.struct(KEY).is_unique())
columns = {name: number(name) if name in INTEGERS else more[name] for name in COLUMNS}
Flights = type("Flights", (dy.Schema,), {**columns, **rules})
_, failures = Flights.filter(pl.read_parquet(given.flights))
failed = failures.counts()
asked_of_tail = failed.get("tailnum|regex", 0)
distance = sum(rows for name, rows in failed.items() if name.startswith("distance|"))
checks = CHECKS if given.is_unique else CHECKS - 1
answer(checks, tailnum=asked_of_tail, distance=distance, arrival=failed.get("arrival", 0))

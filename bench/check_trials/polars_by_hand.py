"""The suite as one lazy query for Polars, on its streaming engine."""

import datetime as dt

import polars as pl
from asked import (
    CHECKS,
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
carriers = pl.read_parquet(given.airlines)["carrier"].to_list()
frame = pl.scan_parquet(given.flights)
assert len(frame.collect_schema()) == 19
col = pl.col
asks = {
    "rows": pl.len(),
    **{f"no_null_{name}": col(name).null_count() for name in NOT_NULL},
    **{f"nulls_{name}": col(name).null_count() for name in NULL_SHARES},
    **{f"range_{name}": (~col(name).is_between(low, high)).sum() for name, (low, high) in RANGES.items()},
    "origin": (~col("origin").is_in(ORIGINS)).sum(),
    "carrier": (~col("carrier").is_in(carriers)).sum(),
    "tailnum": (~col("tailnum").str.contains(TAIL)).sum(),
    "dest": (col("dest").str.len_chars() != 3).sum(),
    "sched": (col("sched_dep_time") != col("hour") * 100 + col("minute")).sum(),
    "arrival": (~((col("arr_time") >= col("dep_time")) | (col("dep_time") - col("arr_time") > 1200))).sum(),
    "mean": col("dep_delay").mean(),
    "late": (col("arr_delay") > P95_DELAY).sum(),
    "flown": col("arr_delay").count(),
    "newest": col("time_hour").max(),
}
found = frame.select(each.alias(name) for name, each in asks.items()).collect(engine="streaming").row(0, named=True)
repeated = 0
if given.is_unique:
    keys = frame.group_by(KEY).len().filter(col("len") > 1).select(pl.len())
    repeated = keys.collect(engine="streaming").item()
assert found["rows"] >= LEAST_ROWS
assert not any(found[f"no_null_{name}"] for name in NOT_NULL)
assert all(found[f"nulls_{name}"] <= share * found["rows"] for name, share in NULL_SHARES.items())
assert MEAN_DELAY[0] <= found["mean"] <= MEAN_DELAY[1]
assert found["late"] <= 0.05 * found["flown"]
assert dt.datetime.now() - found["newest"] < dt.timedelta(days=OLDEST_DAYS)  # noqa: DTZ005 - the column has no zone
assert not repeated
checks = CHECKS if given.is_unique else CHECKS - 1
answer(checks, tailnum=found["tailnum"], distance=found["range_distance"], arrival=found["arrival"])

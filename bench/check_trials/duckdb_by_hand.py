"""The suite as one query for DuckDB, as somebody who knows SQL writes it, with DuckDB's own settings."""

import datetime as dt

import duckdb
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
data = f"read_parquet('{given.flights}')"
columns = {
    "rows": "count(*)",
    **{f"no_null_{name}": f"count(*) - count({name})" for name in NOT_NULL},
    **{f"nulls_{name}": f"count(*) - count({name})" for name in NULL_SHARES},
    **{
        f"range_{name}": f"count(*) FILTER (WHERE {name} NOT BETWEEN {low} AND {high})"
        for name, (low, high) in RANGES.items()
    },
    "origin": f"count(*) FILTER (WHERE origin NOT IN {ORIGINS})",
    "carrier": f"count(*) FILTER (WHERE carrier NOT IN (SELECT carrier FROM '{given.airlines}'))",
    "tailnum": f"count(*) FILTER (WHERE NOT regexp_matches(tailnum, '{TAIL}'))",
    "dest": "count(*) FILTER (WHERE length(dest) <> 3)",
    "sched": "count(*) FILTER (WHERE sched_dep_time <> hour * 100 + minute)",
    "arrival": "count(*) FILTER (WHERE NOT (arr_time >= dep_time OR dep_time - arr_time > 1200))",
    "mean": "avg(dep_delay)",
    "late": f"count(*) FILTER (WHERE arr_delay > {P95_DELAY})",
    "flown": "count(arr_delay)",
    "newest": "max(time_hour)",
}
with duckdb.connect() as connection:
    types = connection.execute(f"DESCRIBE SELECT * FROM {data}").fetchall()
    row = connection.execute(f"SELECT {', '.join(columns.values())} FROM {data}").fetchone()
    found = dict(zip(columns, row, strict=True))
    repeated = 0
    if given.is_unique:
        keys = f"SELECT 1 FROM {data} GROUP BY {', '.join(KEY)} HAVING count(*) > 1"
        ((repeated,),) = connection.execute(f"SELECT count(*) FROM ({keys})").fetchall()
assert len(types) == 19
assert found["rows"] >= LEAST_ROWS
assert not any(found[f"no_null_{name}"] for name in NOT_NULL)
assert all(found[f"nulls_{name}"] <= share * found["rows"] for name, share in NULL_SHARES.items())
assert MEAN_DELAY[0] <= found["mean"] <= MEAN_DELAY[1]
assert found["late"] <= 0.05 * found["flown"]
assert dt.datetime.now() - found["newest"] < dt.timedelta(days=OLDEST_DAYS)  # noqa: DTZ005 - the column has no zone
assert not repeated
checks = CHECKS if given.is_unique else CHECKS - 1
answer(checks, tailnum=found["tailnum"], distance=found["range_distance"], arrival=found["arrival"])

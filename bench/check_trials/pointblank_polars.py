"""The suite as a pointblank validation of a Polars frame."""

import pointblank as pb
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
    answer,
    asked,
)

given = asked()
col = pl.col
frame = pl.read_parquet(given.flights)
carriers = pl.read_parquet(given.airlines)["carrier"].to_list()
plan = pb.Validate(frame).col_schema_match(pb.Schema(columns=[(name, str(frame.schema[name])) for name in COLUMNS]))
for name in NOT_NULL:
    plan = plan.col_vals_not_null(name)
for name, share in NULL_SHARES.items():
    plan = plan.col_vals_not_null(name, thresholds=share)
for name, (low, high) in RANGES.items():
    plan = plan.col_vals_between(name, low, high, na_pass=True, brief=f"range {name}")
plan = (
    plan.col_vals_in_set("origin", list(ORIGINS))
    .col_vals_in_set("carrier", carriers)
    .col_vals_regex("tailnum", TAIL, na_pass=True, brief="tail")
    .col_vals_expr(col("dest").str.len_chars() == 3)
    .col_vals_expr(col("sched_dep_time") == col("hour") * 100 + col("minute"))
    .col_vals_expr(
        ((col("arr_time") >= col("dep_time")) | (col("dep_time") - col("arr_time") > 1200)).fill_null(True),
        brief="arrival",
    )
    .col_avg_ge("dep_delay", MEAN_DELAY[0])
    .col_avg_le("dep_delay", MEAN_DELAY[1])
    .col_vals_le("arr_delay", P95_DELAY, na_pass=True, thresholds=0.05)
    .data_freshness("time_hour", f"{OLDEST_DAYS} days")
    .row_count_match(LEAST_ROWS, tol=10**9)
)
if given.is_unique:
    plan = plan.rows_distinct(list(KEY))
done = plan.interrogate(get_first_n=10)
failed = {step.brief: step.n_failed for step in done.validation_info if step.brief}
broken = [step.assertion_type for step in done.validation_info if step.eval_error]
assert not broken, broken
checks = CHECKS if given.is_unique else CHECKS - 1
answer(checks, tailnum=failed["tail"], distance=failed["range distance"], arrival=failed["arrival"])

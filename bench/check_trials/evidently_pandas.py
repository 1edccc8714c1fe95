"""The suite as tests in a report of Evidently's, on pandas, which must be 2.x. Not said: conditions across columns, freshness, types."""

import pandas as pd
from asked import (
    CHECKS,
    KEY,
    LEAST_ROWS,
    MEAN_DELAY,
    NOT_NULL,
    NULL_SHARES,
    ORIGINS,
    P95_DELAY,
    RANGES,
    TAIL,
    TEXTS,
    answer,
    asked,
)
from evidently import DataDefinition, Dataset, Report
from evidently.descriptors import RegExp, TextLength
from evidently.metrics import (
    ColumnCount,
    DuplicatedRowCount,
    MaxValue,
    MeanValue,
    MinValue,
    MissingValueCount,
    OutListValueCount,
    OutRangeValueCount,
    QuantileValue,
    RowCount,
)
from evidently.tests import eq, gte, lte

given = asked()
frame = pd.read_parquet(given.flights)
carriers = pd.read_parquet(given.airlines)["carrier"].tolist()
numbers = [name for name in frame.columns if name not in TEXTS and name != "time_hour"]
kinds = DataDefinition(numerical_columns=numbers, categorical_columns=list(TEXTS), datetime_columns=["time_hour"])
derived = [RegExp("tailnum", reg_exp=TAIL, alias="tail"), TextLength("dest", alias="length")]
report = Report(
    [
        ColumnCount(tests=[eq(21)]),
        *(MissingValueCount(column=name, tests=[eq(0)]) for name in NOT_NULL),
        *(MissingValueCount(column=name, share_tests=[lte(share)]) for name, share in NULL_SHARES.items()),
        *(OutRangeValueCount(column=name, left=low, right=high, tests=[eq(0)]) for name, (low, high) in RANGES.items()),
        OutListValueCount(column="origin", values=list(ORIGINS), tests=[eq(0)]),
        OutListValueCount(column="carrier", values=carriers, tests=[eq(0)]),
        MinValue(column="tail", tests=[eq(1)]),
        MinValue(column="length", tests=[eq(3)]),
        MaxValue(column="length", tests=[eq(3)]),
        MeanValue(column="dep_delay", tests=[gte(MEAN_DELAY[0]), lte(MEAN_DELAY[1])]),
        QuantileValue(column="arr_delay", quantile=0.95, tests=[lte(P95_DELAY)]),
        RowCount(tests=[gte(LEAST_ROWS)]),
    ]
)
told = report.run(Dataset.from_pandas(frame, data_definition=kinds, descriptors=derived), None).dict()
distance = next(
    each["value"]["count"] for each in told["metrics"] if each["config"].get("left") == RANGES["distance"][0]
)
if given.is_unique:
    keys = Report([DuplicatedRowCount(tests=[eq(0)])])
    of_key = DataDefinition(
        numerical_columns=["flight"], categorical_columns=["carrier"], datetime_columns=["time_hour"]
    )
    keys.run(Dataset.from_pandas(frame[list(KEY)], data_definition=of_key), None).dict()
answer(CHECKS - 4 if given.is_unique else CHECKS - 5, tailnum=None, distance=int(distance))

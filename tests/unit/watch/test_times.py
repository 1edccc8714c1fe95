"""The data's clock."""

from datetime import UTC, date, datetime

import pytest

from assay.watch import latest_s

NOON = datetime(2013, 1, 31, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "values, seconds",
    [
        (["2013-01-31T12:00:00Z", "2013-01-30T12:00:00Z"], NOON),
        (["2013-01-31 12:00:00"], NOON),
        (["2013-01-31T13:00:00+01:00"], NOON),
        ([datetime(2013, 1, 31, 12, tzinfo=UTC)], NOON),
        ([date(2013, 1, 31)], NOON - 12 * 3600),
        ([None, "no time", NOON], NOON),
        ([float("nan")], None),
        ([float("inf"), NOON, float("-inf")], NOON),
        ([float("inf")], None),
        ([], None),
    ],
)
def test_the_latest_time_of_a_batch(values, seconds):
    assert latest_s(values) == seconds

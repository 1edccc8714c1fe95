"""Rows of one day are one piece of evidence, however the day is written; what tells no day is refused."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.sentence import parse_sentence
from assay.explain.verdict import verdict_facts
from assay.judge import Evidence, decide, labelled_rows
from assay.judge.days import days_of

D = "b3:" + "0" * 64
MOMENTS = [datetime(2013, 1, day, hour, tzinfo=UTC) for day, hour in ((1, 0), (1, 23), (2, 3), (2, 10), (3, 5))]
DAYS = [0, 0, 1, 1, 2]
EAST = timezone(timedelta(hours=5))


def clusters(times):
    rows = len(times)
    evidence = Evidence(np.ones(rows, int), np.ones(rows, int), None, D, D, D, columns={"at": times})
    return labelled_rows(evidence, "at", by_day=True)


def seconds(per_second):
    return [int(each.timestamp()) * per_second for each in MOMENTS]


WAYS = pytest.mark.parametrize(
    "times",
    [
        np.array([each.isoformat() for each in MOMENTS], object),
        np.array([f"{each:%Y-%m-%d %H:%M:%S}" for each in MOMENTS]),
        np.array([f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in MOMENTS], object),
        np.array([f"{each.year}-{each.month}-{each.day} {each.hour}:00" for each in MOMENTS], object),
        np.array([f"{each.year}/{each.month}/{each.day}" for each in MOMENTS], object),
        np.array([each.astimezone(EAST).isoformat() for each in MOMENTS], object),
        np.array(MOMENTS, object),
        np.array([each.astimezone(EAST) for each in MOMENTS], object),
        np.array([each.date() for each in MOMENTS], object),
        np.array([each.replace(tzinfo=None) for each in MOMENTS], "datetime64[ns]"),
        np.array(seconds(1)),
        np.array(seconds(1), float) + 0.5,
        np.array(list(map(str, seconds(1))), object),
        np.array(seconds(1_000)),
        np.array(seconds(1_000_000)),
        np.array(seconds(1_000_000_000)),
        np.array([20130101, 20130101, 20130102, 20130102, 20130103]),
    ],
    ids=lambda times: str(times[2]),
)


@WAYS
def test_rows_of_one_day_belong_together_however_it_is_written(times):
    rows = clusters(times)
    assert (rows.clusters.tolist(), rows.cluster_count) == (DAYS, 3)


@WAYS
def test_a_day_has_one_number_however_it_is_written(times):
    first = date(2013, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
    assert days_of(times, "at").tolist() == [first + day for day in DAYS]


@pytest.mark.parametrize(
    "cell",
    [
        2013010210,
        7,
        1e30,
        "1/2/2013 10:15",
        "Wed Jan 02 2013",
        "2013-13-02",
        "2013-01-02x",
        "0001-01-01T00:00+05:00",
        "monday",
        True,
        date,
    ],
)
def test_what_tells_no_day_is_refused(cell):
    with pytest.raises(EvidenceError, match="it cannot be told which day") as caught:
        days_of(np.array([cell, cell], None if isinstance(cell, int | float) else object), "at")
    assert (caught.value.problem.code, "row 1" in caught.value.problem.what) == ("no-day", True)


def test_the_first_row_that_tells_no_day_is_named():
    with pytest.raises(EvidenceError, match="'soon' is, the 'at' of row 2"):
        days_of(np.array(["2013-01-02", "soon", "2013-01-03", "late"], object), "at")


@pytest.mark.parametrize(
    ("by", "told"),
    [({"time": "at"}, "day (by at) are taken together: 2 days"), ({"group": "at"}, "at are taken together: 3 groups")],
)
def test_the_verdict_says_how_many_days_or_groups_there_are(by, told):
    at = np.array(["2013-01-01T10:00", "2013-01-01T11:00", "2013-01-02T10:00"], object)
    evidence = Evidence(np.ones(3, int), np.ones(3, int), None, D, D, D, columns={"at": at})
    verdict = decide(GateAction(None, (parse_sentence("accuracy > 0.5"),), **by), evidence)
    assert told in dict(verdict_facts(verdict))["rows"]

"""The suite that every tool is asked, and how a tool's program answers. Imports nothing heavy: it is part of what is measured."""

import argparse
import json
from typing import NamedTuple

NOT_NULL = ("month", "day", "carrier", "origin", "distance")
NULL_SHARES = {"dep_time": 0.05, "arr_delay": 0.03, "tailnum": 0.01}
RANGES = {
    "month": (1, 12),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "dep_time": (1, 2400),
    "dep_delay": (-60, 1440),
    "distance": (50, 5000),
}
ORIGINS = ("EWR", "JFK", "LGA")
TAIL = "^N[0-9]{1,5}[A-Z]{0,2}$"
MEAN_DELAY = (5, 20)
P95_DELAY = 120
OLDEST_DAYS = 36_500
"""The rows are of 2013; that something is asked is what costs."""
LEAST_ROWS = 300_000
KEY = ("time_hour", "carrier", "flight")
INTEGERS = (
    *("year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay"),
    *("flight", "air_time", "distance", "hour", "minute"),
)
TEXTS = ("carrier", "tailnum", "origin", "dest")
COLUMNS = (
    *("year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay"),
    *("carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute", "time_hour"),
)
CHECKS = 27
"""Types, 5 without NULL, 3 shares of NULL, 7 ranges, set, foreign key, pattern, length, 2 across columns, mean, quantile, freshness,
rows, key."""


class Asked(NamedTuple):
    """What a program is started with."""

    flights: str
    airlines: str
    is_unique: bool
    """The key is asked for, too."""


def asked() -> Asked:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("flights")
    parser.add_argument("airlines")
    parser.add_argument("--unique", action="store_true")
    given = parser.parse_args()
    return Asked(given.flights, given.airlines, given.unique)


def answer(checks: int, *, tailnum: int | None, distance: int | None, arrival: int | None = None) -> None:
    """How many of the checks were made, and the failing rows of three of them; None where the tool does not say it."""
    print(json.dumps({"checks": checks, "tailnum": tailnum, "distance": distance, "arrival": arrival}))

"""Checking a dataset: one scan, and samples only for what failed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.check import check
from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.ports import Engine, Measurements
from assay.core.rules import Rules, parse_column
from assay.core.table import Schema, Table

FLIGHTS = Artifact("data/flights.csv", digest_of(b"flights"), "file", 7)
PATHS = (Path("data/flights.csv"),)
RULES = Rules(
    columns=(parse_column("month", "int 1..12"), parse_column("origin", "str in [EWR, JFK]")), unique=(("id",),)
)


class CountingEngine:
    """An engine whose data is a list of rows that all fail, and which remembers what it was asked."""

    def __init__(self, measurements: Measurements, rows: Sequence[dict[str, Any]] = ()) -> None:
        self.measurements = measurements
        self.rows = tuple(rows)
        self.scans = 0
        self.samples: list[tuple[str, str]] = []

    def schema(self, paths: Sequence[Path]) -> tuple[tuple[str, str], ...]:
        return self.measurements.columns

    def read(self, paths: Sequence[Path], columns: Sequence[str] | None = None) -> tuple[Table, Schema]:
        return {}, ()

    def measure(self, paths: Sequence[Path], rules: Rules) -> Measurements:
        self.scans += 1
        return self.measurements

    def sample(
        self, paths: Sequence[Path], rules: Rules, column: str, aspect: str, limit: int
    ) -> tuple[dict[str, Any], ...]:
        self.samples.append((column, aspect))
        return self.rows[:limit]


def seen(not_in_set: int = 0, duplicates: int = 0, month_is_text: bool = False) -> Measurements:
    none = {"month": 0, "origin": 0}
    return Measurements(
        rows=20,
        columns=(("month", "VARCHAR"), ("origin", "VARCHAR"), ("id", "BIGINT")),
        nulls=none,
        wrong_type=none | ({"month": -1} if month_is_text else {}),
        out_of_bounds={"month": 0},
        not_in_set={"origin": not_in_set},
        wrong_length={},
        duplicates={"id": duplicates},
        breaking={"month": 20 if month_is_text else 0, "origin": not_in_set},
        extremes={"month": (1, 12)},
    )


def test_rules_that_hold_cost_one_scan_and_nothing_more() -> None:
    engine = CountingEngine(seen())
    port: Engine = engine
    assert check(FLIGHTS, PATHS, RULES, port).passed
    assert (engine.scans, engine.samples) == (1, [])


def test_only_failed_rules_are_sampled() -> None:
    engine = CountingEngine(seen(not_in_set=12, duplicates=2), [{"id": n, "origin": "BOS"} for n in range(12)])
    report = check(FLIGHTS, PATHS, RULES, engine)
    assert engine.samples == [("origin", "not_in_set"), ("id", "duplicates")]
    assert [len(finding.sample) for finding in report.findings] == [0, 10, 10]


def test_values_that_are_not_in_the_set_are_told_each_once() -> None:
    rows = [{"origin": value} for value in ("BOS", "BOS", 'x "y"', "ü", "PHL")]
    report = check(FLIGHTS, PATHS, RULES, CountingEngine(seen(not_in_set=5), rows))
    told = '5 of 20 rows (25 %) not in [EWR, JFK]: "BOS", "x \\"y\\"", "ü", …'
    assert report.findings[1].detail == told


def test_a_column_of_another_type_needs_no_sample() -> None:
    engine = CountingEngine(seen(month_is_text=True))
    report = check(FLIGHTS, PATHS, RULES, engine)
    assert report.findings[0].detail == "the column holds VARCHAR, not int"
    assert engine.samples == []

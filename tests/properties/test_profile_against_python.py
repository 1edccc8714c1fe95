"""What a profile says of a random small table is what Python's own counting says."""

import math
import statistics
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from random_frames import Frame, frames, write

from assay.check.profile import profile_columns
from assay.core.dataset import Files
from assay.core.profile import ColumnProfile
from assay.workspace import open_engine


def profiles(path: Path) -> tuple[int, dict[str, ColumnProfile]]:
    engine = open_engine("duckdb")
    with engine.open({"source": Files((path,))}) as opened:
        found = profile_columns(opened, engine.dialect)
    return found.rows, {each.name: each for each in found.columns}


def values_of(frame: Frame, name: str) -> list[Any]:
    cells = frame.columns[name]
    return [cell for cell in cells if cell is not None and not (isinstance(cell, float) and math.isnan(cell))]


def told(value: Any) -> Any:
    """A value as a profile has it."""
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    if isinstance(value, str):
        return value[:100]
    return value.isoformat() if hasattr(value, "isoformat") else value


def quantile(values: list[Any], share: float) -> Any:
    """The least value that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(Fraction(str(share)) * len(ordered)) - 1)]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_counts_are_those_of_a_loop(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"frame{suffix}"

    @given(frames())
    @settings(max_examples=25, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    def holds(frame: Frame) -> None:
        if suffix == ".jsonl" and not frame.rows:
            return
        write(frame, path)
        rows, found = profiles(path)
        assert rows == frame.rows
        for name in frame.columns:
            if suffix == ".parquet":
                compare(found[name], frame, name)
            else:  # of which type a text is, is read off the values
                assert found[name].nulls >= 0
                assert sum(each.rows for each in found[name].frequent) <= rows

    holds()


def compare(found: ColumnProfile, frame: Frame, name: str) -> None:
    values = values_of(frame, name)
    assert found.nulls == frame.rows - len(values)
    if frame.types[name] == "INTEGER[]":
        assert found.type is None
        return
    if not values:
        assert found.distinct == 0
        return
    counts = Counter(told(value) for value in values)
    for each in found.frequent:
        assert counts[each.value] == each.rows
    if found.are_all:
        assert sum(each.rows for each in found.frequent) == len(values)
    if found.is_distinct_exact:
        assert found.distinct == len(set(values))
    if found.type in ("int", "float", "date", "time"):
        compare_numbers(found, values)


def compare_numbers(found: ColumnProfile, values: list[Any]) -> None:
    assert (found.least, found.greatest) == (told(min(values)), told(max(values)))
    for each in found.quantiles:
        if each.is_exact:
            assert each.value == told(quantile(values, each.share))
    if found.histogram is not None:
        assert sum(found.histogram.counts) == len(values)
    finite = [value for value in values if isinstance(value, int | float) and math.isfinite(value)]
    if found.mean is not None and len(finite) == len(values):
        size = max(map(abs, values)) or 1
        assert found.mean == pytest.approx(statistics.fmean(values), rel=1e-9, abs=1e-9 * size)
        if len(values) > 1 and found.stddev is not None and size < 1e150:
            assert found.stddev == pytest.approx(statistics.stdev(values), rel=1e-6, abs=1e-7 * size)

"""What each rule says of the same window: Assay's at several factors, tests of rows, and PSI."""

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
from scipy import special, stats

from assay.check.drift import FACTOR, MARGIN, CategoryColumn, Column, measure_drift
from assay.core.drift import ColumnDrift, FalseAlarms, Gap
from drift_trials.days import Days, Tally, Window


class Held(msgspec.Struct, frozen=True, eq=False):
    """One column of a window beside its reference, and the p-value of "rows of both sides are draws of one distribution"."""

    drift: ColumnDrift
    p_value: float


class Trial(msgspec.Struct, frozen=True, eq=False):
    """One window, all columns; and how the rule fared on the reference itself."""

    held: tuple[Held, ...]
    measured: FalseAlarms | None


def hold(days: Days, reference: np.ndarray, window: np.ndarray, width: int) -> Trial:
    """Days of the window against those of the reference."""
    columns = [tally.column(reference, tally.window(window)) for tally in days.tallies]
    report = measure_drift(columns, window_batches=width)
    held = [Held(drift, p_value(column)) for drift, column in zip(report.columns, columns, strict=True)]
    return Trial(tuple(held), report.false_alarms)


def hold_one(tally: Tally, reference: np.ndarray, window: Window) -> Trial:
    """One column alone."""
    column = tally.column(reference, window)
    return Trial((Held(measure_drift([column]).columns[0], p_value(column)),), None)


def p_value(column: Column) -> float:
    """Kolmogorov and Smirnov's test (asymptotic) of a number, and the chi-squared test of a category; 1 where a side is empty."""
    before, now = column.reference.total().bins[0], column.window.total().bins[0]
    n, m = int(before.sum()), int(now.sum())
    if not n or not m:
        return 1.0
    if not isinstance(column, CategoryColumn):
        distance = np.abs(np.cumsum(before) / n - np.cumsum(now) / m).max()
        return float(special.kolmogorov(np.sqrt(n * m / (n + m)) * distance))
    table = np.array([before, now])[:, before + now > 0]
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=0) * np.array([[n], [m]]) / (n + m)
    return float(stats.chi2.sf(((table - expected) ** 2 / expected).sum(), table.shape[1] - 1))


Rule = Callable[[Trial], bool]


def limits(factor: float) -> Rule:
    """Assay's rule at any factor; at ``FACTOR`` it is what the report says."""

    def over(gap: Gap | None) -> bool:
        return gap is not None and gap.worst is not None and gap.distance > factor * gap.worst + MARGIN

    def says(trial: Trial) -> bool:
        judged = [held.drift for held in trial.held if held.drift.state in {"ok", "drifted"}]
        return any(over(drift.distance) or over(drift.nulls) for drift in judged)

    return says


def reported(trial: Trial) -> bool:
    return any(held.drift.state == "drifted" for held in trial.held)


def any_p(trial: Trial) -> bool:
    return any(held.p_value < 0.05 for held in trial.held)


def benjamini_hochberg(trial: Trial) -> bool:
    ordered = np.sort([held.p_value for held in trial.held])
    return bool((ordered <= 0.05 * np.arange(1, len(ordered) + 1) / len(ordered)).any())


def any_psi(limit: float) -> Rule:
    return lambda trial: any((held.drift.psi or 0) > limit for held in trial.held)


FACTORS = (1.0, 1.1, FACTOR, 1.5, 2.0)
RULES: Mapping[str, Rule] = {
    f"limits, {FACTOR} x": reported,
    "any p < .05": any_p,
    "BH, q .05": benjamini_hochberg,
    "PSI > .1": any_psi(0.1),
    "PSI > .2": any_psi(0.2),
}

"""From counts to a report: what each column's window is held against, and what is said of it.

Pure, and one decision a column. A column is *drifted* where its distance or its share of NULLs is over its limit. It is ``ok`` only
where both could have alarmed and did not: a reference that is too small, a limit that nothing exceeds, or a window so small that
chance alone could pass the limit are states of their own.
"""

from collections.abc import Collection, Sequence

import msgspec
import numpy as np

from assay.check.drift.calibration import FACTOR, MARGIN, Calibration, LeftOut, batches_needed, leave_out
from assay.check.drift.context import context_reason
from assay.check.drift.counts import Bools, Column, Counts, Floats, Ints, NumberColumn
from assay.check.drift.distances import Distance, kolmogorov_smirnov, portion, shares_of, total_variation
from assay.check.drift.indices import jensen_shannon, population_stability, ten_bins
from assay.check.drift.spread import spread
from assay.check.drift.summary import farthest, shifts, sides
from assay.check.drift.words import column_words
from assay.check.wording import batches as counted_batches
from assay.core.counted import counted
from assay.core.drift import ColumnDrift, DriftReport, DriftState, FalseAlarms, Gap, Spread

MOST_POOLED = 0.9
"""Where more of the values than this are "other", a category's distance says nothing of them."""


class Rule(msgspec.Struct, frozen=True):
    """How limits are made."""

    window_batches: int = 1
    factor: float = FACTOR
    margin: float = MARGIN

    def calibrated(self, distances: Floats) -> Calibration:
        return Calibration(distances, self.window_batches, self.factor, self.margin)


class _Judged(msgspec.Struct, frozen=True, eq=False):
    """A column's drift, and the windows of the reference that would have alarmed in it."""

    drift: ColumnDrift
    alarms: Bools


def measure_drift(
    columns: Sequence[Column],
    *,
    window_batches: int = 1,
    context: Collection[str] = (),
    ignore: Collection[str] = (),
    factor: float = FACTOR,
    margin: float = MARGIN,
) -> DriftReport:
    """What moved between the reference and the window.

    ``window_batches`` is how many batches of the reference are as much as the window, and so the size at which limits are made;
    the window's own counts may come in any number of batches. ``context`` names columns that are told and never fail, beside
    those that show themselves to be so; ``ignore`` those that are left out. Days and times are ignored by not being counted.
    What the classifier says, where it is asked for (``separate``), is put into the report by the caller, who has the rows.

    ``ValueError`` where the columns have references of different batches, or a window is of less than one batch.
    """
    asked = [column for column in columns if column.name not in ignore]
    batches = {column.reference.batches for column in asked}
    if len(batches) > 1:
        raise ValueError(f"every column has the same batches, not {sorted(batches)}")
    rule = Rule(window_batches, factor, margin)
    judged = [_judge(column, rule, is_context=column.name in context) for column in asked]
    drifts = tuple(each.drift for each in judged)
    count = batches.pop() if batches else 0
    return DriftReport(drifts, count, window_batches, factor, margin, _false_alarms(judged, count, window_batches))


def _judge(column: Column, rule: Rule, *, is_context: bool) -> _Judged:
    windows = leave_out(column.reference, rule.window_batches)
    distance = distance_of(column)
    distances, gaps = rule.calibrated(windows.distances(distance)), rule.calibrated(windows.null_gaps())
    told = _measured(column, _gap(column, distance, distances), _null_gap(column, gaps))
    state, because = _state(column, windows, rule, told, is_context=is_context)
    told = msgspec.structs.replace(told, state=state, because=because, spread=_spread(column, state))
    alarms = distances.alarms() | gaps.alarms() if state in {"ok", "drifted"} else np.zeros(len(gaps.distances), bool)
    return _Judged(msgspec.structs.replace(told, told=column_words(told)), alarms)


def distance_of(column: Column) -> Distance:
    """Which distance a column is measured by."""
    return kolmogorov_smirnov if isinstance(column, NumberColumn) else total_variation


def _gap(column: Column, distance: Distance, calibrated: Calibration) -> Gap | None:
    apart = float(distance(_shares(column.reference), _shares(column.window)))
    return None if np.isnan(apart) else calibrated.gap(apart)


def _null_gap(column: Column, calibrated: Calibration) -> Gap | None:
    before, now = _null_share(column.reference), _null_share(column.window)
    return None if np.isnan(before - now) else calibrated.gap(abs(before - now))


def _measured(column: Column, distance: Gap | None, nulls: Gap | None) -> ColumnDrift:
    """All numbers of a column, before they are judged."""
    window = column.window.total()
    drift = ColumnDrift(
        column.name,
        column.kind,
        "cannot tell",
        "",
        rows=int(window.rows[0]),
        values=int(window.values[0]),
        distance=distance,
        nulls=nulls,
        null_shares=None if nulls is None else (_null_share(column.reference), _null_share(column.window)),
    )
    if distance is None:
        return drift
    before, now = ten_bins(column)
    drift = msgspec.structs.replace(
        drift, psi=population_stability(before, now), jensen_shannon=jensen_shannon(before, now)
    )
    if isinstance(column, NumberColumn):
        return msgspec.structs.replace(drift, sides=sides(column), farthest=farthest(column))
    return msgspec.structs.replace(drift, shifts=shifts(column))


def _spread(column: Column, state: DriftState) -> Spread | None:
    return spread(column) if state == "drifted" and isinstance(column, NumberColumn) else None


def _state(
    column: Column, windows: LeftOut, rule: Rule, drift: ColumnDrift, *, is_context: bool
) -> tuple[DriftState, str]:
    """The state, and why where it is neither ``ok`` nor ``drifted``."""
    width, batches = rule.window_batches, column.reference.batches
    if is_context:
        return "context", "context"
    if batches < batches_needed(width):
        size = f" for windows of {width}" if width > 1 else ""
        return "not enough reference", f"{counted_batches(batches)}, and {batches_needed(width)} are needed{size}"
    reason = context_reason(column, windows)
    if reason:
        return "context", reason
    doubts = [
        _doubt_of_values(column, windows.inside.values, rule, drift),
        _doubt_of_rows(column, windows.inside.rows, rule, drift),
    ]
    gaps = [gap for gap, doubt in zip((drift.distance, drift.nulls), doubts, strict=True) if gap and not doubt]
    if any(gap.is_over for gap in gaps):
        return "drifted", ""
    doubt = next(filter(None, doubts), None)
    return doubt or ("ok", "")


_Doubt = tuple[DriftState, str]


def _doubt_of_values(column: Column, usual: Ints, rule: Rule, drift: ColumnDrift) -> _Doubt | None:
    """Why the distance decides nothing; ``usual`` are the values in each window of the reference."""
    gap = drift.distance
    if gap is None:
        side = "reference" if not column.reference.values.sum() else "window"
        return "cannot tell", f"the {side} has no values"
    if gap.limit is None:
        return "not enough reference", f"values in only {_windows(usual)} of the reference"
    if not gap.can_alarm:
        return "cannot tell", "a window of the reference is so unlike the rest that no limit could be passed"
    few = _too_few(drift.values, usual, rule, "values")
    if few:
        return "cannot tell", few
    pooled = max(_pooled(column.reference), _pooled(column.window)) if column.kind == "category" else 0.0
    if pooled > MOST_POOLED:
        return "cannot tell", f"{100 * pooled:.0f} % of the values are too rare to be counted one by one"
    return None


def _doubt_of_rows(column: Column, usual: Ints, rule: Rule, drift: ColumnDrift) -> _Doubt | None:
    """Why the share of NULLs decides nothing; ``usual`` are the rows in each window of the reference."""
    if drift.nulls is None:
        return "cannot tell", f"the {'window' if column.reference.rows.sum() else 'reference'} has no rows"
    if drift.nulls.limit is None:
        return "not enough reference", f"rows in only {_windows(usual)} of the reference"
    if not drift.nulls.can_alarm:
        return "cannot tell", "NULLs of a window of the reference are so unlike the rest that no limit could be passed"
    few = _too_few(drift.rows, usual, rule, "rows")
    return ("cannot tell", few) if few else None


def _windows(usual: Ints) -> str:
    return counted(int(np.count_nonzero(usual)), "window")


def _too_few(count: int, usual: Ints, rule: Rule, noun: str) -> str:
    """The noise of a distance grows as one over the root of the rows. A limit leaves ``factor`` for it, so a window with less than
    1 / factor^2 of the rows of the smallest window of the reference could pass the limit by chance alone."""
    least = int(usual[usual > 0].min(initial=np.iinfo(np.int64).max))
    needed = int(np.ceil(least / max(rule.factor, 1) ** 2))
    if count >= needed:
        return ""
    return f"{count:,} {noun} in the window, and {needed:,} are needed: the smallest of the reference has {least:,}"


def _pooled(counts: Counts) -> float:
    return float(_shares(counts)[-1])


def _shares(counts: Counts) -> Floats:
    return shares_of(counts.total().bins[0])


def _null_share(counts: Counts) -> float:
    total = counts.total()
    return float(portion(total.nulls, total.rows)[0])


def _false_alarms(judged: Sequence[_Judged], batches: int, width: int) -> FalseAlarms | None:
    """None where no column was judged."""
    alarms = [each.alarms for each in judged if each.drift.state in {"ok", "drifted"}]
    if not alarms:
        return None
    any_column: Bools = np.any(alarms, axis=0)
    return FalseAlarms(int(any_column.sum()), len(any_column), batches // width)

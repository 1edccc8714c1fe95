"""Drift in words: direction first, then size: ``dep_delay: median 3 -> 9, KS .18, limit .11``."""

from assay.core.drift import ColumnDrift, DriftReport, Gap, ValueShift

FEW_APART = 8
"""Below this the words say that the evidence is thin: with 4 weeks side by side, the next week of real flights alarmed in .4, twice as
often as the reference's own (docs/explanation/drift.md)."""
_MOST_DIGITS = 6
_SHIFTS_TOLD = 2
_LONGEST = 1e15


def column_words(column: ColumnDrift) -> str:
    """One column in a line. What is over its limit is told; of a column that is not, its distance, and NULLs where their share moved."""
    parts = [part for part in (_distance_words(column), _null_words(column)) if part]
    because = [column.because] if column.because else []
    return f"{column.column}: {'; '.join(because + parts) or 'nothing to compare'}"


def alarm_words(report: DriftReport) -> str:
    """How the rule fares on the reference: ``measured on the reference: 2 of 60 windows ...``."""
    counted = report.false_alarms
    if counted is None:
        return "no rate of false alarms could be measured on the reference"
    overlap = f" ({counted.apart} side by side)" if counted.apart < counted.windows else ""
    few = ""
    if counted.apart < FEW_APART:
        few = "; so few side by side are thin evidence: expect more alarms, or take a longer reference"
    return (
        f"measured on the reference: {counted.alarms} of {counted.windows} windows{overlap} "
        f"would have been called drifted in some column{few}"
    )


def _distance_words(column: ColumnDrift) -> str:
    gap = column.distance
    if gap is None or (_is_over(column.nulls) and not gap.is_over):
        return ""
    name = "KS" if column.kind == "number" else "total variation"
    moved = _number_words(column) if column.kind == "number" else _category_words(column.shifts)
    return ", ".join([*moved, f"{name} {gap_words(gap)}"])


def _number_words(column: ColumnDrift) -> list[str]:
    """The medians where they differ, else the edge where the sides are farthest apart."""
    if column.sides is None:
        return []
    before, now = (edge_words(side.median) for side in column.sides)
    if before != now:
        return [f"median {before} -> {now}"]
    at = column.farthest
    if at is None:
        return [f"median {now}"]
    return [f"median {now}", f"above {edge_words(at.edge)} {change_words(at.before, at.now)}"]


def _category_words(shifts: tuple[ValueShift, ...]) -> list[str]:
    return [
        f"{'other values' if shift.value is None else shift.value} {change_words(shift.before, shift.now)}"
        for shift in shifts[:_SHIFTS_TOLD]
    ]


def _null_words(column: ColumnDrift) -> str:
    gap, nulls = column.nulls, column.null_shares
    if gap is None or nulls is None or not (gap.is_over or (gap.distance >= 0.005 and not _is_over(column.distance))):
        return ""
    return f"NULL {change_words(*nulls)}, difference {gap_words(gap)}"


def _is_over(gap: Gap | None) -> bool:
    return gap is not None and gap.is_over


def gap_words(gap: Gap) -> str:
    """``.18, limit .11``, with as many digits as it takes to see which is greater."""
    if gap.limit is None:
        return _decimal(gap.distance, 2)
    for digits in range(2, _MOST_DIGITS):
        distance, limit = _decimal(gap.distance, digits), _decimal(gap.limit, digits)
        if (distance != limit) or gap.distance == gap.limit:
            break
    return f"{distance}, limit {limit}"


def change_words(before: float, now: float) -> str:
    """``10 % -> 25 %``, with a digit more where it takes one to see the change."""
    for digits in range(_MOST_DIGITS):
        one, other = f"{100 * before:.{digits}f} %", f"{100 * now:.{digits}f} %"
        if one != other or before == now:
            break
    return f"{one} -> {other}"


def edge_words(value: float | None) -> str:
    """A value of a column: whole numbers whole, others to six digits. Above the greatest edge there is no number to tell."""
    if value is None:
        return "beyond all of the reference"
    return f"{value:.0f}" if value.is_integer() and abs(value) < _LONGEST else f"{value:.6g}"


def _decimal(value: float, digits: int) -> str:
    told = f"{value:.{digits}f}"
    return told.removeprefix("0") if told.startswith("0.") else told

"""Counts, shares, sets and rules in words."""

from collections.abc import Sequence

from assay.core.near import near_miss
from assay.core.rules import Bounds, ColumnRule, Scalar
from assay.core.rules.writing import line_of

_LISTED = 12


def batches(count: int) -> str:
    """``1 batch``, ``60 batches``."""
    return f"{count:,} {'batch' if count == 1 else 'batches'}"


def spelt(value: Scalar) -> str:
    """A value as rules spell it: ``true`` for a truth."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed(values: Sequence[Scalar]) -> str:
    """``[EWR, JFK, LGA]``, as the file has it; of a long list the beginning."""
    more = f", … {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    return f"[{', '.join(map(spelt, values[:_LISTED]))}{more}]"


def near_or_known(name: str, names: Sequence[str]) -> str:
    """What a name that no column has may have meant, else the columns that there are."""
    near = near_miss(name, names)
    return f"did you mean `{near}`?" if near else f"the columns are {listed(names)}"


def ranged(bounds: Bounds) -> str:
    """A range as it is written; one that admits a single number as that number."""
    is_exact = bounds.low == bounds.high and not (bounds.low_open or bounds.high_open)
    return str(bounds.low) if is_exact else str(bounds)


def written(rule: ColumnRule) -> str:
    """The column line: as it was written, or as it would be for a rule that was built in Python."""
    return rule.text or line_of(rule)


def percent(part: float) -> str:
    """``5 %`` for .05."""
    return f"{part * 100:.6g} %"


def significant(value: float) -> str:
    """A number with so many digits as anyone reads."""
    return f"{value:.6g}"


def lasted(seconds: float) -> str:
    """A span of time, in its largest unit: ``2 days``, ``3.5 hours``."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = f"{seconds / length:.1f}".removesuffix(".0")
            return f"{number} {unit}{'' if number == '1' else 's'}"
    return f"{seconds:.0f} seconds"

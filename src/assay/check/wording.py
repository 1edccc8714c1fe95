"""Counts, shares, sets and rules in words."""

from collections.abc import Sequence

from assay.core.rules import Bounds, ColumnRule, Scalar

_LISTED = 12


def counted(count: int, noun: str) -> str:
    """``1 row``, ``4,000 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def share(count: int, rows: int) -> str:
    """``12 of 4,000 rows (0.3 %)``. Neither nothing nor everything is rounded to: <0.1 %, >99.9 %."""
    percent = 100 * count / rows if rows else 0.0
    if 0 < percent < 0.1:
        told = "<0.1"
    elif 99.9 < percent < 100:
        told = ">99.9"
    else:
        told = f"{percent:.1f}".removesuffix(".0")
    return f"{count:,} of {counted(rows, 'row')} ({told} %)"


def listed(values: Sequence[Scalar]) -> str:
    """``[EWR, JFK, LGA]``, as the file has it; of a long list the beginning."""
    more = f", … {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    return f"[{', '.join(map(str, values[:_LISTED]))}{more}]"


def ranged(bounds: Bounds) -> str:
    """A range as it is written; one that admits a single number as that number."""
    is_exact = bounds.low == bounds.high and not (bounds.low_open or bounds.high_open)
    return str(bounds.low) if is_exact else str(bounds)


def written(rule: ColumnRule) -> str:
    """The column line: as it was written, or as it would be for a rule that was built in Python."""
    return rule.text or " ".join(_type_and_values(rule)) + "".join(f", {clause}" for clause in _limits(rule))


def _type_and_values(rule: ColumnRule) -> list[str]:
    words = [f"{rule.type}{'?' if rule.nullable else ''}"]
    if rule.bounds is not None:
        words.append(str(rule.bounds))
    if rule.one_of is not None:
        words.append(f"in {listed(rule.one_of)}")
    if rule.members is not None:
        words.append(f"in {rule.members}")
    if rule.length is not None:
        words.append(f"len {ranged(rule.length)}")
    if rule.pattern is not None:
        words.append(f"~ {quoted(rule.pattern)}")
    return words


def _limits(rule: ColumnRule) -> list[str]:
    clauses = ["unique"] if rule.is_unique else []
    if rule.mean is not None:
        clauses.append(f"mean {rule.mean}")
    if rule.stddev is not None:
        clauses.append(f"stddev {rule.stddev}")
    clauses += [f"{said_of_quantile(each.share)} {each.bounds}" for each in rule.quantiles]
    if rule.max_null_share is not None:
        clauses.append(f"nulls <= {rule.max_null_share * 100:.6g}%")
    if rule.allow.rows:
        clauses.append(f"allow {counted(rule.allow.rows, 'row')}")
    if rule.allow.share is not None:
        clauses.append(f"allow {rule.allow.share * 100:.6g}%")
    return clauses if rule.severity == "error" else [*clauses, "warn"]


def quoted(text: str) -> str:
    """Between quotes of the kind that does not stand in it."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def said_of_quantile(part: float) -> str:
    """``p95`` for .95."""
    return f"p{part * 100:.8g}"


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

"""Counts and shares of rows in words."""


def counted(count: int, noun: str) -> str:
    """``1 row``, ``4,000 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(count: int, rows: int) -> str:
    """``0.3 %``. Neither nothing nor everything is rounded to: <0.1 %, >99.9 %."""
    value = 100 * count / rows if rows else 0.0
    if 0 < value < 0.1:
        return "<0.1 %"
    if 99.9 < value < 100:
        return ">99.9 %"
    return f"{f'{value:.1f}'.removesuffix('.0')} %"


def share(count: int, rows: int) -> str:
    """``12 of 4,000 rows (0.3 %)``."""
    return f"{count:,} of {counted(rows, 'row')} ({percent(count, rows)})"

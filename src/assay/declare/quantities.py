"""Durations, shares, rates and sizes, as people write them. Each function gives None for what is no such quantity."""

import re

SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
_SHORT = {"s": "second", "sec": "second", "m": "minute", "min": "minute", "h": "hour", "d": "day", "w": "week"}

_UNIT = "|".join((*(f"{unit}s?" for unit in SECONDS), *_SHORT))
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"

DURATION = rf"{_NUMBER} ?(?:{_UNIT})"
"""How durations are written, as a regular expression: ``15m``, ``2h``, ``1 day``, ``1.5 weeks``."""
PERCENT = rf"{_NUMBER} ?%"
"""How percentages are written: ``15%``, ``99.5 %``."""
RATE = rf"[1-9][0-9]{{0,8}} per (?:[1-9][0-9]{{0,8}} )?(?:{_UNIT})"
"""How rates are written: ``3 per week``, ``1 per 2 days``."""
_SIZES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZES |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
SIZE = rf"(?!0*(?:\.0*)? ?[A-Z]){_NUMBER} ?(?:{'|'.join(_SIZES)})"
"""How sizes are written: ``16GB``, ``512 MiB``; never nothing."""
TIME_LIMIT = rf"(?!0*(?:\.0*)? ?[a-z]){DURATION}"
"""How durations are written that may not be nothing."""


def parse_size(text: str) -> int | None:
    """Bytes: ``16GB`` is 16,000,000,000, ``16GiB`` 17,179,869,184."""
    match = re.fullmatch(rf"({_NUMBER}) ?({'|'.join(_SIZES)})", text)
    size = int(float(match[1]) * _SIZES[match[2]]) if match else 0
    return size if match and re.fullmatch(SIZE, text) else None


def parse_time_limit(text: str) -> float | None:
    """Seconds, more than none."""
    return parse_duration(text) or None


def parse_duration(text: str) -> float | None:
    """Seconds: ``15m``, ``2h``, ``1 day``, ``3 weeks``. Months and years are none: they differ in length."""
    match = re.fullmatch(rf"({_NUMBER}) ?({_UNIT})", text)
    if match is None:
        return None
    unit = match[2]
    return float(match[1]) * SECONDS[_SHORT.get(unit) or unit.removesuffix("s")]


def parse_percent(text: str) -> float | None:
    """The share that a percentage is: .15 for ``15%``."""
    if not re.fullmatch(PERCENT, text):
        return None
    return float(text.rstrip("% ") + "e-2")


def parse_rate(text: str) -> tuple[int, float] | None:
    """(how often, within so many seconds): ``3 per week`` is (3, 604800.0)."""
    if not re.fullmatch(RATE, text):
        return None
    count, _, period = text.partition(" per ")
    seconds = parse_duration(period if period[0].isdigit() else f"1 {period}")
    return None if seconds is None else (int(count), seconds)

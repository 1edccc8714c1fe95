"""Durations, shares and rates, as people write them. Each function gives None for what is no such quantity."""

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

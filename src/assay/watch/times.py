"""The data's clock: the latest time among a batch's rows."""

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any


def latest_s(values: Iterable[Any]) -> float | None:
    """The latest of these times as seconds since the epoch; None where none reads as a time.

    ISO 8601 text (without an offset it counts as UTC), dates, datetimes, and finite numbers that are seconds already.
    """
    found = [seconds for value in values if (seconds := _seconds(value)) is not None]
    return max(found, default=None)


def _seconds(value: Any) -> float | None:
    match value:
        case datetime():
            return _aware(value).timestamp()
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
        case str():
            return _parsed(value)
        case bool() | None:
            return None
        case _:
            seconds = float(value)
            return seconds if math.isfinite(seconds) else None


def _parsed(text: str) -> float | None:
    try:
        return _aware(datetime.fromisoformat(text)).timestamp()
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

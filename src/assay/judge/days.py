"""The days of a column of times, so that the rows of one day can be taken together.

Read are dates and moments, text that begins with year, month and day (``2013-01-02``, ``2013/1/2 10:00``), and numbers where only one
reading makes sense in every row: days as ``20130102``, or seconds, milliseconds, micro- or nanoseconds since 1970. A moment with an
offset belongs to its day in UTC. Anything else is refused: days that are misread make many pieces of evidence out of one.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from assay.core.problem import EvidenceError, Problem

_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_OFFSET = re.compile(r"[+-]\d\d(:?\d\d)?$")
_DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_PER_SECOND = (1, 10**3, 10**6, 10**9)
_FIRST_S, _LAST_S = 315_532_800, 4_102_444_800
"""From 1980 to 2100: what is taken for a moment in none of these units is none in another."""


def days_of(values: np.ndarray, name: str) -> np.ndarray:
    """For each row, its day as days since 1970. Every row has a value. ``EvidenceError`` where one tells no day."""
    if values.dtype.kind == "M":
        return values.astype("datetime64[D]").astype(np.int64)
    if values.dtype.kind in "iuf":
        return _days_of_numbers(values, name)
    cells = values.tolist()
    if all(isinstance(cell, str) and cell.isdecimal() for cell in cells):
        return _days_of_numbers(values.astype(np.float64), name)
    days = {cell: _day(cell) for cell in set(cells)}
    if None in days.values():
        raise _no_day(name, cells.index(next(cell for cell in cells if days[cell] is None)), cells)
    return np.fromiter(map(days.__getitem__, cells), np.int64, len(cells))


def _day(cell: Any) -> int | None:
    match cell:
        case datetime():
            return _since_1970(cell.astimezone(UTC) if cell.tzinfo else cell)
        case date():
            return _since_1970(cell)
        case str():
            return _day_of_text(cell.strip())
    return None


def _day_of_text(text: str) -> int | None:
    found = _DATE.match(text)
    if found is None or text[found.end() : found.end() + 1] not in ("", " ", "T"):
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    try:
        if _OFFSET.search(text, found.end()):
            padded = f"{year:04}-{month:02}-{day:02}{text[found.end() :]}"
            return _since_1970(datetime.fromisoformat(padded).astimezone(UTC))
        return _since_1970(date(year, month, day))
    except (ValueError, OverflowError):
        return None


def _days_of_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """By the one reading that makes sense; digits that are an hour written out would be a moment of another year."""
    numbers = np.asarray(values, np.float64)
    if _are_written(numbers):
        return _days_of_digits(numbers.astype(np.int64))
    units = [unit for unit in _PER_SECOND if np.all((numbers >= _FIRST_S * unit) & (numbers < _LAST_S * unit))]
    if not units or _are_written(np.floor(numbers / 100)):
        raise _no_day(name, 0, values.tolist())
    return np.asarray(numbers // (units[0] * _DAY_S), np.int64)


def _days_of_digits(written: np.ndarray) -> np.ndarray:
    numbers, which = np.unique(written, return_inverse=True)
    days = [_since_1970(_date_of(number)) for number in numbers.tolist()]
    return np.array(days, np.int64)[which]


def _are_written(numbers: np.ndarray) -> bool:
    """All are days as people write them without a stroke: 20130102."""
    if not np.all((numbers >= 1900_01_01) & (numbers < 2100_01_01)) or np.any(numbers != np.rint(numbers)):
        return False
    return all(_is_date(int(number)) for number in np.unique(numbers).tolist())


def _is_date(number: int) -> bool:
    try:
        _date_of(number)
    except ValueError:
        return False
    return True


def _date_of(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def _since_1970(day: date) -> int:
    return day.toordinal() - _EPOCH


def _no_day(name: str, at: int, cells: Iterable[Any]) -> EvidenceError:
    seen = list(cells)[at]
    return EvidenceError(
        Problem(
            "no-day",
            f"it cannot be told which day {seen!r} is, the {name!r} of row {at + 1:,}",
            ("rows of one day are counted as one piece of evidence, so a day that is misread counts as many",),
            f"write {name!r} as 2013-01-02 or 2013-01-02T10:00:00, or take rows of one value together by `group:` "
            "with a column of days",
        )
    )

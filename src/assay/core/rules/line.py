"""A line of the language of rules, read from left to right. Each method passes over what it takes; a ``RuleMistake`` says what
was expected, and where."""

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from assay.core.near import near_miss
from assay.core.rules.nouns import COLUMN_TYPES, Bounds, ColumnType, RuleMistake

End: TypeAlias = int | float | str
"""What a range may begin and end with."""

WORD = re.compile(r"[^\W\d]\w*")
NUMBER = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
COMPARISON = re.compile(r"[<>]=?")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?")
CLOSING_QUOTE = "the closing quote"
FITS = "a number that fits 64 bits"
_QUOTED = re.compile(r"'(?:[^']|'')*'(?!')|\"(?:[^\"]|\"\")*\"(?!\")")
_WHOLE = re.compile(r"[+-]?[0-9_]{1,40}")
_SPACE = re.compile(r"\s*")
_INT64 = range(-(2**63), 2**63)

_SYNONYMS: dict[str, ColumnType] = {
    "integer": "int",
    "bigint": "int",
    "long": "int",
    "double": "float",
    "real": "float",
    "number": "float",
    "numeric": "float",
    "decimal": "float",
    "string": "str",
    "text": "str",
    "varchar": "str",
    "object": "str",
    "category": "str",
    "boolean": "bool",
    "datetime": "time",
    "timestamp": "time",
}
"""What other tools call our types."""


class Line:
    """A line, and where reading stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._skip()

    @property
    def at_end(self) -> bool:
        return self.at == len(self.text)

    @property
    def passed(self) -> int:
        """Where what was read ends, before the blanks behind it."""
        return len(self.text[: self.at].rstrip())

    def mistake(self, expected: str, offset: int | None = None, because: str = "") -> RuleMistake:
        """To be raised: what was expected here, or at ``offset``."""
        return RuleMistake(self.text, self.at if offset is None else offset, expected, because)

    def sees(self, pattern: re.Pattern[str]) -> bool:
        """Whether it matches here."""
        return pattern.match(self.text, self.at) is not None

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """What matches here; None where nothing does."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        self._skip()
        return match[0]

    def took(self, mark: str) -> bool:
        """Whether ``mark`` stands here; passes over it."""
        found = self.text.startswith(mark, self.at)
        if found:
            self.at += len(mark)
            self._skip()
        return found

    def word(self) -> str:
        """The word that stands here, not passing over it; empty where none does."""
        match = WORD.match(self.text, self.at)
        return match[0] if match else ""

    def quoted(self) -> str | None:
        """The text between quotes of either kind, in which such a quote is doubled; None where no quote stands here."""
        offset = self.at
        found = self.take(_QUOTED)
        if found is None and self.text[offset : offset + 1] in ("'", '"') and not self.at_end:
            raise self.mistake(
                CLOSING_QUOTE, len(self.text), "YAML ends a line at ` #`, and a quote in it hides nothing"
            )
        return None if found is None else found[1:-1].replace(found[0] * 2, found[0])

    def within_quotes(self, start: int, offset: int) -> int:
        """Where the character at ``offset`` of a text stands, whose opening quote is at ``start``."""
        quote, at = self.text[start], start + 1
        for _ in range(offset):
            at += 2 if self.text.startswith(quote * 2, at) else 1
        return at

    def type(self) -> ColumnType:
        """The type that begins a column's line."""
        offset, word = self.at, self.take(WORD) or ""
        kind = next((kind for kind in COLUMN_TYPES if kind == word), None)
        if kind is not None:
            return kind
        near = _SYNONYMS.get(word.lower()) or near_miss(word, COLUMN_TYPES)
        hint = f"; did you mean {near}?" if near else ""
        raise self.mistake(f"a type ({', '.join(COLUMN_TYPES)}){hint}", offset)

    def number(self, expected: str, *, is_whole: bool = False) -> int | float:
        """A number that 64 bits hold: an int where it is written as one, and fits. Where ``is_whole``, one that is written so must."""
        offset, digits = self.at, self.take(NUMBER)
        if digits is None:
            raise self.mistake(expected)
        if _WHOLE.fullmatch(digits) and int(digits) in _INT64:
            return int(digits)
        value = float(digits)
        if not math.isfinite(value) or is_lost(digits) or (is_whole and _WHOLE.fullmatch(digits)):
            raise self.mistake(FITS, offset)
        return value

    def moment(self, expected: str) -> str:
        """A day, or a day with a time of day, as ``2013-01-31 05:00:00`` or ``2013-01-31``."""
        offset, found = self.at, self.take(MOMENT)
        if found is None:
            raise self.mistake(expected)
        if not is_moment(found):
            raise self.mistake("a day that the calendar has", offset)
        return found.replace("T", " ")

    def count(self, expected: str) -> Bounds:
        """A number of things, or a range of it: whole and not below 0."""
        offset, start = self.at, NUMBER.match(self.text, self.at)
        is_range = self.text.startswith("..", self.at) or (start and self.text[start.end() :].lstrip().startswith(".."))
        if is_range or self.sees(COMPARISON):
            bounds = self.bounds(self._whole, expected)
        else:
            exactly = self._whole(expected)
            bounds = Bounds(exactly, exactly)
        if any(end is not None and (not isinstance(end, int) or end < 0) for end in (bounds.low, bounds.high)):
            raise self.mistake("whole numbers from 0", offset)
        return bounds

    def bounds(self, end: Callable[[str], End], expected: str) -> Bounds:
        """``LOW..HIGH``, either end of which may be missing but not both; or one comparison, or two, one of each side."""
        if not self.sees(COMPARISON):
            return self._range(end, expected)
        bounds = Bounds()
        while self.sees(COMPARISON):
            bounds = self.compared(bounds, end)
        return bounds

    def compared(self, known: Bounds, end: Callable[[str], End]) -> Bounds:
        """One comparison such as ``>= 5``, beside what is known of the other side."""
        offset = self.at
        mark = self.take(COMPARISON) or ""
        is_low = mark.startswith(">")
        if (known.low if is_low else known.high) is not None:
            raise self.mistake(f"one {'lower' if is_low else 'upper'} end only", offset)
        value = end("a number")
        if is_low:
            return self._ordered(Bounds(value, known.high, mark == ">", known.high_open), offset)
        return self._ordered(Bounds(known.low, value, known.low_open, mark == "<"), offset)

    def share(self) -> float:
        """``P%`` as a share of 1."""
        offset, digits = self.at, self.take(NUMBER) or ""
        if not digits or not self.took("%"):
            raise self.mistake("a percentage such as 5%", offset)
        if not 0 <= float(digits) <= 100:
            raise self.mistake("a percentage from 0% to 100%", offset)
        return float(f"{float(digits) / 100:.12g}")

    def _whole(self, expected: str) -> int | float:
        return self.number(expected, is_whole=True)

    def _range(self, end: Callable[[str], End], expected: str) -> Bounds:
        offset = self.at
        low = None if self.text.startswith("..", self.at) else end(expected)
        if not self.took(".."):
            raise self.mistake(".. (a range such as 1..12)")
        high = end(expected) if self.sees(NUMBER) else None
        if low is None and high is None:
            raise self.mistake(expected, offset)
        return self._ordered(Bounds(low, high), offset)

    def _ordered(self, bounds: Bounds, offset: int) -> Bounds:
        low, high = bounds.low, bounds.high
        is_open = bounds.low_open or bounds.high_open
        if low is not None and high is not None and (_after(bounds) or (low == high and is_open)):
            raise self.mistake("the lower end first", offset)
        return bounds

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()


def is_lost(digits: str) -> bool:
    """Whether a number is so near to 0 that a float of 64 bits is 0."""
    return float(digits) == 0 and any(digit in "123456789" for digit in re.split("[eE]", digits)[0])


def is_moment(text: str) -> bool:
    """Whether the text is a day of the calendar, or a day with a time of day, as a line would have it."""
    if MOMENT.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _after(bounds: Bounds) -> bool:
    """The lower end lies behind the upper one. A day as the upper end of times lasts till midnight."""
    low, high = bounds.low, bounds.high
    if isinstance(low, str) and isinstance(high, str):
        return (low if bounds.high_open else low[: len(high)]) > high
    assert not isinstance(low, str)
    assert not isinstance(high, str)
    return low is not None and high is not None and low > high

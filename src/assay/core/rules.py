"""Rules on a dataset, and the small language in which a column's rule is written.

A column line is ``TYPE["?"] CLAUSES``: the type, ``?`` where NULL is allowed, then clauses with or without commas between:

    int 1..12            a whole number in a closed range; either end may be left out (``0..``, ``..12``)
    int? 1..2400         NULL is allowed
    float > 0            one of > >= < <=; two of them make a range
    str in [EWR, JFK]    one of a set
    str? len 3           text of that many characters (``len 2..4`` for a range)
    int? 0..5, nulls <= 5%, allow 1 row

``parse_column`` reads one line, ``parse_rows`` the number of rows; both say what they expected, where. Words of the language
whose depth is not built (``mean``, ``stddev``, ``p95``, ``~``, sets from another dataset) are refused as such, never passed over.
"""

import math
import re
from typing import Literal, TypeAlias

import msgspec

from assay.core.near import near_miss

ColumnType = Literal["int", "float", "str", "bool", "date", "time"]
COLUMN_TYPES: tuple[ColumnType, ...] = ("int", "float", "str", "bool", "date", "time")

Scalar: TypeAlias = int | float | str | bool


class Bounds(msgspec.Struct, frozen=True):
    """A range of numbers; None leaves that side open. The ends belong to it unless said otherwise."""

    low: float | int | None = None
    high: float | int | None = None
    low_open: bool = False
    high_open: bool = False

    def __str__(self) -> str:
        if self.low_open or self.high_open:
            low = None if self.low is None else f"{'>' if self.low_open else '>='} {self.low}"
            high = None if self.high is None else f"{'<' if self.high_open else '<='} {self.high}"
            return ", ".join(side for side in (low, high) if side)
        return f"{'' if self.low is None else self.low}..{'' if self.high is None else self.high}"


class ColumnRule(msgspec.Struct, frozen=True):
    """What one column's values must be."""

    column: str
    type: ColumnType
    nullable: bool = False
    bounds: Bounds | None = None
    one_of: tuple[Scalar, ...] | None = None
    length: Bounds | None = None
    max_null_share: float | None = None
    """Only with ``nullable``: at most this share of the rows is NULL."""
    allow_rows: int = 0
    """So many rows may break the rule before it fails."""
    allow_share: float | None = None
    """The same as a share of all rows; the larger of the two counts."""
    text: str = ""
    """The line as it was written, for reports."""


class Rules(msgspec.Struct, frozen=True):
    """Everything that is asked of one dataset."""

    columns: tuple[ColumnRule, ...] = ()
    rows: Bounds | None = None
    unique: tuple[tuple[str, ...], ...] = ()
    """Keys: each a tuple of columns that together name a row."""
    closed: bool = False
    """An unknown column fails; otherwise it is only told."""


class RuleMistake(ValueError):
    """A line does not read. ``offset`` counts characters from 0; ``expected`` says what would have been right.

    ``because`` is set where a known word is not built.
    """

    def __init__(self, text: str, offset: int, expected: str, because: str = "") -> None:
        said = f"expected {expected} at {text[offset:] or 'the end'!r}"
        super().__init__(f"{because}; {said}" if because else said)
        self.offset = offset
        self.expected = expected
        self.because = because


def parse_column(column: str, text: str) -> ColumnRule:
    """The rule that ``text`` spells for ``column``; ``RuleMistake`` for anything else."""
    line = _Line(text)
    kind = line.type()
    rule = _Clauses(line, kind, nullable=line.took("?"))
    while not line.at_end:
        line.took(",")
        rule.clause()
    return rule.done(column)


def parse_rows(text: str) -> Bounds:
    """The number of rows that ``text`` allows: ``1000`` (exactly), ``1000..``, ``..5000``, ``1000..5000``; else ``RuleMistake``."""
    line = _Line(text)
    bounds = line.count("a number of rows such as 1000.. or 1000..5000")
    if not line.at_end:
        raise line.mistake("the end")
    return bounds


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
    "datetime": "time",
    "timestamp": "time",
}
"""What other tools call our types."""

_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9_]{1,40}")
_COMPARISON = re.compile(r"[<>]=?")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_UNQUOTED = re.compile(r"[^,\[\]'\"]+")
_SPACE = re.compile(r"\s*")
_UNBUILT = re.compile(r"~|(?:mean|stddev|fresh|unique|matches|severity)\b|p\d+\b")
_LARGEST = 2**63 - 1

_CLAUSES = "a range such as 1..12, a comparison such as > 0, in [..], len, nulls or allow"


class _Line:
    """A line of the language, and where reading stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._skip()

    @property
    def at_end(self) -> bool:
        return self.at == len(self.text)

    def mistake(self, expected: str, offset: int | None = None, because: str = "") -> RuleMistake:
        """To be raised: what was expected here, or at ``offset``."""
        return RuleMistake(self.text, self.at if offset is None else offset, expected, because)

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """What matches here, passing over it; None where nothing does."""
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
        match = _WORD.match(self.text, self.at)
        return match[0] if match else ""

    def type(self) -> ColumnType:
        offset, word = self.at, self.take(_WORD) or ""
        kind = next((kind for kind in COLUMN_TYPES if kind == word), None)
        if kind is not None:
            return kind
        near = _SYNONYMS.get(word.lower()) or near_miss(word, COLUMN_TYPES)
        hint = f"; did you mean {near}?" if near else ""
        raise self.mistake(f"a type ({', '.join(COLUMN_TYPES)}){hint}", offset)

    def number(self, expected: str) -> int | float:
        offset, digits = self.at, self.take(_NUMBER)
        if digits is None:
            raise self.mistake(expected)
        if _WHOLE.fullmatch(digits) and abs(int(digits)) <= _LARGEST:
            return int(digits)
        value = float(digits)
        is_whole = not set(".eE") & set(digits)
        if is_whole or not math.isfinite(value):
            raise self.mistake("a number that fits 64 bits", offset)
        return value

    def range(self, expected: str) -> Bounds:
        """``LOW..HIGH``, either end of which may be missing, but not both."""
        offset = self.at
        low = None if self.text.startswith("..", self.at) else self.number(expected)
        if not self.took(".."):
            raise self.mistake(".. (a range such as 1..12)")
        high = self.number(expected) if _NUMBER.match(self.text, self.at) else None
        if low is None and high is None:
            raise self.mistake(expected, offset)
        return self.ordered(Bounds(low, high), offset)

    def count(self, expected: str) -> Bounds:
        """A number of things, or a range of it: whole and not below 0."""
        offset, start = self.at, _NUMBER.match(self.text, self.at)
        is_range = self.text.startswith("..", self.at) or (start and self.text[start.end() :].lstrip().startswith(".."))
        if is_range:
            bounds = self.range(expected)
        else:
            exactly = self.number(expected)
            bounds = Bounds(exactly, exactly)
        if any(end is not None and (isinstance(end, float) or end < 0) for end in (bounds.low, bounds.high)):
            raise self.mistake("whole numbers from 0", offset)
        return bounds

    def ordered(self, bounds: Bounds, offset: int) -> Bounds:
        low, high = bounds.low, bounds.high
        is_open = bounds.low_open or bounds.high_open
        if low is not None and high is not None and (low > high or (low == high and is_open)):
            raise self.mistake("the lower end first", offset)
        return bounds

    def share(self) -> float:
        """``P%`` as a share of 1."""
        offset, digits = self.at, self.take(_NUMBER) or ""
        if not digits or not self.took("%"):
            raise self.mistake("a percentage such as 5%", offset)
        if not 0 <= float(digits) <= 100:
            raise self.mistake("a percentage from 0% to 100%", offset)
        return float(f"{float(digits) / 100:.12g}")

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()


class _Clauses:
    """What the clauses of one line have said so far. Each says its own thing once."""

    def __init__(self, line: _Line, kind: ColumnType, *, nullable: bool) -> None:
        self.line = line
        self.kind = kind
        self.nullable = nullable
        self.bounds: Bounds | None = None
        self.one_of: tuple[Scalar, ...] | None = None
        self.length: Bounds | None = None
        self.max_null_share: float | None = None
        self.allow_rows: int | None = None
        self.allow_share: float | None = None

    def done(self, column: str) -> ColumnRule:
        return ColumnRule(
            column,
            self.kind,
            self.nullable,
            self.bounds,
            self.one_of,
            self.length,
            self.max_null_share,
            self.allow_rows or 0,
            self.allow_share,
            self.line.text.strip(),
        )

    def clause(self) -> None:
        line, offset = self.line, self.line.at
        unbuilt = _UNBUILT.match(line.text, line.at)
        if unbuilt:
            raise line.mistake(_CLAUSES, because=f"{unbuilt[0]!r} is not built yet")
        match line.word():
            case "in":
                self._in(offset)
            case "len":
                self._len(offset)
            case "nulls":
                self._nulls(offset)
            case "allow":
                self._allow()
            case "" if _COMPARISON.match(line.text, line.at):
                self._comparison(offset)
            case "" if line.text.startswith("..", line.at) or _NUMBER.match(line.text, line.at):
                self._range(offset)
            case word:
                near = near_miss(word, ("in", "len", "nulls", "allow")) if word else None
                raise line.mistake(_CLAUSES + (f"; did you mean {near}?" if near else ""))

    def _range(self, offset: int) -> None:
        self._must_be_number("a range", offset)
        self._once(self.bounds, "one range", offset)
        bounds = self.line.range("a range such as 1..12")
        self._fits_type(bounds, offset)
        self.bounds = bounds

    def _comparison(self, offset: int) -> None:
        self._must_be_number("a comparison", offset)
        mark = self.line.take(_COMPARISON) or ""
        at = self.line.at
        end = self.line.number("a number")
        old = self.bounds or Bounds()
        if mark.startswith(">"):
            self._once(old.low, "one lower end", offset)
            bounds = Bounds(end, old.high, mark == ">", old.high_open)
        else:
            self._once(old.high, "one upper end", offset)
            bounds = Bounds(old.low, end, old.low_open, mark == "<")
        self._fits_type(bounds, at)
        self.bounds = self.line.ordered(bounds, offset)

    def _in(self, offset: int) -> None:
        self._once(self.one_of, "one set", offset)
        self.line.take(_WORD)
        if self.kind in ("date", "time"):
            raise self.line.mistake(_CLAUSES, offset, f"a set of {self.kind}s is not built yet")
        if not self.line.took("["):
            because = "" if self.line.at_end else "a set from another dataset's column is not built yet"
            raise self.line.mistake("a set such as [EWR, JFK]", because=because)
        values = [self._member()]
        while self.line.took(","):
            values.append(self._member())
        if not self.line.took("]"):
            raise self.line.mistake("a comma or ]")
        self.one_of = tuple(values)

    def _member(self) -> Scalar:
        line, offset = self.line, self.line.at
        quoted = line.take(_QUOTED)
        word = quoted[1:-1] if quoted else (line.take(_UNQUOTED) or "").strip()
        if not (word or quoted):
            raise line.mistake("a value")
        match self.kind:
            case "int" | "float":
                return self._number_member(word, offset)
            case "bool":
                if word not in ("true", "false"):
                    raise line.mistake("true or false", offset)
                return word == "true"
            case _:
                return word

    def _number_member(self, word: str, offset: int) -> int | float:
        expected = "a whole number" if self.kind == "int" else "a number"
        if not _NUMBER.fullmatch(word):
            raise self.line.mistake(expected, offset)
        try:
            value = _Line(word).number(expected)
        except RuleMistake as mistake:
            raise self.line.mistake(mistake.expected, offset) from mistake
        if self.kind == "int" and isinstance(value, float):
            raise self.line.mistake(expected, offset)
        return value

    def _len(self, offset: int) -> None:
        if self.kind != "str":
            raise self.line.mistake(f"a clause for {self.kind} (len is for str)", offset)
        self._once(self.length, "one length", offset)
        self.line.take(_WORD)
        self.length = self.line.count("a length such as 3 or 2..4")

    def _nulls(self, offset: int) -> None:
        if not self.nullable:
            raise self.line.mistake(f"{self.kind}? where NULL is allowed; nulls is about such columns", offset)
        self._once(self.max_null_share, "one limit for nulls", offset)
        self.line.take(_WORD)
        if not self.line.took("<="):
            raise self.line.mistake("<= (such as nulls <= 5%)")
        self.max_null_share = self.line.share()

    def _allow(self) -> None:
        line = self.line
        line.take(_WORD)
        offset, number = line.at, _NUMBER.match(line.text, line.at)
        if number and line.text[number.end() :].lstrip().startswith("%"):
            self._once(self.allow_share, "one allowed share", offset)
            self.allow_share = line.share()
            return
        self._once(self.allow_rows, "one allowed number of rows", offset)
        rows = line.number("a number of rows or a percentage, such as 1 row or 5%")
        if isinstance(rows, float) or rows < 0:
            raise line.mistake("a whole number of rows", offset)
        if line.word() not in ("row", "rows"):
            raise line.mistake("rows or %")
        line.take(_WORD)
        self.allow_rows = rows

    def _must_be_number(self, clause: str, offset: int) -> None:
        if self.kind in ("int", "float"):
            return
        if self.kind in ("date", "time"):
            raise self.line.mistake(_CLAUSES, offset, f"{clause} of {self.kind}s is not built yet")
        hint = "; did you mean len?" if self.kind == "str" else ""
        raise self.line.mistake(f"a clause for {self.kind} ({clause} is for int and float){hint}", offset)

    def _fits_type(self, bounds: Bounds, offset: int) -> None:
        if self.kind == "int" and any(isinstance(end, float) for end in (bounds.low, bounds.high)):
            raise self.line.mistake("whole numbers, as the column's are", offset)

    def _once(self, said: object, what: str, offset: int) -> None:
        if said is not None:
            raise self.line.mistake(f"{what} only", offset)

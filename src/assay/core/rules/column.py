"""The small language in which a column's rule is written.

A column line is ``TYPE["?"] CLAUSES``: the type, ``?`` where NULL is allowed, then clauses with or without commas between:

    int 1..12                         a number in a closed range; either end may be left out (``0..``, ``..12``)
    float > 0                         one of > >= < <=; two of them make a range
    date 2013-01-01..2013-12-31       the same of days, and of times: ``time >= 2013-01-01 05:00``; a day as the upper end of times is
                                      in the range up to its last moment
    str in [EWR, JFK]                 one of a set; in quotes what holds a comma, a bracket or a quote: ``['a, b', 'O''Hare']``
    str in data/airlines.csv:carrier  one of the values in a column of another dataset
    str? len 3                        text of that many characters (``len 2..4`` for a range)
    str ~ '^N[0-9]'                   text of which some part is matched (the language of ``pattern.py``)
    int unique                        no value twice
    float mean 5..20, stddev < 9      the mean and the standard deviation of the values
    float p95 <= 120, median 5..10    quantiles, decided by counting rows
    int? 0..5, nulls <= 5%            at most so many NULLs
    int 0..5, allow 1 row             so many rows may break the line, or such a share: ``allow 7%``
    int 0..5, warn                    told, and stops nothing

``parse_column`` reads one line, ``parse_rows`` the number of rows; both say what they expected, where.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from assay.core.near import near_miss
from assay.core.rules.line import COMPARISON, MOMENT, NUMBER, WORD, Line
from assay.core.rules.nouns import (
    Bounds,
    ColumnRule,
    ColumnType,
    MembersOf,
    QuantileBounds,
    RuleMistake,
    Scalar,
    Tolerance,
)
from assay.core.rules.pattern import PatternMistake, parse_pattern
from assay.core.rules.writing import quoted


def parse_column(column: str, text: str) -> ColumnRule:
    """The rule that ``text`` spells for ``column``; ``RuleMistake`` for anything else."""
    line = Line(text)
    kind = line.type()
    clauses = _Clauses(line, kind, nullable=line.took("?"))
    while not line.at_end:
        line.took(",")
        clauses.take()
    return ColumnRule(column, kind, clauses.nullable, **clauses.said, text=text.strip())


class Clause(msgspec.Struct, frozen=True):
    """A clause of a line, by where it stands: ``text[start:end]``."""

    start: int
    end: int
    field: str
    """Of the rule: what the clause says something of."""
    share: float | None = None
    """Of a quantile."""


def column_clauses(text: str) -> tuple[int, tuple[Clause, ...]]:
    """Where the type ends with its ``?``, and each clause in order; ``RuleMistake`` for a line that does not read."""
    line = Line(text)
    clauses = _Clauses(line, line.type(), nullable=line.took("?"))
    type_end, found = line.passed, []
    while not line.at_end:
        line.took(",")
        start, before = line.at, dict(clauses.said)
        clauses.take()
        field = next(field for field, value in clauses.said.items() if before.get(field) != value)
        share = clauses.said[field][-1].share if field == "quantiles" else None
        found.append(Clause(start, line.passed, field, share))
    return type_end, tuple(found)


def parse_rows(text: str) -> Bounds:
    """The number of rows that ``text`` allows: ``1000`` (exactly), ``1000..``, ``..5000``, ``1000..5000``; else ``RuleMistake``."""
    line = Line(text)
    bounds = line.count("a number of rows such as 1000.. or 1000..5000")
    if not line.at_end:
        raise line.mistake("the end")
    return bounds


def parse_tolerance(text: str) -> Tolerance:
    """What may break a rule: ``1 row``, ``12 rows``, ``0.5%``; else ``RuleMistake``."""
    line = Line(text)
    found = _tolerance(line)
    if not line.at_end:
        raise line.mistake("the end")
    return found


_CLAUSES = "a range such as 1..12, a comparison such as > 0, in [..], ~ '..', len, unique, mean, stddev, p95, nulls, allow or warn"
_OTHER_WORDS = {
    "average": "mean",
    "avg": "mean",
    "std": "stddev",
    "sd": "stddev",
    "length": "len",
    "isin": "in",
    "null": "nulls",
}
_QUANTILE = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,6})?)(?![0-9.\w])")
_MEMBERS = re.compile(r"[^\s,]+")
_UNQUOTED = re.compile(r"[^,\[\]'\"]+")
_HELD = re.compile(r"[^,\[\]'\"]+['\"\[][^,\]]*")
"""A value without quotes that needs them."""
_MOMENTS = ("date", "time")
_NUMBERS = ("int", "float")


class _Clauses:
    """What the clauses of one line have said so far. Each says its own thing once."""

    def __init__(self, line: Line, kind: ColumnType, *, nullable: bool) -> None:
        self.line = line
        self.kind = kind
        self.nullable = nullable
        self.said: dict[str, Any] = {}
        """The fields of the rule."""
        self._is_about_all = False
        """A clause about all the values has been said, so that a bare range would be taken for more of it."""

    def take(self) -> None:
        """The next clause."""
        line, offset = self.line, self.line.at
        word = line.word()
        read = _CLAUSES_BY_WORD.get(word)
        if line.sees(_QUANTILE):
            self._quantile(offset, line.take(_QUANTILE) or "")
        elif read is not None:
            read(self, offset)
        elif line.took("~"):
            self._pattern(offset)
        elif line.sees(COMPARISON):
            self._comparison(offset)
        elif line.text.startswith("..", line.at) or line.sees(NUMBER):
            self._range(offset)
        else:
            near = _OTHER_WORDS.get(word) or (near_miss(word, _CLAUSES_BY_WORD) if word else None)
            raise line.mistake(_CLAUSES + (f"; did you mean {near}?" if near else ""))

    def unique(self, offset: int) -> None:
        self.line.take(WORD)
        self._say("is_unique", value=True, offset=offset)

    def mean(self, offset: int) -> None:
        self.line.take(WORD)
        self._say("mean", self._bounds_of_all("mean", offset), offset)

    def stddev(self, offset: int) -> None:
        self.line.take(WORD)
        self._say("stddev", self._bounds_of_all("stddev", offset), offset)

    def median(self, offset: int) -> None:
        self.line.take(WORD)
        self._quantile(offset, "p50")

    def _say(self, field: str, value: Any, offset: int) -> None:
        if field in self.said:
            raise self.line.mistake(f"one {_ONCE[field]} only", offset)
        self.said[field] = value

    def _range(self, offset: int) -> None:
        self._must_have_order("a range", offset)
        self._say("bounds", self.line.bounds(self._end, "a range such as 1..12"), offset)

    def _comparison(self, offset: int) -> None:
        self._must_have_order("a comparison", offset)
        known = self.said.get("bounds")
        self.said["bounds"] = self.line.compared(known or Bounds(), self._end)

    def _end(self, expected: str) -> int | float | str:
        """An end of a range of the column's values."""
        offset = self.line.at
        if self.kind in _MOMENTS:
            return self._moment("a day such as 2013-01-31")
        value = self.line.number(expected, is_whole=self.kind == "int")
        if self.kind == "int" and isinstance(value, float):
            raise self.line.mistake("whole numbers, as the column's are", offset)
        return value

    def _moment(self, expected: str) -> str:
        offset = self.line.at
        found = self.line.moment(expected)
        if self.kind == "date" and len(found) > len("2013-01-31"):
            raise self.line.mistake("a day without a time of day, as the column's are", offset)
        return found

    def _bounds_of_all(self, word: str, offset: int) -> Bounds:
        if self.kind not in _NUMBERS:
            raise self.line.mistake(f"a clause for {self.kind} ({word} is for int and float)", offset)
        self._is_about_all = True
        return self.line.bounds(self.line.number, f"a range such as {word} 5..20")

    def _quantile(self, offset: int, word: str) -> None:
        share = float(f"{float(word[1:]) / 100:.12g}")
        if not 0 < share < 1:
            raise self.line.mistake("a quantile from p1 to p99.9", offset)
        bounds = self._bounds_of_all(word, offset)
        known: tuple[QuantileBounds, ...] = self.said.get("quantiles", ())
        if any(each.share == share for each in known):
            raise self.line.mistake(f"one range of {word} only", offset)
        self.said["quantiles"] = (*known, QuantileBounds(share, bounds))

    def among(self, offset: int) -> None:
        self.line.take(WORD)
        if self.line.took("["):
            self._say("one_of", self._set(), offset)
            return
        at = self.line.at
        quoted = self.line.quoted()
        found = quoted if quoted is not None else (self.line.take(_MEMBERS) or "")
        dataset, mark, column = found.rpartition(":")
        if not (mark and dataset and column):
            raise self.line.mistake("a set such as [EWR, JFK], or a column such as data/airlines.csv:carrier", at)
        self._say("members", MembersOf(dataset, column), offset)

    def _set(self) -> tuple[Scalar, ...]:
        offset = self.line.at
        values = [self._member()]
        while self.line.took(","):
            offset = self.line.at
            values.append(self._member())
        if not self.line.took("]"):
            raise self._unclosed(offset)
        return tuple(values)

    def _unclosed(self, offset: int) -> RuleMistake:
        """The set does not end behind its last value, which begins at ``offset``."""
        held = _HELD.match(self.line.text, offset)
        if held is None:
            return self.line.mistake("a comma or ]")
        because = "a value that holds a quote or a bracket stands in quotes"
        return self.line.mistake(f"the value in quotes, {quoted(held[0].strip())}", offset, because)

    def _member(self) -> Scalar:
        line, offset = self.line, self.line.at
        if self.kind in _MOMENTS and line.sees(MOMENT):
            return self._moment("a day")
        quoted = line.quoted()
        word = quoted if quoted is not None else (line.take(_UNQUOTED) or "").strip()
        if not word and quoted is None:
            raise line.mistake("a value")
        match self.kind:
            case "int" | "float":
                return self._number_member(word, offset)
            case "bool":
                if word not in ("true", "false"):
                    raise line.mistake("true or false", offset)
                return word == "true"
            case "str":
                return word
            case _:
                raise line.mistake("a day such as 2013-01-31", offset)

    def _number_member(self, word: str, offset: int) -> int | float:
        expected = "a whole number" if self.kind == "int" else "a number"
        if not NUMBER.fullmatch(word):
            raise self.line.mistake(expected, offset)
        try:
            value = Line(word).number(expected, is_whole=self.kind == "int")
        except RuleMistake as mistake:
            raise self.line.mistake(mistake.expected, offset) from mistake
        if self.kind == "int" and isinstance(value, float):
            raise self.line.mistake(expected, offset)
        return value

    def length(self, offset: int) -> None:
        self._must_be_text("len", offset)
        self.line.take(WORD)
        self._say("length", self.line.count("a length such as 3 or 2..4"), offset)

    def _pattern(self, offset: int) -> None:
        self._must_be_text("a pattern", offset)
        at = self.line.at
        pattern = self.line.quoted()
        if pattern is None:
            raise self.line.mistake("a pattern in quotes, such as ~ '^N[0-9]'", at)
        try:
            parse_pattern(pattern)
        except PatternMistake as mistake:
            place = self.line.within_quotes(at, mistake.offset)
            raise self.line.mistake(mistake.expected, place, mistake.because) from mistake
        self._say("pattern", pattern, offset)

    def nulls(self, offset: int) -> None:
        if not self.nullable:
            raise self.line.mistake(f"{self.kind}? where NULL is allowed; nulls is about such columns", offset)
        self.line.take(WORD)
        if not self.line.took("<="):
            raise self.line.mistake("<= (such as nulls <= 5%)")
        self._say("max_null_share", self.line.share(), offset)

    def allow(self, offset: int) -> None:
        self.line.take(WORD)
        found, known = _tolerance(self.line), self.said.get("allow", Tolerance())
        if (found.rows and known.rows) or (found.share is not None and known.share is not None):
            raise self.line.mistake("one allowed number of rows and one share only", offset)
        share = found.share if known.share is None else known.share
        self.said["allow"] = Tolerance(found.rows or known.rows, share)

    def severity(self, offset: int) -> None:
        word = self.line.take(WORD)
        at = self.line.at
        if word == "severity":
            word = self.line.take(WORD)
        if word not in ("warn", "error"):
            raise self.line.mistake("warn or error", at)
        self._say("severity", word, offset)

    def _must_have_order(self, clause: str, offset: int) -> None:
        if self.kind in ("str", "bool"):
            hint = "; did you mean len?" if self.kind == "str" else ""
            raise self.line.mistake(f"a clause for {self.kind} ({clause} is for numbers, days and times){hint}", offset)
        if self._is_about_all:
            because = "a range of the values themselves stands before mean, stddev and quantiles"
            raise self.line.mistake("both ends in one range, such as mean 5..20", offset, because)

    def _must_be_text(self, clause: str, offset: int) -> None:
        if self.kind != "str":
            raise self.line.mistake(f"a clause for {self.kind} ({clause} is for str)", offset)


_CLAUSES_BY_WORD: dict[str, Callable[[_Clauses, int], None]] = {
    "in": _Clauses.among,
    "len": _Clauses.length,
    "unique": _Clauses.unique,
    "mean": _Clauses.mean,
    "stddev": _Clauses.stddev,
    "median": _Clauses.median,
    "nulls": _Clauses.nulls,
    "allow": _Clauses.allow,
    "warn": _Clauses.severity,
    "severity": _Clauses.severity,
}

_ONCE = {
    "bounds": "range",
    "one_of": "set",
    "members": "set",
    "length": "length",
    "pattern": "pattern",
    "is_unique": "`unique`",
    "mean": "range of the mean",
    "stddev": "range of stddev",
    "max_null_share": "limit for nulls",
    "severity": "severity",
}


def _tolerance(line: Line) -> Tolerance:
    offset, number = line.at, NUMBER.match(line.text, line.at)
    if number and line.text[number.end() :].lstrip().startswith("%"):
        return Tolerance(share=line.share())
    rows = line.number("a number of rows or a percentage, such as 1 row or 5%", is_whole=True)
    if isinstance(rows, float) or rows < 0:
        raise line.mistake("a whole number of rows", offset)
    if line.word() not in ("row", "rows"):
        raise line.mistake("rows or %")
    line.take(WORD)
    return Tolerance(rows)

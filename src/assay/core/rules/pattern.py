"""Patterns of text that mean the same to every engine.

Engines have regular expressions of their own, which differ where it hurts: what ``$``, ``.``, ``\\w`` and ``(?i)`` match, and what
they know at all. So a pattern is read here, by one grammar, and spelt anew for each engine with what all of them agree on:

    abc  \\.  \\t             characters; a backslash takes the meaning from . ^ $ | ( ) [ ] { } * + ? \\ / and -
    .                        any character but a line feed
    [a-z]  [^0-9_]           one of a class, or none of it
    \\d \\w \\s \\D \\W \\S        digits, word characters and spaces of ASCII, and all others
    x*  x+  x?  x{2}  x{1,5}  repeated, at most 255 times where a number says so, and 1,000 times in all where one such repetition is in
                             another; a ? behind it changes nothing
    (x)  (?:x)  x|y           groups and alternatives
    ^  $                     the beginning and the end of the text, never of a line
    (?i)                     at the beginning: letters of ASCII in either case

A pattern matches a text where it matches some part of it. What is refused has no meaning that all engines share: look-around,
back references, word boundaries, named groups, other flags.
"""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

Flavour = Literal["re2", "java", "posix", "ere", "python"]
"""Whose spelling: RE2 (DuckDB, BigQuery), Java (Spark, Trino), PostgreSQL's advanced expressions, POSIX's extended ones (Snowflake),
Python's ``re``."""


class PatternMistake(ValueError):
    """A pattern does not read. ``offset`` counts characters from 0."""

    def __init__(self, offset: int, expected: str, because: str = "") -> None:
        super().__init__(f"expected {expected} at character {offset + 1}")
        self.offset = offset
        self.expected = expected
        self.because = because


class OneOf(msgspec.Struct, frozen=True):
    """One character: of these ranges of code points, or of none of them."""

    ranges: tuple[tuple[int, int], ...]
    is_negated: bool = False


class Edge(msgspec.Struct, frozen=True):
    """The beginning or the end of the text."""

    is_end: bool


class Repeated(msgspec.Struct, frozen=True):
    """A part, from ``least`` to ``most`` times; ``most`` None: without end."""

    part: "Part"
    least: int
    most: int | None


class Joined(msgspec.Struct, frozen=True):
    """Parts one after another."""

    parts: tuple["Part", ...]


class Either(msgspec.Struct, frozen=True):
    """One of several ways."""

    ways: tuple["Part", ...]


Part: TypeAlias = OneOf | Edge | Repeated | Joined | Either

MOST_REPEATS = 255
MOST_REPEATS_IN_ALL = 1000
"""RE2 takes no more, of repetitions in one another the product."""
_MOST_DEPTH = 40
_LAST = 0x10FFFF
_DIGITS = ((48, 57),)
_WORDS = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACES = ((9, 13), (32, 32))
_SHORT = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_CONTROLS = {"t": 9, "n": 10, "r": 13, "f": 12}
_LITERAL_ESCAPES = frozenset(".^$|()[]{}*+?\\/-&~#'\"@%!=<>:;,_ `")
_COUNTS = re.compile(r"\{([0-9]{1,6})(?:(,)([0-9]{0,6}))?\}")


def parse_pattern(text: str) -> Part:
    """What a pattern asks; ``PatternMistake`` where it does not read."""
    return _Reader(text).read()


def spelt(pattern: Part, flavour: Flavour) -> str:
    """The pattern as an engine of that flavour reads it, to be searched for in a text."""
    match pattern:
        case OneOf():
            return _spelt_class(pattern, flavour)
        case Edge(is_end=False):
            return "^"
        case Edge():
            return {"java": r"\z", "python": r"\Z"}.get(flavour, "$")
        case Repeated():
            return f"{_grouped(pattern.part, flavour)}{_counts(pattern)}"
        case Joined():
            return "".join(
                _group(part, flavour) if isinstance(part, Either) else spelt(part, flavour) for part in pattern.parts
            )
        case Either():
            return "|".join(spelt(way, flavour) for way in pattern.ways)


def fewest_characters(pattern: Part) -> int:
    """What it matches has at least so many."""
    match pattern:
        case OneOf():
            return 1
        case Edge():
            return 0
        case Repeated():
            return pattern.least * fewest_characters(pattern.part)
        case Joined():
            return sum(map(fewest_characters, pattern.parts))
        case Either():
            return min(map(fewest_characters, pattern.ways))


def repeats_in_all(pattern: Part) -> int:
    """So often some part of it is written out, where numbers say how often."""
    match pattern:
        case OneOf() | Edge():
            return 1
        case Repeated():
            often = pattern.least if pattern.most is None else pattern.most
            return max(often, 1) * repeats_in_all(pattern.part)
        case Joined():
            return max(map(repeats_in_all, pattern.parts), default=1)
        case Either():
            return max(map(repeats_in_all, pattern.ways))


def _grouped(part: Part, flavour: Flavour) -> str:
    return spelt(part, flavour) if isinstance(part, OneOf) else _group(part, flavour)


def _group(part: Part, flavour: Flavour) -> str:
    return f"({'' if flavour == 'ere' else '?:'}{spelt(part, flavour)})"


def _counts(repeated: Repeated) -> str:
    match repeated.least, repeated.most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case least, None:
            return f"{{{least},}}"
        case least, most if least == most:
            return f"{{{least}}}"
        case least, most:
            return f"{{{least},{most}}}"


def _spelt_class(found: OneOf, flavour: Flavour) -> str:
    if not found.is_negated and len(found.ranges) == 1 and found.ranges[0][0] == found.ranges[0][1]:
        return _spelt_character(found.ranges[0][0], flavour)
    inside = "".join(
        _spelt_character(low, flavour)
        if low == high
        else f"{_spelt_character(low, flavour)}-{_spelt_character(high, flavour)}"
        for low, high in found.ranges
    )
    return f"[{'^' if found.is_negated else ''}{inside}]"


def _spelt_character(code: int, flavour: Flavour) -> str:
    if (code < 32 or code == 127) and flavour != "ere":  # PostgreSQL takes any number of digits behind \\x
        return f"\\u{code:04X}" if flavour == "posix" else f"\\x{code:02X}"
    character = chr(code)
    is_itself = character.isalnum() or character in " _" or not 32 <= code < 127
    return character if is_itself else f"\\{character}"


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.is_folded = False

    def read(self) -> Part:
        if "\0" in self.text:
            raise PatternMistake(self.text.index("\0"), "a pattern without NUL", "no engine keeps NUL in a text")
        if self.text.startswith("(?i)"):
            self.at, self.is_folded = 4, True
        found = self._either()
        if self.at < len(self.text):
            raise PatternMistake(self.at, "the end; this ) closes nothing")
        return found

    def _either(self) -> Part:
        ways = [self._joined()]
        while self._took("|"):
            ways.append(self._joined())
        return ways[0] if len(ways) == 1 else Either(tuple(ways))

    def _joined(self) -> Part:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._repeated())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _repeated(self) -> Part:
        offset = self.at
        part = self._one()
        behind = self.at
        counts = self._repeats()
        if counts is None:
            return part
        if isinstance(part, Edge):
            raise PatternMistake(offset + 1, "no repetition of ^ or $")
        self._took("?")
        again = self.at
        if self._repeats() is not None or self._took("+"):
            raise PatternMistake(again, "one repetition", "a repetition of a repetition needs a group: (x+)*")
        found = Repeated(part, *counts)
        in_all = repeats_in_all(found)
        if in_all > MOST_REPEATS_IN_ALL:
            because = f"repetitions in one another multiply, here to {in_all:,} times"
            raise PatternMistake(behind, f"at most {MOST_REPEATS_IN_ALL:,} times in all", because)
        return found

    def _repeats(self) -> tuple[int, int | None] | None:
        offset = self.at
        for mark, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._took(mark):
                return counts
        if not self.text.startswith("{", self.at):
            return None
        found = _COUNTS.match(self.text, self.at)
        if found is None:
            raise PatternMistake(offset, "{n}, {n,} or {n,m}", "a brace that stands for itself is written \\{")
        self.at = found.end()
        least = int(found[1])
        most = least if found[2] is None else (int(found[3]) if found[3] else None)
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise PatternMistake(offset, f"at most {MOST_REPEATS} times, the smaller number first")
        return least, most

    def _one(self) -> Part:
        offset, character = self.at, self.text[self.at]
        self.at += 1
        match character:
            case "(":
                return self._group(offset)
            case "[":
                return self._class(offset)
            case ".":
                return OneOf(((10, 10),), is_negated=True)
            case "^" | "$":
                return Edge(character == "$")
            case "\\":
                escaped = self._escaped(offset)
                return self._folded(escaped) if isinstance(escaped, int) else escaped
            case "*" | "+" | "?" | "{":
                raise PatternMistake(offset, "something to repeat before it")
            case _:
                return self._folded(ord(character))

    def _group(self, offset: int) -> Part:
        if self.text.startswith("?", self.at):
            if not self.text.startswith("?:", self.at):
                because = "look-around, named groups and flags within a pattern do not mean the same to every engine"
                raise PatternMistake(offset, "a plain group: (..) or (?:..)", because)
            self.at += 2
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise PatternMistake(offset, f"at most {_MOST_DEPTH} groups in one another")
        found = self._either()
        self.depth -= 1
        if not self._took(")"):
            raise PatternMistake(offset, "a ) for this (")
        return found

    def _escaped(self, offset: int) -> int | OneOf:
        character = self.text[self.at : self.at + 1]
        self.at += 1
        if character.lower() in _SHORT and character:
            return OneOf(_SHORT[character.lower()], is_negated=character.isupper())
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character in _LITERAL_ESCAPES and character:
            return ord(character)
        because = "back references and word boundaries do not mean the same to every engine" if character else ""
        raise PatternMistake(offset, "an escape such as \\. or \\d", because)

    def _class(self, offset: int) -> OneOf:
        is_negated = self._took("^")
        ranges: list[tuple[int, int]] = []
        while not (ranges and self.text.startswith("]", self.at)):
            if self.at >= len(self.text):
                raise PatternMistake(offset, "a ] for this [")
            ranges += self._in_class(offset)
        self.at += 1
        return OneOf(_merged(self._both_cases(ranges)), is_negated)

    def _in_class(self, offset: int) -> Iterator[tuple[int, int]]:
        at = self.at
        low = self._class_character(offset)
        if isinstance(low, OneOf):
            yield from (_others(low.ranges) if low.is_negated else low.ranges)
            return
        is_range = self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in ("]", "")
        if not is_range:
            yield low, low
            return
        self.at += 1
        high = self._class_character(offset)
        if isinstance(high, OneOf) or high < low:
            raise PatternMistake(at, "a range such as a-z, the lower end first")
        yield low, high

    def _class_character(self, offset: int) -> int | OneOf:
        at, character = self.at, self.text[self.at : self.at + 1]
        if not character:
            raise PatternMistake(offset, "a ] for this [")
        self.at += 1
        if character == "[" and self.text[self.at : self.at + 1] in tuple(":.="):
            raise PatternMistake(at, "ranges such as a-z", "classes such as [:alpha:] are not known to every engine")
        return self._escaped(at) if character == "\\" else ord(character)

    def _folded(self, code: int) -> OneOf:
        return OneOf(_merged(self._both_cases([(code, code)])))

    def _both_cases(self, ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
        if not self.is_folded:
            return ranges
        letters = [
            (ord(chr(code).swapcase()),) * 2
            for code in (*range(65, 91), *range(97, 123))
            if any(low <= code <= high for low, high in ranges)
        ]
        return ranges + [(low, high) for low, high in letters]

    def _took(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found


def _merged(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The ranges in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def _others(ranges: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    """What is in none of the ranges, which stand in order. NUL is left out: no engine keeps it."""
    at = 1
    for low, high in ranges:
        if at < low:
            yield at, low - 1
        at = high + 1
    if at <= _LAST:
        yield at, _LAST

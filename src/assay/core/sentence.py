"""Gate sentences: what is required of a challenger, as one line.

    accuracy > champion.accuracy at 99%
    mae < champion.mae - 0.5
    accuracy >= 0.80

    sentence := metric cmp right ["at" P "%"]
    cmp      := ">" | ">=" | "<" | "<="
    right    := number | "champion." metric [("+" | "-" | "*") number]

``parse_sentence`` reads one line, or raises ``SentenceMistake`` with the place and what would have been right. Both sides name
the same metric. ``every``, ``no``, ``slice(...)``, latencies and sizes are known words whose depth is not built: they are refused
with a message that says so.
"""

import math
import re
from typing import Literal, NoReturn, TypeAlias

import msgspec

from assay.core.metrics import METRICS, UNBUILT_METRICS, MetricSpec

Comparison = Literal[">", ">=", "<", "<="]
Operator = Literal["+", "-", "*"]


class Reference(msgspec.Struct, frozen=True):
    """The right side: a number, or the champion's value of a metric, shifted or scaled."""

    number: float
    """The number itself; with ``metric``, what is added, subtracted or multiplied (0 with "+" where nothing is)."""
    metric: str | None = None
    operator: Operator = "+"


class Sentence(msgspec.Struct, frozen=True):
    """One requirement. It passes only if its opposite is rejected at the sentence's level."""

    metric: str
    comparison: Comparison
    right: Reference
    confidence: float | None = None
    """The level as a share, from ``at 99%``; None: the gate's."""
    text: str = ""
    """As it was written."""

    @property
    def is_relative(self) -> bool:
        """It compares with the champion."""
        return self.right.metric is not None


class SentenceMistake(ValueError):
    """A sentence does not read. ``offset`` counts characters from 0; ``because`` is set where a known word is not built."""

    def __init__(self, text: str, offset: int, expected: str, because: str = "") -> None:
        said = f"expected {expected} at {text[offset:] or 'the end'!r}"
        super().__init__(f"{because}; {said}" if because else said)
        self.offset = offset
        self.expected = expected
        self.because = because


def parse_sentence(text: str) -> Sentence:
    """The sentence that ``text`` spells; ``SentenceMistake`` for anything else."""
    reader = _Reader(text)
    metric = reader.metric()
    comparison = reader.comparison()
    right = reader.right(metric)
    confidence = reader.confidence()
    reader.end()
    return Sentence(metric.name, comparison, right, confidence, text.strip())


_Token: TypeAlias = tuple[str, str, int]
"""(kind, text, offset); the kinds are number, word, mark and end."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>[^\W\d]\w*)|(?P<mark>[<>]=?|\S)|(?P<end>\Z))"
)
_COMPARISONS: dict[str, Comparison] = {">": ">", ">=": ">=", "<": "<", "<=": "<="}
_OPERATORS: dict[str, Operator] = {"+": "+", "-": "-", "*": "*", "\N{MULTIPLICATION SIGN}": "*"}
_UNBUILT_WORD = re.compile(r"latency_\w+|\w+_(?:mb|bytes|ms|kb|gb)\Z")
_NAMES = ", ".join(METRICS)


class _Reader:
    """The tokens of one sentence, and where reading stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += token[0] != "end"
        return token

    def metric(self) -> MetricSpec:
        kind, word, offset = self.take()
        if kind == "word" and word in METRICS:
            return METRICS[word]
        if word in ("every", "no", "slice") or self.next[1] == "(":
            _refuse_unbuilt(self.text, offset, word)
        if word in UNBUILT_METRICS or _UNBUILT_WORD.match(word):
            _refuse_unbuilt(self.text, offset, word)
        raise SentenceMistake(self.text, offset, f"a metric ({_NAMES}{_near_miss(word)})")

    def comparison(self) -> Comparison:
        _, mark, offset = self.take()
        if mark in _COMPARISONS:
            return _COMPARISONS[mark]
        raise SentenceMistake(self.text, offset, "one of > >= < <=")

    def right(self, left: MetricSpec) -> Reference:
        kind, word, offset = self.next
        if kind == "word" and word == "champion":
            return self._champion(left)
        if kind == "word" and word in METRICS:
            raise SentenceMistake(self.text, offset, f"champion.{word}")
        if kind == "word":
            raise SentenceMistake(self.text, offset, f"a number or champion.{left.name}")
        return Reference(self._value(left, f"a number or champion.{left.name}"))

    def _champion(self, left: MetricSpec) -> Reference:
        self.take()
        _, dot, offset = self.take()
        if dot != ".":
            raise SentenceMistake(self.text, offset, f".{left.name}")
        offset = self.next[2]
        if self.metric() is not left:
            raise SentenceMistake(self.text, offset, f"{left.name}, the metric on the left")
        if self.next[1] not in _OPERATORS:
            return Reference(0.0, left.name)
        operator = _OPERATORS[self.take()[1]]
        if operator == "*":
            return Reference(self._factor(), left.name, operator)
        return Reference(self._value(left, "a number"), left.name, operator)

    def _factor(self) -> float:
        offset = self.next[2]
        factor = self._number("a number")
        if factor <= 0:
            raise SentenceMistake(self.text, offset, "a factor over 0")
        return factor

    def _value(self, metric: MetricSpec, expected: str) -> float:
        offset = self.next[2]
        value = self._number(expected)
        if metric.kind == "share" and (value > 1 or self.next[1] == "%"):
            raise SentenceMistake(self.text, offset, "a share from 0 to 1 (0.9 for 90%)")
        return value

    def _number(self, expected: str) -> float:
        kind, digits, offset = self.take()
        if kind != "number" or not math.isfinite(float(digits)):
            raise SentenceMistake(self.text, offset, expected)
        return float(digits)

    def confidence(self) -> float | None:
        if self.next[1] != "at":
            return None
        self.take()
        offset = self.next[2]
        percent = self._number("a level such as 99%")
        if self.take()[1] != "%" or not 50 < percent < 100:
            raise SentenceMistake(self.text, offset, "a level over 50% and below 100%, such as 99%")
        return float(f"{percent / 100:.12g}")

    def end(self) -> None:
        kind, _, offset = self.next
        if kind != "end":
            raise SentenceMistake(self.text, offset, "the end, or a level such as at 99%")


def _tokens(text: str) -> list[_Token]:
    found = ((match.lastgroup or "end", match) for match in _TOKEN.finditer(text))
    return [(kind, match[kind], match.start(kind)) for kind, match in found]


def _refuse_unbuilt(text: str, offset: int, word: str) -> NoReturn:
    because = f"{word!r} is not built yet"
    raise SentenceMistake(text, offset, f"a sentence about one of {_NAMES}, without every, no or slice", because)


def _near_miss(word: str) -> str:
    import difflib

    near = difflib.get_close_matches(word.lower(), METRICS, 1)
    return f"; did you mean {near[0]}?" if near else ""

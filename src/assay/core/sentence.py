"""Gate sentences: what is required of a challenger, as one line.

    accuracy > champion.accuracy at 99%
    every slice(carrier).accuracy >= 0.80
    no slice(carrier).accuracy < champion.accuracy - 0.05 at 99%
    gap(sex).recall <= 0.05
    violations(invariant tail_number) <= 1%
    latency_p99_ms <= 20

    sentence  := ["every" | "no"] left cmp right ["at" P "%"]
    left      := ["slice(" column ["=" value] ")." | "gap(" column ")."] metric | "violations(" behaviour ")" | resource
    behaviour := "invariant" column {"," column} | "missing" column {"," column} | column turn "," "prediction" turn
               | "cases" path
    turn      := "up" | "down"
    resource  := "latency_p50_ms" .. "latency_p99_ms" | "latency_p901_ms" .. "latency_p999_ms" | "model_size_mb"
    cmp       := ">" | ">=" | "<" | "<="; only "<" and "<=" after a gap, violations or a resource
    right     := number ["%"] | "champion." metric [("+" | "-" | "*") number]; only a number after a gap or violations

``parse_sentence`` reads one line, or raises ``SentenceMistake`` with the place and what would have been right. Both sides name
the same metric, and a champion's is taken on the same slice. A column or value that is no plain word (a value: nor a number)
stands in double quotes, as does one that the grammar knows; a quote in it is written twice. Only shares are written in percent.
"""

import math
import re
from typing import Literal

import msgspec

from assay.core.metrics import METRICS, REQUIRABLE, MetricSpec
from assay.core.unknown_word import metric_instead_of

Comparison = Literal[">", ">=", "<", "<="]
Operator = Literal["+", "-", "*"]
Quantifier = Literal["every", "no", "gap"]
"""``gap``: the greatest difference between any two slices."""
Turn = Literal["up", "down"]

VIOLATIONS = "violations"
MODEL_SIZE = "model_size_mb"


class Reference(msgspec.Struct, frozen=True):
    """The right side: a number, or the champion's value of a metric, shifted or scaled."""

    number: float
    """The number itself; with ``metric``, what is added, subtracted or multiplied (0 with "+" where nothing is)."""
    metric: str | None = None
    operator: Operator = "+"


class SliceOf(msgspec.Struct, frozen=True):
    """The rows that have one value in a column; without a value, each value's rows in turn."""

    column: str
    value: str | None = None
    """As it was written; compared with how a cell is written."""


class Behaviour(msgspec.Struct, frozen=True):
    """How predictions must react where rows are changed."""

    kind: Literal["invariant", "missing", "direction", "cases"]
    columns: tuple[str, ...] = ()
    change: Turn | None = None
    """Of ``direction``: how the column is changed."""
    prediction: Turn | None = None
    """Of ``direction``: the way that the prediction may go."""
    path: str | None = None
    """Of ``cases``: a file of rows with labels, each of which must be predicted right."""


class Sentence(msgspec.Struct, frozen=True):
    """One requirement. It passes only if its opposite is rejected at the sentence's level; with ``no`` it fails only if what it
    forbids is shown."""

    metric: str
    """A metric, ``violations``, or a resource."""
    comparison: Comparison
    right: Reference
    confidence: float | None = None
    """The level as a share, from ``at 99%``; None: the gate's."""
    text: str = ""
    """As it was written."""
    quantifier: Quantifier | None = None
    slice: SliceOf | None = None
    behaviour: Behaviour | None = None

    @property
    def is_of_rows(self) -> bool:
        """It speaks of a metric of labelled rows."""
        return self.metric in METRICS

    @property
    def is_relative(self) -> bool:
        """It compares with the champion."""
        return self.right.metric is not None

    @property
    def is_forbidding(self) -> bool:
        """It passes unless harm is shown."""
        return self.quantifier == "no"

    @property
    def needs_rows(self) -> str:
        """What in it only rows can answer, in words: ``a slice``; empty where a file of numbers could."""
        if self.behaviour is not None:
            return "a behaviour"
        if self.slice is not None:
            return "a gap between slices" if self.quantifier == "gap" else "a slice"
        return "a latency" if latency_share(self.metric) is not None else ""


class SentenceMistake(ValueError):
    """A sentence does not read. ``offset`` counts characters from 0; ``because`` is set where a known word cannot be used:
    it ends in "is not built yet", or says why it never can."""

    def __init__(self, text: str, offset: int, expected: str, because: str = "") -> None:
        said = f"expected {expected} at {text[offset:] or 'the end'!r}"
        super().__init__(f"{because}; {said}" if because else said)
        self.offset = offset
        self.expected = expected
        self.because = because


def parse_sentence(text: str) -> Sentence:
    """The sentence that ``text`` spells; ``SentenceMistake`` for anything else."""
    reader = _Reader(text)
    quantifier = reader.quantifier()
    left = reader.left(quantifier)
    comparison = reader.comparison(left)
    right = reader.right(left, comparison)
    confidence = reader.confidence(left)
    reader.end()
    said = "gap" if left.is_gap else quantifier
    return Sentence(left.metric, comparison, right, confidence, text.strip(), said, left.slice, left.behaviour)


def latency_share(resource: str) -> float | None:
    """The share of requests that ``latency_p99_ms`` speaks of: .99; None for what is no latency."""
    match = _LATENCY.fullmatch(resource)
    return float(f"0.{match[1]}") if match else None


def is_resource(name: str) -> bool:
    """The name is a latency or the model's size."""
    return name == MODEL_SIZE or _LATENCY.fullmatch(name) is not None


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))|(?P<word>\w+)"""
    r"""|(?P<name>"(?:[^"\n]|"")+")|(?P<mark>[<>]=?|\S)|(?P<end>\Z))"""
)
_LATENCY = re.compile(r"latency_p([5-9][0-9]|9[0-9][1-9])_ms")
_COMPARISONS: dict[str, Comparison] = {">": ">", ">=": ">=", "<": "<", "<=": "<="}
_OPERATORS: dict[str, Operator] = {"+": "+", "-": "-", "*": "*", "\N{MULTIPLICATION SIGN}": "*"}
_TURNS: dict[str, Turn] = {"up": "up", "down": "down"}
_ALWAYS_SO: tuple[tuple[Comparison, float], ...] = ((">=", 0.0), ("<=", 1.0))
_BELOW_ZERO = frozenset({"r2", "score"})
"""The metrics that may be negative."""
_COLUMN = 'a column, in "quotes" where it is no plain word'
_VALUE = 'a value, in "quotes" where it is no plain word'
_CLOSING = ', or "quotes" around what is no plain word'
_BEHAVIOUR = "one of invariant COLUMN; missing COLUMN; COLUMN up, prediction up; cases FILE"
_LEVEL = "a level over 50% and below 100%, such as 99%"


class _Token(msgspec.Struct, frozen=True):
    kind: str
    """number, word, name (in quotes), mark or end."""
    text: str
    """Without quotes."""
    offset: int


class _Left(msgspec.Struct, frozen=True):
    metric: str
    slice: SliceOf | None = None
    behaviour: Behaviour | None = None
    is_gap: bool = False

    @property
    def spec(self) -> MetricSpec | None:
        return METRICS.get(self.metric)

    @property
    def is_share(self) -> bool:
        return self.behaviour is not None or (self.spec is not None and self.spec.kind == "share")

    @property
    def is_at_most_1(self) -> bool:
        is_index = self.spec is not None and self.spec.kind == "index"
        return is_index and not (self.is_gap and self.metric in _BELOW_ZERO)

    @property
    def has_champion(self) -> bool:
        return self.behaviour is None and not self.is_gap


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
        token = self.next
        self.at += token.kind != "end"
        return token

    def sees(self, *texts: str) -> bool:
        """One of these words or marks is next; what stands in quotes is none."""
        return self.next.kind != "name" and self.next.text in texts

    def took(self, text: str) -> bool:
        is_next = self.sees(text)
        self.at += is_next
        return is_next

    def expect(self, text: str, expected: str) -> None:
        if not self.took(text):
            raise self.mistake(self.next.offset, expected)

    def mistake(self, offset: int, expected: str, because: str = "") -> SentenceMistake:
        return SentenceMistake(self.text, offset, expected, because)

    def quantifier(self) -> Quantifier | None:
        if self.took("every"):
            return "every"
        return "no" if self.took("no") else None

    def left(self, quantifier: Quantifier | None) -> _Left:
        if self.sees("slice"):
            return self._sliced(quantifier)
        if quantifier == "every":
            raise self.mistake(self.next.offset, "slice(COLUMN). after every")
        names_no_metric = self.sees("gap", VIOLATIONS) or (self.next.kind == "word" and is_resource(self.next.text))
        if not names_no_metric:
            return _Left(self.metric(is_first=quantifier is None).name)
        if quantifier == "no":
            raise self.mistake(self.next.offset, "a metric or slice(COLUMN). after no")
        if self.sees("gap"):
            return self._gap()
        return self._behaviour() if self.sees(VIOLATIONS) else _Left(self.take().text)

    def metric(self, *, is_first: bool) -> MetricSpec:
        """A metric that can be required. ``is_first``: other openers of a sentence could have stood here."""
        token = self.take()
        if token.kind == "word" and token.text in REQUIRABLE:
            return METRICS[token.text]
        expected, because = metric_instead_of(
            token.text, is_plain=token.kind == "word", is_call=self.sees("("), is_first=is_first
        )
        raise self.mistake(token.offset, expected, because)

    def _sliced(self, quantifier: Quantifier | None) -> _Left:
        self.take()
        self.expect("(", "(COLUMN)")
        column = self._name(_COLUMN)
        value = self._name(_VALUE, may_be_number=True) if self.took("=") else None
        closing = self.next.offset
        self.expect(")", (") or =VALUE" if value is None else ")") + _CLOSING)
        if value is None and quantifier is None:
            raise self.mistake(closing, f"=VALUE, or every or no before slice({column})")
        if value is not None and quantifier == "every":
            raise self.mistake(closing, f") without a value: every slice({column}) is each of its values")
        return _Left(self._metric_of_slice(), SliceOf(column, value))

    def _gap(self) -> _Left:
        self.take()
        self.expect("(", "(COLUMN)")
        column = self._name(_COLUMN)
        self.expect(")", "), as a gap is between all values of its column" if self.sees("=") else ")" + _CLOSING)
        return _Left(self._metric_of_slice(), SliceOf(column), is_gap=True)

    def _metric_of_slice(self) -> str:
        self.expect(".", ".METRIC")
        return self.metric(is_first=False).name

    def _behaviour(self) -> _Left:
        self.take()
        self.expect("(", "(BEHAVIOUR)")
        behaviour = self._behaviour_kind()
        self.expect(")", ")")
        return _Left(VIOLATIONS, behaviour=behaviour)

    def _behaviour_kind(self) -> Behaviour:
        if self.took("invariant"):
            return Behaviour("invariant", self._columns())
        if self.took("missing"):
            return Behaviour("missing", self._columns())
        if self.took("cases"):
            return Behaviour("cases", path=self._path())
        column = self._name(_BEHAVIOUR)
        change = self._turn()
        self.expect(",", ", prediction up or , prediction down")
        self.expect("prediction", "prediction up or prediction down")
        return Behaviour("direction", (column,), change, self._turn())

    def _columns(self) -> tuple[str, ...]:
        columns = [self._name(_COLUMN)]
        while self.took(","):
            columns.append(self._name(_COLUMN))
        return tuple(columns)

    def _turn(self) -> Turn:
        if not self.sees(*_TURNS):
            raise self.mistake(self.next.offset, "up or down")
        return _TURNS[self.take().text]

    def _path(self) -> str:
        """Everything up to the closing parenthesis: a path needs no quotes, unless there is one in it."""
        if self.next.kind == "name":
            return self.take().text
        start = self.next.offset
        while not self.sees(")") and self.next.kind != "end":
            self.take()
        path = self.text[start : self.next.offset].strip()
        if not path:
            raise self.mistake(start, "a file of rows with labels")
        return path

    def _name(self, expected: str, *, may_be_number: bool = False) -> str:
        """A word, or anything in quotes."""
        offset = self.next.offset
        sign = "-" if may_be_number and self.took("-") else ""
        token = self.take()
        if token.kind == "number" and may_be_number:
            return sign + token.text
        if token.kind in ("word", "name") and not sign:
            return token.text
        raise self.mistake(offset, expected)

    def comparison(self, left: _Left) -> Comparison:
        token = self.take()
        is_limit = left.spec is None or left.is_gap
        if token.text not in _COMPARISONS or token.kind != "mark" or (is_limit and token.text.startswith(">")):
            raise self.mistake(token.offset, "one of < <=" if is_limit else "one of > >= < <=")
        return _COMPARISONS[token.text]

    def right(self, left: _Left, comparison: Comparison) -> Reference:
        expected = f"a number or champion.{left.metric}" if left.has_champion else "a number"
        if self.sees("champion") and left.has_champion:
            return self._champion(left)
        if self.sees(left.metric) and left.has_champion:
            raise self.mistake(self.next.offset, f"champion.{left.metric}")
        return Reference(self._value(left, comparison, expected))

    def _champion(self, left: _Left) -> Reference:
        self.take()
        self.expect(".", f".{left.metric}")
        if self.sees("slice"):
            raise self.mistake(self.next.offset, f"{left.metric}: the champion's is taken on the same slice")
        self.expect(left.metric, f"{left.metric}, the metric on the left")
        if not self.sees(*_OPERATORS):
            if self.next.kind == "mark":
                raise self.mistake(self.next.offset, "one of + - *, a level such as at 99%, or the end")
            return Reference(0.0, left.metric)
        operator = _OPERATORS[self.take().text]
        number = self._factor() if operator == "*" else self._difference(left)
        return Reference(number, left.metric, operator)

    def _factor(self) -> float:
        offset = self.next.offset
        factor = self._number("a factor such as 0.95")
        if factor <= 0 or self.sees("%"):
            raise self.mistake(offset, "a factor over 0, such as 0.95")
        return factor

    def _difference(self, left: _Left) -> float:
        """Never in percent: percent of what, one would ask."""
        offset = self.next.offset
        value = self._number("a number")
        if left.is_share and (value >= 1 or self.sees("%")):
            raise self.mistake(offset, "a difference from 0 to 1 (0.05 for 5 points)")
        if self.sees("%"):
            raise self.mistake(offset, f"a number without % (champion.{left.metric} * 0.95 is 5% less)")
        return value

    def _value(self, left: _Left, comparison: Comparison, expected: str) -> float:
        is_negative = left.metric in _BELOW_ZERO and not left.is_gap and self.took("-")
        offset = self.next.offset
        value = self._number(expected)
        if left.is_share:
            return self._share(value, left, comparison, offset)
        if self.sees("%"):
            raise self.mistake(offset, f"a number without %, as {left.metric} is no share of rows")
        if value > 1 and left.is_at_most_1 and not is_negative:
            raise self.mistake(offset, f"a number up to 1, as {left.metric} is")
        return -value if is_negative else value

    def _share(self, value: float, left: _Left, comparison: Comparison, offset: int) -> float:
        """One that can be missed: what every model does is asked by mistake."""
        is_percent = self.took("%")
        share = _from_percent(value) if is_percent else value
        if share > 1:
            raise self.mistake(offset, "a share from 0 to 1, or a percentage (0.9 or 90%)")
        if (comparison, share) in _ALWAYS_SO:
            example = "a share below 1 (0.01 or 1%)" if share else "a share over 0 (0.9 or 90%)"
            raise self.mistake(offset, example, f"{left.metric} {comparison} {share:g} is so of any model")
        is_least = comparison in (">", ">=") and left.spec is not None and left.spec.higher_is_better
        if is_percent and value < 1 and is_least:
            because = f"{value:g}% is {share:g}, which hardly any model misses"
            raise self.mistake(offset, f"a share such as {value:g} or {100 * value:g}%", because)
        return share

    def _number(self, expected: str) -> float:
        token = self.take()
        if token.kind != "number" or not math.isfinite(float(token.text)):
            raise self.mistake(token.offset, expected)
        return float(token.text)

    def confidence(self, left: _Left) -> float | None:
        if self.sees("at") and left.metric == MODEL_SIZE:
            raise self.mistake(self.next.offset, "the end: a size is compared as it is, at no level")
        if not self.took("at"):
            return None
        offset = self.next.offset
        level = _from_percent(self._number(_LEVEL))
        if not self.took("%") or not 0.5 < level < 1:
            raise self.mistake(offset, _LEVEL)
        return level

    def end(self) -> None:
        if self.sees("and"):
            raise self.mistake(self.next.offset, "the end: each requirement is a sentence of its own")
        if self.next.kind != "end":
            raise self.mistake(self.next.offset, "the end, or a level such as at 99%")


def _from_percent(percent: float) -> float:
    """The share; twelve digits, so that 99.9 % is .999 and not .9990000000000001."""
    return float(f"{percent / 100:.12g}")


def _tokens(text: str) -> list[_Token]:
    found = ((match.lastgroup or "end", match) for match in _TOKEN.finditer(text))
    return [_Token(kind, _unquoted(kind, match[kind]), match.start(kind)) for kind, match in found]


def _unquoted(kind: str, text: str) -> str:
    return text[1:-1].replace('""', '"') if kind == "name" else text

r"""Conditions of ease.ml/ci, as values.

    n - o > 0.02 +/- 0.01 /\ d < 0.1 +/- 0.01

    condition := clause { "/\" clause }                      also "and"
    clause    := term { ("+" | "-") term } (">" | "<") c "+/-" tolerance
    term      := [factor "*"] ("n" | "o" | "d") { "*" factor }

``n`` and ``o`` are the accuracies of the new and the old model, ``d`` is the share of rows that the two predict differently.
``parse_condition`` reads a condition, or raises ``ConditionMistake`` with the place and what would have been right.
"""

import re
from typing import Literal, TypeAlias, get_args

import msgspec

from assay.core.near import near_miss

Variable = Literal["n", "o", "d"]
Order = Literal[">", "<"]

LEAST, MOST = 1e-9, 1e6
"""Numbers other than 0 lie between these: beyond them no test set is of any use, and squares leave the range of floats."""


class Term(msgspec.Struct, frozen=True):
    """A variable and what it is multiplied with, sign included."""

    variable: Variable
    factor: float


class Clause(msgspec.Struct, frozen=True):
    """The sum of the terms is over (or under) the threshold, where it matters by more than the tolerance."""

    terms: tuple[Term, ...]
    """At most one a variable, none with a factor of 0, in the order n, o, d."""
    order: Order
    threshold: float
    tolerance: float
    text: str
    """As it was written."""

    def factor(self, variable: Variable) -> float:
        """What ``variable`` is multiplied with; 0 where it does not occur."""
        return next((term.factor for term in self.terms if term.variable == variable), 0.0)

    @property
    def needs_labels(self) -> bool:
        """It speaks of an accuracy: d alone can be counted on rows without labels."""
        return any(term.variable != "d" for term in self.terms)


class Condition(msgspec.Struct, frozen=True):
    """Clauses that must all hold."""

    clauses: tuple[Clause, ...]
    text: str


class ConditionMistake(ValueError):
    """A condition does not read. ``offset`` counts characters from 0."""

    def __init__(self, text: str, offset: int, expected: str) -> None:
        super().__init__(f"expected {expected} at {text[offset:] or 'the end'!r}")
        self.text = text
        self.offset = offset
        self.expected = expected


def parse_condition(text: str) -> Condition:
    """The condition that ``text`` spells; ``ConditionMistake`` for anything else."""
    reader = _Reader(text)
    clauses = [reader.clause()]
    while reader.next[0] == "and":
        reader.take()
        clauses.append(reader.clause())
    reader.end()
    return Condition(tuple(clauses), text.strip())


_Token: TypeAlias = tuple[str, str, int]
"""(kind, text, offset); the kinds are number, and, tolerance, word, mark and end."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<and>/\\|\N{LOGICAL AND}|and\b)"
    r"|(?P<tolerance>\+\s*/\s*-|\N{PLUS-MINUS SIGN})|(?P<word>[^\W\d]\w*)|(?P<mark>[<>]=?|\S)|(?P<end>\Z))"
)
_ORDERS: dict[str, Order] = {">": ">", "<": "<"}
_VARIABLES: tuple[Variable, ...] = get_args(Variable)
_NAMED: dict[str, Variable] = {"n": "n", "o": "o", "d": "d", "new": "n", "accuracy": "n", "old": "o", "champion": "o"}
_NAMED |= {"disagreement": "d", "difference": "d", "different": "d"}


class _Reader:
    """The tokens of one condition, and where reading stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = ((match.lastgroup or "end", match) for match in _TOKEN.finditer(text))
        self.tokens: list[_Token] = [(kind, match[kind], match.start(kind)) for kind, match in found]
        self.at = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += token[0] != "end"
        return token

    def clause(self) -> Clause:
        start = self.next[2]
        terms = self._terms(start)
        order = self._order()
        threshold = self._threshold(terms)
        tolerance = self._tolerance(terms)
        return Clause(terms, order, threshold, tolerance, self.text[start : self.next[2]].strip())

    def _terms(self, start: int) -> tuple[Term, ...]:
        sums = dict.fromkeys(_VARIABLES, 0.0)
        sign = 1
        while True:
            variable, factor = self._term()
            sums[variable] += sign * factor
            if self.next[1] not in ("+", "-"):
                break
            sign = 1 if self.take()[1] == "+" else -1
        terms = tuple(Term(variable, factor) for variable, factor in sums.items() if factor)
        if not terms:
            raise ConditionMistake(self.text, start, "variables that do not cancel out")
        return terms

    def _term(self) -> tuple[Variable, float]:
        factor = 1.0
        if self.next[0] == "number":
            factor = self._number("a factor")
            _, star, offset = self.take()
            if star != "*":
                raise ConditionMistake(self.text, offset, "* and a variable (n, o or d)")
        variable = self._variable()
        while self.next[1] == "*":
            self.take()
            factor *= self._number("a factor, such as 1.1")
        return variable, factor

    def _variable(self) -> Variable:
        kind, word, offset = self.take()
        for variable in _VARIABLES:
            if word == variable:
                return variable
        near = near_miss(word, _NAMED) if kind == "word" else None
        hint = f"; did you mean {_NAMED[near]}?" if near else ""
        raise ConditionMistake(self.text, offset, f"a variable (n: new accuracy, o: old, d: share that differs{hint})")

    def _order(self) -> Order:
        _, mark, offset = self.take()
        if mark in _ORDERS:
            return _ORDERS[mark]
        hint = f"; did you mean {mark[0]}?" if mark in (">=", "<=") else ""
        raise ConditionMistake(self.text, offset, f"one of > < + - *{hint}")

    def _threshold(self, terms: tuple[Term, ...]) -> float:
        offset = self.next[2]
        sign = -1 if self.next[1] == "-" else 1
        if sign < 0:
            self.take()
        threshold = sign * self._number("a number, such as 0.02 (variables stand on the left)")
        low, high = _reach(terms)
        if self.next[1] == "%" or not low <= threshold <= high:
            hint = " (0.8 for 80%)" if self.next[1] == "%" or threshold > 1 else ""
            raise ConditionMistake(self.text, offset, f"a number from {low:g} to {high:g}{hint}")
        return threshold

    def _tolerance(self, terms: tuple[Term, ...]) -> float:
        kind, _, offset = self.take()
        if kind != "tolerance":
            raise ConditionMistake(self.text, offset, "+/- and a tolerance, such as +/- 0.01")
        offset = self.next[2]
        tolerance = self._number("a tolerance, such as 0.01")
        low, high = _reach(terms)
        if not 0 < tolerance < high - low:
            raise ConditionMistake(self.text, offset, f"a tolerance over 0 and under {high - low:g}")
        return tolerance

    def _number(self, expected: str) -> float:
        kind, digits, offset = self.take()
        if kind != "number":
            raise ConditionMistake(self.text, offset, expected)
        value = float(digits)
        if value and not LEAST <= value <= MOST:
            raise ConditionMistake(self.text, offset, f"0, or a number from {LEAST:g} to {MOST:,.0f}")
        return value

    def end(self) -> None:
        kind, _, offset = self.next
        if kind != "end":
            raise ConditionMistake(self.text, offset, "/\\ and another clause, or the end")


def _reach(terms: tuple[Term, ...]) -> tuple[float, float]:
    """The least and the greatest value that a sum of shares can take."""
    return sum(min(0.0, term.factor) for term in terms), sum(max(0.0, term.factor) for term in terms)

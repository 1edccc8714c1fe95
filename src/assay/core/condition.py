"""Conditions under which a step runs: ``when: branch == 'main' and params.deploy``.

    condition  := both {"or" both}
    both       := negated {"and" negated}
    negated    := "not" negated | "(" condition ")" | comparison
    comparison := operand [cmp operand | ["not"] "in" (operand | list)]
    cmp        := "==" | "!=" | "<" | "<=" | ">" | ">="
    operand    := fact | reference | "${" reference "}" | text | number | "true" | "false"
    fact       := "branch" | "tag" | "event"
    reference  := "matrix." axis | "params." key {"." key | "[" n "]"} | "item" ... | "key"
    list       := "[" [value {"," value}] "]"
    text       := '...' or "...", without that quote in it

``parse_condition`` reads one line, or raises ``ConditionMistake`` with the place and what would have been right. What matrix and
params hold is known by then and stands in the condition; branch, tag and event are facts of the run that ``holds`` is given.
``<`` and its like compare numbers only. A comparison stands alone where it is true or false; a fact alone asks whether there is one.
``in`` asks for a member of a list, or for a part of a text. Nothing is evaluated but this.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

import msgspec

from assay.core.near import near_miss
from assay.core.reference import ROOTS, UNKNOWN, Reference, ReferenceMistake, parse_reference

FactName = Literal["branch", "tag", "event"]
FACTS: tuple[FactName, ...] = ("branch", "tag", "event")
Comparator = Literal["==", "!=", "<", "<=", ">", ">=", "in"]
Plain: TypeAlias = str | int | float | bool | None

DEEPEST = 50
"""So many parentheses and ``not`` may stand in one another."""


class RunFacts(msgspec.Struct, frozen=True):
    """What a condition may ask about a run. None: there is none."""

    branch: str | None = None
    tag: str | None = None
    event: str | None = None
    """What started the run: ``push``, ``schedule``, ``drift``, ..."""


class Fact(msgspec.Struct, frozen=True, tag="fact"):
    """Something about the run."""

    name: FactName


class Known(msgspec.Struct, frozen=True, tag="known"):
    """A value that was known when the file was read."""

    value: Plain | list[Plain]
    name: str = ""
    """Where it comes from, such as ``params.deploy``; empty where it is written in the condition."""


Operand: TypeAlias = Fact | Known


class Comparison(msgspec.Struct, frozen=True, tag="comparison"):
    """Two operands held against each other."""

    left: Operand
    comparator: Comparator
    right: Operand


class Is(msgspec.Struct, frozen=True, tag="is"):
    """It is true; a fact: there is one."""

    operand: Operand


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The part does not hold."""

    part: "Term"


class All(msgspec.Struct, frozen=True, tag="all"):
    """Every part holds."""

    parts: "tuple[Term, ...]"


class AnyOf(msgspec.Struct, frozen=True, tag="any"):
    """A part holds."""

    parts: "tuple[Term, ...]"


Term: TypeAlias = Comparison | Is | Not | All | AnyOf


class Condition(msgspec.Struct, frozen=True):
    """A condition as it was written, and what it says."""

    text: str
    term: Term


class ConditionMistake(ValueError):
    """A condition does not read. ``offset`` counts characters from 0; ``because`` may be empty."""

    def __init__(self, text: str, offset: int, expected: str, because: str = "") -> None:
        super().__init__(f"expected {expected} at {text[offset:] or 'the end'!r}")
        self.offset = offset
        self.expected = expected
        self.because = because


LookUp: TypeAlias = Callable[[Reference], Any]
"""What a reference names; raises ``ReferenceMistake`` where nothing is there."""


def parse_condition(text: str, look_up: LookUp) -> Condition:
    """The condition that ``text`` spells; ``ConditionMistake`` for anything else."""
    reader = _Reader(text, look_up)
    term = reader.condition(0)
    reader.end()
    return Condition(text.strip(), term)


def holds(condition: Condition, facts: RunFacts) -> bool:
    """Whether the condition holds in a run of which these are the facts."""
    return _holds(condition.term, facts)


def facts_told(condition: Condition, facts: RunFacts) -> str:
    """What the names in a condition stand for in a run: ``branch is dev, params.deploy is false``. Each name once, in order."""
    named = {operand.name: _value(operand, facts) for operand in _operands(condition.term)}
    return ", ".join(f"{name} is {_spelt(value)}" for name, value in named.items() if name)


def _operands(term: Term) -> Iterator[Operand]:
    match term:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _operands(part)
        case Not(part=part):
            yield from _operands(part)
        case Is(operand=operand):
            yield operand
        case Comparison(left=left, right=right):
            yield from (left, right)


def _spelt(value: Any) -> str:
    if value is None:
        return "not there"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(term: Term, facts: RunFacts) -> bool:
    match term:
        case All(parts=parts):
            return all(_holds(part, facts) for part in parts)
        case AnyOf(parts=parts):
            return any(_holds(part, facts) for part in parts)
        case Not(part=part):
            return not _holds(part, facts)
        case Is(operand=operand):
            return bool(_value(operand, facts))
        case Comparison(left=left, comparator=comparator, right=right):
            return _compare(_value(left, facts), comparator, _value(right, facts))


def _value(operand: Operand, facts: RunFacts) -> Any:
    return getattr(facts, operand.name) if isinstance(operand, Fact) else operand.value


def _compare(left: Any, comparator: Comparator, right: Any) -> bool:
    match comparator:
        case "==":
            return _same(left, right)
        case "!=":
            return not _same(left, right)
        case "in":
            return _is_in(left, right)
        case _ if left is None or right is None:
            return False
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case ">=":
            return bool(left >= right)


def _same(left: Any, right: Any) -> bool:
    """True is not 1 here."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _is_in(member: Any, whole: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(member, str) and member in whole
    return whole is not None and any(_same(member, each) for each in whole)


class _Token(msgspec.Struct, frozen=True):
    kind: str
    """number, text (in quotes), word, mark or end."""
    text: str
    offset: int


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^'\n]*'|"[^"\n]*")|(?P<number>-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))"""
    r"""|(?P<filled>\$\{[^}]*\})|(?P<word>\w[\w-]*(?:\.[\w-]+|\[[0-9]+\])*)|(?P<mark>[=!<>]=|\S)|(?P<end>\Z))"""
)
_COMPARATORS: dict[str, Comparator] = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ORDERS = ("<", "<=", ">", ">=")
_OTHERS = {"=": "==", "===": "==", "<>": "!=", "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "AND": "and"}
_OTHERS |= {"OR": "or", "NOT": "not", "True": "true", "False": "false"}
"""What other languages write."""
_OPERAND = "branch, tag, event, matrix.AXIS, params.KEY, a number, true, false or 'text'"
_AFTER = "one of == != < <= > >= in, and, or, or the end"


class _Reader:
    """The tokens of one condition, and where reading stands."""

    def __init__(self, text: str, look_up: LookUp) -> None:
        self.text = text
        self.look_up = look_up
        self.tokens = [
            _Token(match.lastgroup or "end", match[match.lastgroup or "end"], match.start(match.lastgroup or "end"))
            for match in _TOKEN.finditer(text)
        ]
        self.at = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def sees(self, *texts: str) -> bool:
        return self.next.kind in ("word", "mark") and self.next.text in texts

    def took(self, text: str) -> bool:
        is_next = self.sees(text)
        self.at += is_next
        return is_next

    def mistake(self, token: _Token, expected: str, because: str = "") -> ConditionMistake:
        return ConditionMistake(self.text, token.offset, expected, because)

    def condition(self, depth: int) -> Term:
        parts = [self._both(depth)]
        while self.took("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def end(self) -> None:
        if self.next.kind != "end":
            meant = _OTHERS.get(self.next.text)
            raise self.mistake(self.next, meant or _AFTER)

    def _both(self, depth: int) -> Term:
        parts = [self._negated(depth)]
        while self.took("and"):
            parts.append(self._negated(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negated(self, depth: int) -> Term:
        if depth > DEEPEST:
            raise self.mistake(self.next, f"at most {DEEPEST} parentheses in one another")
        if self.took("not"):
            return Not(self._negated(depth + 1))
        if not self.took("("):
            return self._comparison()
        inside = self.condition(depth + 1)
        if not self.took(")"):
            raise self.mistake(self.next, "), or one of == != < <= > >= in, and, or")
        return inside

    def _comparison(self) -> Term:
        first, left = self.next, self._operand()
        if self.sees("not") and self._follows("in"):
            self.at += 1
            return Not(self._membership(left))
        if self.sees("in"):
            return self._membership(left)
        if self.next.kind == "mark" and self.next.text in _COMPARATORS:
            return self._compared(left)
        if isinstance(left, Known) and not isinstance(left.value, bool | None):
            raise self.mistake(self.next, "one of == != < <= > >= in", f"{first.text} is neither true nor false")
        return Is(left)

    def _follows(self, text: str) -> bool:
        return self.tokens[self.at + 1].text == text

    def _compared(self, left: Operand) -> Comparison:
        token = self.next
        self.at += 1
        second, right = self.next, self._operand()
        comparator = _COMPARATORS[token.text]
        self._refuse_mixture(token, left, comparator, right, second)
        return Comparison(left, comparator, right)

    def _refuse_mixture(
        self, token: _Token, left: Operand, comparator: Comparator, right: Operand, second: _Token
    ) -> None:
        kinds = {_kind(left), _kind(right)} - {""}
        if comparator in _ORDERS and kinds - {"a number"}:
            because = f"{comparator} compares numbers, and this is {min(kinds - {'a number'})}"
            raise self.mistake(token, "== or !=", because)
        if len(kinds) > 1:
            because = f"{_kind(left)} never equals {_kind(right)}"
            raise self.mistake(second, f"{_kind(left)}, as on the left", because)

    def _membership(self, left: Operand) -> Comparison:
        self.at += 1
        if self.took("["):
            return Comparison(left, "in", self._list())
        token, right = self.next, self._operand()
        is_text = _kind(right) in ("text", "") and _kind(left) in ("text", "")
        if _kind(right) != "a list" and not is_text:
            raise self.mistake(token, "a list such as ['main', 'dev']")
        return Comparison(left, "in", right)

    def _list(self) -> Known:
        values: list[Plain] = []
        while not self.took("]"):
            if values and not self.took(","):
                raise self.mistake(self.next, ", or ]")
            token, operand = self.next, self._operand()
            if isinstance(operand, Fact) or isinstance(operand.value, list):
                raise self.mistake(token, "a number, true, false or 'text'")
            values.append(operand.value)
        return Known(values)

    def _operand(self) -> Operand:
        token = self.next
        self.at += token.kind != "end"
        match token.kind:
            case "text":
                return Known(token.text[1:-1])
            case "number":
                number = _number(token.text)
                if math.isinf(number):
                    raise self.mistake(token, "a number", "it is larger than any that is kept")
                return Known(number)
            case "filled":
                return self._filled(token)
            case "word" if token.text in FACTS:
                return Fact(token.text)
            case "word" if token.text in ("true", "false"):
                return Known(token.text == "true")
            case "word":
                return self._named(token)
        raise self.mistake(token, _OTHERS.get(token.text) or _OPERAND)

    def _filled(self, token: _Token) -> Operand:
        inside = token.text[2:-1]
        reference = parse_reference(inside)
        if reference is None or reference.root not in ROOTS:
            raise self.mistake(token, _OPERAND, f"`{token.text}` names nothing")
        return self._known(reference, token)

    def _named(self, token: _Token) -> Operand:
        reference = parse_reference(token.text)
        if reference is not None and reference.root in ROOTS:
            return self._known(reference, token)
        raise self.mistake(token, *self._instead_of(token, reference))

    def _instead_of(self, token: _Token, reference: Reference | None) -> tuple[str, str]:
        if token.text in _OTHERS:
            return _OTHERS[token.text], ""
        is_dotted = reference is not None and bool(reference.path)
        if not is_dotted and self.at > 1 and self.tokens[self.at - 2].text in (*_COMPARATORS, "[", ","):
            return f"'{token.text}'", "text stands in quotes"
        root = reference.root if reference is not None else token.text
        near = near_miss(root, ROOTS if is_dotted else (*FACTS, *ROOTS, "not", "true", "false"))
        if near is None:
            return _OPERAND, f"text stands in quotes: '{token.text}'"
        return near + token.text[len(root) :], ""

    def _known(self, reference: Reference, token: _Token) -> Known:
        try:
            value = self.look_up(reference)
        except ReferenceMistake as mistake:
            raise self.mistake(token, mistake.near or "a name that is known", mistake.what) from mistake
        if value is UNKNOWN:
            return Known(None, reference.text)
        if isinstance(value, dict) or (
            isinstance(value, list) and any(isinstance(each, dict | list) for each in value)
        ):
            raise self.mistake(
                token, f"a value in it, such as {reference.text}.KEY", f"`{reference.text}` holds others"
            )
        return Known(value, reference.text)


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else float(text)


def _kind(operand: Operand) -> str:
    """In words; empty for nothing, which is compared with anything."""
    value = "" if isinstance(operand, Fact) else operand.value
    match value:
        case None:
            return ""
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case _:
            return "a list"

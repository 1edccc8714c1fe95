"""The conditions under which Great Expectations asks something of a row (``row_condition``), as SQL.

Read are comparisons of a column with a value or another column, ``in``, null or not, joined by and, or and brackets; in the words of
pandas (``delay > 5 and origin == "JFK"``), of Great Expectations (``col("delay") > 5``), of Spark, or as values, as version 1 keeps
them. ``NotCarried`` for anything else.

A condition takes part where it is true. In pandas ``!=`` and ``not in`` are true of NULL as well, and so they are here: more rows
are asked than on a database, never fewer.
"""

import re
from collections.abc import Mapping
from typing import Any

from assay.check.suites.column_demands import members_of
from assay.check.suites.nouns import NotCarried
from assay.check.suites.said import column_name
from assay.check.suites.sql_text import among, literal, name
from assay.core.rules import Scalar

_OPERATORS = {"==": "=", "=": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_DEEPEST = 20
_SPACE = re.compile(r"\s*")
_COLUMN = re.compile(r"""col\(\s*(?:"([^"]+)"|'([^']+)')\s*\)|`([^`]+)`|([A-Za-z_]\w*)""")
_VALUE = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<number>[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?![\w.]))|(?P<truth>True|False|true|false)\b"""
)
_OPERATOR = re.compile(r"==|!=|<>|<=|>=|=|<|>")
_NULLITY = re.compile(r"\.(?:is)?(?P<not>not)?(?:null|na)\(\)|\s+is\s+(?P<sql_not>not\s+)?null\b", re.IGNORECASE)
_IN = re.compile(r"(?P<not>not\s+)?in\s*(?P<open>[\[(])", re.IGNORECASE)
_AND = re.compile(r"(?:and\b|&&?)", re.IGNORECASE)
_OR = re.compile(r"(?:or\b|\|\|?)", re.IGNORECASE)
_WORDS = frozenset(("and", "or", "not", "in", "is", "null", "True", "False", "true", "false"))


def read_condition(said: Any) -> str:
    """The condition as SQL; ``NotCarried`` where it says more than is read here."""
    if isinstance(said, str):
        return _Text(said).read()
    if isinstance(said, Mapping):
        return _from_values(said, 0)
    raise _unread(said)


def _from_values(said: Any, depth: int) -> str:
    if not isinstance(said, Mapping) or depth > _DEEPEST:
        raise _unread(said)
    match said.get("type"):
        case "pass_through":
            return read_condition(str(said.get("pass_through_filter")))
        case "comparison":
            return _comparison(said)
        case "nullity":
            return _nullity(_column_of(said), is_null=bool(said.get("is_null")))
        case ("and" | "or") as word:
            parts = said.get("conditions")
            if not isinstance(parts, list | tuple) or not parts:
                raise _unread(said)
            return f" {word} ".join(f"({_from_values(part, depth + 1)})" for part in parts)
        case _:
            raise _unread(said)


def _comparison(said: Mapping[str, Any]) -> str:
    column, operator, parameter = _column_of(said), said.get("operator"), said.get("parameter")
    if operator in ("IN", "NOT_IN"):
        return _membership(column, members_of(parameter), is_not=operator == "NOT_IN")
    if not isinstance(operator, str) or operator not in _OPERATORS:
        raise _unread(said)
    return _compared(column, operator, literal(members_of([parameter])[0]))


def _column_of(said: Mapping[str, Any]) -> str:
    column = said.get("column")
    return column_name(column.get("name") if isinstance(column, Mapping) else column)


def _compared(column: str, operator: str, other: str) -> str:
    if operator in ("!=", "<>"):
        return f"{name(column)} is distinct from {other}"
    return f"{name(column)} {_OPERATORS[operator]} {other}"


def _membership(column: str, values: tuple[Scalar, ...], *, is_not: bool) -> str:
    found = among(name(column), values)
    return f"({name(column)} is null or not {found})" if is_not else found


def _nullity(column: str, *, is_null: bool) -> str:
    return f"{name(column)} is {'' if is_null else 'not '}null"


def _unread(said: Any) -> NotCarried:
    return NotCarried(
        f"its row condition does not read here: {said!r:.100}", "write `{if: CONDITION, then: RULE}` in SQL"
    )


class _Text:
    """Reads a condition from left to right: comparisons within ands within ors."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.at = 0
        self.depth = 0

    def read(self) -> str:
        found = self._either()
        if self.at < len(self.text):
            raise _unread(self.text)
        return found

    def _either(self) -> str:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _unread(self.text)
        ways = [self._both()]
        while self._took(_OR):
            ways.append(self._both())
        self.depth -= 1
        return ways[0] if len(ways) == 1 else " or ".join(f"({way})" for way in ways)

    def _both(self) -> str:
        parts = [self._one()]
        while self._took(_AND):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)

    def _one(self) -> str:
        if self._took(re.compile(r"\(")):
            found = self._either()
            if not self._took(re.compile(r"\)")):
                raise _unread(self.text)
            return found
        column = self._column()
        if column is None:
            raise _unread(self.text)
        if nullity := self._took(_NULLITY):
            return _nullity(column, is_null=not (nullity["not"] or nullity["sql_not"]))
        self._skip()
        if membership := self._took(_IN):
            return _membership(column, self._members(membership["open"]), is_not=bool(membership["not"]))
        operator = self._took(_OPERATOR)
        if operator is None:
            raise _unread(self.text)
        return _compared(column, operator[0], self._other())

    def _column(self) -> str | None:
        found = _COLUMN.match(self.text, self.at)
        if found is None or found[0] in _WORDS:
            return None
        self.at = found.end()
        return column_name(next(part for part in found.groups() if part))

    def _other(self) -> str:
        value = self._value()
        if value is not None:
            return literal(value)
        column = self._column()
        if column is None or self.text.startswith((".", "("), self.at):
            raise _unread(self.text)
        self._skip()
        return name(column)

    def _value(self) -> Scalar | None:
        found = self._took(_VALUE)
        if found is None:
            return None
        if found["text"]:
            return found["text"][1:-1]
        if found["truth"]:
            return found["truth"].lower() == "true"
        return members_of([float(found["number"]) if "." in found["number"] else int(found["number"])])[0]

    def _members(self, opening: str) -> tuple[Scalar, ...]:
        values = [self._value()]
        while self._took(re.compile(",")):
            values.append(self._value())
        closing = re.compile(r"\]" if opening == "[" else r"\)")
        if None in values or not self._took(closing):
            raise _unread(self.text)
        return members_of(values)

    def _took(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
            self._skip()
        return found

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

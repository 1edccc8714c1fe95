"""A column of both versions, read on both sides as values of the one type that they have in common."""

from collections.abc import Sequence

import msgspec

from assay.check.profile.reading import reading
from assay.core.dataset import DataColumn, Dialect
from assay.core.profile import ColumnProfile
from assay.core.rules import ColumnType


class NoSuchKey(ValueError):
    """A column of the key is not in both versions. The argument is its name."""


class RepeatedKey(ValueError):
    """Rows of one version share a key: its relation, and how many rows repeat an earlier key."""

    def __init__(self, relation: str, repeats: int) -> None:
        super().__init__(relation, repeats)
        self.relation = relation
        self.repeats = repeats


class Pair(msgspec.Struct, frozen=True):
    """A column that both have."""

    name: str
    type: ColumnType | None
    """None: compared as text."""
    before: str
    """Its values in SQL, NULL where there is none."""
    after: str


_SQL_TYPE = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "str": "VARCHAR",
    "bool": "BOOLEAN",
    "date": "DATE",
    "time": "TIMESTAMP",
}


def pair(before: tuple[DataColumn, ColumnProfile], after: tuple[DataColumn, ColumnProfile], dialect: Dialect) -> Pair:
    """Both sides of a column under the narrowest type that holds the values of both."""
    types = types_of(before, after)
    type_ = common_type(*types)
    if type_ == "float":
        exactly = _exactly(before, after, dialect)
        if exactly is not None:
            return Pair(before[0].name, type_, *exactly)
    if type_ is not None:
        return Pair(before[0].name, type_, *(_typed(column, type_, dialect) for column, _ in (before, after)))
    if "str" in types and None not in types:
        other = types[1] if types[0] == "str" else types[0]
        assert other is not None
        is_long = any(found.is_wide for _, found in (before, after))
        spelt = _spelt_whole if is_long else _spelt
        return Pair(
            before[0].name, None, *(spelt(column, found.type, other, dialect) for column, found in (before, after))
        )
    return Pair(before[0].name, None, *(_text(column) for column, _ in (before, after)))


def _exactly(
    before: tuple[DataColumn, ColumnProfile], after: tuple[DataColumn, ColumnProfile], dialect: Dialect
) -> tuple[str, str] | None:
    """Whole numbers and decimals with all their digits; None for what doubles hold."""
    if all(column.held in ("int", "wide_int", "decimal") for column, _ in (before, after)):
        from assay.check.compile.exact import equal_numbers
        from assay.check.compile.tree import sql

        found = equal_numbers(before[0], after[0], dialect)
        if found is not None:
            return sql(found[0], dialect), sql(found[1], dialect)
    if all(found.type == "int" or found.is_wide for _, found in (before, after)):
        one, other = (f"TRY_CAST({_text(column)} AS HUGEINT)" for column, _ in (before, after))
        return one, other
    return None


def types_of(
    before: tuple[DataColumn, ColumnProfile], after: tuple[DataColumn, ColumnProfile]
) -> tuple[ColumnType | None, ColumnType | None]:
    """The types of both. Texts without any value are of whatever type the other side is."""
    one, other = (None if _says_nothing(*side) else side[1].type for side in (before, after))
    if _says_nothing(*before) and _says_nothing(*after):
        return "str", "str"
    return (other if _says_nothing(*before) else one), (one if _says_nothing(*after) else other)


def common_type(before: ColumnType | None, after: ColumnType | None) -> ColumnType | None:
    """None where there is none."""
    if before == after:
        return before
    return {frozenset({"int", "float"}): "float", frozenset({"date", "time"}): "time"}.get(frozenset({before, after}))  # type: ignore[return-value, arg-type]


def named(pairs: Sequence[Pair], key: Sequence[str]) -> tuple[Pair, ...]:
    """The pairs of a key; ``NoSuchKey`` where one is missing."""
    by_name = {each.name: each for each in pairs}
    for name in key:
        if name not in by_name:
            raise NoSuchKey(name)
    return tuple(by_name[name] for name in key)


def _says_nothing(column: DataColumn, profile: ColumnProfile) -> bool:
    return column.held in ("csv", "json") and profile.distinct == 0


def _typed(column: DataColumn, type_: ColumnType, dialect: Dialect) -> str:
    return f"CAST({reading(column, type_, dialect).value} AS {_SQL_TYPE[type_]})"


def _spelt(column: DataColumn, own: ColumnType | None, other: ColumnType, dialect: Dialect) -> str:
    """A text beside values of another type: as such a value where it spells one, so that "1.0" is 1, else as it is."""
    if own != "str":
        return f"CAST({_typed(column, other, dialect)} AS VARCHAR)"
    text = _text(column)
    placeholder = "spelt_text"
    spelling = msgspec.structs.replace(column, held="csv", ref=placeholder)
    return f"coalesce(CAST({_typed(spelling, other, dialect).replace(placeholder, text)} AS VARCHAR), {text})"


def _spelt_whole(column: DataColumn, own: ColumnType | None, other: ColumnType, dialect: Dialect) -> str:
    """A text beside whole numbers beyond 64 bits: as such a number where it spells one, with all its digits."""
    text = _text(column)
    if own != "str":
        return text
    digits = f"CASE WHEN regexp_full_match({text}, '\\s*[+-]?[0-9]+\\s*') THEN CAST(TRY_CAST({text} AS HUGEINT) AS VARCHAR) END"
    return f"coalesce({digits}, {_spelt(column, own, other, dialect)})"


def _text(column: DataColumn) -> str:
    return f"({column.ref} ->> '$')" if column.held == "json" else f"CAST({column.ref} AS VARCHAR)"

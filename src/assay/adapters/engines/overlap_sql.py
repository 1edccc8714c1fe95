# ruff: noqa: S608 -- names are c0, k0, ..., and what comes from people passes through quoting.py
"""Which rows of one dataset stand in another too, as SQL. The two may be of different formats and types.

Both sides are turned into the kind that a column has among the rows that are asked about, so that 7, 7.0 and 007 are one
number, .5 as a double is .5 in a CSV, and ``2013-01-01`` is midnight of that day. Texts are compared as they are, but for
whole numbers. NULL equals NULL; an empty text is NULL, and so are NaN and a cell that is nothing of that kind.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from assay.adapters.engines.column_types import FLOATS, INTEGERS, TEXTS, TIMES, WIDE_INTEGERS, ZONED, family
from assay.adapters.engines.source import Cells, Column, Source
from assay.core import spelling

SpeltKind = Literal["int", "float", "bool", "time"]
ComparedKind = SpeltKind | Literal["text"]

ASKED = "asked"
"""The table of the rows that are asked about: ``place`` among all rows from 1, and the compared cells k0, k1, ..."""


class Compared(msgspec.Struct, frozen=True):
    """One column on both sides."""

    kind: ComparedKind
    here: Column
    there: Column

    @property
    def is_single(self) -> bool:
        """One side holds 32 bits of a number, so that no more can be compared."""
        return self.kind == "float" and "FLOAT" in (family(self.here.type), family(self.there.type))


def is_time(column: Column) -> bool:
    """Its type says that it holds times or days."""
    return family(column.type) in TIMES | {ZONED, "DATE"}


def tried_time(column: Column, cells: Cells) -> str:
    """An aggregate: there are values, and all of them spell times."""
    return f"count({column.ref}) > 0 AND count({_value('time', column, cells)}) = count({column.ref})"


def asked_rows(source: Source, columns: Sequence[Compared], filled: Sequence[Column]) -> str:
    """The statement that makes ``ASKED``, of those rows where the columns ``filled`` are."""
    cells = [_cell(column, column.here, source.cells) for column in columns]
    rows = f"(SELECT *, row_number() OVER () AS place FROM ({source.sql}))"
    return f"CREATE TEMP TABLE {ASKED} AS SELECT place, {_named(cells)} FROM {rows} WHERE {_are_there(filled, source.cells)}"


def kept_keys(keys: Sequence[str]) -> str:
    """The statement that makes ``keys``: what is different among the rows asked about, each under the place of its first."""
    listing = ", ".join(keys)
    return f"CREATE TEMP TABLE keys AS SELECT {listing}, min(place) AS first FROM {ASKED} GROUP BY {listing}"


def met_keys(source: Source, columns: Sequence[Compared], filled: Sequence[Column], keys: Sequence[str]) -> str:
    """The statement that makes ``met``: how many rows over there have each of the keys, and under NULL those that have none.

    The rows over there are streamed: memory is taken by the keys alone.
    """
    return (
        "CREATE TEMP TABLE met AS SELECT keys.first, count(*) AS number"
        f" FROM {_there(source, columns, filled)} LEFT JOIN keys ON {_equal('there', 'keys', keys)} GROUP BY keys.first"
    )


def repeated_rows(source: Source, columns: Sequence[Compared], filled: Sequence[Column], keys: Sequence[str]) -> str:
    """How many rows over there, and among those asked about, have an earlier one with the same key.

    Over there keys are told apart by hashes of 64 bits, for many may be different.
    """
    kinds = f"SELECT count(*) AS number FROM {_there(source, columns, filled)} GROUP BY hash({', '.join(keys)})"
    asked = f"(SELECT count(*) FROM {ASKED}) - (SELECT count(*) FROM keys)"
    return f"SELECT {asked} + coalesce(sum(number - 1), 0) FROM ({kinds})"


def met_places(keys: Sequence[str]) -> str:
    """The places of the rows asked about whose key was met."""
    return (
        f"SELECT {ASKED}.place FROM {ASKED} JOIN keys ON {_equal(ASKED, 'keys', keys)}"
        " WHERE keys.first IN (SELECT first FROM met)"
    )


def _there(source: Source, columns: Sequence[Compared], filled: Sequence[Column]) -> str:
    cells = [_cell(column, column.there, source.cells) for column in columns]
    return f"(SELECT {_named(cells)} FROM ({source.sql}) WHERE {_are_there(filled, source.cells)}) AS there"


def _named(cells: Sequence[str]) -> str:
    return ", ".join(f"{cell} AS k{place}" for place, cell in enumerate(cells))


def _are_there(columns: Sequence[Column], cells: Cells) -> str:
    """Whatever they hold: a label may be 1 here and true there."""
    return " AND ".join(_is_there(column, cells) for column in columns) or "true"


def _is_there(column: Column, cells: Cells) -> str:
    if cells == "typed" and family(column.type) in FLOATS:
        return f"{column.ref} IS NOT NULL AND NOT isnan({column.ref})"
    if _holds_text(column, cells):
        return f"lower({_plain(column, cells)}) NOT IN ('', 'nan')"
    return f"{column.ref} IS NOT NULL"


def _cell(column: Compared, side: Column, cells: Cells) -> str:
    if column.kind == "text":
        return f"nullif({_text(side, cells)}, '')"
    if _holds_text(side, cells):  # a text may spell what the other side holds
        side, cells = Column(side.name, "VARCHAR", _plain(side, cells)), "text"
    value = _value(column.kind, side, cells)
    return f"CAST({value} AS FLOAT)" if column.is_single else value


def _value(kind: SpeltKind, column: Column, cells: Cells) -> str:
    """The cell as an instance of its kind; NULL where it is none."""
    match cells:
        case "text":
            return spelling.text_value(kind, column.ref)
        case "json":
            return spelling.json_value(kind, column.ref)
        case "typed":
            return _typed_value(kind, column.ref, family(column.type))


def _typed_value(kind: SpeltKind, ref: str, held: str) -> str:
    match kind:
        case "int" if held in INTEGERS | WIDE_INTEGERS:
            return f"TRY_CAST({ref} AS BIGINT)"
        case "int" if held in FLOATS | {"DECIMAL"}:
            return f"CASE WHEN {ref} = trunc({ref}) THEN TRY_CAST({ref} AS BIGINT) END"
        case "float" if held in INTEGERS | WIDE_INTEGERS | FLOATS | {"DECIMAL"}:
            return f"nullif(CAST({ref} AS DOUBLE), CAST('nan' AS DOUBLE))"
        case "bool" if held == "BOOLEAN":
            return ref
        case "time" if held in TIMES | {"DATE"}:
            return f"CAST({ref} AS TIMESTAMP)"
        case "time" if held == ZONED:
            return f"make_timestamp(epoch_us({ref}))"
        case _:
            return "NULL"


def _holds_text(column: Column, cells: Cells) -> bool:
    return cells != "typed" or family(column.type) in TEXTS


def _plain(column: Column, cells: Cells) -> str:
    return f"({column.ref} ->> '$')" if cells == "json" else f"CAST({column.ref} AS VARCHAR)"


def _text(column: Column, cells: Cells) -> str:
    """The cell as text; a whole number without leading zeros, plus sign or ``.0``."""
    plain = _plain(column, cells)
    if cells == "json":
        return f"CASE WHEN json_type({column.ref}) = 'DOUBLE' THEN {_without_zero(plain)} ELSE {_whole(plain)} END"
    return _without_zero(plain) if family(column.type) in FLOATS else _whole(plain)


def _without_zero(plain: str) -> str:
    return f"regexp_replace({plain}, '\\.0$', '')"


def _whole(plain: str) -> str:
    """Only what begins like one is looked at: the pattern is dearer than the comparison."""
    stripped = f"regexp_replace({plain}, '^\\+?(-?)0*([0-9]+)$', '\\1\\2')"
    return f"CASE WHEN {plain}[1] IN ('0', '+', '-') THEN {stripped} ELSE {plain} END"


def _equal(one: str, other: str, keys: Sequence[str]) -> str:
    return " AND ".join(f"{one}.{key} IS NOT DISTINCT FROM {other}.{key}" for key in keys)

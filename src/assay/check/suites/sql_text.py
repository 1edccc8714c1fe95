"""Names and values as SQL spells them, in the dialect of rules on rows."""

import math
import re

from assay.core.rules import Bounds, Scalar

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_MEANT = """
    all alter analyse analyze and any array as asc asymmetric attach begin between both cache call case cast check
    collate column comment commit connect constraint copy create cross current_date current_time current_timestamp
    current_user default deferrable delete desc describe detach disconnect distinct do drop else end except execute
    explain false fetch for force foreign from glob grant group having if ilike in initially inner insert install
    intersect into is join lambda lateral leading like limit load localtime localtimestamp map merge not notnull
    null offset on only or order outer pivot pivot_longer pivot_wider placing positional pragma prepare primary
    qualify references rename reset returning revoke rollback select set show some summarize symmetric table
    tablesample then to trailing true truncate union unique unpivot update use using vacuum values variadic when
    where window with
"""
"""Words that mean something where a column's name stands, to DuckDB or to sqlglot."""
_RESERVED = frozenset(_MEANT.split())


def name(column: str) -> str:
    """The column as SQL names it."""
    if _PLAIN_NAME.fullmatch(column) and column not in _RESERVED:
        return column
    return '"' + column.replace('"', '""') + '"'


def literal(value: Scalar) -> str:
    """The value as SQL spells it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return number_text(value)


def end(value: float | str) -> str:
    """The end of a range; a text is a day, or a day with a time of day."""
    if isinstance(value, str):
        return f"{'date' if len(value) == len('2013-01-31') else 'timestamp'} '{value}'"
    return number_text(value)


def number_text(value: float) -> str:
    """The number in figures; one that is whole as such, for other tools write 1.0 for 1."""
    if math.isfinite(value) and value == int(value) and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def within(what: str, bounds: Bounds) -> str:
    """The condition that ``what`` lies in the range."""
    low = None if bounds.low is None else f"{what} {'>' if bounds.low_open else '>='} {end(bounds.low)}"
    high = None if bounds.high is None else f"{what} {'<' if bounds.high_open else '<='} {end(bounds.high)}"
    return " and ".join(side for side in (low, high) if side)


def among(what: str, values: tuple[Scalar, ...]) -> str:
    """The condition that ``what`` is one of the values."""
    return f"{what} in ({', '.join(map(literal, values))})"


def matched(what: str, pattern: str) -> str:
    """The condition that some part of ``what`` is matched."""
    return f"regexp_matches({what}, {literal(pattern)})"

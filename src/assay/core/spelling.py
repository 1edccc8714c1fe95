"""What a cell spells that may hold any text (a CSV's) or any value (of JSON Lines), as DuckDB's SQL: it alone reads such files.

    int     a whole number within 64 bits, also one written 3.0 or 3e2, +5 or 007
    float   any number; infinities count
    bool    true or false; as text also t, f, 1, 0, in any case
    str     text; a cell of a CSV always is
    date    a day, also as a time at midnight: YYYY-MM-DD
    time    a day with a time of day, or without: midnight; YYYY-MM-DD HH:MM:SS, with T or a zone if you like

Blanks around a number are no part of it; around a day, a time or a truth value they make it a text. NaN is NULL in numbers (what
pandas writes for a missing one), and so is the text ``nan`` where a CSV should hold a number.
"""

from assay.core.rules import ColumnType

_HAS_ZONE = r"':[0-9.]+ ?(?:Z|UTC|[+-][0-9][0-9](?::?[0-9][0-9])?)$'"


def text_value(declared: ColumnType, x: str) -> str:
    """The value that the text ``x`` spells; NULL where it spells none."""
    match declared:
        case "int":
            return f"CASE WHEN {_double(x)} = TRY_CAST({x} AS BIGINT) THEN TRY_CAST({x} AS BIGINT) END"
        case "float":
            return f"nullif({_double(x)}, CAST('nan' AS DOUBLE))"
        case "str":
            return x
        case "bool":
            return f"CASE WHEN lower({x}) IN ('true', 't', '1') THEN true WHEN lower({x}) IN ('false', 'f', '0') THEN false END"
        case "date":
            time = _time(x)
            return f"CASE WHEN {time} = CAST(CAST({time} AS DATE) AS TIMESTAMP) THEN CAST({time} AS DATE) END"
        case "time":
            return _time(x)


def is_long_text(x: str, number: str) -> str:
    """The condition that the text ``x``, which spells ``number`` as a float, is a whole number beyond 64 bits. Few are looked at."""
    whole = f"regexp_full_match({x}, '\\s*[+-]?[0-9]+\\s*') AND TRY_CAST({x} AS BIGINT) IS NULL"
    return f"CASE WHEN abs({number}) >= 9.2e18 THEN {whole} ELSE false END"


def text_is_null(declared: ColumnType, x: str) -> str:
    """The condition that the text says NULL."""
    if declared in ("int", "float"):
        return f"({x} IS NULL OR coalesce(isnan({_double(x)}), false))"
    return f"{x} IS NULL"


def json_value(declared: ColumnType, x: str) -> str:
    """The value that the JSON ``x`` holds; NULL where it is none of that type."""
    if declared in ("int", "float"):
        return f"CASE WHEN {_is_number(x)} THEN {text_value(declared, _plain(x))} END"
    kind = "BOOLEAN" if declared == "bool" else "VARCHAR"
    return f"CASE WHEN json_type({x}) = '{kind}' THEN {text_value(declared, _plain(x))} END"


def json_is_null(declared: ColumnType, x: str) -> str:
    """The condition that the JSON says NULL."""
    if declared in ("int", "float"):
        return f"({x} IS NULL OR coalesce({_is_number(x)} AND isnan({_double(_plain(x))}), false))"
    return f"{x} IS NULL"


def _is_number(x: str) -> str:
    return f"json_type({x}) IN ('BIGINT', 'UBIGINT', 'DOUBLE')"


def _plain(x: str) -> str:
    return f"({x} ->> '$')"


def _double(x: str) -> str:
    """DuckDB reads 1_000 as a number; other readers do not."""
    return f"TRY_CAST(CASE WHEN NOT contains({x}, '_') THEN {x} END AS DOUBLE)"


def _time(x: str) -> str:
    """DuckDB also reads ``epoch``, ``infinity`` and 2013/1/2 as times, and would pass over a zone."""
    day = f"CASE WHEN {x} LIKE '____-__-__%' THEN {x} END"
    zoned = f"make_timestamp(epoch_us(TRY_CAST({day} AS TIMESTAMPTZ)))"
    return f"CASE WHEN regexp_matches({x}, {_HAS_ZONE}) THEN {zoned} ELSE TRY_CAST({day} AS TIMESTAMP) END"

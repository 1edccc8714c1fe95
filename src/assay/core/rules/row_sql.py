"""What must hold of each row: one boolean SQL expression, read by sqlglot and allowed word by word.

The SQL is DuckDB's, as far as every engine can be made to mean the same by it. Nothing else gets through: no query, no table, no
function that is not on the list, so that an expression can neither read a file nor change anything.

    + - * / %   = <> < <= > >=   and or not   between   in (..)   like   is null   is distinct from   case   cast   ||
    abs floor ceil sqrt   coalesce nullif greatest least   length lower upper trim substring   regexp_matches
    extract(year from t), year(t), ...   epoch(t)   date '2013-01-01'   timestamp '2013-01-01 05:00:00'

``/`` divides as numbers with a point do; what is divided by nothing is NULL. ``greatest`` and ``least`` pass over NULL.
``regexp_matches`` takes a pattern of ``pattern.py``, ``lower`` and ``upper`` know the letters of ``letters.py``, ``trim`` takes plain spaces
away. ``epoch`` is seconds since 1970. NULL passes.
"""

import math
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from assay.core.dataset import Dialect
from assay.core.near import near_miss
from assay.core.rules.line import FITS, is_lost, is_moment
from assay.core.rules.nouns import RuleMistake
from assay.core.rules.pattern import PatternMistake, parse_pattern
from assay.core.rules.row_signs import OPERATORS, demand_plain_signs

if TYPE_CHECKING:
    from sqlglot import exp

LONGEST = 4000
_DEEPEST = 60

RUN: tuple[Dialect, ...] = ("duckdb", "postgres", "spark")
"""Engines on which the tests run every function, and hold the answers against Python's."""
PARSED: tuple[Dialect, ...] = ("bigquery", "snowflake", "trino")
"""Those whose SQL is only written and parsed."""
EVERYWHERE: frozenset[Dialect] = frozenset((*RUN, *PARSED))

FUNCTIONS: dict[str, frozenset[Dialect]] = dict.fromkeys(
    (
        *("abs", "floor", "ceil", "sqrt", "coalesce", "nullif", "greatest", "least"),
        *("length", "lower", "upper", "trim", "substring", "regexp_matches"),
        *("year", "month", "day", "hour", "minute", "second", "epoch"),
    ),
    EVERYWHERE,
)
"""Where each function is known to mean what this page says."""
PARTS = ("year", "month", "day", "hour", "minute", "second")
"""What ``extract`` takes out of a day or a time."""

_OPERATORS = (
    *("Paren", "And", "Or", "Not", "EQ", "NEQ", "GT", "GTE", "LT", "LTE", "Is", "In", "Between", "Like"),
    *("NullSafeEQ", "NullSafeNEQ", "Add", "Sub", "Mul", "Div", "Mod", "Neg", "DPipe", "Case", "If"),
    *("Column", "Identifier", "Literal", "Boolean", "Null", "DataType", "Var", "Cast", "Extract"),
)
_COMPARISONS = ("EQ", "NEQ", "GT", "GTE", "LT", "LTE")
_SECONDS = ("TimeToUnix", "ToUnixEpoch")
"""What ``epoch`` is read as."""
_FUNCTION_NODES = {
    "Abs": "abs",
    "Floor": "floor",
    "Ceil": "ceil",
    "Sqrt": "sqrt",
    "Coalesce": "coalesce",
    "Nullif": "nullif",
    "Greatest": "greatest",
    "Least": "least",
    "Length": "length",
    "Lower": "lower",
    "Upper": "upper",
    "Trim": "trim",
    "Substring": "substring",
    "RegexpLike": "regexp_matches",
    "Year": "year",
    "Month": "month",
    "Day": "day",
    "Hour": "hour",
    "Minute": "minute",
    "Second": "second",
}
_INSTEAD = {
    "Alias": "a condition without a name of its own",
    "RegexpLike": "regexp_matches(s, '..'): it matches some part of the text",
    "SimilarTo": "regexp_matches(s, '^(..)$')",
    "ILike": "lower(s) like '..'",
    "Glob": "like, or regexp_matches(s, '..')",
    "IntDiv": "floor(a / b)",
    "Collate": "lower(s), where upper and lower case are the same",
    "Escape": "regexp_matches(s, '..'), where % and _ are to be themselves",
    "If": "case when a then b else c end",
    **dict.fromkeys(("BitwiseLeftShift", "BitwiseRightShift"), f"one of the operators {OPERATORS}"),
}
"""What to write for operators that are words."""
_HEEDED = frozenset(
    {
        *(
            "this",
            "expression",
            "expressions",
            "is_string",
            "quoted",
            "negate",
            "low",
            "high",
            "ifs",
            "true",
            "default",
            "to",
        ),
        *("start", "length", "safe", "ignore_nulls"),
    }
)
"""What sqlglot may hang on a node that the compiler knows of."""
_MOMENTS = {"DATE", "TIMESTAMP", "TIMESTAMPNTZ"}
_CASTS = {"BIGINT", "INT", "DOUBLE", "VARCHAR", "TEXT", *_MOMENTS}


class RowSql(msgspec.Struct, frozen=True):
    """What an expression speaks of."""

    columns: tuple[str, ...]
    """As they are written, each once."""
    functions: tuple[str, ...]


def read_row_sql(text: str) -> RowSql:
    """What a boolean expression speaks of; ``RuleMistake`` where it does not read, or says what it may not."""
    from sqlglot import exp

    tree = parse_row_sql(text)
    columns = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    return RowSql(columns, tuple(dict.fromkeys(_functions(tree))))


def parse_row_sql(text: str) -> "exp.Expr":
    """The tree of a boolean expression, whose every node is on the list; ``RuleMistake`` otherwise."""
    from sqlglot import Dialect as SqlDialect
    from sqlglot import errors, exp

    if len(text) > LONGEST:
        raise RuleMistake(text, LONGEST, f"at most {LONGEST:,} characters")
    try:
        duckdb = SqlDialect.get_or_raise("duckdb")
        tokens = duckdb.tokenize(text)
        demand_plain_signs(tokens, text)
        found = [tree for tree in duckdb.parser().parse(tokens, text) if tree is not None]
        if len(found) != 1:
            raise RuleMistake(text, text.find(";") + 1, "one boolean expression such as departure <= arrival")
        tree = found[0]
        for node in tree.walk():
            _allow(node, text)
    except errors.ParseError as error:
        raise _unread(error, text) from error
    except errors.TokenError as error:
        raise RuleMistake(
            text, 0, "an SQL expression such as departure <= arrival", str(error).splitlines()[0]
        ) from error
    except RecursionError as error:
        raise RuleMistake(text, 0, "fewer brackets in one another") from error
    if not _is_boolean(tree):
        raise RuleMistake(
            text, 0, "a condition such as departure <= arrival", "it gives a value, and not true or false"
        )
    if tree.find(exp.Column) is None:
        raise RuleMistake(text, 0, "a condition that names a column", "it says the same of every row")
    return tree


def _functions(tree: "exp.Expr") -> Iterator[str]:
    for node in tree.walk():
        name = _FUNCTION_NODES.get(type(node).__name__)
        if name is not None:
            yield name
        elif type(node).__name__ == "Extract":
            yield node.name.lower()
        elif type(node).__name__ == "Anonymous":
            yield str(node.this).lower()


def _allow(node: Any, text: str) -> None:
    """``RuleMistake`` where the node may not stand in a rule."""
    kind = type(node).__name__
    if kind in _FUNCTION_NODES:
        _allow_function(node, text)
    elif kind == "Anonymous" or kind not in (*_OPERATORS, *_SECONDS) or _is_function_if(node):
        if not (kind == "Anonymous" and str(node.this).lower() == "epoch" and len(node.expressions) == 1):
            raise _not_allowed(node, text)
    else:
        _allow_operator(node, kind, text)
    _demand_plain(node, text)


def _demand_plain(node: Any, text: str) -> None:
    """``RuleMistake`` for what a word may have beside it that nobody here would heed, such as BETWEEN SYMMETRIC."""
    unheeded = [name for name, value in node.args.items() if value not in (None, False, []) and name not in _HEEDED]
    if unheeded:
        expected = f"{_name_in(node, text)} without anything of its own beside it"
        is_written = unheeded[0] in text.lower()
        because = f"`{unheeded[0]}` is not among what every engine is known to do alike" if is_written else ""
        raise RuleMistake(text, _offset_of(text, unheeded[0]), expected, because)


def _allow_operator(node: Any, kind: str, text: str) -> None:
    match kind:
        case "Column" if node.args.get("table") is not None:
            at, whole = _offset_of(text, node.table), node.sql()
            because = (
                f"a rule reaches no field within a value: make `{whole}` a column of its own, or ask with {{sql: FILE}}"
            )
            raise RuleMistake(text, at, 'a column by its name alone; one with a dot in it in quotes: "a.b"', because)
        case "Cast" if node.to.this.name not in _CASTS or node.args.get("safe"):
            raise RuleMistake(text, _offset_of(text, "::"), "a cast to bigint, double, varchar, date or timestamp")
        case "Cast" if node.to.this.name in _MOMENTS and _is_text(node.this):
            _demand_moment(node.this, node.to.this.name, text)
        case "In" if node.args.get("query") is not None or node.args.get("unnest") is not None:
            raise RuleMistake(text, _offset_of(text, "select"), "values in the brackets: a rule asks no other table")
        case "In" if not node.expressions:
            raise RuleMistake(text, _offset_of(text, " in ") + 1, "values in brackets: in (1, 2)")
        case _ if kind in _COMPARISONS and any(type(each).__name__ in _COMPARISONS for each in node.iter_expressions()):
            raise RuleMistake(text, 0, "comparisons joined by and, or in brackets", "one comparison stands in another")
        case "Literal" if not node.is_string and (math.isinf(float(node.name)) or is_lost(node.name)):
            raise RuleMistake(text, node.meta.get("start", 0), FITS)
        case "Extract" if node.name.lower() not in PARTS:
            raise RuleMistake(text, _offset_of(text, node.name), f"one of {', '.join(PARTS)}")


def _demand_moment(literal: Any, kind: str, text: str) -> None:
    """``RuleMistake`` for a day or a time that no calendar has, or that engines spell each in a way of its own."""
    is_day = kind == "DATE"
    if is_moment(literal.name) and not (is_day and len(literal.name) > len("2013-01-31")):
        return
    such = "date '2013-01-31'" if is_day else "timestamp '2013-01-31 05:00:00'"
    what = "a day that the calendar has" if is_day else "a time of a day that the calendar has, without a zone"
    raise RuleMistake(text, literal.meta.get("start", 0), f"{what}, such as {such}")


def _is_text(node: Any) -> bool:
    return type(node).__name__ == "Literal" and bool(node.is_string)


def _allow_function(node: Any, text: str) -> None:
    extra = {"Trim": ("expression", "position", "collation"), "Floor": ("decimals",), "Ceil": ("decimals",)}
    kind = type(node).__name__
    if any(node.args.get(name) is not None for name in extra.get(kind, ())):
        raise RuleMistake(text, _offset_of(text, _name_in(node, text)), f"{_FUNCTION_NODES[kind]} of one value")
    if kind == "RegexpLike":
        pattern = node.expression
        at = _offset_of(text, "regexp_matches")
        if _name_in(node, text) != "regexp_matches":
            raise _not_allowed(node, text)
        if not _is_text(pattern) or node.args.get("flag") is not None:
            raise RuleMistake(text, at, "a pattern in quotes and nothing behind it")
        try:
            parse_pattern(pattern.name)
        except PatternMistake as mistake:
            raise RuleMistake(text, at, f"in the pattern, {mistake.expected}", mistake.because) from mistake


def _not_allowed(node: Any, text: str) -> RuleMistake:
    name = _name_in(node, text)
    if type(node).__name__ in ("Subquery", "Select", "Exists", "Table", "From", "Star", "Window"):
        because = "a rule speaks of one row: it asks no table, no query and no other row"
        return RuleMistake(
            text, _offset_of(text, name), "an expression of columns; for a query write {sql: FILE}", because
        )
    because = f"`{name}` is not among what every engine is known to do alike"
    return RuleMistake(text, _offset_of(text, name), _INSTEAD.get(type(node).__name__) or _listed(name), because)


def _listed(name: str) -> str:
    """The functions that there are, with the near miss."""
    near = near_miss(name, FUNCTIONS)
    return f"one of the functions {', '.join(FUNCTIONS)}" + (f"; did you mean {near}?" if near else "")


def _is_function_if(node: Any) -> bool:
    """``if(a, b, c)``, and no branch of a CASE."""
    return type(node).__name__ == "If" and type(node.parent).__name__ != "Case"


def _name_in(node: Any, text: str) -> str:
    """What the node is called in the text, or the text of it, as it was written."""
    own = _span([node])
    if own:
        return text[own[0] : own[1]].lower()
    words = [type(node).__name__, *(node.sql_names() if hasattr(node, "sql_names") else ())]
    known = next((word for word in words if re.search(rf"\b{word}\b", text, re.IGNORECASE)), None)
    if known:
        return str(known).lower()
    start, end = _span(node.walk()) or (0, len(text))
    return text[start:end]


def _span(nodes: Iterable[Any]) -> tuple[int, int] | None:
    """From where to where they stand; None where sqlglot knows it of none of them."""
    known = [node.meta for node in nodes if "start" in node.meta]
    return (min(each["start"] for each in known), max(each["end"] for each in known) + 1) if known else None


def _offset_of(text: str, word: str) -> int:
    """Where the word stands; 0 where it cannot be found."""
    return max(text.lower().find(word.lower()), 0)


def _unread(error: Any, text: str) -> RuleMistake:
    told = error.errors[0] if error.errors else {}
    lines = text.splitlines() or [""]
    line, column = told.get("line", 1), told.get("col", 1)
    before = sum(len(each) + 1 for each in lines[: line - 1])
    highlight = told.get("highlight") or ""
    offset = min(before + max(column - len(highlight), 0), len(text))
    said = str(told.get("description", ""))
    because = "" if said.startswith("Required keyword") or not said else f"the parser says: {said}"
    return RuleMistake(text, offset, "an SQL expression such as departure <= arrival", because)


_CONDITIONS = ("And", "Or", "Not", "EQ", "NEQ", "GT", "GTE", "LT", "LTE", "Is", "In", "Between", "Like")
_MAY_BE_CONDITIONS = ("Column", "Case", "Coalesce", "Boolean", "RegexpLike", "NullSafeEQ", "NullSafeNEQ")


def _is_boolean(tree: Any) -> bool:
    while type(tree).__name__ == "Paren":
        tree = tree.this
    return type(tree).__name__ in (*_CONDITIONS, *_MAY_BE_CONDITIONS)

"""A query of the user's own, held to what it may be: one that reads the dataset, called ``data``, and nothing else.

It is read in the SQL of the engine that will answer it. One statement that begins with SELECT, WITH or FROM; tables are ``data`` and what
WITH names before; a table function may only unfold what it is given (``unnest``, ``generate_series``). What engines can do by calling a
function that reads or changes something beside the data is refused by the function's name: engines hold to the same in their own way
(a session without files and network, a read-only transaction), so that this list is for the words, and not the lock.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assay.core.dataset import Dialect
from assay.core.near import near_miss

if TYPE_CHECKING:
    from sqlglot import Token, exp

DATA = "data"
"""What the query calls the dataset."""
_BEGINS = ("SELECT", "WITH", "FROM", "(")
_UNFOLDING = frozenset({"unnest", "generate_series", "exploding_generate_series", "range", "explode", "flatten"})
_ELSEWHERE = re.compile(
    r"read_\w+|\w+_scan|glob|getenv|query|query_table|sniff_csv|pragma_\w+|duckdb_\w+|parquet_\w+"
    r"|pg_\w+|lo_\w+|dblink\w*|(?:query|table|schema|database|cursor)_to_xml\w*|set_config|current_setting|nextval|setval"
    r"|java_method|reflect|try_reflect",
    re.IGNORECASE,
)


class QueryMistake(ValueError):
    """The query is none that may be asked. Lines and columns count from 1."""

    def __init__(self, what: str, because: str, fix: str, line: int = 1, column: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.because = because
        self.fix = fix
        self.line = line
        self.column = column


def read_query(text: str, dialect: Dialect) -> str:
    """The query as it stands in the text, without what ends it: semicolons and comments. ``QueryMistake`` where it may not be asked."""
    from sqlglot import TokenType, errors, parse

    try:
        tokens = _tokens(text, dialect)
        while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
            tokens.pop()
        if not tokens:
            raise QueryMistake("the query is empty", "the file holds no SQL", "write SELECT * FROM data WHERE ..")
        _demand_one(text, tokens)
        whole = text[: tokens[-1].end + 1]
        (tree,) = parse(whole, read=dialect)
    except errors.ParseError as error:
        raise _unread(error, text) from error
    except errors.TokenError as error:
        said = str(error).splitlines()[0]
        raise QueryMistake("the query does not read", f"the parser says: {said}", "close what is open") from error
    except RecursionError as error:
        raise QueryMistake(
            "the query does not read", "it is too deep", "write fewer brackets in one another"
        ) from error
    _demand_query(tree, text)
    return whole[tokens[0].start :]


def _tokens(text: str, dialect: Dialect) -> "list[Token]":
    from sqlglot import tokenize

    return list(tokenize(text, read=dialect))


def _demand_one(text: str, tokens: "list[Token]") -> None:
    from sqlglot import TokenType

    first = tokens[0]
    if first.text.upper() not in _BEGINS:
        raise QueryMistake(
            f"`{first.text}` is no query",
            "it returns no rows that fail: a query begins with SELECT, WITH or FROM",
            "write SELECT * FROM data WHERE ..",
            first.line,
            _column(text, first.start),
        )
    second = next((token for token in tokens if token.token_type == TokenType.SEMICOLON), None)
    if second is not None:
        raise QueryMistake(
            "it is more than one query",
            "a semicolon ends the first, and something follows",
            "write one, or a rule for each",
            second.line,
            _column(text, second.start),
        )


def _column(text: str, offset: int) -> int:
    return offset - (text.rfind("\n", 0, offset) + 1) + 1


def _demand_query(tree: Any, text: str) -> None:
    from sqlglot import exp

    root = tree
    while isinstance(root, (exp.Subquery, exp.Paren)):
        root = root.this
    if not isinstance(root, exp.Query):
        raise QueryMistake("it is no query", "it returns no rows that fail", "write SELECT * FROM data WHERE ..")
    for node in tree.walk():
        found = _mistake_of(node)
        if found is not None:
            what, because, fix, named = found
            raise QueryMistake(what, because, fix, *_place(node, named, text))
    if not any(_is_data(table) for table in tree.find_all(exp.Table)):
        raise QueryMistake(
            "the query does not read `data`", "it says nothing of the dataset", "write SELECT .. FROM data WHERE .."
        )


def _is_data(table: Any) -> bool:
    return str(table.name).lower() == DATA


def _mistake_of(node: Any) -> tuple[str, str, str, str] | None:
    """What is wrong with a node, why, what to do, and the word to look for; None where nothing is."""
    from sqlglot import exp

    match node:
        case exp.CTE() if node.alias.lower() == DATA:
            because = "`data` is the dataset, and would be another thing behind that WITH"
            return "WITH calls a query `data`", because, "give it another name", node.alias
        case exp.Into():
            return "INTO writes a table", "a check changes nothing", "leave INTO out", "into"
        case exp.Lock():
            return "FOR UPDATE locks rows", "a check changes nothing", "leave it out", "for"
        case exp.DDL() | exp.DML() | exp.Command() if not isinstance(node, exp.Query):
            word = type(node).__name__.upper()
            return f"{word} is no part of a query", "a check changes nothing", "leave it out", word
        case exp.Table():
            return _mistake_of_table(node)
        case exp.Lateral() if isinstance(node.this, exp.Func):
            return _mistake_of_function(node.this)
        case exp.Func():
            name = _called(node)
            if _ELSEWHERE.fullmatch(name):
                because = "it may read or change something beside the data"
                return f"the function {name} is not allowed", because, "ask `data` alone", name
    return None


def _mistake_of_table(table: "exp.Table") -> tuple[str, str, str, str] | None:
    from sqlglot import exp

    if isinstance(table.this, exp.Func):
        return _mistake_of_function(table.this)
    name, known = table.name, [DATA, *_visible(table)]
    if not (table.args.get("db") or table.args.get("catalog")) and name.lower() in known:
        return None
    near = near_miss(name, known)
    whole = ".".join(part.name for part in table.parts)
    because = "a query reads the dataset, which it calls `data`, and nothing else"
    fix = (
        f"did you mean `{near}`?"
        if near
        else "write FROM data; values of another dataset are asked by `in FILE:COLUMN`"
    )
    return f"the query reads `{whole}`", because, fix, name


def _mistake_of_function(function: Any) -> tuple[str, str, str, str] | None:
    name = _called(function)
    if name.lower() in _UNFOLDING:
        return None
    because = "a query reads the dataset, which it calls `data`, and nothing else"
    return f"the table function {name} is not allowed", because, "write FROM data", name


def _visible(table: Any) -> Iterator[str]:
    """The names that WITH gives where the table stands, in lower case: those of every query around it, but in such a
    definition only those before it, unless WITH is RECURSIVE."""
    from sqlglot import exp

    inner, node = table, table.parent
    while node is not None:
        if isinstance(node, exp.With):
            for cte in node.expressions:
                if cte is inner and not node.args.get("recursive"):
                    break
                yield cte.alias.lower()
                if cte is inner:
                    break
        elif not isinstance(inner, exp.With):
            found = node.args.get("with_")
            if found is not None:
                yield from (cte.alias.lower() for cte in found.expressions)
        inner, node = node, node.parent


def _called(function: Any) -> str:
    """The function's name, as people write it."""
    from sqlglot import exp

    if isinstance(function, exp.Anonymous):
        return str(function.this)
    return str(function.sql_names()[0] if function.sql_names() else type(function).__name__).lower()


def _place(node: Any, named: str, text: str) -> tuple[int, int]:
    """Line and column: what the parser kept, or where the word is first found."""
    from sqlglot import exp

    named_by = node.args["alias"] if isinstance(node, exp.CTE) else node
    found = (each.meta.get("start") for each in named_by.walk())
    start = next((each for each in found if each is not None), None)
    offset = max(text.lower().find(named.lower()), 0) if start is None else int(start)
    return text.count("\n", 0, offset) + 1, _column(text, offset)


def _unread(error: Any, text: str) -> QueryMistake:
    told = error.errors[0] if error.errors else {}
    said = re.sub(r" for <class .*>|Required keyword: ", "", str(told.get("description", ""))).rstrip(".") or "no more"
    return QueryMistake(
        "the query does not read",
        f"the parser says: {said}, near {str(told.get('highlight') or '')!r}",
        "write it in the SQL of the engine that reads the dataset",
        int(told.get("line") or 1),
        int(told.get("col") or 1),
    )

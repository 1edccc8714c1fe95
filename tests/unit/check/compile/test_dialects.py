"""Engines that no test can start: what is written for them reads again, and calls nothing that they do not document.

The lists of names are the functions that the generated SQL may call, each looked up in the engine's own reference:

- BigQuery: cloud.google.com/bigquery/docs/reference/standard-sql/functions-all, .../data-types, .../operators
- Snowflake: docs.snowflake.com/en/sql-reference/functions-all, .../intro-summary-data-types, .../functions-regexp
- Trino: trino.io/docs/current/functions/list.html, .../language/types.html
"""

import itertools
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.tokens import TokenType

from assay.check.compile import RuledDataset, compile_data, compile_details, compile_probe, compile_scan, ruled_dataset
from assay.check.compile.column import beyond_quantile
from assay.check.compile.conditions import condition
from assay.check.compile.tree import sql
from assay.check.questions import Subject, Wanted
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import Fresh, RowRule, Rules, parse_column
from assay.core.rules.letters import TO_LOWER, TO_UPPER
from assay.core.rules.row_sql import PARSED
from assay.testing.small_tables import SAMPLE
from assay.testing.suites.engines import COLUMN_CASES, EXPRESSIONS, TYPES

_EVERYWHERE = {
    *("ABS", "AVG", "CAST", "COALESCE", "COUNT", "FLOOR", "LENGTH", "MAX", "MIN", "NULLIF", "ROW_NUMBER"),
    *("SQRT", "STDDEV_SAMP", "SUM", "TRANSLATE", "TRIM"),
}
FUNCTIONS: dict[Dialect, set[str]] = {
    "bigquery": {
        *_EVERYWHERE,
        *(
            "BYTE_LENGTH",
            "CEIL",
            "COUNTIF",
            "DATETIME",
            "EXTRACT",
            "IS_NAN",
            "LOWER",
            "MOD",
            "REGEXP_CONTAINS",
            "SUBSTRING",
        ),
        *("TIMESTAMP", "TO_JSON_STRING", "UNIX_MICROS", "UPPER"),
    },
    "snowflake": {
        *_EVERYWHERE,
        *("CEIL", "CONVERT_TIMEZONE", "COUNT_IF", "DATE_PART", "LOWER", "OCTET_LENGTH", "REGEXP_LIKE", "SUBSTRING"),
        *("UPPER",),
    },
    "trino": {
        *_EVERYWHERE,
        *(
            "AT_TIMEZONE",
            "CEIL",
            "CONCAT",
            "COUNT_IF",
            "EXTRACT",
            "IS_NAN",
            "JSON_FORMAT",
            "REGEXP_LIKE",
            "SUBSTR",
            "TO_UNIXTIME",
        ),
    },
}
TYPES_OF: dict[Dialect, set[str]] = {
    "bigquery": {"BOOL", "DATE", "DATETIME", "FLOAT64", "INT64", "NUMERIC", "STRING"},
    "snowflake": {"BIGINT", "DATE", "DECIMAL(20, 0)", "DOUBLE", "TIMESTAMPNTZ", "VARCHAR"},
    "trino": {"BIGINT", "DATE", "DECIMAL(20, 0)", "DOUBLE", "JSON", "TIMESTAMP(6)", "VARCHAR"},
}
_WORDS = {
    *("AND", "AS", "BY", "CASE", "DISTINCT", "ELSE", "FROM", "IN", "JOIN", "NOT", "ON", "OR", "OVER", "SELECT", "THEN"),
    *("WHEN", "WHERE", "IS", "LIKE", "HAVING", "BETWEEN"),
}
"""What may stand before a bracket and is no function."""

STORED = {"decimal": "decimal(18,3)"}
COLUMNS = tuple(
    DataColumn(name, STORED.get(kind, kind), "other" if kind == "nested" else kind, f"c{place}")
    for place, (name, kind) in enumerate(SAMPLE.columns.items())
)
OTHER = (DataColumn("whole", "int", "int", "c0"), DataColumn("text", "text", "text", "c1"))
DECLARED = tuple(parse_column(name, f"{TYPES[kind]}?") for name, kind in SAMPLE.columns.items() if kind in TYPES)


def subject(dialect: Dialect) -> Subject:
    return Subject(COLUMNS, dialect, {"other": OTHER})


def everything() -> Iterator[tuple[str, Rules]]:
    """Sets of rules that use all there is, each with its name."""
    for name, lines in COLUMN_CASES.items():
        columns = tuple(parse_column(*line) for line in lines)
        yield name, Rules(columns=columns, unique=(("id", "part"),), slices=("part", "day"), distinct_rows=True)
    members = (parse_column("i", "int? in other:whole"), parse_column("t", "str? in other:text"))
    fresh = (Fresh("day", 1.0), Fresh("moment", 1.0), Fresh("zoned", 1.0))
    yield "members and age", Rules(columns=members, fresh=fresh)
    yield "half floats", Rules(columns=(parse_column("f", "float? unique"),), slices=("f", "d", "zoned"))
    yield "quantiles", Rules(columns=(parse_column("f", "float? median <= 5, p95 2..9"),))
    rows = (RowRule("plain", "i < j"), RowRule("if_then", "t is not null", given="b"))
    yield "rules on rows", Rules(columns=DECLARED, row_rules=rows, unique=(("id",),))


def aspects(data: RuledDataset, name: str) -> list[str]:
    """In which ways a subject may fail."""
    kind, _, column = name.partition(" ")
    if kind in ("row", "quantile"):
        return ["row"] if kind == "row" else []
    if kind != "column":
        return ["repeats"]
    ruled = data.ruled_column(column)
    found = [*ruled.failing, *(["not_in_set"] if ruled.members is not None else [])]
    found += [each for quantile in ruled.rule.quantiles for each in beyond_quantile(quantile, ruled.value)]
    return [*found, "repeats"] if ruled.rule.is_unique else found


def queries(rules: Rules, dialect: Dialect) -> Iterator[str]:
    """All that may be asked."""
    data = ruled_dataset(rules, subject(dialect))
    yield from (each.query for each in compile_scan(data))
    names = [f"column {rule.column}" for rule in rules.columns[:2]]
    names += [f"quantile {each.share} {rule.column}" for rule in rules.columns[:2] for each in rule.quantiles]
    names += [f"row {rule.name}" for rule in rules.row_rules]
    names += [f"key {', '.join(key)}" for key in rules.unique]
    names += ["distinct rows"] if rules.distinct_rows else []
    for name in names:
        yield from (each.query for each in compile_details(data, [name]))
        for aspect, sample in itertools.product(
            aspects(data, name), (Wanted(10), Wanted(10, is_near=True, is_key_whole=bool(rules.unique)))
        ):
            probe = compile_probe(data, name, aspect, sample)
            yield probe.first
            yield from filter(None, (probe.keys, probe.values))
            yield from (query for _, query in probe.slices)


def conditions(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Every function and operator in a query of its own, with the words of the rule."""
    columns = {column.name: column for column in COLUMNS}
    types = {rule.column: rule.type for rule in DECLARED}
    for each in EXPRESSIONS:
        holds = condition("r", f"({each.text}) is not null", columns, types, dialect)
        yield each.text, sql(exp.select("c0").from_("source").where(holds), dialect)


def called(query: str, dialect: Dialect) -> set[str]:
    """What the text of a query calls: every word before a bracket."""
    tokens = sqlglot.tokenize(query, read=dialect)
    pairs = itertools.pairwise(tokens)
    words = {
        one.text.upper()
        for one, two in pairs
        if two.token_type == TokenType.L_PAREN
        and one.token_type not in (TokenType.STRING, TokenType.NUMBER)
        and one.text[:1].isalpha()
    }
    return words - _WORDS


@pytest.mark.parametrize("dialect", PARSED)
def test_what_is_written_reads_again_and_calls_what_the_engine_documents(dialect: Dialect) -> None:
    calls: set[str] = set()
    types: set[str] = set()
    asked = [query for _, rules in everything() for query in queries(rules, dialect)]
    asked += [query for _, query in conditions(dialect)]
    for query in asked:
        (tree,) = sqlglot.parse(query, read=dialect, error_level=ErrorLevel.RAISE)
        assert isinstance(tree, exp.Query), query
        parts = {part.sql() for window in tree.find_all(exp.Window) for part in window.args.get("partition_by") or ()}
        assert parts <= {"key_place"}, "BigQuery puts no numbers with a point into parts"
        assert tree.sql(dialect).replace("STDDEV(", "STDDEV_SAMP(") == query  # one function of Snowflake's by two names
        calls |= called(query, dialect) - {each.partition("(")[0] for each in TYPES_OF[dialect] if "(" in each}
        types |= {node.sql(dialect) for node in tree.find_all(exp.DataType)}
    assert calls - FUNCTIONS[dialect] == set()
    assert types - TYPES_OF[dialect] == set()
    assert FUNCTIONS[dialect] - calls == set(), "nothing calls these: take them off the list"


@pytest.mark.parametrize("dialect", PARSED)
def test_the_dataset_under_its_own_names_reads_again(dialect: Dialect) -> None:
    query = compile_data(ruled_dataset(Rules(columns=DECLARED), subject(dialect)))
    assert isinstance(sqlglot.parse_one(query, read=dialect), exp.Select)


@pytest.mark.parametrize("dialect", PARSED)
def test_the_text_of_each_query_is_as_agreed(snapshot, dialect: Dialect) -> None:
    lines = []
    for name, rules in everything():
        in_full = name in ("unique", "members and age", "quantiles")
        asked = (
            queries(rules, dialect)
            if in_full
            else [each.query for each in compile_scan(ruled_dataset(rules, subject(dialect)))]
        )
        lines += [f"-- {name}", *(f"{query};" for query in asked), ""]
    for text, query in conditions(dialect):
        lines += [f"-- {text!r}", f"{_short(query)};"]
    snapshot(f"check_sql/{dialect}.sql", "\n".join([*lines, ""]))


def _short(query: str) -> str:
    for letters in (*TO_LOWER, *TO_UPPER):
        query = query.replace(letters, "...")
    return query

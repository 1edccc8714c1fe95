"""Great Expectations' expectations about several columns of a row, and about the whole table."""

from collections.abc import Callable
from itertools import combinations
from typing import Any, Literal, TypeAlias

from assay.check.suites.column_demands import bounds_of, members_of
from assay.check.suites.demands import Demand, Half, OnColumns, OnCount, OnKey, OnRow
from assay.check.suites.nouns import NotCarried
from assay.check.suites.said import Said
from assay.check.suites.sql_text import literal, name, number_text
from assay.core.rules import Bounds

Parts: TypeAlias = tuple[Demand | Half, ...]

_Counted: TypeAlias = Literal["all", "with any", "with all"]
_PASSED_OVER: dict[str, _Counted] = {
    "neither": "all",
    "never": "all",
    "both_values_are_missing": "with any",
    "all_values_are_missing": "with any",
    "either_value_is_missing": "with all",
    "any_value_is_missing": "with all",
}
"""Which rows count, by which are passed over (``ignore_row_if``)."""


def _counted(said: Said) -> _Counted:
    word = said.get("ignore_row_if") or "all_values_are_missing"
    if word not in _PASSED_OVER:
        raise NotCarried(f"its `ignore_row_if` is not known: {word!r:.60}")
    return _PASSED_OVER[word]


def _on_row(columns: tuple[str, ...], holds: str, counted: _Counted, called: str) -> OnRow:
    """A condition that is false, not NULL, wherever a row that counts does not meet it."""
    names = [name(column) for column in columns]
    if counted == "with all":
        given = " and ".join(f"{each} is not null" for each in names)
    elif counted == "with any":
        given = " or ".join(f"{each} is not null" for each in names)
    else:
        given = ""
    return OnRow(columns=columns, holds=holds, given=given, counted=counted, called=called)


def _strictly(condition: str, counted: _Counted) -> str:
    """NULL in one of the columns fails: as it does in the suite, but where such rows are passed over."""
    return condition if counted == "with all" else f"coalesce({condition}, false)"


def _pair(said: Said) -> tuple[str, str]:
    return said.column("column_A"), said.column("column_B")


def _a_above_b(said: Said) -> Parts:
    (a, b), counted, or_equal = _pair(said), _counted(said), said.flag("or_equal")
    condition = _strictly(f"{name(a)} {'>=' if or_equal else '>'} {name(b)}", counted)
    return (_on_row((a, b), condition, counted, f"above_{b}"),)


def _a_is_b(said: Said) -> Parts:
    (a, b), counted = _pair(said), _counted(said)
    condition = _strictly(f"{name(a)} = {name(b)}", counted)
    return (_on_row((a, b), condition, counted, f"is_{b}"),)


def _pairs_in_set(said: Said) -> Parts:
    (a, b), counted = _pair(said), _counted(said)
    pairs = said.need("value_pairs_set")
    if not isinstance(pairs, list) or not pairs:
        raise NotCarried("its `value_pairs_set` is no list of pairs")
    ways = " or ".join(_both(a, b, pair) for pair in pairs)
    return (_on_row((a, b), _strictly(ways, counted), counted, f"with_{b}"),)


def _both(a: str, b: str, pair: Any) -> str:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise NotCarried(f"{pair!r:.60} is no pair of values")
    return " and ".join(
        f"{name(column)} is null" if value is None else f"{name(column)} = {literal(members_of([value])[0])}"
        for column, value in zip((a, b), pair, strict=True)
    )


def _differ(said: Said) -> Parts:
    columns, counted = said.columns("column_list", least=2), _counted(said)
    pairs = combinations(map(name, columns), 2)
    sign = "<>" if counted == "with all" else "is distinct from"  # two NULLs are the same value there
    return (_on_row(columns, " and ".join(f"{a} {sign} {b}" for a, b in pairs), counted, "differ"),)


def _agree(said: Said) -> Parts:
    columns, counted = said.columns("column_list", least=2), _counted(said)
    first, *others = map(name, columns)
    condition = " and ".join(f"{first} is not distinct from {other}" for other in others)
    return (_on_row(columns, condition, counted, "agree"),)


def _sum(said: Said) -> Parts:
    columns, counted, total = said.columns("column_list"), _counted(said), said.number("sum_total")
    condition = f"{' + '.join(map(name, columns))} = {number_text(total)}"
    return (_on_row(columns, _strictly(condition, counted), counted, "sum"),)


def _key(said: Said) -> Parts:
    word = said.get("ignore_row_if") or "all_values_are_missing"
    if word not in _PASSED_OVER:
        raise NotCarried(f"its `ignore_row_if` is not known: {word!r:.60}")
    return (OnKey(columns=said.columns("column_list")),)


def _rows(said: Said) -> Parts:
    bounds = said.range()
    low = _whole(bounds.low, up=True, is_open=bounds.low_open)
    high = _whole(bounds.high, up=False, is_open=bounds.high_open)
    return (OnCount(bounds=bounds_of(None if low is None else max(low, 0), high)),)


def _whole(end: Any, *, up: bool, is_open: bool) -> int | None:
    """The nearest number of rows that lies in the range."""
    if end is None:
        return None
    if isinstance(end, str):
        raise NotCarried(f"{end!r:.60} is no number of rows")
    nearest = -(-end // 1) if up else end // 1
    return int(nearest) + ((1 if up else -1) if is_open and nearest == end else 0)


def _rows_equal(said: Said) -> Parts:
    rows = said.number("value")
    if not isinstance(rows, int) or rows < 0:
        raise NotCarried(f"{rows} is no number of rows")
    return (OnCount(bounds=Bounds(rows, rows)),)


def _column_set(said: Said) -> Parts:
    return (OnColumns(columns=said.columns("column_set"), closed=said.flag("exact_match", default=True)),)


def _column_list(said: Said) -> Parts:
    order = Half("the order of columns is not asked: they go by their names")
    return OnColumns(columns=said.columns("column_list"), closed=True), order


ASKED: dict[str, Callable[[Said], Parts]] = {
    "expect_column_pair_values_a_to_be_greater_than_b": _a_above_b,
    "expect_column_pair_values_to_be_equal": _a_is_b,
    "expect_column_pair_values_to_be_in_set": _pairs_in_set,
    "expect_select_column_values_to_be_unique_within_record": _differ,
    "expect_multicolumn_values_to_be_unique": _differ,
    "expect_multicolumn_values_to_be_equal": _agree,
    "expect_multicolumn_sum_to_equal": _sum,
    "expect_compound_columns_to_be_unique": _key,
    "expect_table_row_count_to_be_between": _rows,
    "expect_table_row_count_to_equal": _rows_equal,
    "expect_table_columns_to_match_set": _column_set,
    "expect_table_columns_to_match_ordered_list": _column_list,
}

_COUNT = ("the number of columns is not asked", "write a line for each column, and `closed: true`")
WITHOUT_WORDS: dict[str, tuple[str, str]] = {
    "expect_table_column_count_to_equal": _COUNT,
    "expect_table_column_count_to_be_between": _COUNT,
    "expect_table_row_count_to_equal_other_table": (
        "rows of another table are not counted",
        "write `rows:`, or a query: `{sql: checks/NAME.sql}`",
    ),
    "expect_query_results_to_match_comparison": ("it compares two databases", ""),
    "unexpected_rows_expectation": (
        "it is a query of your own",
        "put the query into a file, with `data` for the table, and write `{sql: checks/NAME.sql}` below `rules:`",
    ),
}

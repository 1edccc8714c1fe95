"""Great Expectations' expectations about one column: what each asks, or why it has no words here.

``ASKED`` has a function for each name; ``WITHOUT_WORDS`` a reason, and what to write instead, for those that nothing here says.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from assay.check.suites import column_demands as demand
from assay.check.suites.demands import Demand, Half, OnColumn
from assay.check.suites.nouns import NotCarried
from assay.check.suites.said import Said
from assay.check.suites.sql_text import literal, matched, name
from assay.core.rules import Bounds, QuantileBounds

Parts: TypeAlias = tuple[Demand | Half, ...]


def _to_exist(said: Said) -> Parts:
    found = demand.exists(said.column())
    if said.get("column_index") is None:
        return (found,)
    return found, Half("the place of a column is not asked: columns go by their names")


def _of_type(said: Said) -> Parts:
    return (demand.of_type(said.column(), [said.text("type_")]),)


def _in_type_list(said: Said) -> Parts:
    return (demand.of_type(said.column(), said.texts("type_list")),)


def _not_null(said: Said) -> Parts:
    return (demand.not_null(said.column()),)


def _null(said: Said) -> Parts:
    return (demand.all_null(said.column()),)


def _share_filled(said: Said) -> Parts:
    column, bounds = said.column(), said.range()
    if not isinstance(bounds.low, int | float) or not 0 <= bounds.low <= 1 or bounds.low_open:
        raise NotCarried("a column has a largest share of NULLs, and no smallest", "write `nulls <= P%` in its line")
    found = demand.not_null(column, float(f"{1 - bounds.low:.12g}"))
    is_whole = bounds.high is None or bounds.high == 1
    return (found,) if is_whole else (found, Half("a smallest share of NULLs is asked of no column"))


def _between(said: Said) -> Parts:
    return (demand.in_range(said.column(), said.range()),)


def _in_set(said: Said) -> Parts:
    return (demand.one_of(said.column(), said.values("value_set")),)


def _not_in_set(said: Said) -> Parts:
    return (demand.none_of(said.column(), said.values("value_set")),)


def _equal_set(said: Said) -> Parts:
    each = Half("that each of the values occurs is asked of no column", "write a query: `{sql: checks/NAME.sql}`")
    return demand.one_of(said.column(), said.values("value_set")), each


def _unique(said: Said) -> Parts:
    return (demand.is_unique(said.column()),)


def _share_unique(said: Said) -> Parts:
    column, bounds = said.column(), said.range()
    if bounds.low != 1:
        raise NotCarried("the share of different values is asked of no column, but that they all differ: unique")
    return (demand.is_unique(column),)


def _length(said: Said) -> Parts:
    return (demand.has_length(said.column(), said.range()),)


def _length_equal(said: Said) -> Parts:
    length = said.number("value")
    return (demand.has_length(said.column(), Bounds(length, length)),)


def _match(said: Said) -> Parts:
    return (demand.matches(said.column(), said.text("regex")),)


def _not_match(said: Said) -> Parts:
    return (demand.matches_none(said.column(), [said.text("regex")]),)


def _match_list(said: Said) -> Parts:
    column, patterns = said.column(), said.texts("regex_list")
    if len(patterns) == 1:
        return (demand.matches(column, patterns[0]),)
    holds = _joined([matched(name(column), demand.readable(each)) for each in patterns], said.get("match_on"))
    return (OnColumn(column=column, slot="condition", holds=holds, called="patterns"),)


def _not_match_list(said: Said) -> Parts:
    return (demand.matches_none(said.column(), said.texts("regex_list")),)


def _like(said: Said) -> Parts:
    column = said.column()
    return (_liked(column, [f"{name(column)} like {literal(said.text('like_pattern'))}"], "all"),)


def _not_like(said: Said) -> Parts:
    column = said.column()
    return (_liked(column, [f"not {name(column)} like {literal(said.text('like_pattern'))}"], "all"),)


def _like_list(said: Said) -> Parts:
    column, patterns = said.column(), said.texts("like_pattern_list")
    return (_liked(column, [f"{name(column)} like {literal(each)}" for each in patterns], said.get("match_on")),)


def _not_like_list(said: Said) -> Parts:
    column, patterns = said.column(), said.texts("like_pattern_list")
    return (_liked(column, [f"not {name(column)} like {literal(each)}" for each in patterns], "all"),)


def _liked(column: str, conditions: list[str], match_on: object) -> OnColumn:
    return OnColumn(column=column, slot="condition", holds=_joined(conditions, match_on), called="like")


def _joined(conditions: list[str], match_on: object) -> str:
    if match_on not in (None, "any", "all"):
        raise NotCarried(f"its `match_on` is neither any nor all: {match_on!r:.60}")
    return (" and " if match_on == "all" else " or ").join(conditions)


def _mean(said: Said) -> Parts:
    return (OnColumn(column=said.column(), slot="mean", value=_numbers(said.range()), asks_for_a_value=True),)


def _stddev(said: Said) -> Parts:
    return (OnColumn(column=said.column(), slot="stddev", value=_numbers(said.range()), asks_for_a_value=True),)


def _median(said: Said) -> Parts:
    bounds = QuantileBounds(0.5, _numbers(said.range()))
    return (OnColumn(column=said.column(), slot="quantile", value=bounds, asks_for_a_value=True),)


def _quantiles(said: Said) -> Parts:
    column, ranges = said.column(), said.need("quantile_ranges")
    said.get("allow_relative_error")  # how exactly it is counted: ours is counted exactly
    shares = ranges.get("quantiles") if isinstance(ranges, dict) else None
    pairs = ranges.get("value_ranges") if isinstance(ranges, dict) else None
    if not isinstance(shares, list) or not isinstance(pairs, list) or len(shares) != len(pairs) or not shares:
        raise NotCarried("its `quantile_ranges` has no list of quantiles with a range for each")
    return tuple(_quantile(column, share, pair) for share, pair in zip(shares, pairs, strict=True))


def _quantile(column: str, share: object, pair: object) -> OnColumn:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise NotCarried(f"the range of a quantile has two ends, not {pair!r:.60}")
    number = demand.number_of(share)
    if not 0.01 <= number < 1 or round(number * 100, 6) != float(f"{number * 100:.12g}"):
        raise NotCarried(f"quantiles go from p1 to p99.9, and this one is {number}")
    bounds = QuantileBounds(float(f"{number:.12g}"), _numbers(demand.bounds_of(*pair)))
    return OnColumn(column=column, slot="quantile", value=bounds, asks_for_a_value=True)


def _numbers(bounds: Bounds) -> Bounds:
    if isinstance(bounds.low, str) or isinstance(bounds.high, str):
        raise NotCarried("means and quantiles are asked of numbers alone")
    return bounds


_SOME_VALUE = "that some value lies there is asked of no column"


def _least(said: Said) -> Parts:
    """All values lie above the lower end; that one lies below the upper end has no words."""
    column, bounds = said.column(), said.range()
    if bounds.low is None:
        raise NotCarried(_SOME_VALUE, "write a bound of a quantile: `p1 <= X`")
    found = _of_a_value(demand.in_range(column, Bounds(bounds.low, low_open=bounds.low_open)))
    return (found,) if bounds.high is None else (found, Half(f"of its upper end: {_SOME_VALUE}"))


def _greatest(said: Said) -> Parts:
    column, bounds = said.column(), said.range()
    if bounds.high is None:
        raise NotCarried(_SOME_VALUE, "write a bound of a quantile: `p99 >= X`")
    found = _of_a_value(demand.in_range(column, Bounds(high=bounds.high, high_open=bounds.high_open)))
    return (found,) if bounds.low is None else (found, Half(f"of its lower end: {_SOME_VALUE}"))


def _of_a_value(found: OnColumn) -> OnColumn:
    return msgspec.structs.replace(found, asks_for_a_value=True)


ASKED: dict[str, Callable[[Said], Parts]] = {
    "expect_column_to_exist": _to_exist,
    "expect_column_values_to_be_of_type": _of_type,
    "expect_column_type_to_be": _of_type,
    "expect_column_values_to_be_in_type_list": _in_type_list,
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_null": _null,
    "expect_column_proportion_of_non_null_values_to_be_between": _share_filled,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_distinct_values_to_be_in_set": _in_set,
    "expect_column_distinct_values_to_equal_set": _equal_set,
    "expect_column_values_to_not_be_in_set": _not_in_set,
    "expect_column_values_to_be_unique": _unique,
    "expect_column_proportion_of_unique_values_to_be_between": _share_unique,
    "expect_column_value_lengths_to_be_between": _length,
    "expect_column_value_lengths_to_equal": _length_equal,
    "expect_column_values_to_match_regex": _match,
    "expect_column_values_to_not_match_regex": _not_match,
    "expect_column_values_to_match_regex_list": _match_list,
    "expect_column_values_to_not_match_regex_list": _not_match_list,
    "expect_column_values_to_match_like_pattern": _like,
    "expect_column_values_to_not_match_like_pattern": _not_like,
    "expect_column_values_to_match_like_pattern_list": _like_list,
    "expect_column_values_to_not_match_like_pattern_list": _not_like_list,
    "expect_column_mean_to_be_between": _mean,
    "expect_column_median_to_be_between": _median,
    "expect_column_stdev_to_be_between": _stddev,
    "expect_column_quantile_values_to_be_between": _quantiles,
    "expect_column_min_to_be_between": _least,
    "expect_column_max_to_be_between": _greatest,
}

_QUERY = "write a query that returns the rows that fail: `{sql: checks/NAME.sql}`"
WITHOUT_WORDS: dict[str, tuple[str, str]] = {
    "expect_column_sum_to_be_between": ("a sum is asked of no column", "write a range of its mean, and of `rows`"),
    "expect_column_unique_value_count_to_be_between": ("the number of different values is asked of no column", _QUERY),
    "expect_column_distinct_values_to_contain_set": ("that a value occurs is asked of no column", _QUERY),
    "expect_column_most_common_value_to_be_in_set": ("the most frequent value is asked of no column", _QUERY),
    "expect_column_kl_divergence_to_be_less_than": (
        "a distance from a distribution that is written down is not asked",
        "write `drift:`, which measures the distance from data",
    ),
    "expect_column_value_z_scores_to_be_less_than": (
        "a row is not compared with the mean of all",
        "write a range, or bounds of quantiles",
    ),
    "expect_column_values_to_not_be_outliers": (
        "a row is not compared with the spread of all",
        "write a range, or bounds of quantiles",
    ),
    "expect_column_values_to_be_increasing": ("the order of rows is not asked", _QUERY),
    "expect_column_values_to_be_decreasing": ("the order of rows is not asked", _QUERY),
    "expect_column_values_to_be_dateutil_parseable": (
        "every spelling of a date that dateutil guesses is more than one type",
        "write the column as `date` or `time`",
    ),
    "expect_column_values_to_match_strftime_format": (
        "formats of dates are not asked",
        "write the column as `date` or `time`, or a pattern: `str ~ '^[0-9]{2}/[0-9]{2}$'`",
    ),
    "expect_column_values_to_be_json_parseable": ("texts of JSON are not read", _QUERY),
    "expect_column_values_to_match_json_schema": ("texts of JSON are not read", _QUERY),
}

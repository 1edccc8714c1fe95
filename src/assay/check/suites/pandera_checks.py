"""Pandera's checks on a column: what each asks, by the name under which pandera has registered it."""

from collections.abc import Callable
from typing import TypeAlias

from assay.check.suites import column_demands as demand
from assay.check.suites.demands import Half, OnColumn
from assay.check.suites.nouns import NotCarried
from assay.check.suites.said import Said
from assay.core.rules import Bounds

Parts: TypeAlias = tuple[OnColumn | Half, ...]


def _greater(column: str, said: Said) -> Parts:
    return (demand.in_range(column, demand.bounds_of(said.need("min_value", "value"), None, low_open=True)),)


def _at_least(column: str, said: Said) -> Parts:
    return (demand.in_range(column, demand.bounds_of(said.need("min_value", "value"), None)),)


def _less(column: str, said: Said) -> Parts:
    return (demand.in_range(column, demand.bounds_of(None, said.need("max_value", "value"), high_open=True)),)


def _at_most(column: str, said: Said) -> Parts:
    return (demand.in_range(column, demand.bounds_of(None, said.need("max_value", "value"))),)


def _in_range(column: str, said: Said) -> Parts:
    low_open = not said.flag("include_min", default=True)
    high_open = not said.flag("include_max", default=True)
    bounds = demand.bounds_of(said.need("min_value"), said.need("max_value"), low_open=low_open, high_open=high_open)
    return (demand.in_range(column, bounds),)


def _equal(column: str, said: Said) -> Parts:
    return (demand.one_of(column, demand.members_of([said.need("value")])),)


def _not_equal(column: str, said: Said) -> Parts:
    return (demand.none_of(column, demand.members_of([said.need("value")]), "not"),)


def _one_of(column: str, said: Said) -> Parts:
    return (demand.one_of(column, said.values("allowed_values", "value")),)


def _none_of(column: str, said: Said) -> Parts:
    return (demand.none_of(column, said.values("forbidden_values", "value")),)


def _all_of(column: str, said: Said) -> Parts:
    each = Half("that each of the values occurs is asked of no column", "write a query: `{sql: checks/NAME.sql}`")
    return demand.one_of(column, said.values("values", "value")), each


def _matches(column: str, said: Said) -> Parts:
    pattern = said.text("pattern", "value")
    flags, rest = ("(?i)", pattern[4:]) if pattern.startswith("(?i)") else ("", pattern)
    is_anchored = rest.startswith("^") and "|" not in rest
    return (demand.matches(column, f"{flags}{rest}" if is_anchored else f"{flags}^(?:{rest})"),)


def _contains(column: str, said: Said) -> Parts:
    return (demand.matches(column, said.text("pattern", "value")),)


def _starts(column: str, said: Said) -> Parts:
    return (demand.matches(column, f"^{demand.escaped(said.text('string', 'value'))}", "starts"),)


def _ends(column: str, said: Said) -> Parts:
    return (demand.matches(column, f"{demand.escaped(said.text('string', 'value'))}$", "ends"),)


def _length(column: str, said: Said) -> Parts:
    exactly, least, most = said.get("exact_value"), said.get("min_value"), said.get("max_value")
    if exactly is not None:
        least = most = exactly
    found = demand.bounds_of(least, most)
    if isinstance(found.low, str) or isinstance(found.high, str):
        raise NotCarried("a length is no day")
    return (demand.has_length(column, Bounds(found.low, found.high)),)


CHECKS: dict[str, Callable[[str, Said], Parts]] = {
    "greater_than": _greater,
    "greater_than_or_equal_to": _at_least,
    "less_than": _less,
    "less_than_or_equal_to": _at_most,
    "in_range": _in_range,
    "equal_to": _equal,
    "not_equal_to": _not_equal,
    "isin": _one_of,
    "notin": _none_of,
    "unique_values_eq": _all_of,
    "str_matches": _matches,
    "str_contains": _contains,
    "str_startswith": _starts,
    "str_endswith": _ends,
    "str_length": _length,
}

"""Suites of any shape: nothing vanishes, what comes out reads, and nothing ends in a traceback."""

from hypothesis import given
from hypothesis import strategies as st

from assay.check.suites import NotASuite, expectations_of_columns, expectations_of_tables, read_suite
from assay.check.suites.pandera_checks import CHECKS
from assay.core.rules import parse_column, parse_rows
from assay.flows.suite_text import as_yaml

from suites_written import read_back  # isort: skip

TYPES = sorted(
    {
        *(expectations_of_columns.ASKED | expectations_of_tables.ASKED),
        *(expectations_of_columns.WITHOUT_WORDS | expectations_of_tables.WITHOUT_WORDS),
        "expect_the_unexpected",
    }
)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
COLUMNS = (
    st.sampled_from(["x", "y", "a b", "Order", "select", "it's", 'q"q', "a: b #c", "true", "ü", "[x]", "- x", "&x"])
    | TEXT
)
PATTERNS = (
    st.sampled_from(["^a$", "a|b", "[a-z]+", r"\d{2}", 'it\'s "x"', "(?i)x", "(?<=a)b", "(", "#x: y", r"\\"]) | TEXT
)
NUMBERS = st.integers(-5, 20) | st.floats() | st.sampled_from([10**30, 0.5, -0.0, 1e-7])
DAYS = st.sampled_from(["2013-01-01", "2013-02-30", "2013-01-01T05:00:00", "2013-01-01 00:00:00", "now"])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT | DAYS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
CONDITIONS = st.sampled_from(["x > 5", 'y == "a"', "x.isnull()", "(", "x in [1,2]", "not x"])
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "column": COLUMNS,
        "column_A": COLUMNS,
        "column_B": COLUMNS,
        "column_list": st.lists(COLUMNS, max_size=3),
        "column_set": st.lists(COLUMNS, max_size=3),
        "exact_match": st.booleans(),
        "min_value": NUMBERS | DAYS,
        "max_value": NUMBERS | DAYS,
        "strict_min": st.booleans(),
        "strict_max": st.booleans(),
        "mostly": st.floats(0, 1) | st.sampled_from([0.9, 0.95, 1, 1e-9, 0.99999999999]),
        "value": NUMBERS,
        "value_set": st.lists(SCALARS, max_size=4),
        "value_pairs_set": st.lists(st.lists(SCALARS, min_size=2, max_size=2), max_size=2),
        "regex": PATTERNS,
        "regex_list": st.lists(PATTERNS, max_size=3),
        "like_pattern": TEXT,
        "match_on": st.sampled_from(["any", "all", "some"]),
        "type_": st.sampled_from(["int64", "object", "VARCHAR(5)", "date", "float", "timedelta64[ns]"]) | TEXT,
        "type_list": st.lists(st.sampled_from(["int", "float", "str", "xyz"]), max_size=3),
        "quantile_ranges": st.builds(
            lambda share, pair: {"quantiles": [share], "value_ranges": [pair]},
            st.sampled_from([0.5, 0.95, 0, 1, 0.333333333]) | NUMBERS,
            st.lists(NUMBERS | st.none(), min_size=1, max_size=3),
        ),
        "sum_total": NUMBERS,
        "row_condition": CONDITIONS,
        "ignore_row_if": st.sampled_from(["neither", "either_value_is_missing", "both_values_are_missing", "x"]),
        "or_equal": st.booleans(),
    },
)
EXPECTATIONS = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES), "kwargs": KEYS},
    optional={"severity": st.sampled_from(["critical", "warning", "info", "x"])},
)
SUITES = st.builds(lambda expectations: {"expectations": expectations}, st.lists(EXPECTATIONS, min_size=1, max_size=8))
FLAT_CHECKS = st.dictionaries(
    st.sampled_from(sorted(CHECKS)),
    ANYTHING | st.fixed_dictionaries({"min_value": NUMBERS, "max_value": NUMBERS}),
    max_size=3,
)
PANDERA_COLUMNS = st.builds(
    lambda settings, checks: {**settings, **checks},
    st.fixed_dictionaries(
        {},
        optional={
            "dtype": st.sampled_from(
                ["int64", "float64", "str", "object", "category", "datetime64[ns]", "bool", "xyz"]
            ),
            "nullable": st.booleans(),
            "unique": st.booleans(),
            "required": st.booleans(),
            "coerce": st.booleans(),
            "checks": ANYTHING,
        },
    ),
    FLAT_CHECKS,
)
SCHEMAS = st.fixed_dictionaries(
    {"schema_type": st.just("dataframe"), "columns": st.dictionaries(COLUMNS, PANDERA_COLUMNS | ANYTHING, min_size=1, max_size=4)},
    optional={
        "strict": st.booleans() | st.just("filter"),
        "unique": st.lists(COLUMNS, max_size=2) | ANYTHING,
        "index": ANYTHING,
        "checks": ANYTHING,
        "dtype": st.sampled_from(["int64", None]),
    },
)  # fmt: skip


def holds(found):
    """Nothing has vanished, every line reads, and the YAML gives back what was written."""
    carried, left = ({each.number for each in some} for some in (found.carried, found.left))
    assert carried | left == set(range(1, found.rules_in_suite + 1))
    assert {each.number for each in found.left if each.is_in_part} == carried & left
    for column in found.columns:
        parse_column(column.column, column.line)
    assert not found.rows or parse_rows(found.rows)
    back = read_back(as_yaml(found, "suite.json"))
    assert back.get("columns", {}) == {each.column: each.line for each in found.columns}
    assert back.get("rules", {}) == {
        each.name: each.holds
        if not (each.given or each.allow or each.severity == "warn")
        else {
            **({"if": each.given} if each.given else {}),
            "then": each.holds,
            **({"allow": each.allow} if each.allow else {}),
            **({"severity": "warn"} if each.severity == "warn" else {}),
        }
        for each in found.rules
    }
    keys = [
        {"columns": list(key), "severity": "warn"} if f"key {', '.join(key)}" in found.warned else list(key)
        for key in found.unique
    ]
    assert back.get("unique", []) == (keys[0] if len(keys) == 1 else keys)


@given(SUITES)
def test_nothing_of_a_suite_of_great_expectations_vanishes(said):
    holds(read_suite(said))


@given(SCHEMAS)
def test_nothing_of_a_schema_of_pandera_vanishes(said):
    holds(read_suite(said))


@given(ANYTHING | st.fixed_dictionaries({"expectations": ANYTHING}) | st.fixed_dictionaries({"expectations": st.lists(ANYTHING, max_size=3)}) | st.fixed_dictionaries({"schema_type": st.just("dataframe"), "columns": ANYTHING}))  # fmt: skip
def test_anything_is_read_or_is_no_suite(said):
    try:
        found = read_suite(said)
    except NotASuite:
        return
    holds(found)

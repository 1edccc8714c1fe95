"""Whole numbers that doubles would make one of are told apart, wherever they are kept."""

import itertools
import json
from collections.abc import Callable

import duckdb
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.postgres import PostgresEngine
from assay.check import Beside, check
from assay.check.diff import AFTER, BEFORE, compare
from assay.check.profile import profile_columns
from assay.core.artifact import Artifact
from assay.core.dataset import DatabaseTable, Files, Source
from assay.core.digest import digest_of
from assay.core.rules import RowRule, Rules, parse_column
from assay.flows.data_infer import infer

DATA = Artifact("data", digest_of(b"data"), "file", 7)
FIRST = 17_500_000_000_000_000_000
ROWS = 200
EVEN, ODD = range(FIRST, FIRST + 2 * ROWS, 2), range(FIRST + 1, FIRST + 1 + 2 * ROWS, 2)
PARQUET = ("UBIGINT", "DECIMAL(38,0)", "DECIMAL(20,0)", "DECIMAL(38,2)")
FILES = (*PARQUET, "HUGEINT", "csv", "jsonl")
"""The HUGEINT in a database of DuckDB, whose Parquet makes doubles of them."""
TEXTS = ("csv", "jsonl")
TABLES = ("numeric", "numeric(38,0)", "numeric(30,2)")

Load = Callable[..., Source]


@pytest.fixture
def load(tmp_path, request) -> Load:
    """A dataset of columns of whole numbers, all kept in one way."""

    def loaded(kept: str, name: str, **columns) -> Source:
        rows = list(zip(*columns.values(), strict=True))
        if kept in TABLES:
            database = request.getfixturevalue("database")
            database.execute(f"CREATE TABLE {name} ({', '.join(f'{each} {kept}' for each in columns)})")
            listed = ", ".join(f"({', '.join(map(str, row))})" for row in rows)
            database.execute(f"INSERT INTO {name} VALUES {listed}")
            return DatabaseTable(database.address, name)
        path = tmp_path / f"{name}.{kept if kept in TEXTS else 'parquet'}"
        if kept == "csv":
            path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
        elif kept == "jsonl":
            path.write_text("".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows))
        else:
            listed = ", ".join(f"({', '.join(map(str, row))})" for row in rows)
            typed = ", ".join(f"CAST({each} AS {kept}) AS {each}" for each in columns)
            select = f"SELECT {typed} FROM (VALUES {listed}) AS listed({', '.join(columns)})"
            if kept == "HUGEINT":
                with duckdb.connect(path.with_suffix(".duckdb")) as connection:
                    connection.execute(f"CREATE TABLE kept AS {select}")
                return DatabaseTable(str(path.with_suffix(".duckdb")), "kept")
            duckdb.execute(f"COPY ({select}) TO '{path}'")
        return Files((path,))

    return loaded


def failing(source: Source, rules: Rules, **others: Source) -> dict[str, int]:
    """The failing rows of each rule that is broken."""
    is_served = isinstance(source, DatabaseTable) and source.is_served
    engine = PostgresEngine() if is_served else DuckdbEngine()
    findings = check(DATA, source, rules, engine, Beside(others)).findings
    return {each.rule: each.failing_rows for each in findings if not each.passed and each.severity == "error"}


EVERYWHERE = (*FILES, *TABLES)
TWO = (*itertools.product(FILES, repeat=2), *((each, each) for each in TABLES))
LINES = ((), (parse_column("id", "float"),))


@pytest.mark.parametrize("columns", LINES, ids=["no line", "float"])
@pytest.mark.parametrize("kept", EVERYWHERE)
def test_neighbours_are_different_keys(load: Load, kept: str, columns) -> None:
    rules = Rules(columns=columns, unique=(("id",),), distinct_rows=True)
    assert failing(load(kept, "here", id=EVEN), rules) == {}
    assert failing(load(kept, "twice", id=[*EVEN, EVEN[3]]), rules) == {"unique: [id]": 1, "distinct_rows: true": 1}


@pytest.mark.parametrize("kept", EVERYWHERE)
def test_neighbours_are_different_values_of_a_column(load: Load, kept: str) -> None:
    rules = Rules(columns=(parse_column("id", "float unique"),))
    assert failing(load(kept, "here", id=EVEN), rules) == {}
    assert list(failing(load(kept, "twice", id=[*EVEN, EVEN[3]]), rules).values()) == [1]


@pytest.mark.parametrize("columns", LINES, ids=["no line", "float"])
@pytest.mark.parametrize(("kept", "there"), TWO)
def test_neighbours_are_different_rows_of_two_datasets(load: Load, kept: str, there: str, columns) -> None:
    rules, here = Rules(columns=columns, apart_from=("there",)), load(kept, "here", id=EVEN)
    assert failing(here, rules, there=load(there, "odd", id=ODD)) == {}
    shared = failing(here, rules, there=load(there, "part", id=[*ODD, *EVEN[:7]]))
    assert shared == {"apart_from: [there]": 7}


@pytest.mark.parametrize(("kept", "there"), TWO)
def test_a_neighbour_is_no_member(load: Load, kept: str, there: str) -> None:
    rules, here = Rules(columns=(parse_column("id", "float in there:id"),)), load(kept, "here", id=EVEN)
    found = failing(here, rules, there=load(there, "part", id=[*ODD, *EVEN[:7]]))
    assert list(found.values()) == [ROWS - 7]


@pytest.mark.parametrize("kept", (*PARQUET, "HUGEINT", *TABLES))
def test_a_neighbour_is_not_in_a_set(load: Load, kept: str) -> None:
    first = 1_750_000_000_000_000_000  # members of a set have 64 bits
    rules = Rules(columns=(parse_column("id", f"float in [{first}, {first + 3}]"),))
    assert list(failing(load(kept, "here", id=range(first, first + 2 * ROWS, 2)), rules).values()) == [ROWS - 1]


@pytest.mark.parametrize("columns", [(), (parse_column("a", "float"), parse_column("b", "float"))], ids=["", "float"])
@pytest.mark.parametrize("kept", EVERYWHERE)
def test_conditions_compare_neighbours(load: Load, kept: str, columns) -> None:
    conditions = {
        "same": ("a = b", ROWS),
        "differ": ("a <> b", 0),
        "after": ("b > a", 0),
        "not_after": ("not (a >= b)", 0),
    }
    if kept != "csv" or columns:  # where it is text
        conditions |= {
            "one": (f"a = {EVEN[0]}", ROWS - 1),
            "among": (f"a in ({EVEN[0]}, {ODD[1]})", ROWS - 1),
            "between": (f"a between {EVEN[1]} and {ODD[2]}", ROWS - 2),
            "in brackets": (f"(a) < {ODD[0]}", ROWS - 1),
            "positive": ("a > 0 and b / 2 > 1", 0),
        }
    rules = Rules(columns=columns, row_rules=tuple(RowRule(name, text) for name, (text, _) in conditions.items()))
    found = failing(load(kept, "here", a=EVEN, b=ODD), rules)
    assert found == {f"{name}: {text}": rows for name, (text, rows) in conditions.items() if rows}


def test_decimals_of_different_scale_are_the_same_numbers(tmp_path) -> None:
    path = tmp_path / "here.parquet"
    duckdb.execute(f"COPY (SELECT 7::DECIMAL(38,0) AS a, 7.00::DECIMAL(9,2) AS b, 7::HUGEINT AS c) TO '{path}'")
    rules = Rules(row_rules=(RowRule("one", "a = b"), RowRule("other", "b = c"), RowRule("whole", "b = 7")))
    assert failing(Files((path,)), rules) == {}


@pytest.mark.parametrize("kept", FILES)
def test_two_versions_are_joined_by_keys_in_full(load: Load, kept: str) -> None:
    sources = {
        BEFORE: load(kept, "before", id=EVEN, a=ODD),
        AFTER: load(kept, "after", id=EVEN, a=[*EVEN[:9], *ODD[9:]]),
    }
    with DuckdbEngine().open(sources) as opened:
        found = compare(opened, "duckdb", ("id",)).by_key
    assert (found.added, found.removed, found.changed, found.same) == (0, 0, 9, ROWS - 9)


@pytest.mark.parametrize("kept", (*PARQUET[:3], "HUGEINT"))
def test_a_version_in_a_csv_has_the_same_keys(load: Load, kept: str) -> None:
    with DuckdbEngine().open({BEFORE: load(kept, "before", id=EVEN), AFTER: load("csv", "after", id=EVEN)}) as opened:
        found = compare(opened, "duckdb", ("id",)).by_key
    assert (found.added, found.removed, found.same) == (0, 0, ROWS)


@pytest.mark.parametrize("kept", ("UBIGINT", "HUGEINT", "DECIMAL(38,0)", "jsonl"))
def test_numbers_beyond_64_bits_are_not_always_one(load: Load, kept: str) -> None:
    with DuckdbEngine().open({"source": load(kept, "here", id=EVEN)}) as opened:
        (column,) = profile_columns(opened, "duckdb").columns
    assert (column.type, column.least, column.greatest) == ("float", EVEN[0], EVEN[-1])
    assert column.distinct > ROWS / 2
    assert not column.are_all
    assert column.frequent == ()


@pytest.mark.parametrize(
    ("kept", "line"), [("csv", "str len 20"), *((each, "float") for each in ("jsonl", *PARQUET[:3]))]
)
def test_rules_that_are_inferred_know_the_key_and_no_range_of_doubles(
    load: Load, tmp_path, kept: str, line: str
) -> None:
    (path,) = load(kept, "here", id=EVEN).paths
    found = infer(tmp_path, {}, [path.name])
    assert found.unique == ("id",)
    assert [column.line for column in found.columns] == [line]


@pytest.mark.parametrize("kept", PARQUET[:3])
def test_wide_columns_whose_values_fit_64_bits_are_int(load: Load, tmp_path, kept: str) -> None:
    (path,) = load(kept, "here", id=range(0, ROWS * 1000, 1000)).paths
    assert infer(tmp_path, {}, [path.name]).columns[0].line.startswith("int ")

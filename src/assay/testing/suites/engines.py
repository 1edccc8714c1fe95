# ruff: noqa: S608 -- names are those of the suite's own tables
"""What every engine keeps: the same rules on the same rows give the same findings, to the row, whatever reads them.

What functions and operators mean is held against plain Python, row by row; what rules find against DuckDB on a Parquet file.
"""

import math
import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import msgspec
import pytest

from assay.check import Beside, check
from assay.core.artifact import Artifact
from assay.core.dataset import Files, Held, Source, Values
from assay.core.digest import digest_of
from assay.core.finding import CheckReport, Finding
from assay.core.ports import Engine
from assay.core.problem import EvidenceError
from assay.core.rules import (
    Bounds,
    ColumnType,
    Fresh,
    QueryRule,
    RowRule,
    Rules,
    Tolerance,
    parse_column,
    parse_rows,
)
from assay.core.rules.letters import lowered, uppered
from assay.core.rules.row_sql import FUNCTIONS
from assay.plugins import adapter
from assay.testing.small_tables import LONGEST, SAMPLE, Kind, SmallTable, Unknown, write_parquet

Load: TypeAlias = Callable[[SmallTable], Source]
"""Puts a table where the engine can read it, under a name that no other call has used; rows in their order."""

TYPES: dict[Kind, ColumnType] = {
    "int": "int",
    "float": "float",
    "decimal": "float",
    "text": "str",
    "bool": "bool",
    "date": "date",
    "time": "time",
    "zoned": "time",
}
"""As what rules declare the columns of a small table."""
_HELD: dict[Kind, Held] = {
    "int": "int",
    "float": "float",
    "decimal": "decimal",
    "text": "text",
    "bool": "bool",
    "date": "date",
    "time": "time",
    "zoned": "zoned",
    "nested": "other",
}
_ONE = SmallTable({"id": "int"}, ((1,),))
NOW_S = datetime(2013, 6, 16, tzinfo=UTC).timestamp()


class EngineContract:
    """Override ``engine`` and ``load``; where the engine is no match for all of it, say so by the attributes."""

    cells: ClassVar[Held | None] = None
    """What every column is held as where the format knows no types of columns: ``csv`` or ``json``."""
    unknown: ClassVar[frozenset[Unknown]] = frozenset()
    """What the format cannot hold."""
    forbidden: ClassVar[tuple[str, ...]] = ()
    """Queries in the engine's SQL that read files, or do what only it could do."""

    @pytest.fixture
    def engine(self) -> Engine:
        """The engine under test."""
        raise NotImplementedError("override the fixture `engine`")

    @pytest.fixture
    def load(self) -> Load:
        """How small tables come into it."""
        raise NotImplementedError("override the fixture `load`")

    @pytest.fixture
    def found(self, engine: Engine, load: Load, tmp_path: Path) -> Callable[..., CheckReport]:
        """Holds the engine's findings against those of DuckDB on the same rows; gives back what was found."""
        reference: Engine = adapter("engines", "duckdb")()

        def compare(rules: Rules, table: SmallTable = SAMPLE, other: SmallTable | None = None) -> CheckReport:
            table = table.without(self.unknown)
            here = _checked(engine, load, rules, table, other and other.without(self.unknown))
            there = _checked(reference, in_parquet(tmp_path), rules, table, other and other.without(self.unknown))
            assert _told(here, self.cells) == _told(there, self.cells)
            return here

        return compare

    # What the engine has

    def test_columns_stand_in_order_and_say_what_they_hold(self, engine: Engine, load: Load) -> None:
        table = SAMPLE.without(self.unknown)
        with engine.open({"source": load(table)}) as opened:
            columns = opened.columns["source"]
        assert [column.name for column in columns] == list(table.columns)
        assert [column.ref for column in columns] == [f"c{place}" for place in range(len(columns))]
        assert [column.held for column in columns] == [self.cells or _HELD[kind] for kind in table.columns.values()]

    def test_every_row_is_there_once(self, engine: Engine, load: Load) -> None:
        with engine.open({"source": load(SAMPLE.without(self.unknown))}) as opened:
            assert opened.rows("SELECT count(*) AS a0 FROM source") == [(len(SAMPLE.rows),)]

    def test_rows_are_found_again_by_their_places_in_the_order_of_the_data(self, engine: Engine, load: Load) -> None:
        with engine.open({"source": load(SAMPLE.without(self.unknown))}) as opened:
            places = ", ".join(opened.places.get("source", ()))
            if not places:
                return
            everything = opened.rows("SELECT c0 AS a0 FROM source")
            assert opened.rows(f"SELECT c0 AS a0 FROM source ORDER BY {places}") == everything
            for (row,) in everything:
                place = f"(SELECT {places} FROM source WHERE c0 = {row}) AS wanted"
                again = opened.rows(f"SELECT c0 AS a0 FROM source SEMI JOIN {place} USING ({places})")
                assert again == [(row,)]

    def test_values_that_were_read_elsewhere_are_a_dataset(self, engine: Engine, load: Load) -> None:
        texts = ("b", "a", "it's", '"', "\\", "é", "日本語", "; DROP TABLE x --", "a\nb", "")
        for values, held in ((texts, "text"), ((3, -1), "int"), ((0.5, 2), "float"), ((), "int")):
            with engine.open({"source": load(_ONE), "other0": Values(values)}) as opened:
                (column,) = opened.columns["other0"]
                found = [value for (value,) in opened.rows("SELECT c0 AS a0 FROM other0 ORDER BY c0")]
            assert (column.name, column.ref, column.held) == ("value", "c0", held)
            assert found == sorted(values)

    def test_texts_are_in_the_order_of_their_code_points(self, engine: Engine, load: Load) -> None:
        texts = ("Z", "a", "B", "_", "é", "e\u0301", "ez", " ", "~", "\u00a0", "", "ﬀ", "\U0001f926", "z" * 300)
        with engine.open({"source": load(_ONE), "other0": Values(texts)}) as opened:
            found = [value for (value,) in opened.rows("SELECT c0 AS a0 FROM other0 ORDER BY c0")]
            greatest = opened.rows("SELECT max(c0) AS a0 FROM other0 WHERE c0 < 'a'")
        assert found == sorted(texts)
        assert greatest == [(max(text for text in texts if text < "a"),)]

    # What it must not do

    def test_a_query_changes_nothing_and_is_one_query(self, engine: Engine, load: Load) -> None:
        statements = (
            "SELECT 1 AS a0; SELECT 2 AS a0",
            "SELECT count(*) AS a0 FROM source; DROP TABLE small",
            "CREATE TABLE made AS SELECT 1 AS x",
            "CREATE TEMPORARY VIEW made AS SELECT 1 AS x",
            "INSERT INTO source SELECT * FROM source",
            "DELETE FROM source",
            "DROP TABLE source",
            "DROP VIEW source",
            *self.forbidden,
        )
        with engine.open({"source": load(SAMPLE.without(self.unknown))}) as opened:
            for statement in statements:
                with pytest.raises(EvidenceError) as refused:
                    opened.rows(statement)
                assert refused.value.problem.code == "query-failed", statement
                assert opened.rows("SELECT count(*) AS a0 FROM source") == [(len(SAMPLE.rows),)], statement

    def test_a_query_of_the_users_own_cannot_leave_its_brackets(self, engine: Engine, load: Load) -> None:
        rules = Rules(queries=(QueryRule("late", "late.sql"),))
        for text in ("SELECT 1) AS failing; DROP TABLE small; --", "SELECT * FROM data; SELECT 1", "DELETE FROM data"):
            with pytest.raises(EvidenceError, match="quer"):
                _checked(engine, load, rules, SAMPLE.without(self.unknown), queries={"late.sql": text})

    # Functions and operators

    def test_functions_and_operators_are_what_python_computes(self, engine: Engine, load: Load) -> None:
        table = SAMPLE.without(self.unknown)
        records = [{name: _cell(value) for name, value in row.items()} for row in table.records()]
        spoken = [each for each in EXPRESSIONS if set(each.names) <= set(table.columns)]
        expected = {
            f"e{place}": (each.kind, [each.value_in(record) for record in records]) for place, each in enumerate(spoken)
        }
        rows = tuple(
            RowRule(f"r{place}", f"{self._asked(each)} is not distinct from e{place}")
            for place, each in enumerate(spoken)
        )
        wide = table.beside(expected)
        columns = tuple(parse_column(name, f"{TYPES[kind]}?") for name, kind in wide.columns.items() if kind in TYPES)
        report = _checked(engine, load, Rules(columns=columns, row_rules=rows, unique=(("id",),)), wide)
        wrong = {
            spoken[place].text: finding.detail + "".join(f"\n    {_brief(row, place)}" for row in finding.sample)
            for place, finding in enumerate(_rows_of(report, rows))
            if not finding.passed
        }
        assert not wrong, "\n".join(f"{text}: {told}" for text, told in wrong.items())

    def test_every_function_is_tried(self) -> None:
        tried = " ".join(each.text for each in EXPRESSIONS)
        assert [name for name in FUNCTIONS if f"{name}(" not in tried and f"extract({name}" not in tried] == []

    def test_what_leaves_64_bits_is_a_finding_of_its_own_and_hides_no_other(self, engine: Engine, load: Load) -> None:
        table = SmallTable({"id": "int", "i": "int"}, ((1, LONGEST), (2, 5), (3, -5)))
        rules = Rules(
            columns=(parse_column("id", "int"), parse_column("i", "int")),
            unique=(("id",),),
            row_rules=(RowRule("doubled", "i + i > 0"), RowRule("product", "i * i >= 0"),
                       RowRule("sign", "i > 0")),
        )  # fmt: skip
        report = _checked(engine, load, rules, table)
        doubled, product, sign = _rows_of(report, rules.row_rules)
        for each in (doubled, product):
            assert not each.passed
            assert each.detail.startswith("it cannot be computed: ")
        assert (sign.failing_rows, [int(row["id"]) for row in sign.sample]) == (1, [3])

    # Rules

    @pytest.mark.parametrize("case", range(12))
    def test_rules_find_what_duckdb_finds(self, found: Callable[..., CheckReport], case: int) -> None:
        name, lines = list(COLUMN_CASES.items())[case]
        asked = dict([("id", "int"), *lines])
        rules = Rules(
            columns=tuple(parse_column(column, line) for column, line in asked.items() if self._has(column)),
            unique=(("id",),),
            slices=("part", "b"),
        )
        report = found(rules)
        assert any(not finding.passed for finding in report.findings), name

    def test_a_column_of_another_type_is_told_as_duckdb_tells_it(self, found: Callable[..., CheckReport]) -> None:
        if self.cells is not None:
            pytest.skip("no column has a type")
        declared: tuple[ColumnType, ...] = ("int", "float", "str", "bool", "date", "time")
        for type_ in declared:
            columns = [parse_column(name, f"{type_}?") for name in SAMPLE.columns if self._has(name)]
            found(Rules(columns=tuple(columns), unique=(("id",),)))

    def test_whole_numbers_among_decimals_are_told_exactly(self, engine: Engine, load: Load) -> None:
        """As a double 999999999999999.999 would be whole."""
        if self.cells is not None:
            pytest.skip("no column has a type")
        values = ("999999999999999.999", "999999999999999.000", "-999999999999999.999", "-0.000")
        table = SmallTable({"d": "decimal"}, tuple((Decimal(value),) for value in values))
        report = _checked(engine, load, Rules(columns=(parse_column("d", "int"),)), table)
        assert report.findings[0].failing_rows == 2

    def test_keys_may_hold_null_and_rows_may_stand_twice(self, found: Callable[..., CheckReport]) -> None:
        zero = -0.0 if self.cells is None else 0.0  # a text is another text
        rows = ((1, "a", None), (1, "a", None), (None, None, None), (None, None, None), (2, "a", 0.0), (2, "A", zero))
        table = SmallTable({"i": "int", "t": "text", "f": "float"}, rows)
        columns = (parse_column("i", "int?"), parse_column("t", "str?"), parse_column("f", "float?"))
        rules = Rules(columns=columns, unique=(("i", "t"), ("i", "f"), ("t",)), distinct_rows=True)
        report = found(rules, table)
        assert [finding.failing_rows for finding in report.findings] == [0, 0, 0, 2, 3, 3, 2]

    def test_members_are_those_of_another_dataset(self, found: Callable[..., CheckReport], engine: Engine) -> None:
        other = SmallTable(
            {"text": "text", "whole": "int", "day": "date"},
            (("EWR", 7, date(2013, 1, 1)), (None, None, None), ("a\nb", 0, date(2000, 2, 29))),
        )
        columns = (
            parse_column("id", "int"),
            parse_column("t", "str? in other:text"),
            parse_column("i", "int? in other:whole, allow 1 row"),
            parse_column("day", "date? in other:day"),
        )
        rules = Rules(columns=columns, unique=(("id",),), slices=("part",))
        report = found(rules, SAMPLE, other)
        assert [finding.passed for finding in report.findings[:3]] == [True, False, False]

    def test_rules_on_rows_find_what_duckdb_finds(self, found: Callable[..., CheckReport]) -> None:
        rules = Rules(
            columns=_declared(SAMPLE.without(self.unknown)),
            row_rules=(
                RowRule("order", "i <= j", severity="warn"),
                RowRule("if_then", "t is not null and length(t) > 3", given="i > 0 and b"),
                RowRule("some", "f < g", allow=Tolerance(rows=2)),
                RowRule("share", "f < g", allow=Tolerance(share=0.9)),
                RowRule("days", "day < '2013-06-15' or moment > '2050-01-01'"),
                RowRule("unknown", "b"),
            ),
            unique=(("id",),),
            slices=("part", "b", "i"),
        )
        found(rules)

    def test_a_query_of_the_users_own_returns_failing_rows(self, engine: Engine, load: Load) -> None:
        table = SAMPLE.without(self.unknown)
        rules = Rules(columns=_declared(table), queries=(QueryRule("negative", "negative.sql"),), unique=(("id",),))
        text = "SELECT id, t, day, moment FROM data WHERE i < 0 ORDER BY id ;\n"
        report = _checked(engine, load, rules, table, queries={"negative.sql": text})
        finding = next(each for each in report.findings if each.rule.startswith("negative"))
        empty = None if "empty text" in self.unknown else ""
        assert (finding.passed, finding.failing_rows) == (False, 3)
        assert [row["id"] for row in finding.sample] == [2, 7, 12]
        assert finding.sample[0] == {"id": 2, "t": "ewr", "day": "2013-12-31", "moment": "2013-12-31T23:59:59"}
        assert empty in {row["t"] for row in table.records()}

    def test_the_dataset_as_a_whole_is_counted_dated_and_closed(self, found: Callable[..., CheckReport]) -> None:
        table = SAMPLE.without(self.unknown)
        rules = Rules(
            columns=(parse_column("id", "int"), parse_column("gone", "str")),
            rows=parse_rows("100.."),
            closed=True,
            fresh=(Fresh("moment", 86400.0), Fresh("day", 60.0), Fresh("zoned", 3600.0), Fresh("gone", 1.0)),
            unique=(("id",), ("id", "gone")),
            distinct_rows=True,
        )
        early = SmallTable(table.columns, tuple(row for row in table.rows if row[0] in (1, 2, 3)), table.name)
        found(rules, early)

    @pytest.mark.parametrize("case", range(12))
    def test_a_table_without_rows_breaks_no_rule_on_its_cells(self, engine: Engine, load: Load, case: int) -> None:
        if self.cells is not None:
            pytest.skip("a file without rows has no columns, or is refused as empty")
        _, lines = list(COLUMN_CASES.items())[case]
        table = SmallTable(SAMPLE.columns, ()).without(self.unknown)
        columns = tuple(parse_column(column, line) for column, line in lines if self._has(column))
        names = set(table.columns) - {column.column for column in columns}
        rest = tuple(parse_column(name, "int?") for name in sorted(names))
        rules = Rules(columns=(*columns, *rest), unique=(("id",),), distinct_rows=True, rows=Bounds(0, 0))
        report = _checked(engine, load, rules, table)
        assert report.rows == 0
        assert [finding for finding in report.findings if not finding.passed] == []

    def test_names_of_columns_are_only_names(self, found: Callable[..., CheckReport]) -> None:
        names = (
            *("a b", "a.b", 'say "hi"', "it's", "x; DROP TABLE small", "SELECT", "c1", "source", "ünï", "100%"),
            *("a0 FROM source --", "{x}", "$1", "%s", ":id", "?"),
        )
        columns: dict[str, Kind] = {"id": "int", **dict.fromkeys(names, "int")}
        table = SmallTable(columns, tuple((row, *(row * place for place in range(len(names)))) for row in (1, 2, 3)))
        rules = Rules(
            columns=tuple(parse_column(name, "int 0..9") for name in columns),
            row_rules=(RowRule("quoted", '"a b" <= "a.b" and "say ""hi""" < 3 and "it\'s" >= 0'),),
            unique=(("id",), ("a b", "it's")),
            slices=('say "hi"',),
        )
        found(rules, table)

    def test_a_table_may_have_any_name(self, engine: Engine, load: Load) -> None:
        for name in ('odd "name"', "semi;colon", "it's", "Upper Case", "ünï", "a.b"):
            table = SmallTable({"id": "int"}, ((1,), (2,)), name)
            report = _checked(engine, load, Rules(columns=(parse_column("id", "int 1..1"),)), table)
            assert [int(row["id"]) for row in report.findings[0].sample] == [2], name

    def _asked(self, each: "Expression") -> str:
        return f"nullif({each.text}, '')" if each.kind == "text" and "empty text" in self.unknown else f"({each.text})"

    def _has(self, column: str) -> bool:
        return column in SAMPLE.without(self.unknown).columns


COLUMN_CASES: dict[str, tuple[tuple[str, str], ...]] = {
    "types and NULL": tuple((name, TYPES[kind]) for name, kind in SAMPLE.columns.items() if kind in TYPES),
    "whole numbers": (("f", "int?"), ("g", "int"), ("d", "int?"), ("i", "int? -12..7"), ("j", "int? > 0, < 7")),
    "ranges of numbers": (
        *(("f", "float? 0..1.5"), ("g", "float? >= 0, < 2.5"), ("d", "float? ..1.5"), ("i", "float? 0..1e3")),
        ("j", "int? 0.., allow 3 rows"),
    ),
    "ranges of days and times": (
        ("day", "date? 1969-07-20..2013-06-15"),
        ("moment", "time? >= 2013-06-15 12:00, < 2013-06-15 12:00:00.5"),
        ("zoned", "time? > 2000-01-01"),
    ),
    "a day that ends a range of times": (("moment", "time? ..2013-06-15"), ("zoned", "time? <= 2013-06-15")),
    "sets": (
        *(("t", "str? in [EWR, '', Zebra]"), ("u", "str? in ['\";DROP', 'é', a, b, c, d, e, f, g]")),
        *(("i", "int? in [7, 0]"), ("f", "float? in [1.5, 0, 0.1]"), ("b", "bool? in [true]")),
        ("day", "date? in [2013-01-01, 2000-02-29]"),
    ),
    "lengths": (("t", "str? len 3"), ("u", "str? len 1..4"), ("part", "str len 1")),
    "patterns": (
        ("t", "str? ~ '^[A-Z][a-z]*$'"),
        ("u", r"str? ~ '^(?:[à-ÿ]|\W|e.)+$'"),
        ("part", r"str? ~ '(?i)^[abz]?$', allow 8%"),
    ),
    "patterns of lines": (("t", r"str? ~ 'a\nb$'"), ("u", r"str? ~ '^[^\n]*$'"), ("part", "str? ~ '^(a|B|)$'")),
    "unique": (("i", "int? unique"), ("f", "float? unique"), ("t", "str? unique"), ("day", "date? unique"),
               ("moment", "time? unique"), ("d", "float? unique")),
    "unique but for some rows": (("i", "int? 0..7 unique, allow 1 row"), ("j", "int? unique, allow 90%"),
                                 ("part", "str in [a, b] unique, allow 2 rows")),
    "means and deviations": (("g", "float? mean 5..20, stddev < 1"), ("j", "int? mean < 0, stddev 0..1"),
                             ("f", "float? mean 0..1"), ("d", "float? stddev < 5")),
    "quantiles": (
        *(("i", "int? p50 <= 3, p90 < 100, p25 >= 7"), ("j", "int? median 2..2, p99.9 <= 3"), ("g", "float? p75 > 3")),
        ("f", "float? p10 <= 0, p95 < 2"),
    ),
    "shares of NULL, tolerance, severity": (
        *(("i", "int? nulls <= 5%"), ("t", "str? nulls <= 50%, len 3, allow 20%"), ("b", "bool? nulls <= 10%, warn")),
        *(("f", "float? 0..1, nulls <= 1%, allow 99%"), ("g", "float 0.., allow 1 row")),
    ),
}  # fmt: skip
"""Column lines, none of which all rows of ``SAMPLE`` keep."""


class Expression(msgspec.Struct, frozen=True):
    """A part of a condition, and what Python makes of the cells that it names; NULL in any of them makes NULL."""

    text: str
    kind: Kind
    names: tuple[str, ...]
    value: Callable[..., Any]
    passes_null: bool = False
    """It is asked about NULL too."""

    def value_in(self, record: dict[str, Any]) -> Any:
        """What it is in that row."""
        cells = [record[name] for name in self.names]
        return None if not self.passes_null and None in cells else self.value(*cells)


def _on(text: str, kind: Kind, names: str, value: Callable[..., Any]) -> Expression:
    return Expression(text, kind, tuple(names.split()), value)


def _even_null(text: str, kind: Kind, names: str, value: Callable[..., Any]) -> Expression:
    return Expression(text, kind, tuple(names.split()), value, passes_null=True)


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    return lambda x: x if math.isinf(x) else float(function(x))


def _and(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def _or(*parts: bool | None) -> bool | None:
    return True if True in parts else None if None in parts else False


def _small(x: int) -> bool:
    return -1000 <= x <= 1000


def _within_one(x: int, value: Any) -> Any:
    return value if _small(x) else None


def _divided(x: float, y: float) -> float | None:
    return float(x) / y if y else None


def _remainder(x: int, y: int) -> int | None:
    return int(math.copysign(abs(x) % abs(y), x)) if y and _small(x) else None


def _extreme(choose: Callable[..., Any], *values: Any) -> Any:
    there = [value for value in values if value is not None]
    return choose(there) if there else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _epoch(moment: datetime) -> float:
    return (moment - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - times have no zone here


_NOON = datetime(2013, 6, 15, 12)  # noqa: DTZ001 - the same

EXPRESSIONS: tuple[Expression, ...] = (
    # Comparisons
    _on("i = 7", "bool", "i", lambda i: i == 7),
    _on("i <> 7", "bool", "i", lambda i: i != 7),
    _on("i < j", "bool", "i j", operator.lt),
    _on("i <= j", "bool", "i j", operator.le),
    _on("i > j", "bool", "i j", operator.gt),
    _on("i >= j", "bool", "i j", operator.ge),
    _on("i < 1.5", "bool", "i", lambda i: i < 1.5),
    _on("i < f", "bool", "i f", lambda i, f: float(i) < f),
    _on("i < 99999999999999999999", "bool", "i", lambda i: True),
    _on("i = -9223372036854775808", "bool", "i", lambda i: i == -(2**63)),
    _on("f = 1.5", "bool", "f", lambda f: f == 1.5),
    _on("f >= g", "bool", "f g", operator.ge),
    _on("f = d", "bool", "f d", operator.eq),
    _on("d > 1.4", "bool", "d", lambda d: d > 1.4),
    _on("f > 1e300", "bool", "f", lambda f: f > 1e300),
    _on("t = 'EWR'", "bool", "t", lambda t: t == "EWR"),
    _on("t < 'a'", "bool", "t", lambda t: t < "a"),
    _on("t >= u", "bool", "t u", operator.ge),
    _on("u = 'it''s'", "bool", "u", lambda u: u == "it's"),
    _on("u = '\\d'", "bool", "u", lambda u: u == "\\d"),
    _on("b = true", "bool", "b", lambda b: b),
    _on("b <> (i > 0)", "bool", "b i", lambda b, i: b != (i > 0)),
    _on("day < '2013-01-02'", "bool", "day", lambda day: day < date(2013, 1, 2)),
    _on("day >= date '1969-07-20'", "bool", "day", lambda day: day >= date(1969, 7, 20)),
    _on("day = moment", "bool", "day moment", lambda day, moment: _midnight(day) == moment),
    _on("day < moment", "bool", "day moment", lambda day, moment: _midnight(day) < moment),
    _on("moment >= timestamp '2013-06-15 12:00:00'", "bool", "moment", lambda moment: moment >= _NOON),
    _on("moment = '2013-06-15T12:00:00.000001'", "bool", "moment", lambda moment: moment == _NOON.replace(microsecond=1)),
    _on("zoned > '2013-01-01'", "bool", "zoned", lambda zoned: zoned > datetime(2013, 1, 1)),  # noqa: DTZ001
    _on("zoned = '2013-06-15 12:00'", "bool", "zoned", lambda zoned: zoned == _NOON),
    _on("i between 0 and 12", "bool", "i", lambda i: 0 <= i <= 12),
    _on("not i between 0 and 12", "bool", "i", lambda i: not 0 <= i <= 12),
    _on("i not between 0 and 12", "bool", "i", lambda i: not 0 <= i <= 12),
    _on("day between '2000-01-01' and '2013-06-15'", "bool", "day", lambda d: date(2000, 1, 1) <= d <= date(2013, 6, 15)),
    _on("i in (7, -12)", "bool", "i", lambda i: i in (7, -12)),
    _on("i not in (7, 12)", "bool", "i", lambda i: i not in (7, 12)),
    _on("i in (7, null)", "bool", "i", lambda i: True if i == 7 else None),
    _on("t in ('EWR', '日本語')", "bool", "t", lambda t: t in ("EWR", "日本語")),
    _on("f in (0, 1.5)", "bool", "f", lambda f: f in (0, 1.5)),
    _on("t like 'E%'", "bool", "t", lambda t: t.startswith("E")),
    _on("t like 'a_b%'", "bool", "t", lambda t: t[:1] == "a" and t[2:3] == "b"),
    _on("t not like '%b%'", "bool", "t", lambda t: "b" not in t),
    _on("u like '___'", "bool", "u", lambda u: len(u) == 3),
    _even_null("u is null", "bool", "u", lambda u: u is None),
    _even_null("f is not null", "bool", "f", lambda f: f is not None),
    _even_null("i is distinct from j", "bool", "i j", operator.ne),
    _even_null("t is not distinct from u", "bool", "t u", operator.eq),
    _even_null("b is true", "bool", "b", lambda b: b is True),
    _even_null("b is not false", "bool", "b", lambda b: b is not False),
    # Three values
    _on("not b", "bool", "b", operator.not_),
    _even_null("b and i > 0", "bool", "b i", lambda b, i: _and(b, None if i is None else i > 0)),
    _even_null("b or i > 0", "bool", "b i", lambda b, i: _or(b, None if i is None else i > 0)),
    _even_null("not (b or i > 0) and j > 0", "bool", "b i j", lambda b, i, j: _and(
        None if (either := _or(b, None if i is None else i > 0)) is None else not either, None if j is None else j > 0)),
    # Numbers
    _on("case when i between -1000 and 1000 then i + j * 2 - 1 end", "int", "i j", lambda i, j: _within_one(i, i + j * 2 - 1)),
    _on("case when i between -1000 and 1000 then -i - -j end", "int", "i j", lambda i, j: _within_one(i, -i + j)),
    _on("case when i between -1000 and 1000 then i * 1000000 * 1000000 end", "int", "i", lambda i: _within_one(i, i * 10**12)),
    _on("j + 1000000 * 1000000", "int", "j", lambda j: j + 10**12),
    _on("i / j", "float", "i j", _divided),
    _on("j / 2", "float", "j", lambda j: j / 2),
    _on("f / j", "float", "f j", _divided),
    _on("case when i between -1000 and 1000 then i % j end", "int", "i j", _remainder),
    _on("f + 0.1", "float", "f", lambda f: f + 0.1),
    _on("f - g", "float", "f g", operator.sub),
    _on("g * -2.5", "float", "g", lambda g: g * -2.5),
    _on("d * 2 + 0.5", "float", "d", lambda d: d * 2 + 0.5),
    _on("-f", "float", "f", operator.neg),
    _on("abs(f)", "float", "f", abs),
    _on("abs(j)", "int", "j", abs),
    _on("floor(f)", "float", "f", _whole(math.floor)),
    _on("ceil(f)", "float", "f", _whole(math.ceil)),
    _on("floor(d)", "float", "d", _whole(math.floor)),
    _on("ceil(-d)", "float", "d", lambda d: float(math.ceil(-d))),
    _on("floor(i)", "float", "i", float),
    _on("sqrt(f)", "float", "f", lambda f: math.sqrt(f) if f >= 0 else None),
    _on("sqrt(j)", "float", "j", lambda j: math.sqrt(j) if j >= 0 else None),
    # Choices
    _even_null("coalesce(i, j, 0)", "int", "i j", lambda i, j: j if i is None else i),
    _even_null("coalesce(t, 'none')", "text", "t", lambda t: "none" if t is None else t),
    _even_null("coalesce(f, i)", "float", "f i", lambda f, i: f if f is not None else i if i is None else float(i)),
    _on("nullif(i, 7)", "int", "i", lambda i: None if i == 7 else i),
    _on("nullif(t, 'EWR')", "text", "t", lambda t: None if t == "EWR" else t),
    _even_null("greatest(i, j)", "int", "i j", lambda i, j: _extreme(max, i, j)),
    _even_null("least(i, j, 3)", "int", "i j", lambda i, j: _extreme(min, i, j, 3)),
    _even_null("greatest(f, g)", "float", "f g", lambda f, g: _extreme(max, f, g)),
    _even_null("least(t, u)", "text", "t u", lambda t, u: _extreme(min, t, u)),
    _even_null("greatest(day, '2013-06-01')", "date", "day", lambda day: _extreme(max, day, date(2013, 6, 1))),
    _even_null("case when i > 0 then 'more' when i < 0 then 'less' else 'none' end", "text", "i", lambda i: (
        "none" if not i else "more" if i > 0 else "less")),
    _even_null("case when b then j end", "int", "b j", lambda b, j: j if b else None),
    # Texts
    _on("length(t)", "int", "t", len),
    _on("length(u)", "int", "u", len),
    _on("lower(t)", "text", "t", lowered),
    _on("lower(u)", "text", "u", lowered),
    _on("upper(t)", "text", "t", uppered),
    _on("upper(u)", "text", "u", uppered),
    _on("trim(t)", "text", "t", lambda t: t.strip(" ")),
    _on("trim(u)", "text", "u", lambda u: u.strip(" ")),
    _on("substring(u, 2, 3)", "text", "u", lambda u: u[1:4]),
    _on("substring(u, 2)", "text", "u", lambda u: u[1:]),
    _on("substring(t, 9, 1)", "text", "t", lambda t: t[8:9]),
    _on("t || '-' || u", "text", "t u", lambda t, u: f"{t}-{u}"),
    _on("'\\' || t", "text", "t", lambda t: "\\" + t),
    # Patterns
    _on("regexp_matches(t, '^[A-Z]+$')", "bool", "t", lambda t: re.fullmatch("[A-Z]+", t) is not None),
    _on("regexp_matches(t, '^a.b$')", "bool", "t", lambda t: re.fullmatch("a.b", t) is not None),
    _on(r"regexp_matches(t, 'a\nb')", "bool", "t", lambda t: "a\nb" in t),
    _on(r"regexp_matches(u, '\s')", "bool", "u", lambda u: re.search(r"[\t-\r ]", u) is not None),
    _on(r"regexp_matches(u, '^\W+$')", "bool", "u", lambda u: re.fullmatch("[^0-9A-Za-z_]+", u) is not None),
    _on(r"regexp_matches(u, '\\')", "bool", "u", lambda u: "\\" in u),
    _on("regexp_matches(u, '(?i)É|STR')", "bool", "u", lambda u: "É" in u or "str" in u.lower()),
    _on("regexp_matches(u, '^.$')", "bool", "u", lambda u: len(u) == 1 and u != "\n"),
    _on("regexp_matches(u, '[à-ï]{1,2}$')", "bool", "u", lambda u: re.search("[à-ï]$", u[-1:]) is not None),
    _on("regexp_matches(u, 'e$')", "bool", "u", lambda u: u.endswith("e")),
    _on("regexp_matches(t, '^(?:[a-z]|_|%){2,4}$')", "bool", "t", lambda t: re.fullmatch("[a-z_%]{2,4}", t) is not None),
    _on(r"regexp_matches(t, '[\]\[^\-~]')", "bool", "t", lambda t: re.search(r"[\]\[^\-~]", t) is not None),
    _on("regexp_matches(t, 'x*')", "bool", "t", lambda t: True),
    # Days and times
    _on("year(day)", "int", "day", lambda day: day.year),
    _on("month(day)", "int", "day", lambda day: day.month),
    _on("day(moment)", "int", "moment", lambda moment: moment.day),
    _on("hour(moment)", "int", "moment", lambda moment: moment.hour),
    _on("minute(moment)", "int", "moment", lambda moment: moment.minute),
    _on("second(moment)", "int", "moment", lambda moment: moment.second),
    _on("hour(day)", "int", "day", lambda day: 0),
    _on("hour(zoned)", "int", "zoned", lambda zoned: zoned.hour),
    _on("year(zoned)", "int", "zoned", lambda zoned: zoned.year),
    _on("extract(year from moment)", "int", "moment", lambda moment: moment.year),
    _on("extract(second from moment)", "int", "moment", lambda moment: moment.second),
    _on("epoch(moment)", "float", "moment", _epoch),
    _on("epoch(day)", "float", "day", lambda day: _epoch(_midnight(day))),
    _on("epoch(zoned)", "float", "zoned", _epoch),
    _on("(epoch(moment) - epoch(day)) / 3600 < 24", "bool", "moment day", lambda moment, day: (_epoch(moment) - _epoch(_midnight(day))) / 3600 < 24),
    # Casts
    _on("cast(i as double) / 2", "float", "i", lambda i: float(i) / 2),
    _on("cast(i as varchar)", "text", "i", str),
    _on("j::bigint + 1", "int", "j", lambda j: j + 1),
    _on("cast(moment as date)", "date", "moment", lambda moment: moment.date()),
    _on("cast(day as timestamp)", "time", "day", _midnight),
)  # fmt: skip
"""Every function and operator of ``row_sql.py``, on the columns of ``SAMPLE``."""


def _cell(value: Any) -> Any:
    """What rules see of a cell: NaN is NULL, a decimal a number, a time with a zone that of UTC without one."""
    match value:
        case float() if math.isnan(value):
            return None
        case Decimal():
            return float(value)
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).replace(tzinfo=None)
        case _:
            return value


def _declared(table: SmallTable) -> tuple[Any, ...]:
    return tuple(parse_column(name, f"{TYPES[kind]}?") for name, kind in table.columns.items() if kind in TYPES)


def in_parquet(folder: Path) -> Load:
    """What DuckDB is given of the same rows."""

    def load(table: SmallTable) -> Source:
        reference = folder / "reference"
        reference.mkdir(exist_ok=True)
        return Files((write_parquet(table, reference),))

    return load


def _checked(
    engine: Engine,
    load: Load,
    rules: Rules,
    table: SmallTable,
    other: SmallTable | None = None,
    queries: dict[str, str] | None = None,
) -> CheckReport:
    others = {} if other is None else {"other": load(msgspec.structs.replace(other, name="other"))}
    dataset = Artifact(table.name, digest_of(table.name.encode()), "table", 0, 0)
    return check(dataset, load(table), rules, engine, Beside(others, queries or {}, NOW_S), cache=_COMPILED)


class _Memory:
    """Keeps the ``Cache`` port in memory: the same queries are compiled once for all engines of a dialect."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def recall(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def remember(self, key: str, value: bytes) -> None:
        self._kept[key] = value


_COMPILED = _Memory()


def _rows_of(report: CheckReport, rules: tuple[RowRule, ...]) -> list[Any]:
    return [next(each for each in report.findings if each.rule.startswith(f"{rule.name}: ")) for rule in rules]


def _brief(row: dict[str, Any], place: int) -> str:
    cells = {name: value for name, value in row.items() if not name.startswith("e") or name == f"e{place}"}
    return ", ".join(f"{name}={value!r}" for name, value in cells.items())


def _told(report: CheckReport, cells: Held | None) -> list[Any]:
    """The findings as plain values, without the engines' own words for types and nested cells. Where every cell is shown as the
    format has it (``007``, ``1.500``), rows are told by their key, and values by how many rows have them."""
    if cells is not None:
        return [_counted(finding) for finding in report.findings]
    found = [msgspec.to_builtins(finding) for finding in report.findings]
    for finding in found:
        finding["detail"] = re.sub(r"the column holds .*, not", "the column holds another type, not", finding["detail"])
        for row in finding["sample"]:
            row.pop("list", None)
    return found


def _counted(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "passed": finding.passed,
        "severity": finding.severity,
        "failing rows": (finding.failing_rows, finding.rows),
        "sample": [str(row.get("id")) for row in finding.sample],
        "values": sorted(value.rows for value in finding.values),
        "slices": sorted((part.column, part.rows, part.of_rows) for part in finding.slices),
    }

"""Checking a dataset: one scan, and more only about what failed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine, OpenedInDuckdb
from assay.check import Beside, check
from assay.core.artifact import Artifact
from assay.core.dataset import Dialect, Files, Source
from assay.core.digest import digest_of
from assay.core.finding import CheckReport, Finding, SliceCount, ValueCount
from assay.core.ports import Engine
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import (
    Bounds,
    Fresh,
    QueryRule,
    RowRule,
    Rules,
    Terms,
    Tolerance,
    parse_column,
)
from assay.explain.findings import finding_facts

FLIGHTS = Artifact("data/flights.csv", digest_of(b"flights"), "file", 7)


class Counting:
    """DuckDB, which remembers what it was asked."""

    dialect: Dialect = "duckdb"

    def __init__(self) -> None:
        self.asked: list[str] = []

    @contextmanager
    def open(self, datasets: Mapping[str, Source]) -> Iterator[OpenedInDuckdb]:
        with DuckdbEngine().open(datasets) as opened:
            answered = opened._answered

            def remembered(query: str) -> object:
                self.asked.append(query)
                return answered(query)

            opened._answered = remembered  # type: ignore[method-assign, assignment]
            yield opened


class Memory:
    """A cache."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def recall(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def remember(self, key: str, value: bytes) -> None:
        self.kept[key] = value


def held(
    tmp_path: Path, text: str, rules: Rules, beside: Beside | None = None, engine: Engine | None = None
) -> CheckReport:
    path = tmp_path / "flights.csv"
    path.write_text(text)
    return check(FLIGHTS, Files((path,)), rules, engine or DuckdbEngine(), beside)


def broken(report: CheckReport) -> list[Finding]:
    return [finding for finding in report.findings if not finding.passed]


ROWS = "id,month,origin\n1,1,EWR\n2,2,JFK\n3,12,EWR\n"
RULES = Rules(
    columns=(
        parse_column("id", "int"),
        parse_column("month", "int 1..12"),
        parse_column("origin", "str in [EWR, JFK]"),
    ),
    unique=(("id",),),
    row_rules=(RowRule("order", "month < 13"),),
)


def test_rules_that_hold_cost_one_query_and_nothing_more(tmp_path: Path) -> None:
    engine = Counting()
    assert held(tmp_path, ROWS, RULES, engine=engine).passed
    assert len(engine.asked) == 1


def test_only_what_failed_is_asked_about(tmp_path: Path) -> None:
    engine = Counting()
    rows = ROWS + "".join(f"{n},1,BOS\n" for n in range(4, 16)) + "4,1,EWR\n"
    report = held(tmp_path, rows, RULES, engine=engine)
    assert [len(finding.sample) for finding in report.findings] == [0, 0, 10, 1, 0]
    assert report.findings[2].sample[0] == {"id": 4, "month": 1, "origin": "BOS"}
    assert len(engine.asked) == 1 + 1 + (
        2 + 2
    )  # the scan, how often the key repeats, rows and values of the set, rows and counts of the key


def test_all_that_fails_is_asked_about_at_once(tmp_path: Path) -> None:
    engine = Counting()
    names = [f"c{place}" for place in range(20)]
    rules = Rules(columns=tuple(parse_column(name, "int 1..2") for name in names))
    report = held(tmp_path, f"{','.join(names)}\n{','.join('7' for _ in names)}\n", rules, engine=engine)
    assert len(broken(report)) == 20
    assert sum("MIN(" in query for query in engine.asked) == 1


def test_compiled_queries_are_kept_and_serve_other_data_of_the_same_columns(tmp_path: Path) -> None:
    cache = Memory()
    for text in (ROWS, "id,month,origin\n1,13,EWR\n"):
        path = tmp_path / "flights.csv"
        path.write_text(text)
        report = check(FLIGHTS, Files((path,)), RULES, DuckdbEngine(), cache=cache)
    assert not report.passed
    before = dict(cache.kept)
    check(FLIGHTS, Files((path,)), RULES, DuckdbEngine(), cache=cache)
    assert cache.kept == before
    assert all(key.startswith("check/") for key in before)


def test_a_cache_that_holds_rubbish_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(ROWS)
    cache = Memory()
    check(FLIGHTS, Files((path,)), RULES, DuckdbEngine(), cache=cache)
    cache.kept = dict.fromkeys(cache.kept, b"rubbish")
    assert check(FLIGHTS, Files((path,)), RULES, DuckdbEngine(), cache=cache).passed


def test_values_that_are_not_in_the_set_are_told_the_most_frequent_first(tmp_path: Path) -> None:
    cells = ["BOS", "PHL", "PHL", "ü", "ü", "ü", 'x ""y""']
    text = "origin\n" + "".join(f'"{cell}"\n' for cell in cells)
    (finding,) = held(tmp_path, text, Rules(columns=(parse_column("origin", "str in [EWR, JFK]"),))).findings
    assert finding.detail == '7 of 7 rows (100 %) not in [EWR, JFK]: "ü", "PHL", "BOS", …'
    assert finding.values[:2] == (ValueCount("ü", 3), ValueCount("PHL", 2))


def test_failures_are_counted_by_slice(tmp_path: Path) -> None:
    rules = Rules(columns=(parse_column("month", "int 1..12"),), slices=("origin", "absent"))
    text = "month,origin\n13,EWR\n14,EWR\n15,JFK\n1,JFK\n16,\n"
    finding = held(tmp_path, text, rules).findings[0]
    assert finding.slices == (
        SliceCount("origin", "EWR", 2, 2),
        SliceCount("origin", "JFK", 1, 2),
        SliceCount("origin", None, 1, 1),
    )


@pytest.mark.parametrize("name", ["n", "file_row_number", "File_Index"])
def test_failing_rows_of_several_files_come_in_the_order_of_the_data(tmp_path: Path, name: str) -> None:
    for part, start in (("b", 100_000), ("a", 0), ("c", 200_000)):
        rows = f'SELECT {start} + range AS id, range AS "{name}" FROM range(100_000)'
        duckdb.execute(f"COPY ({rows}) TO '{tmp_path / part}.parquet' (ROW_GROUP_SIZE 5000)")
    files = Files(tuple(tmp_path / f"{part}.parquet" for part in "abc"))
    columns = (parse_column("id", "int"), parse_column(name, "int >= 2"))
    rules = Rules(columns=columns, row_rules=(RowRule("few", "id % 40000 <> 1"),))
    early, few = ([row["id"] for row in each.sample] for each in broken(check(FLIGHTS, files, rules, DuckdbEngine())))
    assert early == [0, 1, 100_000, 100_001, 200_000, 200_001]
    assert few == [1, 40_001, 80_001, 120_001, 160_001, 200_001, 240_001, 280_001]


@pytest.mark.parametrize("key", ["none", "whole", "repeated"])
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_first_ten_are_the_same_however_many_fail(tmp_path: Path, ending: str, key: str) -> None:
    """By the data, or by a key that falls as the data rise; whatever is known that helps to find them."""
    for part, start in (("a", 0), ("b", 50_000)):
        rows = f"SELECT {start} + range AS id, -id AS whole, -(id // 2) AS repeated FROM range(50_000)"
        options = ", ROW_GROUP_SIZE 5000" if ending == "parquet" else ""
        duckdb.execute(f"COPY ({rows}) TO '{tmp_path / part}.{ending}' (FORMAT {ending}{options})")
    files = Files(tuple(tmp_path / f"{part}.{ending}" for part in "ab"))
    every = (3, 7, 3_000, 3_300, 3_400, 4_000, 9_000, 60_000)
    rules = Rules(
        columns=(parse_column("id", "int"), parse_column("whole", "int"), parse_column("repeated", "int")),
        row_rules=tuple(RowRule(f"every {step}", f"id % {step} <> 1") for step in every),
        unique=() if key == "none" else ((key,),),
        terms=(Terms("key repeated", allow=Tolerance(rows=50_000)),),
    )
    found = broken(check(FLIGHTS, files, rules, DuckdbEngine()))
    order = {"none": lambda id_: id_, "whole": lambda id_: -id_, "repeated": lambda id_: (-(id_ // 2), id_)}[key]
    for step, finding in zip(every, found, strict=True):
        expected = sorted((id_ for id_ in range(100_000) if id_ % step == 1), key=order)
        assert [row["id"] for row in finding.sample] == expected[:10]
        assert finding.failing_rows == len(expected)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl", "arrow"])
def test_of_several_files_it_is_told_in_which_rows_fail(tmp_path: Path, ending: str) -> None:
    paths = []
    for name, months in (("a/it's [1]", "1, 2"), ("b/two*", "13, 3, 14"), ("b/three", "15")):
        paths.append(tmp_path / f"{name}.{ending}")
        paths[-1].parent.mkdir(exist_ok=True)
        rows = duckdb.sql(f"SELECT unnest([{months}]) AS month")
        where = str(paths[-1]).replace("'", "''")
        match ending:
            case "arrow":
                table = rows.to_arrow_table()
                with pa.ipc.new_file(str(paths[-1]), table.schema) as writer:
                    writer.write_table(table)
            case "jsonl":
                duckdb.execute(f"COPY (SELECT unnest([{months}]) AS month) TO '{where}' (FORMAT json)")
            case _:
                duckdb.execute(f"COPY (SELECT unnest([{months}]) AS month) TO '{where}'")
    rules = Rules(columns=(parse_column("month", "int 1..12"),))
    (finding,) = broken(check(FLIGHTS, Files(tuple(paths)), rules, DuckdbEngine()))
    expected = (SliceCount("file", f"b/two*.{ending}", 2, 3), SliceCount("file", f"b/three.{ending}", 1, 1))
    assert finding.slices == expected


def test_a_column_that_is_called_file_is_only_a_column(tmp_path: Path) -> None:
    for place in "ab":
        (tmp_path / f"{place}.csv").write_text("file,filename,n\nx,y,1\nz,y,2\n")
    rules = Rules(
        columns=tuple(map(parse_column, ("file", "filename", "n"), ("str", "str", "int 1..1"))), slices=("file",)
    )
    (finding,) = broken(check(FLIGHTS, Files((tmp_path / "a.csv", tmp_path / "b.csv")), rules, DuckdbEngine()))
    assert finding.slices == (SliceCount("file", "z", 2, 2),)


def test_a_column_of_another_type_needs_no_sample(tmp_path: Path) -> None:
    path = tmp_path / "flights.parquet"
    import duckdb

    duckdb.sql(f"COPY (SELECT 'x' AS month) TO '{path}'")
    (finding,) = check(FLIGHTS, Files((path,)), Rules(columns=(parse_column("month", "int"),)), DuckdbEngine()).findings
    assert finding.detail == "the column holds VARCHAR, not int"
    assert finding.sample == ()


# Sets from another dataset


def test_a_set_may_come_from_another_dataset(tmp_path: Path) -> None:
    others = tmp_path / "airlines.csv"
    others.write_text("carrier,name\nAA,American\nUA,United\n,none\n")
    rules = Rules(columns=(parse_column("carrier", "str? in airlines.csv:carrier"),))
    beside = Beside({"airlines.csv": Files((others,))})
    report = held(tmp_path, "carrier,k\nAA,1\nZZ,1\nZZ,1\n,1\n", rules, beside)
    assert broken(report)[0].detail == '2 of 4 rows (50 %) not in airlines.csv:carrier: "ZZ"'
    assert [row["carrier"] for row in broken(report)[0].sample] == ["ZZ", "ZZ"]


def test_members_are_compared_as_the_rules_type(tmp_path: Path) -> None:
    others = tmp_path / "ids.csv"
    others.write_text("id\n007\n8.0\n")
    rules = Rules(columns=(parse_column("id", "int in ids.csv:id"),))
    beside = Beside({"ids.csv": Files((others,))})
    assert held(tmp_path, "id\n7\n8\n", rules, beside).passed


def test_a_member_column_that_is_not_there_names_the_near_miss(tmp_path: Path) -> None:
    others = tmp_path / "airlines.csv"
    others.write_text("carrier\nAA\n")
    rules = Rules(columns=(parse_column("carrier", "str in airlines.csv:carier"),))
    (finding,) = broken(held(tmp_path, "carrier\nAA\n", rules, Beside({"airlines.csv": Files((others,))})))
    told = "it cannot be counted: airlines.csv has no column `carier`; did you mean airlines.csv:carrier?"
    assert finding.detail == told


def test_a_rule_that_cannot_be_counted_hides_no_other(tmp_path: Path) -> None:
    for name in ("known", "empty"):
        (tmp_path / f"{name}.csv").write_text("carrier\n" + ("AA\n" if name == "known" else ""))
    beside = Beside({f"{name}.csv": Files((tmp_path / f"{name}.csv",)) for name in ("known", "empty")})
    columns = (
        parse_column("carrier", "str in known.csv:nope"),
        parse_column("other", "str in empty.csv:carrier"),
        parse_column("third", "str in known.csv:carrier"),
        parse_column("n", "int 1..2"),
    )
    rules = Rules(columns=columns, row_rules=(RowRule("low", "n < 5"), RowRule("odd", "nope = 1")), unique=(("n",),))
    report = held(tmp_path, "carrier,other,third,n\nAA,B,AA,9\nAA,B,AA,9\n", rules, beside)
    assert {finding.rule.partition(":")[0]: finding.failing_rows for finding in broken(report)} == {
        "carrier": 0,
        "other": 2,
        "n": 2,
        "unique": 1,
        "low": 2,
        "odd": 0,
    }


def test_a_column_that_cannot_be_asked_is_still_read_as_its_type(tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text("x\n")
    beside = Beside({"known.csv": Files((tmp_path / "known.csv",))})
    rules = Rules(
        columns=(parse_column("a", "int in known.csv:nope"),),
        row_rules=(RowRule("big", "a < 8"),),
        unique=(("a",),),
    )
    found = {
        each.rule.partition(":")[0]: each.detail for each in broken(held(tmp_path, "a\n7\n007\n8\n", rules, beside))
    }
    assert found["a"].startswith("it cannot be counted: ")
    assert found["unique"] == "a is not unique: 1 row repeats an earlier key"
    assert found["big"] == "1 of 3 rows (33.3 %) break it"


def test_one_rule_that_cannot_be_asked_costs_few_queries(tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(32)]
    text = f"{','.join(names)}\n{','.join('4000000000' for _ in names)}\n"
    engine = Counting()
    rules = Rules(
        columns=tuple(parse_column(name, "int 0..") for name in names),
        row_rules=(*(RowRule(name, f"{name} > 4") for name in names), RowRule("far", "c0 * c0 > 0")),
    )
    (finding,) = broken(held(tmp_path, text, rules, engine=engine))
    assert finding.rule.startswith("far: ")
    assert len(engine.asked) < 20


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_row_that_stands_twice_is_found_in_a_table_of_very_many_columns(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"wide.{ending}"
    cells = ", ".join(f"'text ' || (range * {place + 7} % 1000) AS c{place}" for place in range(600))
    once = f"SELECT range AS id, {cells} FROM range(40)"
    duckdb.execute(f"COPY ({once} UNION ALL FROM ({once} LIMIT 5)) TO '{path}' (FORMAT {ending})")
    for rules in (Rules(distinct_rows=True), Rules(unique=(("id",),))):
        (finding,) = broken(check(FLIGHTS, Files((path,)), rules, DuckdbEngine()))
        assert finding.failing_rows == 5
        assert sorted(int(row["id"]) for row in finding.sample) == [0, 1, 2, 3, 4]


class LittleMemory(Counting):
    """DuckDB, in which certain queries do not fit into memory."""

    def __init__(self, *parts: str) -> None:
        super().__init__()
        self.parts = parts

    @contextmanager
    def open(self, datasets: Mapping[str, Source]) -> Iterator[OpenedInDuckdb]:
        with super().open(datasets) as opened:
            answered = opened._answered

            def refused(query: str) -> object:
                if any(part in query for part in self.parts):
                    raise EvidenceError(Problem("out-of-memory", "it does not fit", (), "take less"))
                return answered(query)

            opened._answered = refused  # type: ignore[method-assign, assignment]
            yield opened


@pytest.mark.parametrize("part", ["LIMIT 10", "AS number", "all_rows"])
def test_what_does_not_fit_into_memory_beside_a_finding_costs_no_finding(tmp_path: Path, part: str) -> None:
    rules = Rules(columns=(parse_column("month", "int 1..12"), parse_column("origin", "str")), slices=("origin",))
    text = "month,origin\n13,EWR\n1,JFK\n"
    (finding,) = broken(held(tmp_path, text, rules, engine=LittleMemory(part)))
    assert finding.failing_rows == 1
    assert finding.detail.endswith(
        "outside 1..12: up to 13; more of it cannot be told here: it does not fit into the memory that checks may use"
    )


@pytest.mark.parametrize("rows", [30, 100_000])
def test_keys_of_another_type_are_in_their_own_order(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "half.parquet"
    duckdb.execute(f"COPY (SELECT range + .5 AS k, range AS id FROM range({rows}) ORDER BY range DESC) TO '{path}'")
    rules = Rules(columns=(parse_column("k", "int"), parse_column("id", "int < 0")), unique=(("k",),))
    found = broken(check(FLIGHTS, Files((path,)), rules, DuckdbEngine()))
    assert [[row["id"] for row in finding.sample] for finding in found] == [list(range(10))] * 2


# Conditions


def test_conditions_read_undeclared_texts_as_what_all_their_values_are(tmp_path: Path) -> None:
    rules = Rules(row_rules=(RowRule("later", "arr >= dep"),))
    assert held(tmp_path, "dep,arr\n9,10\n100,101\n", rules).passed
    (finding,) = broken(held(tmp_path, "dep,arr\n9,10\n100,99\n", rules))
    assert (finding.rule, finding.detail) == ("later: arr >= dep", "1 of 2 rows (50 %) break it")
    assert finding.sample == ({"dep": "100", "arr": "99"},)


def test_null_passes_a_condition(tmp_path: Path) -> None:
    assert held(tmp_path, "a,b\n1,\n,2\n1,1\n", Rules(row_rules=(RowRule("r", "a = b"),))).passed


def test_a_condition_may_be_asked_of_some_rows_only(tmp_path: Path) -> None:
    rules = Rules(row_rules=(RowRule("r", "tail is not null", given="dep > 0"),))
    (finding,) = broken(held(tmp_path, "dep,tail\n1,x\n0,\n,\n2,\n", rules))
    assert (finding.failing_rows, finding.rule) == (1, "r: {if: dep > 0, then: tail is not null}")


def test_some_rows_may_break_a_condition_and_a_warning_stops_nothing(tmp_path: Path) -> None:
    text = "a\n1\n2\n3\n4\n"
    rules = Rules(row_rules=(RowRule("r", "a < 4", allow=Tolerance(1)), RowRule("w", "a < 3", severity="warn")))
    report = held(tmp_path, text, rules)
    assert report.passed
    assert [finding.passed for finding in report.findings] == [True, False]


def test_a_condition_that_leaves_64_bits_is_a_finding_and_hides_no_other(tmp_path: Path) -> None:
    rules = Rules(
        columns=(parse_column("a", "int"),),
        row_rules=(RowRule("big", "a * a > 0"), RowRule("small", "a < 5"), RowRule("fine", "a > 0")),
    )
    report = held(tmp_path, "a\n4000000000\n1\n", rules)
    found = {finding.rule: finding.detail for finding in broken(report)}
    assert found["big: a * a > 0"].startswith("it cannot be computed: ")
    assert found["small: a < 5"] == "1 of 2 rows (50 %) break it"
    assert len(found) == 2


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("carrier > 3", "in `carrier > 3` `carrier` is a text and `3` is a whole number"),
        ("carier = 'AA'", "the rule r speaks of a column that is not there: `carier`; did you mean `carrier`?"),
        ("carrier % 2 = 0", "`carrier` is a text where a number is asked"),
    ],
)
def test_a_condition_that_the_columns_do_not_allow_is_a_finding(tmp_path: Path, condition: str, why: str) -> None:
    rules = Rules(columns=(parse_column("carrier", "str in [UA]"),), row_rules=(RowRule("r", condition),))
    found = broken(held(tmp_path, "carrier\nAA\n", rules))
    assert [finding.detail for finding in found][1] == f"it cannot be computed: {why}"


# The whole dataset


@pytest.mark.parametrize(
    ("age_days", "told"),
    [
        (1.9, ""),
        (2.1, ": 2.1 days old"),
        (-0.9, ""),
        (-1.1, ", which is still to come: how old the others are cannot be told"),
    ],
)
def test_the_newest_row_must_be_young_enough(tmp_path: Path, age_days: float, told: str) -> None:
    rules = Rules(fresh=(Fresh("t", 2 * 86400.0, "2 days"),))
    now_s = 1357016400 + age_days * 86400  # after 2013-01-01T05:00:00Z
    report = held(tmp_path, "t\n2013-01-01T05:00:00Z\n2012-12-01\n", rules, Beside(now_s=now_s))
    assert report.findings[0].rule == "fresh: {t: 2 days}"
    assert report.passed == (not told)
    assert report.findings[0].detail == (f"the newest t is 2013-01-01 05:00:00{told}" if told else "")


def test_no_row_stands_twice(tmp_path: Path) -> None:
    rules = Rules(distinct_rows=True)
    assert held(tmp_path, "a,b\n1,2\n1,3\n", rules).passed
    (finding,) = broken(held(tmp_path, "a,b\n1,2\n1,3\n1,2\n1,2\n", rules))
    assert finding.detail == "2 rows are equal to an earlier one in every column"
    assert finding.sample == ({"a": "1", "b": "2"},) * 2


def test_a_unique_column_may_hold_null_twice(tmp_path: Path) -> None:
    rules = Rules(columns=(parse_column("a", "int? unique"),))
    assert held(tmp_path, "a,b\n1,x\n,x\n,x\n2,x\n", rules).passed
    (finding,) = [f for f in broken(held(tmp_path, "a,b\n1,x\n1,y\n2,x\n", rules)) if f.severity == "error"]
    assert finding.detail == "1 of 3 rows (33.3 %) repeat an earlier value"
    assert finding.sample == ({"a": 1, "b": "y"},)
    assert [(each.key, each.rows) for each in finding.keys] == [((1,), 2)]


def test_keys_that_repeat_are_told_with_how_often_the_most_frequent_first(tmp_path: Path) -> None:
    rows = "a,b\n1,x\n1,x\n2,y\n2,y\n2,y\n3,z\n" + "".join(f"{n},w\n{n},w\n" for n in range(10, 30))
    (finding,) = broken(held(tmp_path, rows, Rules(unique=(("a", "b"),))))
    assert len(finding.keys) == 10
    assert [(each.key, each.rows) for each in finding.keys[:2]] == [(("2", "y"), 3), (("1", "x"), 2)]
    told = dict(finding_facts(finding, 2))
    assert told["keys"] == "(2, y) stands 3 times, (1, x) stands 2 times, other keys repeat in 20 rows"


@pytest.mark.parametrize(
    ("allow", "told"),
    [
        ("3 rows", ["2 of 6 rows (33.3 %) outside 1..5: up to 9", "3 of 6 rows (50 %) repeat an earlier value"]),
        ("4 rows", []),
        ("66%", ["2 of 6 rows (33.3 %) outside 1..5: up to 9", "3 of 6 rows (50 %) repeat an earlier value"]),
        ("67%", []),
    ],
)
def test_a_row_that_repeats_and_is_out_of_range_is_allowed_once(tmp_path: Path, allow: str, told: list[str]) -> None:
    """Two repeat 1, and two are 9, of which one repeats the other: four rows."""
    rules = Rules(columns=(parse_column("a", f"int 1..5 unique, allow {allow}"), parse_column("b", "int")))
    report = held(tmp_path, "a,b\n1,1\n1,2\n1,3\n9,4\n9,5\n5,6\n", rules)
    assert [finding.detail for finding in broken(report)] == told
    assert report.findings[0].failing_rows == (2 if told else 4)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("int mean 3..4", ""),
        ("int mean 4..", "mean 3.5, not 4.."),
        ("int stddev < 1.8", "stddev 1.87083, not < 1.8"),
        ("int median <= 3", ""),
        ("int median < 3", "p50: 4 of 6 rows (66.7 %) are not below 3, 50 % may be"),
        ("int p50 >= 3", ""),
        ("int p50 > 3", "p50: 3 of 6 rows (50 %) are not above 3, less than 50 % may be"),
        ("int p90 <= 5", "p90: 1 of 6 rows (16.7 %) are above 5, 10 % may be"),
        ("int p90 <= 6", ""),
    ],
)
def test_means_deviations_and_quantiles(tmp_path: Path, line: str, detail: str) -> None:
    (finding,) = held(tmp_path, "a\n1\n2\n3\n4\n5\n6\n", Rules(columns=(parse_column("a", line),))).findings
    assert (finding.passed, finding.detail) == (not detail, detail)


@pytest.mark.parametrize("cell", ["inf", "-inf", "1e300"])
def test_a_deviation_that_is_no_number_fails_and_stops_nothing_else(tmp_path: Path, cell: str) -> None:
    rules = Rules(columns=(parse_column("a", "float stddev < 5"), parse_column("b", "int 1..2")))
    report = held(tmp_path, f"a,b\n1,1\n{cell},3\n2,1\n", rules)
    assert next(finding.detail for finding in broken(report)) == "stddev inf, not < 5"
    assert len(broken(report)) == 2


def test_a_day_that_no_calendar_has_is_not_fresh(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    import duckdb

    duckdb.sql(f"COPY (SELECT TIMESTAMP '290000-01-01 00:00:00' AS t) TO '{path}'")
    (finding,) = check(
        FLIGHTS, Files((path,)), Rules(fresh=(Fresh("t", 60.0),)), DuckdbEngine(), Beside(now_s=1e9)
    ).findings
    assert (finding.passed, finding.detail) == (
        False,
        "the newest t is 290000-01-01 00:00:00, which is no day that can be",
    )


def test_of_a_column_without_values_means_and_quantiles_say_nothing(tmp_path: Path) -> None:
    rules = Rules(columns=(parse_column("a", "int? mean 1..2 stddev 1..2 p50 1..2"),))
    assert held(tmp_path, "a,b\n,1\n", rules).findings[0].passed


# Queries of the user's own


def test_the_users_own_query_returns_what_fails(tmp_path: Path) -> None:
    rules = Rules(
        columns=(parse_column("delay", "int"),),
        queries=(QueryRule("late", "checks/late.sql"), QueryRule("none", "checks/none.sql")),
    )
    queries = {
        "checks/late.sql": "-- too late\nSELECT carrier, max(delay) AS worst FROM data GROUP BY carrier HAVING max(delay) > 5;\n",
        "checks/none.sql": "WITH x AS (SELECT * FROM data) SELECT * FROM x WHERE false -- nothing",
    }
    report = held(tmp_path, "carrier,delay\nAA,9\nUA,1\n", rules, Beside(queries=queries))
    (finding,) = [f for f in broken(report) if f.severity == "error"]
    assert (finding.rule, finding.failing_rows) == ("late: {sql: checks/late.sql}", 1)
    assert finding.sample == ({"carrier": "AA", "worst": 9},)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "DROP VIEW source",
        "SELECT 1) AS x; DROP VIEW source; --",
        "COPY data TO '/tmp/x'",
    ],
)
def test_a_query_reads_its_dataset_and_nothing_else(tmp_path: Path, text: str) -> None:
    rules = Rules(queries=(QueryRule("q", "q.sql"),))
    with pytest.raises(EvidenceError) as caught:
        held(tmp_path, "a\n1\n", rules, Beside(queries={"q.sql": text}))
    assert caught.value.problem.code == "bad-query"
    assert caught.value.problem.place is not None
    assert caught.value.problem.place.file == "q.sql"


def test_a_query_that_the_engine_does_not_take_is_a_finding_and_hides_no_other(tmp_path: Path) -> None:
    rules = Rules(queries=(QueryRule("q", "q.sql"),), rows=Bounds(2, None))
    count, query = broken(held(tmp_path, "a\n1\n", rules, Beside(queries={"q.sql": "SELECT b FROM data;\n-- done"})))
    assert count.rule == "rows: 2.."
    assert query.detail.startswith("q.sql cannot be answered: Binder Error")
    assert '"b"' in query.detail


@pytest.mark.parametrize("name", ["a0", "JSON", "Parquet", "CSV"])
def test_a_query_that_fails_on_its_rows_is_a_finding_whatever_the_data_says(tmp_path: Path, name: str) -> None:
    rules = Rules(columns=(parse_column("n", "str"),), queries=(QueryRule("q", "q.sql"),))
    for text in ("SELECT CAST(n AS INT) AS m FROM data", "SELECT n FROM data WHERE CAST(n AS INT) > 3"):
        (finding,) = broken(held(tmp_path, f"n\n{name}\n", rules, Beside(queries={"q.sql": text})))
        assert finding.rule.startswith("q: ")
        assert name in finding.detail


def test_a_query_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, path = Memory(), tmp_path / "flights.csv"
    path.write_text("a\n1\n")
    rules, beside = (
        Rules(queries=(QueryRule("q", "q.sql"),)),
        Beside(queries={"q.sql": "SELECT * FROM data WHERE a = '2'"}),
    )
    check(FLIGHTS, Files((path,)), rules, DuckdbEngine(), beside, cache=cache)
    monkeypatch.setattr("assay.core.rules.query_sql.read_query", None)
    assert check(FLIGHTS, Files((path,)), rules, DuckdbEngine(), beside, cache=cache).rows == 1


# Serving


def test_columns_of_training_may_be_absent_when_serving(tmp_path: Path) -> None:
    rules = Rules(columns=(parse_column("a", "int"), parse_column("late", "bool")), train_only=("late",))
    assert not held(tmp_path, "a\n1\n", rules).passed
    import msgspec

    serving = msgspec.structs.replace(rules, environment="serve")
    assert held(tmp_path, "a\n1\n", serving).passed
    (told,) = broken(held(tmp_path, "a,late\n1,true\n", serving))
    assert (told.severity, told.detail) == ("warn", "[late] is there, though serving")


def test_a_column_that_can_fail_in_one_way_is_not_counted_twice(tmp_path: Path) -> None:
    """The scan says how many rows fail, NULL beside them, and so which way it is."""
    engine = Counting()
    rules = Rules(columns=(parse_column("origin", "str len 3"), parse_column("month", "int")))
    report = held(tmp_path, "origin,month\nEWR,1\n,1\nBOSTON,1\n", rules, engine=engine)
    assert [(each.failing_rows, each.detail.partition(" of 3 rows")[0]) for each in broken(report)] == [
        (1, "1"),
        (1, "1"),
    ]
    assert len(engine.asked) == 1 + 1 + 2  # the scan, the row that is NULL, rows and values of the wrong length


@pytest.mark.parametrize("line", ["int unique", "int"])
def test_a_key_tells_values_apart_as_its_columns_line_reads_them(tmp_path: Path, line: str) -> None:
    text = "id,n\n1,1\n1.0,1\n01,1\nx,1\ny,1\nx,1\n"
    rules = Rules(columns=(parse_column("id", line),), unique=(("id",),))
    findings = {finding.rule: finding for finding in held(tmp_path, text, rules).findings}
    assert findings["unique: [id]"].failing_rows == 3
    assert [row["id"] for row in findings["unique: [id]"].sample] == [1, "1.0", "x"]


def test_null_is_in_every_set_also_in_one_of_another_dataset_that_is_empty(tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text("c\n")
    rules = Rules(columns=(parse_column("id", "int"), parse_column("c", "str? in known.csv:c")))
    report = held(tmp_path, "id,c\n1,\n2,AA\n", rules, Beside({"known.csv": Files((tmp_path / "known.csv",))}))
    (finding,) = broken(report)
    assert finding.failing_rows == 1
    assert finding.values == (ValueCount("AA", 1),)


def test_a_cell_of_a_csv_is_what_its_line_reads_where_the_text_plainly_spells_that(tmp_path: Path) -> None:
    lines = {"n": "int", "x": "float", "b": "bool", "t": "str"}
    rules = Rules(columns=tuple(parse_column(name, line) for name, line in lines.items()), distinct_rows=True)
    text = "n,x,b,t,u\n6000,2.50,true,5,5\n6000,2.50,true,5,5\n007,1_0,T,6,6\n007,1_0,T,6,6\n"
    found = held(tmp_path, text, rules).findings
    (repeats,) = [finding.sample for finding in found if finding.rule.startswith("distinct_rows")]
    assert sorted(repeats, key=lambda row: row["t"]) == [
        {"n": 6000, "x": 2.5, "b": True, "t": "5", "u": "5"},
        {"n": "007", "x": "1_0", "b": "T", "t": "6", "u": "6"},
    ]


@pytest.mark.parametrize(
    ("condition", "fix"),
    [
        ('b = "Queens"', "text stands in single quotes: 'Queens'"),
        ('"b" = "bb"', "text stands in single quotes: 'bb'; or did you mean the column `b`?"),
        ("bb = 1", "did you mean `b`?"),
        ("Queens = 1", 'a column whose name is no plain word stands in quotes: "a b"'),
    ],
)
def test_a_name_that_no_column_has_is_told_what_was_meant(tmp_path: Path, condition: str, fix: str) -> None:
    rules = Rules(row_rules=(RowRule("zone", condition),))
    (finding,) = broken(held(tmp_path, "a,b\n1,x\n", rules))
    assert finding.detail.endswith(f"; {fix}")


def test_a_quantile_is_asked_for_only_where_it_is_broken(tmp_path: Path) -> None:
    engine = Counting()
    rules = Rules(columns=(parse_column("a", "int 0..9 p95 <= 9"), parse_column("b", "str")))
    held(tmp_path, "a,b\n1,x\n10,y\n", rules, engine=engine)
    assert any("quantile_disc" in query.lower() for query in engine.asked)
    engine = Counting()
    held(tmp_path, "a,b\n-1,x\n1,y\n", rules, engine=engine)
    assert not any("quantile_disc" in query.lower() for query in engine.asked)

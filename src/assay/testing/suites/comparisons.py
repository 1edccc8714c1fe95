"""What engines keep where rules hold rows against other rows: drift, a label given away, rows of another dataset, rows that stand twice.

The same rules on the same rows give what DuckDB finds on a Parquet file: findings, measures, edges and counts, all of them equal. What
is computed of counts is computed here, whatever counted; what an engine computes itself and may round in a way of its own is said where
it is asked.
"""

# ruff: noqa: DTZ001 -- times without a zone are what is asked about
# ruff: noqa: S311 -- chance makes up rows, and no secret
import math
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

from assay.check import Beside, check
from assay.check.counting import Counting
from assay.check.drift.profile import unpack_profile
from assay.check.drift_asked import Batching, Since
from assay.check.drifting import Drifted, drift
from assay.check.questions import SOURCE
from assay.core.artifact import Artifact
from assay.core.dataset import Source
from assay.core.digest import digest_of
from assay.core.finding import CheckReport, Finding
from assay.core.ports import Engine
from assay.core.problem import EvidenceError
from assay.core.rules import DriftRule, Leakage, Rules, parse_column
from assay.plugins import adapter
from assay.testing.small_tables import SAMPLE, Kind, SmallTable
from assay.testing.suites.engines import Load, in_parquet

Held: TypeAlias = Callable[..., CheckReport]
Drifting: TypeAlias = Callable[..., Drifted]
DAY_S = 86_400.0
WEEK = DriftRule("before", batch_s=DAY_S, window_s=7 * DAY_S, time="moment", ignore=("id",))


class ComparisonContract:
    """Override ``engine`` and ``load``, as for ``EngineContract``; for engines whose columns have types."""

    @pytest.fixture
    def engine(self) -> Engine:
        """The engine under test."""
        raise NotImplementedError("override the fixture `engine`")

    @pytest.fixture
    def load(self) -> Load:
        """How small tables come into it."""
        raise NotImplementedError("override the fixture `load`")

    @pytest.fixture
    def held(self, engine: Engine, load: Load, tmp_path: Path) -> Held:
        """Holds the engine's findings against those of DuckDB on the same rows; gives back what was found."""

        def compare(rules: Rules, table: SmallTable, other: SmallTable | None = None) -> CheckReport:
            here = _checked(engine, load, rules, table, other)
            there = _checked(adapter("engines", "duckdb")(), in_parquet(tmp_path), rules, table, other)
            assert _told(here) == _told(there)
            return here

        return compare

    @pytest.fixture
    def drifted(self, engine: Engine, load: Load, tmp_path: Path) -> Drifting:
        """The same of a drift rule, by the profile that the other engine made of the reference; and by its rows, where that is said."""

        def compare(rule: DriftRule, before: SmallTable, now: SmallTable, *, by_rows: bool = False) -> Drifted:
            here = _Drifting(engine, rule, load(_named(before, "before")), load(now))
            there = _of_duckdb(tmp_path, rule, before, now)
            profiles = here.of_before(), there.of_before()
            assert _counts(profiles[0]) == _counts(profiles[1])
            mine, theirs = here.since_profile(profiles[1]), there.since_profile(profiles[0])
            _assert_same(mine, theirs)
            if by_rows:
                _assert_same(here.since_rows(), theirs)
            return mine

        return compare

    # Drift

    def test_columns_that_drift_are_told_alike(self, drifted: Drifting) -> None:
        found = drifted(WEEK, journeys(40), journeys(14, seed=2, late=6, new="é'\\Z"))
        assert found.report is not None
        states = {column.column: column.state for column in found.report.columns}
        assert {name for name, state in states.items() if state == "drifted"} >= {"delay", "carrier", "gate"}
        assert "day" not in states
        assert [finding.passed for finding in found.findings][-1]

    def test_what_has_not_moved_is_ok_alike(self, drifted: Drifting) -> None:
        before, now = (_only(each, "moment", "gate", "count", "kept") for each in (journeys(40), journeys(14, seed=3)))
        found = drifted(WEEK, before, now, by_rows=True)
        assert found.report is not None
        assert found.report.drifted == ()

    def test_batches_are_counted_by_any_kind_of_time(self, drifted: Drifting) -> None:
        for rule in (
            DriftRule("before", batch_s=DAY_S, time="day"),
            DriftRule("before", batch_s=7 * 3600.0, window_s=DAY_S, time="zoned"),
        ):
            before, now = (
                _only(each, rule.time, "gate", "wide") for each in (journeys(30), journeys(5, seed=4, late=9))
            )
            found = drifted(rule, before, now)
            assert found.report is not None
            assert found.report.state == "drifted"

    def test_context_and_columns_of_one_side_are_told_alike(self, drifted: Drifting) -> None:
        rule = msgspec.structs.replace(WEEK, context=("carrier",), ignore=("id", "gate"))
        before, now = journeys(30), journeys(14, seed=2, new="ZZ")
        found = drifted(rule, before, _renamed(_retyped(now, "count", "text", str), late="later"))
        detail = found.findings[-1].detail
        assert "; context: carrier;" in detail
        for said in (
            *(
                "only in the reference: late",
                "not in the reference: later",
                "another type than in the reference: count",
            ),
        ):
            assert said in detail

    def test_the_classifier_is_given_the_same_rows(self, drifted: Drifting) -> None:
        names = ("moment", "carrier", "delay", "late", "price")
        before, now = (_only(each, *names) for each in (journeys(30), journeys(14, seed=2, late=6, new="ZZ")))
        found = drifted(msgspec.structs.replace(WEEK, classifier=True), before, now)
        assert found.report is not None
        assert found.report.separation is not None
        assert found.report.separation.auc > 0.7

    def test_of_rows_that_are_equal_the_sample_has_their_share(self, engine: Engine, load: Load) -> None:
        day, words = date(2024, 1, 1), {"few": 200, "some": 1_000, "many": 2_800}
        rows = tuple((number, day, word) for word, times in words.items() for number in range(times))
        with engine.open(
            {SOURCE: load(SmallTable({"id": "int", "day": "date", "word": "text"}, rows, "equal"))}
        ) as opened:
            time = next(column for column in opened.columns[SOURCE] if column.name == "day")
            counting = Counting(opened, engine.dialect, {"word": "str"}, Batching(time, DAY_S))
            drawn = [counting.sample(("word",), 400, len(rows)) for _ in range(2)]
        assert drawn[0] == drawn[1]
        assert 320 <= len(drawn[0]) <= 480
        for word, times in words.items():
            assert abs(sum(row[1] == word for row in drawn[0]) - times / 10) <= 4 * math.sqrt(times / 10), word

    def test_too_few_batches_no_rows_and_no_columns_are_told_alike(self, drifted: Drifting) -> None:
        before, now = (_only(each, "moment", "carrier") for each in (journeys(20), journeys(14, seed=2)))
        rule = msgspec.structs.replace(WEEK, ignore=())
        assert drifted(rule, before, now).findings[0].detail.startswith("not enough reference: 20 batches")
        none = msgspec.structs.replace(now, rows=())
        assert drifted(rule, before, none).findings[0].detail == "no reference yet: the dataset has no rows"
        nothing = drifted(msgspec.structs.replace(rule, ignore=("carrier",)), before, now)
        assert [finding.passed for finding in nothing.findings] == [True]

    def test_many_values_have_the_same_edges(self, drifted: Drifting) -> None:
        """More than have a bin of their own, and whole numbers that no double holds."""
        draw = random.Random(7)

        def table(days: int, more: int) -> SmallTable:
            rows = []
            for place in range(days * 40):
                key = 2**53 + draw.randrange(700) + more
                word = f"w{int(draw.expovariate(1 / 150)) + more:04}"
                rows.append((_moment(place / 40), key, round(draw.gauss(0, 50) + more, 1), word))
            return SmallTable({"moment": "time", "key": "int", "real": "float", "word": "text"}, tuple(rows))

        before, now = table(30, 0), table(10, 200)
        found = drifted(WEEK, before, now)
        assert len(found.report.drifted if found.report else ()) == 3
        drifted(msgspec.structs.replace(WEEK, ignore=("real", "word")), before, now)

    def test_a_column_of_too_many_values_is_told_nearly_alike(self, engine: Engine, load: Load, tmp_path: Path) -> None:
        """Of more than 5,000 numbers some are looked at for edges, and each engine chooses by a hash of its own: by at most a hundredth
        the distances differ, and the counts of the same edges by nothing."""
        draw = random.Random(11)

        def table(days: int, more: float) -> SmallTable:
            rows = tuple((_moment(place / 200), draw.gauss(0, 10) + more) for place in range(days * 200))
            return SmallTable({"moment": "time", "real": "float"}, rows)

        before, now = table(35, 0), table(8, 5)
        here = _Drifting(engine, WEEK, load(_named(before, "before")), load(now))
        there = _of_duckdb(tmp_path, WEEK, before, now)
        distances = [_only_distance(each.since_rows()) for each in (here, there)]
        assert math.isclose(*distances, abs_tol=0.01)
        profile = there.of_before()
        _assert_same(here.since_profile(profile), there.since_profile(profile), with_profile=False)

    def test_what_is_no_time_is_refused_alike(self, engine: Engine, load: Load, tmp_path: Path) -> None:
        table = journeys(2)
        source = load(table)
        here, there = _Drifting(engine, WEEK, source, source), _of_duckdb(tmp_path, WEEK, table, table)
        for rule, code in (
            (msgspec.structs.replace(WEEK, time="carrier"), "no-time-column"),
            (msgspec.structs.replace(WEEK, time="dya"), "no-time-column"),
            (msgspec.structs.replace(WEEK, batch_s=None), "drift-without-batch"),
        ):
            for each in (here, there):
                with pytest.raises(EvidenceError) as refused:
                    msgspec.structs.replace(each, rule=rule).of_before()
                assert refused.value.problem.code == code

    # A label that is given away

    def test_columns_that_give_a_label_away_are_told_alike(self, held: Held) -> None:
        report = held(Rules(leakage=Leakage("late"), unique=(("id",),)), LABELLED)
        assert _failing(report) == [name for name in LABELLED.columns if name.startswith("gives_")]

    def test_columns_that_do_not_are_passed_alike(self, held: Held) -> None:
        names = tuple(name for name in LABELLED.columns if name.startswith("gives_"))
        report = held(Rules(leakage=Leakage("late", names), unique=(("id",),)), LABELLED)
        assert [finding.passed for finding in report.findings[1:]] == [True]

    def test_a_label_may_be_of_any_type(self, held: Held) -> None:
        """Two classes that are equally frequent, and three of a day, a text or a number."""
        for label in ("even", "third_text", "third_zoned", "third_decimal"):
            report = held(Rules(leakage=Leakage(label)), CLASSES)
            thirds = {name for name in CLASSES.columns if name.startswith("third_")}
            assert set(_failing(report)) == ({"filled_even"} if label == "even" else thirds | {"filled_third"}) - {
                label
            }

    def test_nearly_all_rows_are_warned_of_alike(self, held: Held) -> None:
        rows = tuple((place % 2 == 0, "odd" if place < 6 else "xy"[place % 2]) for place in range(1400))
        report = held(Rules(leakage=Leakage("late")), SmallTable({"late": "bool", "nearly": "text"}, rows))
        assert [(finding.passed, finding.severity) for finding in report.findings] == [(False, "warn"), (True, "error")]

    def test_labels_that_are_numbers_are_told_alike(self, held: Held) -> None:
        """Correlations are the engine's own, and may differ in the last digits, of which a finding tells seven."""
        report = held(Rules(leakage=Leakage("delay")), MEASURED)
        assert _failing(report) == [name for name in MEASURED.columns if name.startswith("gives_")]
        report = held(Rules(leakage=Leakage("title")), MEASURED)
        assert _failing(report) == ["same_title"]

    def test_too_few_labels_and_none_are_told_alike(self, held: Held) -> None:
        few = msgspec.structs.replace(LABELLED, rows=LABELLED.rows[:100])
        assert held(Rules(leakage=Leakage("late")), few).findings[-1].detail.startswith("too few rows to tell: ")
        assert held(Rules(leakage=Leakage("layt")), few).findings[-1].detail == "no column `layt`; did you mean `late`?"
        assert held(Rules(leakage=Leakage("empty")), few).passed
        assert held(Rules(leakage=Leakage("late")), msgspec.structs.replace(few, rows=())).passed

    # Rows of another dataset

    @pytest.mark.parametrize("case", range(17))
    def test_rows_of_another_dataset_are_found_alike(self, held: Held, case: int) -> None:
        name, (here, there, shared) = list(APART.items())[case]
        rules = Rules(apart_from=("other",), unique=(("id",),), slices=tuple(here.columns)[:1])
        finding = _apart(held(rules, _numbered(here), there))
        assert [row["id"] for row in finding.sample] == shared, name

    def test_rows_are_compared_by_a_key_and_under_rules(self, held: Held) -> None:
        columns: dict[str, Kind] = {"i": "int", "t": "text", "f": "float"}
        here = SmallTable(columns, ((1, "a", 1.0), (2, None, 2.0), (None, "c", 3.0), (1, "a", 4.0)))
        there = SmallTable(columns, ((1, "a", 9.0), (2, None, 9.0), (None, None, 9.0)))
        rules = Rules(columns=(parse_column("i", "int?"), parse_column("t", "str?")), apart_from=("other",),
                      unique=(("i", "t"),), slices=("t",))  # fmt: skip
        assert _apart(held(rules, here, there)).failing_rows == 3
        strict = msgspec.structs.replace(rules, columns=(parse_column("f", "int"),), unique=(("f",),))
        assert _apart(held(strict, here, there)).passed

    def test_a_sample_is_no_part_of_itself_by_another_order_of_its_columns(self, held: Held) -> None:
        names = [name for name in SAMPLE.columns if name != "id"]
        other = SmallTable(
            {name: SAMPLE.columns[name] for name in reversed(names)},
            tuple(tuple(row[name] for name in reversed(names)) for row in SAMPLE.records()),
        )
        finding = _apart(held(Rules(apart_from=("other",), unique=(("id",),)), SAMPLE, other))
        assert finding.failing_rows == len(SAMPLE.rows)

    # Rows that stand twice

    def test_rows_that_stand_twice_are_found_alike(self, held: Held) -> None:
        twice = msgspec.structs.replace(SAMPLE, rows=(*SAMPLE.rows, *SAMPLE.rows[2:9:2], SAMPLE.rows[4]))
        rules = Rules(distinct_rows=True, unique=(("id",),))
        report = held(rules, twice)
        assert [finding.failing_rows for finding in report.findings[-1:]] == [5]
        assert held(rules, SAMPLE).findings[-1].passed

    def test_cells_that_only_look_alike_are_told_apart(self, held: Held) -> None:
        rows = ((1, "a ", 0.1), (1, "a", 0.1), (1, "A", 0.1), (1, "a\u0301", 0.1), (1, "á", 0.1), (1, None, 0.1),
                (1, "", 0.1), (1, "a", 0.1 + 2**-56), (1, "a", None), (None, "a", 0.1), (1, "null", 0.1))  # fmt: skip
        table = SmallTable({"i": "int", "t": "text", "f": "float"}, rows)
        assert held(Rules(distinct_rows=True), table).findings[-1].passed
        zeros = SmallTable(table.columns, ((1, "a", 0.0), (1, "a", -0.0), (1, "a", math.nan), (1, "a", math.nan)))
        assert held(Rules(distinct_rows=True), zeros).findings[-1].failing_rows == 2


class _Drifting(msgspec.Struct, frozen=True):
    """Two datasets that an engine has, under a rule."""

    engine: Engine
    rule: DriftRule
    before: Source
    now: Source

    def since_rows(self) -> Drifted:
        return self._drift(self.now, Since("before", digest_of(b"before"), source=self.before))

    def since_profile(self, of: Drifted) -> Drifted:
        rows = self.before if self.rule.classifier else None
        return self._drift(self.now, Since("before", digest_of(b"before"), of.profile, rows))

    def of_before(self) -> Drifted:
        return self._drift(self.before, Since("champion", missing="there is no champion yet"))

    def _drift(self, source: Source, since: Since) -> Drifted:
        data = Artifact("now", digest_of(b"now"), "file", 1)
        return drift(data, source, self.rule, since, self.engine)


def _of_duckdb(folder: Path, rule: DriftRule, before: SmallTable, now: SmallTable) -> _Drifting:
    load = in_parquet(folder)
    return _Drifting(adapter("engines", "duckdb")(), rule, load(_named(before, "before")), load(now))


def _assert_same(mine: Drifted, theirs: Drifted, *, with_profile: bool = True) -> None:
    for one, other in zip(mine.findings, theirs.findings, strict=True):
        assert msgspec.to_builtins(one) == msgspec.to_builtins(other)
    assert mine.report is None or theirs.report is None or mine.report.columns == theirs.report.columns
    assert mine.report == theirs.report
    if with_profile:
        assert _counts(mine) == _counts(theirs)


def _only_distance(drifted: Drifted) -> float:
    assert drifted.report is not None
    assert drifted.report.state == "drifted"
    (column,) = drifted.report.columns
    assert column.distance is not None
    return column.distance.distance


def _counts(drifted: Drifted) -> dict[str, Any]:
    """The profile's edges and counts, readable where they differ."""
    data = unpack_profile(drifted.profile)
    columns = {
        each.name: (None if each.edges is None else each.edges.tolist(), each.kept, each.counts.bins.tolist(), each.counts.nulls.tolist())
        for each in data.columns
    }  # fmt: skip
    return {"batches": data.numbers.tolist(), "undated": data.undated, **columns}


def _checked(engine: Engine, load: Load, rules: Rules, table: SmallTable, other: SmallTable | None) -> CheckReport:
    others = {} if other is None else {"other": load(_named(other, "other"))}
    dataset = Artifact(table.name, digest_of(table.name.encode()), "table", 0, 0)
    return check(dataset, load(table), rules, engine, Beside(others))


def _told(report: CheckReport) -> list[Any]:
    """The findings as plain values, without the engines' own words for types and nested cells."""
    found = [msgspec.to_builtins(finding) for finding in report.findings]
    for finding in found:
        finding["detail"] = re.sub(r"(not by \w+), .* here and .* there", r"\1", finding["detail"])
        for row in finding["sample"]:
            row.pop("list", None)
    return found


def _apart(report: CheckReport) -> Finding:
    return next(finding for finding in report.findings if finding.rule.startswith("apart_from: "))


def _failing(report: CheckReport) -> list[str | None]:
    return [finding.column for finding in report.findings if not finding.passed and finding.severity == "error"]


def _numbered(table: SmallTable) -> SmallTable:
    """With a key of which the other dataset knows nothing."""
    return table.beside({"id": ("int", range(1, len(table.rows) + 1))})


def _named(table: SmallTable, name: str) -> SmallTable:
    return msgspec.structs.replace(table, name=name)


def _only(table: SmallTable, *names: str | None) -> SmallTable:
    rows = tuple(tuple(row[name] for name in table.columns if name in names) for row in table.records())
    return SmallTable({name: kind for name, kind in table.columns.items() if name in names}, rows, table.name)


def _renamed(table: SmallTable, **names: str) -> SmallTable:
    return msgspec.structs.replace(table, columns={names.get(name, name): kind for name, kind in table.columns.items()})


def _retyped(table: SmallTable, column: str, kind: Kind, as_kind: Callable[[Any], Any]) -> SmallTable:
    place = list(table.columns).index(column)
    rows = tuple(
        (*row[:place], None if row[place] is None else as_kind(row[place]), *row[place + 1 :]) for row in table.rows
    )
    return SmallTable(table.columns | {column: kind}, rows, table.name)


_START = datetime(2013, 1, 1)


def _moment(days: float) -> datetime:
    return _START + timedelta(microseconds=round(days * DAY_S) * 10**6)


def journeys(days: int, *, seed: int = 1, late: float = 0, new: str = "") -> SmallTable:
    """20 rows a day. In the last seven days delays are ``late`` greater, a carrier is ``new``, and a gate is hardly ever known."""
    draw = random.Random(seed)
    rows = []
    for place in range(days * 20):
        has_moved = bool(late) and place // 20 >= days - 7
        moment = None if place % 97 == 13 else _moment(place / 20)
        real = draw.gauss(3 + late * has_moved, 4)
        rows.append(
            (
                place,
                moment,
                moment and moment.date(),
                moment and moment.replace(tzinfo=UTC),
                draw.choice(["AA", "it's", '"', "", *([new] * 2 if new and place // 20 >= days - 7 else [])]),
                None if draw.random() < (0.9 if has_moved else 0.1) else draw.choice(["a\nb", "\\", "%", "日本語"]),
                draw.choice([None, math.nan, math.inf, -math.inf, 0.0, -0.0, *[float(round(real))] * 24]),
                Decimal(round(real * 2)) / 2,
                draw.choice([None, 0, -1, 7, 150]),
                draw.randrange(9),
                draw.choice([2**53, 2**53 + 1, 2**63 - 1, -(2**63)]),
                draw.choice([True, False, None]),
                real > 3,
                None,
                [place],
            )
        )
    return SmallTable(
        {
            "id": "int",
            "moment": "time",
            "day": "date",
            "zoned": "zoned",
            "carrier": "text",
            "gate": "text",
            "delay": "float",
            "price": "decimal",
            "count": "int",
            "code": "int",
            "wide": "int",
            "kept": "bool",
            "late": "bool",
            "empty": "float",
            "list": "nested",
        },
        tuple(rows),
    )


def _labelled() -> Iterator[tuple[Any, ...]]:
    draw = random.Random(5)
    for place in range(400):
        late = None if place % 50 == 49 else place % 4 == 0
        moment = _START + timedelta(days=200 * (late is True) + place % 150, seconds=place)
        yield (
            place,
            late,
            None if late is None else "yes" if late else ("no", "never", "it's")[place % 3],
            7 if late else place % 7,
            16 + place % 90 if late else place % 16,
            draw.random() if late else -draw.random(),
            math.inf if place == 4 else 1e300 if late else -1e300 if place == 5 else -draw.random(),
            Decimal(place % 90 + 100 * (late is True)) / 8,
            moment,
            moment.date(),
            moment.replace(tzinfo=UTC),
            None if late else draw.random(),
            [place] if late else None,
            place * 7919 % 400,
            1000 + place if late else place,
            f"N{place // 4}",
            draw.random(),
            10 + place % 50 if late else place % 50,
            "x" if late and place % 8 == 0 else None,
            None,
            math.nan,
            1,
        )


LABELLED = SmallTable(
    {
        "id": "int",
        "late": "bool",
        "gives_by_text": "text",
        "gives_by_code": "int",
        "gives_by_whole": "int",
        "gives_by_real": "float",
        "gives_by_far": "float",
        "gives_by_decimal": "decimal",
        "gives_by_moment": "time",
        "gives_by_day": "date",
        "gives_by_zoned": "zoned",
        "gives_by_null": "float",
        "gives_by_list": "nested",
        "names_rows": "int",
        "names_rows_in_order": "int",
        "tail": "text",
        "noise": "float",
        "strong": "int",
        "some": "text",
        "empty": "text",
        "nan": "float",
        "one": "int",
    },
    tuple(_labelled()),
)
"""A label, columns that give it away each in a way of its own, and columns that do not."""

_THIRDS = [datetime(2013, 1, 1, 5), datetime(1999, 12, 31, 23, 59, 59, 500000), datetime(2100, 6, 1)]
CLASSES = SmallTable(
    {
        "even": "bool",
        "third_day": "date",
        "third_text": "text",
        "third_moment": "time",
        "third_zoned": "zoned",
        "third_real": "float",
        "third_decimal": "decimal",
        "filled_even": "int",
        "filled_third": "int",
        "noise": "int",
    },
    tuple(
        (
            place // 3 % 2 == 0,
            _THIRDS[place % 3].date(),
            ("b", "B", "é")[place % 3],
            _THIRDS[place % 3],
            _THIRDS[place % 3].replace(tzinfo=UTC),
            (0.1, -1.5, 1e20)[place % 3],
            Decimal(("0.125", "-1.500", "7")[place % 3]),
            place % 11 if place // 3 % 2 else None,
            place % 11 if place % 3 == 1 else None,
            place % 7,
        )
        for place in range(360)
    ),
)
"""Labels whose classes are equally frequent."""


def _measured() -> Iterator[tuple[Any, ...]]:
    draw = random.Random(3)
    for place in range(400):
        delay = (place * 7919 % 997) / 7
        yield (
            delay,
            delay,
            32 - 1.8 * delay,
            round(delay, 2),
            delay * 2 if place % 3 == 0 else None,
            math.inf if place % 7 == 0 else delay * 1e90,
            delay + place % 10,
            math.inf if place % 7 == 0 else float(place),
            draw.choice([1e308, -1e308, draw.random()]),
            5.0,
            place * 2**50,
            f"t{place}",
            f"t{place}",
            Decimal(round(delay * 8)) / 8,
        )


MEASURED = SmallTable(
    {
        "delay": "float",
        "gives_same": "float",
        "gives_on_a_line": "float",
        "gives_rounded": "float",
        "gives_where_known": "float",
        "gives_far_away": "float",
        "about": "float",
        "place": "float",
        "wild": "float",
        "five": "float",
        "big": "int",
        "title": "text",
        "same_title": "text",
        "gives_in_eighths": "decimal",
    },
    tuple(_measured()),
)
"""Labels of many values, columns that go with them on a line, and columns that do not."""

_NOON = datetime(2013, 6, 15, 12)


def _one(kind: Kind, *values: Any) -> SmallTable:
    return SmallTable({"a": kind}, tuple((value,) for value in values))


APART: dict[str, tuple[SmallTable, SmallTable, list[int]]] = {
    "whole numbers and NULL": (_one("int", 1, None, 2**53 + 1, 3), _one("int", None, 3, 2**53, 3), [2, 4]),
    "no row": (_one("int", 1, 2), _one("int", 3, None), []),
    "nothing there": (_one("int", 1, None), _one("int"), []),
    "nothing here": (_one("int"), _one("int", 1, None), []),
    "whole numbers and others": (_one("int", 1, 2, 2**53 + 1), _one("float", 1.0, 2.5, 2.0**53, math.nan), [1]),
    "others and whole numbers": (_one("float", 1.0, 2.5, math.nan), _one("int", 1, 2, None), [1, 3]),
    "zeros, NaN and infinity": (
        _one("float", 0.0, math.nan, math.inf, -math.inf, 5e-324),
        _one("float", -0.0, None, math.inf, 1e300),
        [1, 2, 3],
    ),
    "decimals": (_one("decimal", Decimal("12.500"), Decimal("0.100"), None), _one("float", 12.5, 0.1), [1, 2]),
    "whole numbers and decimals": (
        _one("int", 12, 13, -1),
        _one("decimal", Decimal(12), Decimal("13.500"), Decimal(-1)),
        [1, 3],
    ),
    "texts": (
        _one("text", "a", "a ", "A", "á", "", None, "it's", "\\", "a\nb", "日本語"),
        _one("text", "a", "a\u0301", None, "it's", "a\nb", "日本語", "\\\\"),
        [1, 6, 7, 9, 10],
    ),
    "truths": (_one("bool", True, False, None), _one("bool", True, None), [1, 3]),
    "days and midnights": (
        _one("date", date(2013, 1, 1), date(2013, 6, 15), date(1900, 1, 1)),
        _one("time", datetime(2013, 1, 1), _NOON, datetime(1900, 1, 1)),
        [1, 3],
    ),
    "times and days": (
        _one("time", datetime(2013, 1, 1), _NOON, None),
        _one("date", date(2013, 1, 1), date(2013, 6, 15)),
        [1],
    ),
    "times and those of a zone": (
        _one("time", _NOON, _NOON + timedelta(microseconds=1)),
        _one("zoned", _NOON.replace(tzinfo=UTC)),
        [1],
    ),
    "those of a zone and times": (_one("zoned", _NOON.replace(tzinfo=UTC), None), _one("time", _NOON, None), [1, 2]),
    "texts and numbers": (
        SmallTable({"a": "text", "b": "int"}, (("1", 1), ("2", 2), ("2", 2))),
        SmallTable({"a": "int", "b": "int"}, ((9, 1), (1, 3))),
        [1],
    ),
    "several columns": (
        SmallTable(
            {"a": "int", "b": "text", "c": "date"}, ((1, None, None), (1, "x", date(2013, 1, 1)), (None, None, None))
        ),
        SmallTable({"c": "time", "b": "text", "a": "int"}, ((None, None, 1), (None, "x", 1), (None, None, None))),
        [1, 3],
    ),
}
"""Two datasets, and which rows of the first stand in the second."""

"""From measurements to findings: what is said, and what counts as broken."""

import msgspec
import pytest

from assay.check.findings import judged
from assay.check.measured import Measured
from assay.core.artifact import Artifact
from assay.core.dataset import DataColumn
from assay.core.digest import digest_of
from assay.core.finding import CheckReport, Finding
from assay.core.rules import Bounds, DriftRule, Fresh, Leakage, Rules, Terms, Tolerance, parse_column, parse_rows

FLIGHTS = Artifact("data/flights.csv", digest_of(b"flights"), "file", 7)


def measured(
    rows: int = 4000,
    columns: tuple[tuple[str, str], ...] = (("month", "VARCHAR"),),
    nulls: int = 0,
    wrong_type: int = 0,
    out_of_bounds: int = 0,
    not_in_set: int = 0,
    wrong_length: int = 0,
    breaking: int | None = None,
    repeats: dict[str, int] | None = None,
    extremes: tuple[object, object] = (0, 13),
    **more: object,
) -> Measured:
    """What was asked of these columns, the same for each of them. ``wrong_type`` -1: the type is ruled out."""
    broken = nulls + wrong_type + out_of_bounds + not_in_set + wrong_length if breaking is None else breaking
    answers: dict[tuple[str, str], object] = {("rows", ""): rows}
    for name, _ in columns:
        counts = {"nulls": nulls, "out_of_bounds": out_of_bounds, "not_in_set": not_in_set}
        counts |= {"wrong_length": wrong_length, "least": extremes[0], "greatest": extremes[1], **more}
        counts |= {"ruled out": True} if wrong_type < 0 else {"wrong_type": wrong_type, "broken": broken}
        answers |= {(what, name): count for what, count in counts.items()}
    for key, number in (repeats or {}).items():
        answers |= {("repeats", f"key {key}"): number}
    held = tuple(DataColumn(name, type_, "text", f"c{at}") for at, (name, type_) in enumerate(columns))
    return Measured(held, answers)


def findings(dataset: Artifact, rules: Rules, seen: Measured) -> CheckReport:
    return CheckReport(dataset, seen.rows, tuple(each.finding for each in judged(rules, seen)))


def line(text: str, seen: Measured) -> CheckReport:
    """The report on one column, ``month``."""
    return findings(FLIGHTS, Rules(columns=(parse_column("month", text),)), seen)


def only(report: CheckReport) -> Finding:
    (finding,) = report.findings
    return finding


@pytest.mark.parametrize(
    ("text", "extremes", "said"),
    [
        ("float 0..", (-5.0, None), "outside 0..: down to -5.0"),
        ("int 18..99", (7, 1000), "outside 18..99: from 7, up to 1000"),
        ("float 0..1", (None, float("inf")), "outside 0..1: up to inf"),
        ("int > 0", (0, None), "not > 0: down to 0"),
    ],
)
def test_only_the_values_outside_are_told_and_only_the_side_that_fails(
    text: str, extremes: tuple[object, object], said: str
) -> None:
    assert only(line(text, measured(out_of_bounds=12, extremes=extremes))).detail == f"12 of 4,000 rows (0.3 %) {said}"


def test_a_line_that_holds_is_one_passed_finding_in_the_words_of_the_file() -> None:
    report = line("int 1..12", measured(extremes=(1, 12)))
    assert only(report) == Finding("month: int 1..12", True, "error", "", "month", 0, 4000)
    assert report.passed
    assert report.dataset == FLIGHTS


@pytest.mark.parametrize(
    ("text", "seen", "detail"),
    [
        ("int 1..12", measured(out_of_bounds=12), "12 of 4,000 rows (0.3 %) outside 1..12: from 0, up to 13"),
        (
            "int > 0",
            measured(out_of_bounds=4000, extremes=(-3, None)),
            "4,000 of 4,000 rows (100 %) not > 0: down to -3",
        ),
        ("int", measured(nulls=1), "1 of 4,000 rows (<0.1 %) are NULL"),
        ("int", measured(rows=1, nulls=1), "1 of 1 row (100 %) are NULL"),
        ("int", measured(wrong_type=3999), "3,999 of 4,000 rows (>99.9 %) are not int"),
        ("int", measured(wrong_type=-1), "the column holds VARCHAR, not int"),
        ("str in [EWR, JFK]", measured(not_in_set=40), "40 of 4,000 rows (1 %) not in [EWR, JFK]"),
        ("str in [{rows}]", measured(not_in_set=40), "40 of 4,000 rows (1 %) not in [{rows}]"),
        ("str len 3", measured(wrong_length=40), "40 of 4,000 rows (1 %) not of length 3"),
    ],
)
def test_a_broken_line_says_how_many_rows_and_what_was_seen(text: str, seen: Measured, detail: str) -> None:
    finding = only(line(text, seen))
    assert not finding.passed
    assert finding.severity == "error"
    assert finding.detail == detail
    assert finding.rows == seen.rows


def test_a_type_that_is_ruled_out_fails_every_row_that_is_not_null() -> None:
    assert only(line("int?", measured(wrong_type=-1, nulls=10))).failing_rows == 3990


def test_a_column_of_another_type_without_any_value_breaks_no_rule_on_types() -> None:
    assert line("int?", measured(wrong_type=-1, nulls=4000, breaking=0)).passed


def test_each_thing_that_is_wrong_is_a_finding_of_its_own() -> None:
    report = line("int 1..12", measured(nulls=1, wrong_type=2, out_of_bounds=3))
    assert [finding.failing_rows for finding in report.findings] == [1, 2, 3]
    assert not report.passed


def test_null_breaks_no_line_that_allows_it() -> None:
    assert line("int? 1..12", measured(nulls=4000, breaking=0)).passed


@pytest.mark.parametrize(("nulls", "holds"), [(200, True), (201, False)])
def test_the_share_of_nulls_is_held_against_its_limit(nulls: int, holds: bool) -> None:
    report = line("int? 1..12, nulls <= 5%", measured(nulls=nulls, breaking=0))
    assert report.passed is holds
    assert holds or only(report).detail == "201 of 4,000 rows (5 %) are NULL, more than 5 %: 200 rows"


def test_one_row_that_may_be_null_is_no_rows() -> None:
    finding = only(line("int? nulls <= 0.001%", measured(rows=100_000, nulls=2, breaking=0)))
    assert finding.detail == "2 of 100,000 rows (<0.1 %) are NULL, more than 0.001 %: 1 row"


@pytest.mark.parametrize(
    ("text", "broken", "holds"),
    [
        ("int 1..12, allow 3 rows", 3, True),
        ("int 1..12, allow 3 rows", 4, False),
        ("int 1..12, allow 1%", 40, True),
        ("int 1..12, allow 1%", 41, False),
        ("int 1..12, allow 41 rows, allow 1%", 41, True),
        ("int 1..12, allow 29%", 1160, True),
    ],
)
def test_allowed_rows_may_break_the_line(text: str, broken: int, holds: bool) -> None:
    assert line(text, measured(out_of_bounds=broken)).passed is holds


def test_a_share_is_exact_where_binary_fractions_are_not() -> None:
    assert line("int 1..12, allow 29%", measured(rows=100, out_of_bounds=29)).passed


def test_what_was_allowed_is_still_told() -> None:
    finding = only(line("int 1..12, allow 3 rows", measured(out_of_bounds=2)))
    assert finding.passed
    assert finding.failing_rows == 2
    assert finding.detail == "2 of 4,000 rows (<0.1 %) break it, 3 may"


def test_allowance_counts_a_row_once_however_it_breaks_the_line() -> None:
    seen = measured(out_of_bounds=3, not_in_set=3, breaking=3)
    assert line("int 1..12 in [1, 2], allow 3 rows", seen).passed


def test_a_missing_column_names_the_near_miss() -> None:
    report = findings(FLIGHTS, Rules(columns=(parse_column("mnth", "int"),)), measured())
    assert report.findings[0].detail == "no column `mnth`; did you mean `month`?"
    assert not report.passed


def test_a_missing_column_without_near_miss_names_the_columns_there_are() -> None:
    report = findings(FLIGHTS, Rules(columns=(parse_column("air_time", "int"),)), measured())
    assert report.findings[0].detail == "no column `air_time`; the columns are [month]"


def test_a_column_that_differs_in_case_is_missing() -> None:
    report = findings(FLIGHTS, Rules(columns=(parse_column("Month", "int"),)), measured())
    assert report.findings[0].detail == "no column `Month`; did you mean `month`?"


@pytest.mark.parametrize(("closed", "severity"), [(True, "error"), (False, "warn")])
def test_unknown_columns_fail_a_closed_dataset_and_are_told_otherwise(closed: bool, severity: str) -> None:
    seen = measured(columns=(("month", "VARCHAR"), ("x", "VARCHAR"), ("y", "VARCHAR")), breaking=0)
    report = findings(FLIGHTS, Rules(columns=(parse_column("month", "int"),), closed=closed), seen)
    last = report.findings[-1]
    assert (last.passed, last.severity, last.detail) == (
        False,
        severity,
        "2 columns without a line under `columns`: [x, y]",
    )
    assert report.passed is not closed


def test_a_closed_dataset_without_unknown_columns_passes() -> None:
    rules = Rules(columns=(parse_column("month", "int"),), unique=(("id",),), closed=True)
    seen = measured(columns=(("month", "VARCHAR"), ("id", "VARCHAR")), breaking=0, repeats={"id": 0})
    report = findings(FLIGHTS, rules, seen)
    assert report.findings[-1] == Finding("closed: true", True, "error", "", rows=4000)
    assert report.passed


def test_without_column_lines_no_column_is_unknown() -> None:
    assert findings(FLIGHTS, Rules(rows=Bounds(low=1)), measured()).findings == (
        Finding("rows: 1..", True, "error", "", rows=4000),
    )


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("4000", ""),
        ("5", "4,000 rows, not 5"),
        ("..4000", ""),
        ("4001..", "4,000 rows, not 4001.."),
        ("10..3999", "4,000 rows, not 10..3999"),
    ],
)
def test_the_number_of_rows_is_held_against_its_range(text: str, detail: str) -> None:
    report = findings(FLIGHTS, Rules(rows=parse_rows(text)), measured())
    assert only(report).detail == detail
    assert report.passed is (detail == "")


def test_a_repeated_key_says_how_many_rows_repeat_an_earlier_one() -> None:
    rules = Rules(unique=(("month",), ("month", "day")))
    seen = measured(columns=(("month", "INT"), ("day", "INT")), repeats={"month": 3, "month, day": 1})
    one, both = findings(FLIGHTS, rules, seen).findings
    assert one.detail == "month is not unique: 3 rows repeat an earlier key"
    assert (both.rule, both.detail) == (
        "unique: [month, day]",
        "month, day is not unique: 1 row repeats an earlier key",
    )
    assert (one.column, both.column) == ("month", None)


def test_a_key_whose_column_is_missing_fails() -> None:
    report = findings(FLIGHTS, Rules(unique=(("month", "dya"),)), measured(columns=(("month", "INT"), ("day", "INT"))))
    assert only(report).detail == "no column `dya`; did you mean `day`?"


def test_a_rule_that_was_built_in_python_is_written_as_the_file_would_have_it() -> None:
    texts = ["int? 1..12, nulls <= 5%, allow 1 row", "str in [EWR, JFK], allow 7%", "str len 2..4"]
    for text in texts:
        rule = msgspec.structs.replace(parse_column("month", text), text="")
        report = findings(FLIGHTS, Rules(columns=(rule,)), measured(breaking=0))
        assert only(report).rule == f"month: {text}"


@pytest.mark.parametrize(
    ("text", "repeats", "detail"),
    [
        ("int unique, allow 3 rows", 3, "3 of 4,000 rows (<0.1 %) break it, 3 may"),
        ("int unique, allow 2 rows", 3, "3 of 4,000 rows (<0.1 %) repeat an earlier value"),
        ("int unique, allow 0.01%", 1, "1 of 4,000 rows (<0.1 %) repeat an earlier value"),
    ],
)
def test_rows_that_repeat_a_value_may_be_allowed(text: str, repeats: int, detail: str) -> None:
    finding = only(line(text, measured().with_answers({("repeats", "month"): repeats})))
    assert finding.detail == detail
    assert finding.passed is ("may" in detail)


def test_a_list_that_names_no_column_is_a_warning_with_the_near_miss() -> None:
    rules = Rules(
        slices=("carier", "origin", "file"),
        train_only=("late", "lat"),
        leakage=Leakage("late", allow=("arrival",)),
        drift=DriftRule(context=("carrier", "origen"), ignore=("yaer",)),
    )
    seen = measured(columns=(("carrier", "VARCHAR"), ("origin", "VARCHAR"), ("late", "BOOLEAN")))
    report = findings(FLIGHTS, rules, seen)
    assert [(each.rule, each.detail) for each in report.findings] == [
        ("slices: [carier, origin]", "`slices` names `carier`, which is no column; did you mean `carrier`?"),
        ("train_only: [late, lat]", "`train_only` names `lat`, which is no column; did you mean `late`?"),
        (
            "leakage.allow: [arrival]",
            "`leakage.allow` names `arrival`, which is no column; the columns are [carrier, origin, late]",
        ),
        (
            "drift.ignore: [yaer]",
            "`drift.ignore` names `yaer`, which is no column; the columns are [carrier, origin, late]",
        ),
        (
            "drift.context: [carrier, origen]",
            "`drift.context` names `origen`, which is no column; did you mean `origin`?",
        ),
    ]
    assert report.passed
    assert not any(each.passed for each in report.findings)


def test_columns_that_are_to_be_absent_are_no_misspelt_ones() -> None:
    assert findings(FLIGHTS, Rules(train_only=("late",), environment="serve"), measured()).findings == ()


def test_rules_on_all_of_a_dataset_may_only_warn() -> None:
    subjects = ("rows", "closed", "key month", "key gone", "distinct rows", "apart old.csv")
    rules = Rules(
        rows=Bounds(1, 2),
        unique=(("month",), ("gone",)),
        closed=True,
        fresh=(Fresh("month", 60.0, severity="warn"), Fresh("gone", 60.0, severity="warn")),
        apart_from=("old.csv",),
        distinct_rows=True,
        terms=tuple(Terms(subject, "warn") for subject in subjects),
    )
    seen = measured(columns=(("month", "INT"), ("day", "INT")), repeats={"month": 2})
    report = findings(FLIGHTS, rules, seen.with_answers({("repeats", "distinct rows"): 1}))
    assert len(report.findings) == 8
    assert not any(each.passed for each in report.findings)
    assert report.passed
    assert report.findings[-1].rule == "closed: warn"


@pytest.mark.parametrize(("repeats", "holds"), [(3, True), (4, False)])
def test_some_rows_may_repeat_a_key(repeats: int, holds: bool) -> None:
    rules = Rules(unique=(("month",),), terms=(Terms("key month", allow=Tolerance(3)),))
    finding = only(findings(FLIGHTS, rules, measured(repeats={"month": repeats})))
    assert (finding.passed, finding.failing_rows) == (holds, repeats)
    assert finding.detail == f"month is not unique: {repeats} rows repeat an earlier key, 3 may"


@pytest.mark.parametrize(("shared", "holds"), [(40, True), (41, False)])
def test_some_rows_may_stand_in_another_dataset(shared: int, holds: bool) -> None:
    rules = Rules(apart_from=("old.csv",), terms=(Terms("apart old.csv", allow=Tolerance(share=0.01)),))
    seen = measured().with_answers({("compared by", "old.csv"): "month", ("shared", "old.csv"): shared})
    finding = only(findings(FLIGHTS, rules, seen))
    assert finding.passed is holds
    assert finding.detail.endswith("stand in old.csv too, compared by month, 40 may")

"""Findings in the order, the numbers and the words in which every face tells them."""

import pytest
from msgspec.structs import replace

from assay.core.counted import percent, share
from assay.core.finding import CheckReport, Finding, SliceCount, ValueCount
from assay.explain.findings import because, finding_facts, headline, one_line, outcome_of, summary, told_rules
from assay.explain.findings.cells import in_order, key_of, shown, subjects, telling_columns
from assay.explain.findings.facts import say_place, say_values


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("broken", "3 of 7 rules are broken and 1 warns: up to 44 of 336,776 rows, flights@d6a1f2e0"),
        ("two ways", "1 of 2 rules is broken: up to 2 of 4 rows, small@e65aba7a"),
        ("warns", "no rule is broken, 1 of 4 warns: 2,512 of 336,776 rows, flights@d6a1f2e0"),
        ("holds", "all 3 rules hold: 336,776 rows, flights@d6a1f2e0"),
        ("one rule", "the only rule holds: 336,776 rows, flights@d6a1f2e0"),
        ("no rule", "there is no rule: 336,776 rows, flights@d6a1f2e0"),
        ("several", "4 of 12 rules are broken and 1 warns, in 2 of 3 datasets"),
    ],
)
def test_the_answer_is_one_line(reports, name, told):
    assert headline(reports[name]) == told


def test_rows_of_one_rule_are_no_guess(reports):
    (report,) = reports["broken"]
    alone = replace(report, findings=tuple(each for each in report.findings if each.column == "carrier"))
    assert headline([alone]) == "1 of 1 rule is broken: 15 of 336,776 rows, flights@d6a1f2e0"


def test_more_rows_than_there_are_never_fail(reports):
    (report,) = reports["two ways"]
    all_fail = replace(report, findings=tuple(replace(each, failing_rows=4) for each in report.findings[:2]))
    assert "up to 4 of 4 rows" in headline([all_fail])


def test_the_worst_is_told_first_and_warnings_after_errors(reports):
    (report,) = reports["broken"]
    assert [(rule.outcome, rule.rule.partition(":")[0]) for rule in told_rules(report)] == [
        ("broken", "gate"),
        ("broken", "sched"),
        ("broken", "carrier"),
        ("warns", "no_tail"),
        ("holds", "unique"),
        ("holds", "day"),
        ("holds", "distance"),
    ]


def test_a_line_that_fails_in_two_ways_is_one_rule(reports):
    (report,) = reports["two ways"]
    rules = told_rules(report)
    assert [len(rule.findings) for rule in rules] == [2, 1]
    assert rules[0].failing_rows == 2


@pytest.mark.parametrize(
    ("name", "outcome"), [("broken", "broken"), ("warns", "warns"), ("holds", "holds"), ("several", "broken")]
)
def test_all_together_fared_as_the_worst(reports, name, outcome):
    assert outcome_of(reports[name]) == outcome


@pytest.mark.parametrize(
    ("count", "rows", "told"),
    [
        (0, 0, "0 %"),
        (1, 3, "33.3 %"),
        (1, 10_000, "<0.1 %"),
        (9_999, 10_000, ">99.9 %"),
        (4, 4, "100 %"),
        (1, 1000, "0.1 %"),
    ],
)
def test_neither_nothing_nor_everything_is_rounded_to(count, rows, told):
    assert percent(count, rows) == told
    assert share(count, rows).endswith(f"({told})")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "NULL"),
        ("NULL", '"NULL"'),
        ("", '""'),
        (" a", '" a"'),
        (True, "true"),
        (0.1, "0.1"),
        (1_000_000, "1000000"),
        ("a\nb\x1b", "a b\\x1b"),
        ("x" * 99, "x" * 59 + "…"),
        (" " * 99, '"' + " " * 58 + "…"),
    ],
)
def test_a_cell_is_told_as_it_is(value, told):
    assert shown(value) == told


def finding(rule: str, column: str | None, *names: str, slices: tuple[SliceCount, ...] = ()) -> Finding:
    return Finding(rule, False, "error", "", column, 1, 10, (dict.fromkeys(names, 1),), slices=slices)


@pytest.mark.parametrize(
    ("rule", "column", "spoken"),
    [
        ("a: int 1..12", "a", ("a",)),
        ("a: int", "gone", ()),
        ("rule: b = a * 100 + c_d", None, ("b", "a", "c_d")),
        ("rule: c > 1", None, ()),  # c is no part of c_d
        ('rule: "odd name" is null', None, ("odd name",)),
        ("unique: [c_d, a]", None, ("c_d", "a")),
        ("rule: A = 1", None, ("a",)),
    ],
)
def test_the_columns_that_a_rule_speaks_of_are_known(rule, column, spoken):
    names = ("a", "b", "c_d", "odd name", "")
    assert subjects(finding(rule, column, *names), names) == spoken


def test_the_columns_that_tell_most_are_those_of_rule_key_and_place():
    slices = (SliceCount("d", 1, 1, 1),)
    wide = finding("x: z > y", None, *"abcdefghijklmnopqrstuvwxyz", slices=slices)
    assert telling_columns(wide, ("b", "c", "gone"), 8) == ("z", "y", "b", "c", "d")
    assert telling_columns(wide, ("b", "c"), 3) == ("z", "y", "b")
    assert telling_columns(finding("x: 1 > 2", None, *"abcdef"), (), 8) == ("a", "b", "c")
    assert in_order(("z", "y", "b", "c", "d"), wide, ("b", "c")) == ("b", "c", "z", "y", "d")


@pytest.mark.parametrize(
    ("rules", "key"),
    [(["a: int", "unique: [b, c]", "unique: [d]"], ("b", "c")), (["a: int unique"], ("a",)), (["a: int"], ())],
)
def test_the_key_is_read_from_the_rules(reports, rules, key):
    findings = tuple(Finding(rule, True, "error", "", rule[0] if rule[1] == ":" else None) for rule in rules)
    assert key_of(replace(reports["holds"][0], findings=findings)) == key


def test_facts_say_since_when_where_which_values_and_what_could_be_accepted(reports):
    (report,) = reports["broken"]
    strangers = next(each for each in report.findings if each.column == "carrier")
    assert finding_facts(strangers) == [
        ("last passed", "flights@7f3a9c1e, run 17"),
        ("where", 'carrier: ZZ 14 of 14, "MQ " 1 of 1'),
        ("where", "month: 1: 9 of 27,004, 12: 6 of 28,135"),
        ("values", 'ZZ in 14 rows, "MQ " in 1 row'),
        ("proposal", "new carrier ZZ, 14 rows: accept it? assay data check --accept"),
        ("would read", "carrier: str in [AA, MQ, UA, ZZ]"),
    ]
    assert finding_facts(replace(strangers, detail="strangers"))[0] == ("rows", "15 of 336,776 rows (<0.1 %)")
    assert ("where", "carrier: ZZ 14 of 14 and 1 more") in finding_facts(strangers, most=1)


def test_what_is_not_known_is_not_told(reports):
    (report,) = reports["broken"]
    gone = next(each for each in report.findings if each.column == "gate")
    assert finding_facts(gone) == []


def test_other_values_are_counted():
    few = Finding("a: int", False, "error", "", "a", 100, 1000, values=(ValueCount(7, 60), ValueCount(None, 30)))
    assert say_values(few, 10) == "7 in 60 rows, NULL in 30 rows, other values in 10 rows"
    assert say_place(SliceCount("month", 12, 3, 2800)) == "12: 3 of 2,800"


def test_a_run_tells_the_worst_in_twelve_lines(reports, snapshot):
    told = because(reports["several"])
    assert len(told) <= 12
    snapshot("findings/because_several.txt", "\n".join(told) + "\n")
    snapshot("findings/because_two_ways.txt", "\n".join(because(reports["two ways"])) + "\n")


def many(report: CheckReport, rules: int) -> CheckReport:
    rule = next(each for each in report.findings if each.column == "carrier")
    return replace(report, findings=tuple(replace(rule, rule=f"c{at}: int", column=f"c{at}") for at in range(rules)))


@pytest.mark.parametrize("rules", [1, 5, 11, 12, 13, 500])
def test_every_rule_has_its_line_before_any_has_two(reports, rules):
    told = because([many(reports["broken"][0], rules)])
    heads = [line for line in told if line.startswith("c")]
    assert len(told) <= 12
    assert len(heads) == (rules if rules <= 12 else 11)
    assert (told[-1] == f"and {rules - 11:,} more rules") == (rules > 12)
    assert all(len(line) <= 480 for line in told)


def test_a_step_is_summed_up_in_a_line(reports):
    assert summary(reports["broken"][0]) == "flights@d6a1f2e0: 336,776 rows, 3 of 7 rules are broken and 1 warns"
    assert summary(reports["holds"][0]) == "flights@d6a1f2e0: 336,776 rows, all 3 rules hold"


def test_a_warning_is_a_line(reports):
    (report,) = reports["warns"]
    assert one_line(report, report.findings[0]) == (
        "data/flights.parquet: no_tail: {if: dep_time is not null, then: tailnum is not null}: "
        "2,512 of 336,776 rows (0.7 %) break it"
    )

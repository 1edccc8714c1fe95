"""ease.ml/ci's language: what reads, the labels of the published tables, and what stands for it in Assay."""

import math

import pytest

from assay.core.sentence import parse_sentence
from assay.judge.easeml import (
    ConditionMistake,
    NoVarianceBound,
    Term,
    assay_equivalent,
    counterparts,
    labels_needed,
    parse_condition,
)
from assay.judge.easeml.labels import _bennett_h

ADAPTIVITIES = ("none", "full")
GRID = {
    # reliability: tolerance: F1 and F4 (one variable) with none and full, F2 and F3 (two variables) with none and full
    0.99: {
        0.1: (404, 1_340, 1_753, 5_496),
        0.05: (1_615, 5_358, 7_012, 21_984),
        0.025: (6_457, 21_429, 28_045, 87_933),
        0.01: (40_355, 133_930, 175_282, 549_581),
    },
    0.999: {
        0.1: (519, 1_455, 2_214, 5_957),
        0.05: (2_075, 5_818, 8_854, 23_826),
        0.025: (8_299, 23_271, 35_414, 95_302),
        0.01: (51_868, 145_443, 221_333, 595_633),
    },
    0.9999: {
        0.1: (634, 1_570, 2_674, 6_417),
        0.05: (2_536, 6_279, 10_696, 25_668),
        0.025: (10_141, 25_113, 42_782, 102_670),
        0.01: (63_381, 156_956, 267_385, 641_684),
    },
}
CONDITIONS = {"F1": "n > 0.8", "F2": "n - o > 0.02", "F3": "n - o > 0.1", "F4": "d < 0.1"}
"""The published use cases: a least quality, a gain, a large gain, and few changed predictions."""
PATTERN = "d < 0.1 +/- 0.01 /\\ n - o > 0.02 +/- 0.01"


def labels(condition, reliability, adaptivity, steps, *rest):
    return labels_needed(parse_condition(condition), reliability, adaptivity, steps, *rest)


@pytest.mark.parametrize(
    ("condition", "reliability", "adaptivity", "steps", "published"),
    [
        ("n > 0.8 +/- 0.01", 0.9999, "none", 1, 46_052),
        ("n > 0.8 +/- 0.01", 0.9999, "none", 32, 63_381),
        ("n > 0.8 +/- 0.01", 0.9999, "full", 32, 156_956),
        ("n > 0.8 +/- 0.05", 0.9999, "full", 32, 6_279),
        ("n - o > 0.02 +/- 0.02", 0.998, "none", 7, 44_269),
        ("n - o > 0.02 +/- 0.02", 0.998, "full", 7, 58_799),
        ("n - o > 0.1 +/- 0.1", 0.99, "full", 32, 5_496),
    ],
)
def test_the_numbers_that_the_paper_and_its_notebook_state_come_out(
    condition, reliability, adaptivity, steps, published
):
    assert labels(condition, reliability, adaptivity, steps).labels == published


@pytest.mark.parametrize("tolerance", [0.1, 0.05, 0.025, 0.01])
@pytest.mark.parametrize("reliability", GRID)
def test_every_cell_of_the_published_grid_comes_out_for_all_four_conditions(reliability, tolerance):
    cell = GRID[reliability][tolerance]
    for name, condition in CONDITIONS.items():
        found = [labels(f"{condition} +/- {tolerance}", reliability, each, 32).labels for each in ADAPTIVITIES]
        assert found == list(cell[:2] if name in ("F1", "F4") else cell[2:]), name


@pytest.mark.parametrize(("adaptivity", "published"), [("none", 29_048), ("full", 67_706)])
@pytest.mark.parametrize("told", [0.1, None])
def test_bennett_takes_the_published_labels_with_the_bound_told_or_from_the_clause_about_d(adaptivity, published, told):
    plan = labels(PATTERN, 0.9999, adaptivity, 32, "bennett", told)
    assert (plan.labels, plan.active_labels_per_commit) == (published, 2_189)
    assert [(clause.estimator, clause.needs_labels) for clause in plan.clauses] == [
        ("hoeffding", False),
        ("bennett", True),
    ]


def test_a_bound_that_is_told_costs_the_same_share_of_the_error_as_one_that_is_written():
    assert labels("n - o > 0.02 +/- 0.01", 0.9999, "full", 32, "bennett", 0.1).labels == 67_706


def test_labels_are_needed_until_the_first_change_as_many_as_without_adaptivity():
    """The published code knows no firstChange and answers 0."""
    found = [labels("n - o > 0.1 +/- 0.1", 0.99, each, 32).labels for each in ("firstChange", "none")]
    assert found == [1_753, 1_753]


def test_the_tolerance_is_split_so_that_no_operand_needs_more_rows_than_another():
    needed = labels("n - 3 * o > 0 +/- 0.1", 0.99, "none", 1).labels
    rows = {split: [math.log(2 / 0.01) * c**2 / (2 * e**2) for c, e in split] for split in _splits(1, 3, 0.1)}
    assert needed == math.ceil(min(max(each) for each in rows.values()))


def _splits(first, second, tolerance):
    return [((first, tolerance * k / 1000), (second, tolerance * (1000 - k) / 1000)) for k in range(1, 1000)]


def test_each_clause_gets_an_equal_share_of_the_error():
    one = labels("n > 0.8 +/- 0.05", 0.995, "none", 1).labels
    assert [clause.rows for clause in labels("n > 0.8 +/- 0.05 and o < 0.9 +/- 0.05", 0.99, "none", 1).clauses] == [
        one
    ] * 2


def test_a_factor_on_both_models_is_the_same_as_a_smaller_tolerance():
    scaled = labels("2 * n - 2 * o > 0.04 +/- 0.02", 0.99, "full", 32, "bennett", 0.1)
    assert scaled.labels == labels("n - o > 0.02 +/- 0.01", 0.99, "full", 32, "bennett", 0.1).labels


def test_by_bennett_a_clause_about_one_accuracy_keeps_hoeffding_and_all_its_labels():
    plan = labels(f"{PATTERN} /\\ n > 0.8 +/- 0.05", 0.99, "none", 1, "bennett")
    assert [clause.estimator for clause in plan.clauses] == ["hoeffding", "bennett", "hoeffding"]
    assert plan.active_labels_per_commit is None


@pytest.mark.parametrize(
    ("condition", "told", "missing"),
    [
        ("n - o > 0.02 +/- 0.01", None, "no bound on d"),
        ("n - o > 0.02 +/- 0.01 /\\ d > 0.1 +/- 0.01", None, "no bound on d"),
        ("n > 0.8 +/- 0.01", 0.1, "no clause such as n - o > 0.02"),
        ("n - 1.1 * o > 0.02 +/- 0.01", 0.1, "no clause such as n - o > 0.02"),
    ],
)
def test_bennett_is_refused_where_it_says_nothing(condition, told, missing):
    with pytest.raises(NoVarianceBound) as refused:
        labels(condition, 0.99, "full", 32, "bennett", told)
    assert str(refused.value) == missing


@pytest.mark.parametrize("u", [1e-9, 1e-6, 9.99e-4, 1.001e-3, 0.1, 5.0])
def test_bennetts_function_keeps_its_digits_where_the_closed_form_would_cancel(u):
    exact = math.fsum((-1) ** k * u**k / (k * (k - 1)) for k in range(2, 200)) if u < 0.5 else 6 * math.log(6) - 5
    assert _bennett_h(u) == pytest.approx(exact, rel=1e-9)


def test_more_steps_than_floats_have_powers_of_two_still_have_an_answer():
    assert labels("n > 0.8 +/- 0.1", 0.99, "full", 100_000).labels == math.ceil(
        (1e5 * math.log(2) + math.log(100)) / 0.02
    )


@pytest.mark.parametrize(
    ("text", "terms", "rest"),
    [
        ("n - 1.1 * o > 0.01 +/- 0.01", (("n", 1.0), ("o", -1.1)), (">", 0.01, 0.01)),
        ("n-o*1.1>0.01+/-0.01", (("n", 1.0), ("o", -1.1)), (">", 0.01, 0.01)),
        ("\n d\t<  .1 + / - 1e-2 ", (("d", 1.0),), ("<", 0.1, 0.01)),
        ("o - n < -0.02 +/- 0.01", (("n", -1.0), ("o", 1.0)), ("<", -0.02, 0.01)),
        ("n + n - o - d > 0.5 \N{PLUS-MINUS SIGN} 0.1", (("n", 2.0), ("o", -1.0), ("d", -1.0)), (">", 0.5, 0.1)),
        ("100 * n > 80 +/- 5", (("n", 100.0),), (">", 80.0, 5.0)),
    ],
)
def test_a_clause_reads_as_a_sum_of_variables_beside_a_threshold_and_a_tolerance(text, terms, rest):
    (clause,) = parse_condition(text).clauses
    assert clause.terms == tuple(Term(*each) for each in terms)
    assert (clause.order, clause.threshold, clause.tolerance) == rest


@pytest.mark.parametrize("joint", ["/\\", "and", "\N{LOGICAL AND}"])
def test_clauses_are_joined_by_and_in_each_of_its_spellings(joint):
    condition = parse_condition(f"n > 0.8 +/- 0.05 {joint} d < 0.1 +/- 0.01")
    assert [clause.text for clause in condition.clauses] == ["n > 0.8 +/- 0.05", "d < 0.1 +/- 0.01"]


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("", 0, "a variable (n: new accuracy, o: old, d: share that differs)"),
        ("N > 0.8 +/- 0.05", 0, "did you mean n?"),
        ("n - old > 0.02 +/- 0.01", 4, "did you mean o?"),
        ("n >= 0.8 +/- 0.05", 2, "did you mean >?"),
        ("n 0.8 +/- 0.05", 2, "one of > < + - *"),
        ("n > o +/- 0.05", 4, "variables stand on the left"),
        ("n > 80% +/- 5%", 4, "a number from 0 to 1 (0.8 for 80%)"),
        ("n - o < -2 +/- 0.1", 8, "a number from -1 to 1"),
        ("n > 0.8", 7, "+/- and a tolerance"),
        ("n > 0.8 +/- 0", 12, "a tolerance over 0 and under 1"),
        ("n > 0.8 +/- 0.05 d", 17, "/\\ and another clause, or the end"),
        ("n > 0.8 +/- 0.05 /\\", 19, "a variable"),
        ("2 n > 0.8 +/- 0.05", 2, "* and a variable"),
        ("n - n > 0.1 +/- 0.05", 0, "variables that do not cancel out"),
        ("n > 1e999 +/- 0.05", 4, "0, or a number from 1e-09 to 1,000,000"),
        ("n > 0.8 +/- x", 12, "a tolerance, such as 0.01"),
        ("(n - o) > 0.02 +/- 0.01", 0, "a variable"),
    ],
)
def test_a_mistake_says_where_it_is_and_what_would_have_been_right(text, offset, expected):
    with pytest.raises(ConditionMistake) as mistake:
        parse_condition(text)
    assert mistake.value.offset == offset
    assert expected in mistake.value.expected


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("n > 0.8 +/- 0.05", "accuracy > 0.8"),
        ("100 * n > 80 +/- 5", "accuracy > 0.8"),
        ("n - o > 0 +/- 0.01", "accuracy > champion.accuracy"),
        ("n - o > 0.02 +/- 0.01", "accuracy > champion.accuracy + 0.02"),
        ("o - n < 0.02 +/- 0.01", "accuracy > champion.accuracy - 0.02"),
        ("n - o < 0.3 +/- 0.01", "accuracy < champion.accuracy + 0.3"),
        ("n - 1.02 * o > 0 +/- 0.01", "accuracy > champion.accuracy * 1.02"),
        ("2 * n - 1 * o > 0 +/- 0.01", "accuracy > champion.accuracy * 0.5"),
    ],
)
def test_what_can_be_said_is_said_in_a_sentence_that_assay_reads(condition, sentence):
    assert assay_equivalent(parse_condition(condition)) == (sentence,)
    assert parse_sentence(sentence).text == sentence


def test_fn_free_becomes_a_sentence_that_forbids_the_opposite():
    (sentence,) = assay_equivalent(parse_condition("n - o > 0.02 +/- 0.01"), "fn-free")
    assert sentence == "no accuracy < champion.accuracy + 0.02"
    assert parse_sentence(sentence).text == sentence


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("d < 0.1 +/- 0.01", "disagreement is reported"),
        ("n - d > 0.1 +/- 0.01", "disagreement is reported"),
        ("o > 0.8 +/- 0.01", "nothing of the new model"),
        ("n + o > 1.5 +/- 0.01", "not about their sum"),
        ("n - 1.1 * o > 0.01 +/- 0.01", "a factor or a margin, not both"),
    ],
)
def test_what_cannot_be_said_says_why(condition, why):
    assert assay_equivalent(parse_condition(condition)) == ()
    (own,) = counterparts(parse_condition(condition), 0.99, 32)
    assert (own.sentence, own.delta, own.labels, own.labels_at_reliability) == (None, None, None, None)
    assert why in own.note


@pytest.mark.parametrize(
    ("condition", "reliability", "differ", "at_90", "at_reliability"),
    [
        ("n - o < 0.02 +/- 0.01", 0.99, 0.1, 4_481, 6_870),
        ("n - o < 0.02 +/- 0.01", 0.9999, 0.1, 8_368, 16_617),
        ("n - o < 0 +/- 0.01", 0.99, 0.1, 3_322, 5_455),
        ("n - o < 0 +/- 0.01", 0.99, 0.05, 1_660, 2_687),
    ],
)
def test_assays_own_labels_are_those_of_the_exact_power_computed_apart(
    condition, reliability, differ, at_90, at_reliability
):
    """Turned round by fn-free, which takes delta as it is; the numbers were computed with scipy, by another program."""
    (own,) = counterparts(parse_condition(condition), reliability, 1, "fn-free", differ)
    assert own.labels == pytest.approx(at_90, rel=0.03)
    assert own.labels_at_reliability == pytest.approx(at_reliability, rel=0.03)


def test_the_ledger_charges_the_last_of_the_steps():
    (own,) = counterparts(parse_condition("n > 0.8 +/- 0.05"), 0.99, 5)
    assert own.delta == pytest.approx(0.01 / (5 * 6) / 2)


def test_forbidding_sentences_share_the_error_and_are_not_charged_by_the_ledger():
    found = counterparts(
        parse_condition("n > 0.8 +/- 0.05 /\\ n - o > 0 +/- 0.05 /\\ d < 0.1 +/- 0.1"), 0.99, 32, "fn-free"
    )
    assert [own.delta for own in found] == [0.005, 0.005, None]


def test_where_nothing_is_known_of_d_the_plan_is_for_models_that_always_differ():
    unknown, known = (
        counterparts(parse_condition("n - o > 0.1 +/- 0.1"), 0.99, 1, "fp-free", d)[0] for d in (None, 1.0)
    )
    assert unknown.labels == known.labels
    assert unknown.note == "if the models differ at worst on all rows"


def test_the_written_bound_on_d_serves_the_plan_of_the_other_clause():
    _, own = counterparts(parse_condition("d < 0.5 +/- 0.1 /\\ n - o > 0.1 +/- 0.1"), 0.99, 1)
    assert own.note == "if the models differ on 50 % of the rows"


@pytest.mark.parametrize(
    "condition", ["n > 1 +/- 0.1", "n > 0.8 +/- 0.00001", "n - o > 1 +/- 0.1", "n - o > 0 +/- 0.00001"]
)
def test_what_no_number_of_labels_shows_has_none(condition):
    (own,) = counterparts(parse_condition(condition), 0.99, 32)
    assert (own.labels, own.labels_at_reliability) == (None, None)
    assert own.note == "not shown by any number of labels up to 100,000,000"


def test_a_reliability_below_nine_tenths_asks_for_fewer_labels_than_nine_tenths():
    (own,) = counterparts(parse_condition("n > 0.8 +/- 0.05"), 0.8, 1)
    assert own.labels_at_reliability < own.labels

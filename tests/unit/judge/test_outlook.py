"""What rows would have shown: told without a plan, and as a plan tells it."""

import math

import numpy as np
import pytest

from assay.core.sentence import parse_sentence
from assay.judge import Evidence, judge_sentence, labelled_rows
from assay.judge import question as questions
from assay.judge.outlook import has_enough_rows, lack, smallest_harm, would_show
from assay.judge.power import plan_labels
from assay.judge.question import Question
from assay.judge.trial import Trial

D = "b3:" + "0" * 64
COUNTED = [
    (Question("accuracy", 1, 0.8, None, 0.05), None, 0.0),
    (Question("error_rate", -1, 0.1, None, 0.01), None, 0.0),
    (Question("accuracy", 1, 0.0, 1.0, 0.05), 0.9, 0.08),
    (Question("accuracy", 1, 0.01, 1.0, 0.01), 0.9, 0.08),
    (Question("accuracy", 1, -0.03, 1.0, 0.05), 0.9, 0.08),
    (Question("accuracy", 1, 0.0, 0.98, 0.05), 0.9, 0.08),
]
AVERAGED = [
    (Question("mae", -1, 15.0, None, 0.05), None, 9.0),
    (Question("auc", 1, 0.0, 1.0, 0.01), 0.8, 0.4),
    (Question("brier", -1, 0.02, 1.0, 0.05), 0.1, 0.15),
]
CASES = [(*case, True) for case in COUNTED] + [(*case, False) for case in AVERAGED]


def trial(question, champion, spread, units, *, is_counted):
    tested = questions.Tested(0.5, champion, 0.0, (-1.0, 1.0), 0.5, "a test", spread)
    return Trial(question, tested, units, units, is_counted=is_counted)


@pytest.mark.parametrize(("question", "champion", "spread", "is_counted"), CASES)
def test_rows_are_enough_from_about_the_number_that_is_planned(question, champion, spread, is_counted):
    planned = plan_labels(question, champion or 0.0, spread, is_counted=is_counted).rows
    few, many = (
        trial(question, champion, spread, math.ceil(planned * times), is_counted=is_counted) for times in (0.9, 1.1)
    )
    assert not has_enough_rows(few)
    assert has_enough_rows(many)


@pytest.mark.parametrize(("question", "champion", "spread", "is_counted"), CASES)
def test_the_smallest_harm_is_the_least_distance_that_would_be_shown(question, champion, spread, is_counted):
    seen = trial(question, champion, spread, 4_000, is_counted=is_counted)
    harm = smallest_harm(seen)
    assert would_show(seen, harm)
    assert not would_show(seen, 0.95 * harm)


def test_a_handful_of_rows_would_show_no_harm_at_all():
    question = Question("accuracy", -1, 0.0, 1.0, 0.01)
    assert smallest_harm(trial(question, 0.9, 0.1, 5, is_counted=True)) is None


def test_fewer_rows_and_more_disagreement_lack_more():
    question = Question("accuracy", 1, 0.0, 1.0, 0.05)
    some, fewer = (trial(question, 0.9, 0.1, units, is_counted=True) for units in (1_000, 500))
    wilder = trial(question, 0.9, 0.3, 1_000, is_counted=True)
    assert lack(some) < lack(fewer)
    assert lack(some) < lack(wilder)


SENTENCES = (
    "every slice(carrier).accuracy >= 0.89",
    "every slice(carrier).accuracy > champion.accuracy",
    "every slice(carrier).accuracy > champion.accuracy - 0.02",
    "every slice(carrier).accuracy > champion.accuracy * 0.99",
    "every slice(carrier).mae < champion.mae",
    "every slice(carrier).f1 >= champion.f1 - 0.02",
)


def uneven_rows():
    """A dozen slices from 60 to 4,000 rows, on which two equally good models differ more or less."""
    rng = np.random.default_rng(8)
    counts = np.geomspace(60, 4_000, 12).astype(int)
    carrier = np.repeat(np.array([f"C{at:02d}" for at in range(12)], object), counts)
    labels = rng.integers(0, 2, len(carrier))
    differ = np.repeat(rng.uniform(0.02, 0.2, 12), counts)
    new, old = (np.where(rng.random(len(labels)) < 0.1 + differ / 2, 1 - labels, labels) for _ in range(2))
    return Evidence(labels, new, old, D, D, D, D, "r1", columns={"carrier": carrier})


@pytest.mark.parametrize("text", SENTENCES)
def test_each_slice_is_judged_as_if_it_had_been_planned_alone(text):
    evidence = uneven_rows()
    labelled = labelled_rows(evidence)
    judged = judge_sentence(parse_sentence(text), labelled, 0.05, None, min_rows=1)
    alone = {}
    for each in judged.slices:
        name = each.slice.removeprefix("carrier=")
        plain = parse_sentence(text.replace("every slice(carrier)", f"slice(carrier={name})"))
        alone[each.slice] = judge_sentence(plain, labelled, 0.05, None)
    assert {each.slice: each.verdict for each in judged.slices} == {name: each.verdict for name, each in alone.items()}
    needs = [
        each.labels_needed_total * len(evidence.labels) / each.rows
        for each in alone.values()
        if each.labels_needed_total
    ]
    if needs:
        assert judged.labels_needed_total == pytest.approx(max(needs), rel=0.05)


def test_the_slice_that_a_sentence_names_says_what_more_labels_would_show():
    judged = judge_sentence(parse_sentence(SENTENCES[1]), labelled_rows(uneven_rows()), 0.05, None, min_rows=1)
    assert (
        "rows of this slice are enough to show" in judged.reason or "more labels of this slice would" in judged.reason
    )

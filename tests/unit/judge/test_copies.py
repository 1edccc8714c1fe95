"""Copies of rows are no evidence of their own; rows that are only alike are."""

import msgspec
import numpy as np
import pytest

from assay.core.digest import digest_of
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide
from assay.judge.copies import copies_among
from assay.judge.evidence import labelled_rows

NAME = digest_of(b"any")


def evidence_of(contents, **more):
    count = len(next(iter(contents.values())))
    labels = contents.get("label", np.ones(count, np.int64))
    answers = np.where(np.arange(count) % 10, labels, 1 - labels) if labels.dtype.kind == "i" else labels
    return Evidence(labels, answers, None, NAME, NAME, NAME, contents=contents, columns=contents, **more)


def found(contents, clusters=None, **more):
    evidence = evidence_of(contents, **more)
    rows = labelled_rows(evidence)
    return copies_among(evidence, msgspec.structs.replace(rows, clusters=clusters))


def measured(rng, count):
    """Rows as they are measured: two decimals, and a class."""
    return {
        "km": rng.uniform(1, 10, count).round(2),
        "x": rng.normal(0, 1, count).round(4),
        "label": rng.integers(0, 2, count),
    }


def taken(contents, rows):
    return {name: values[rows] for name, values in contents.items()}


@pytest.mark.parametrize("count", [40, 100, 1000])
@pytest.mark.parametrize("times", [2, 8, 30])
def test_a_file_that_stands_there_several_times_is_worth_one(count, times):
    contents = taken(measured(np.random.default_rng(1), count), np.tile(np.arange(count), times))
    copies = found(contents)
    assert copies.is_inflating
    assert (copies.rows, copies.repeated, copies.worth) == (count * times, count * (times - 1), count)


def test_rows_that_were_drawn_with_replacement_are_copies_too():
    rng = np.random.default_rng(2)
    copies = found(taken(measured(rng, 1000), rng.integers(0, 1000, 1000)))
    assert copies.is_inflating
    assert 450 < copies.worth < 550


def test_answers_alone_tell_copies_of_a_whole_file():
    rng = np.random.default_rng(3)
    rows = np.tile(np.arange(100), 8)
    scores = rng.uniform(0, 1, 100).round(4)[rows]
    assert found({"label": rng.integers(0, 2, 100)[rows]}, challenger_score=scores, answers_tell=True).is_inflating


def kinds_of_ten_flags(rng, count):
    """Rows of ten truth values: all of a kind have the score that a model computes of them."""
    flags = rng.random((count, 10)) < rng.uniform(0.2, 0.8, 10)
    return flags, (flags @ rng.normal(0, 1, 10)).round(5)


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: {"km": rng.uniform(1, 10, 500).round(2)},
        lambda rng: {"km": rng.exponential(3, 2000).round(1), "label": rng.integers(0, 2, 2000)},
        lambda rng: {"cents": rng.lognormal(5, 1.5, 2000).round(0), "kind": rng.integers(0, 3, 2000)},
        lambda rng: {"kind": rng.integers(0, 6, 900), "label": rng.integers(0, 2, 900)},
        lambda rng: {"minutes": rng.poisson(30, 5000), "label": rng.integers(0, 2, 5000)},
        lambda rng: {"price": rng.choice(rng.lognormal(3, 1, 40), 3000), "label": rng.integers(0, 2, 3000)},
        lambda rng: {"spent": np.where(rng.random(2000) < 0.5, 0, rng.gamma(2, 50, 2000)).round(2)},
    ],
)
def test_rows_that_are_alike_by_chance_are_hardly_ever_called_copies(make):
    called = [found(make(np.random.default_rng(seed))) for seed in range(100, 160)]
    assert sum(copies is not None and copies.is_inflating for copies in called) == 0


def test_equal_scores_of_rows_of_one_kind_are_no_copies():
    def scored(seed):
        rng = np.random.default_rng(seed)
        _, scores = kinds_of_ten_flags(rng, 2000)
        labels = (rng.random(2000) < 1 / (1 + np.exp(-scores))).astype(np.int64)
        return found({"label": labels}, challenger_score=scores, answers_tell=True)

    assert not any(copies.is_inflating for copies in map(scored, range(60)))


def test_copies_of_rows_that_belong_together_count_once_each():
    contents = taken(measured(np.random.default_rng(4), 100), np.tile(np.arange(100), 8))
    assert found(contents, clusters=np.tile(np.arange(100), 8)) is None
    assert found(contents, clusters=np.repeat(np.arange(8), 100)).is_inflating


def test_a_few_copies_among_many_rows_are_told_and_change_nothing():
    contents = taken(measured(np.random.default_rng(5), 10_000), np.r_[np.arange(10_000), np.arange(40)])
    verdict = decide(gate_of("accuracy >= 0.8"), evidence_of(contents))
    assert verdict.outcome == "pass"
    assert verdict.notes[0].what == "41 of the 10,040 labelled rows are a copy of an earlier one"
    assert verdict.notes[0].because[-1] == "that is too few of them to change the verdict"


def gate_of(*sentences, **more):
    return GateAction(None, tuple(map(parse_sentence, sentences)), **more)


@pytest.mark.parametrize("sentence", ["accuracy >= 0.8", "accuracy >= 0.95", "no slice(label).accuracy < 0.5"])
def test_a_sentence_on_copies_is_undecided_whatever_it_asks(sentence):
    contents = taken(measured(np.random.default_rng(6), 200), np.tile(np.arange(200), 8))
    verdict = decide(gate_of(sentence), evidence_of(contents))
    (judged,) = verdict.sentences
    assert (verdict.outcome, judged.verdict) == ("undecided", "undecided")
    assert judged.reason.startswith("1,400 of the 1,600 labelled rows are a copy of an earlier one")
    assert (judged.p_value, judged.interval, verdict.labels_more) == (None, None, None)
    (note,) = verdict.notes
    assert (note.code, note.because[1]) == ("gate-rows-copied", "together they are worth 200 rows")
    assert "`group:`" in note.fix


def test_under_a_seal_the_same_is_told_whatever_the_labels_are():
    rng = np.random.default_rng(7)
    contents = taken({"km": rng.uniform(0, 1, 300), "kind": rng.integers(0, 3, 300)}, np.tile(np.arange(300), 4))
    gate = gate_of("accuracy >= 0.8", reveal="verdict")

    def told(labels):
        evidence = evidence_of(contents)
        return decide(gate, msgspec.structs.replace(evidence, labels=labels))

    good, bad = told(np.ones(1200, np.int64)), told(np.zeros(1200, np.int64))
    assert good == bad
    assert (good.outcome, good.sentences[0].verdict, good.notes[0].code) == ("undecided", "sealed", "gate-rows-copied")
    assert "label" not in good.notes[0].because[0]

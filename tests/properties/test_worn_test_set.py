"""A test set that is asked again and again: the ledger bounds every false pass, and the seal leaves nothing to tune on.

The attackers are those of ``bench/attackers.py``, which prints fuller tables; here they are smaller. Fixed seeds; limits leave four
standard errors of the simulation or more.
"""

import importlib.util
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Wear, decide
from assay.judge.power import paired_power

ROOT = Path(__file__).parents[2]
DELTA, TRIES = 0.01, 200


def load(name):
    spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / "bench" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


attackers = load("attackers")


def room(share, runs):
    return 4 * math.sqrt(share * (1 - share) / runs)


# ---- hill climbing: pass or not pass is all that is learnt -----------------------------------------------------------------


def climbed(rule, runs=15):
    rng = np.random.default_rng(11)
    return [attackers.Climber(attackers.RULES[rule], 2_000, rng).climb(TRIES) for _ in range(runs)]


def test_somebody_who_keeps_whatever_is_larger_climbs_without_any_gain():
    climbers = climbed("new > old", runs=40)
    assert np.mean([climber.wear.passes for climber in climbers]) > 15
    assert np.mean([climber.claimed for climber in climbers]) > 0.04


def test_a_test_that_is_asked_200_times_at_its_written_level_passes_some_model_that_is_no_better():
    assert np.mean([climber.wear.passes > 0 for climber in climbed("99 %, each as written")]) > 0.4


def test_with_the_ledger_hardly_a_climber_passes_once():
    climbers = climbed("the ledger")
    assert np.mean([climber.wear.passes > 0 for climber in climbers]) <= DELTA + room(DELTA, len(climbers))
    assert all(climber.wear.decisions == TRIES for climber in climbers)


def test_of_20000_climbers_hardly_more_pass_the_ledger_once_than_a_third_of_what_delta_allows():
    by_ledger, as_written = attackers.ever_pass(20_000, 2_000, np.random.default_rng(12))
    assert 0.0005 < by_ledger <= DELTA / 2
    assert as_written > 0.5


@pytest.mark.parametrize("rows", [2_000, 5_000])
def test_after_50_tries_a_better_model_passes_as_often_as_the_planner_says(rows):
    runs, rng = 120, np.random.default_rng(13)
    worn = Wear(attackers.AFTER)
    passed = 0
    for _ in range(runs):
        climber = attackers.Climber(attackers.RULES["the ledger"], rows, rng)
        climber.wear = worn
        passed += climber.submit(climber.better_model())
    says = paired_power(rows, attackers.GAIN, 0.0, attackers.GAIN_DIFFER, worn.left(DELTA))
    assert passed / runs == pytest.approx(says, abs=room(says, runs))


# ---- boosting: whatever a verdict says is learnt ---------------------------------------------------------------------------


def attacks(reveal, *, classes, sets, rows, submissions):
    rng = np.random.default_rng(14)
    return [attackers.attack(reveal, rows, submissions, rng, classes) for _ in range(sets)]


def gained(found, place):
    """By how many standard errors a vote weighted by what stands at a place is better (or worse) than a coin, over all test sets.

    Both directions count: the attacker could turn the weights round.
    """
    errors = []
    for one in found:
        classes = len(np.unique(one.labels))
        right = attackers.share_right(one.labels, one.vote(place))
        errors.append((right - 1 / classes) / math.sqrt((1 - 1 / classes) / classes / len(one.labels)))
    return abs(sum(errors)) / math.sqrt(len(errors))


def places_told(found):
    return sorted({place for one in found for place in one.told_apart})


def test_printed_accuracies_are_enough_to_build_a_model_of_coins_that_every_test_believes():
    found = attacks("metrics", classes=2, sets=1, rows=600, submissions=120)
    assert gained(found, attackers.TOLD) > 6
    models = [(one.sample(one.vote(attackers.TOLD)), one.wear) for one in found]
    for name in ("new > old", "99 %, each as written", "delta / 200"):
        assert all(attackers.RULES[name](sample, wear) for sample, wear in models)


@pytest.mark.parametrize("classes", [2, 3])
def test_nothing_that_a_sealed_verdict_says_helps_to_build_such_a_model(classes):
    """Of three classes, how often exactly one of two models is right depends on the labels; of two it does not."""
    found = attacks("verdict", classes=classes, sets=3, rows=100, submissions=25)
    assert all(one.told for one in found)
    for place in places_told(found):
        assert gained(found, place) < 4.5, place


SENTENCES = (
    "accuracy > champion.accuracy at 99%",
    "accuracy >= champion.accuracy - 0.02",
    "accuracy > champion.accuracy * 1.1",
    "accuracy >= 0.8",
    "error_rate <= 0.2",
    "recall > champion.recall",
    "precision > champion.precision",
    "f1 >= 0.9",
    "auc > champion.auc + 0.01",
    "log_loss < champion.log_loss",
    "brier < champion.brier",
    "brier <= 0.1",
    "every slice(region).accuracy > champion.accuracy",
    "slice(region=north).auc >= 0.8",
    "gap(region).accuracy <= 0.05",
    "no slice(region).accuracy < champion.accuracy - 0.05",
    "no recall < 0.4 at 99%",
)


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sealed_verdict_says_the_same_whatever_the_labels_are(text):
    """But for pass or not pass. So no attacker, however clever, can learn anything else of them."""
    rng = np.random.default_rng(15)
    gate = GateAction("test.parquet", (parse_sentence(text),), detect=0.1, reveal="verdict")
    for rows in (60, 4_000):
        shown = scored(rng, rows)
        labellings = [(rng.random(rows) < share).astype(int) for share in (0.5, 0.5, 0.1, 0.9)]
        verdicts = [decide(gate, msgspec.structs.replace(shown, labels=labels), Wear(3, 1)) for labels in labellings]
        for has_passed in (True, False):
            said = {msgspec.json.encode(each) for each in verdicts if (each.outcome == "pass") == has_passed}
            assert len(said) <= 1


def scored(rng, rows):
    """What two models say of so many rows."""
    new, old = rng.random((2, rows))
    return msgspec.structs.replace(
        attackers.Sample(np.zeros(rows, int), (new > 0.5).astype(int), (old > 0.5).astype(int)).evidence,
        challenger_score=new,
        champion_score=old,
        columns={"region": rng.choice(["north", "south"], rows)},
    )


def test_a_sealed_verdict_tells_fail_from_undecided_by_the_number_of_rows():
    rng = np.random.default_rng(16)
    gate = GateAction("test.parquet", (parse_sentence(SENTENCES[0]),), detect=0.1, reveal="verdict")
    outcomes = []
    for rows in (60, 4_000):
        labels, new, old = rng.integers(0, 3, (3, rows))
        outcomes.append(decide(gate, attackers.Sample(labels, new, old).evidence, Wear(3, 1)).outcome)
    assert outcomes == ["undecided", "fail"]


def test_of_three_classes_too_the_labels_do_not_show():
    """Here how often exactly one of two models is right depends on the labels, and how often they answer differently does not."""
    rng = np.random.default_rng(17)
    gate = GateAction("test.parquet", (parse_sentence(SENTENCES[0]),), reveal="verdict")
    new, old, *labellings = rng.integers(0, 3, (6, 300))
    verdicts = [decide(gate, attackers.Sample(labels, new, old).evidence, Wear(3, 1)) for labels in labellings]
    assert {verdict.outcome for verdict in verdicts} == {"undecided"}
    assert len({verdict.labels_needed_total for verdict in verdicts}) == 1
    assert len({msgspec.json.encode(verdict) for verdict in verdicts}) == 1

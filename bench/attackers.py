"""A test set that is asked 200 times: what tuning on the answers gains, under several gates and under the seal.

    python bench/attackers.py [--quick]

Hill climbing: every try re-predicts some rows blindly, so its true gain is 0, and what passes is kept. It learns pass or not pass alone.
Boosting (Blum and Hardt, The Ladder, 2015): 200 submissions of coins, then one vote of them, weighted by what the gate said of each. The
attacker reads everything that a verdict holds, whatever ``reveal`` is; under the seal that is its outcome and what no label had a part in.
Every answer is the product's own (``assay.judge``), seeds are fixed.
"""

import argparse
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np

from assay.core.metrics import MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.core.verdict import Reveal
from assay.judge import Evidence, Wear, decide, labelled_rows, question_of
from assay.judge.array_tails import critical_counts
from assay.judge.trial import Trial, try_question

SENTENCE = parse_sentence("accuracy > champion.accuracy at 99%")
DELTA = 0.01
TRIES = 200
DIGEST = "b3:" + "0" * 64
ACCURACY, DIFFER = 0.8, 0.05
"""Of the models that climb: how often each is right, and on how many rows one differs from the last."""
AFTER, GAIN, GAIN_DIFFER = 50, 0.03, 0.1
"""The model that is truly better: after how many tries it comes, by how much it is better, on how many rows it differs."""
TOLD = "sentences.0.challenger"
"""Where an open verdict prints the accuracy."""


class Sample(msgspec.Struct, frozen=True, eq=False):
    """A test set: labels, and what two models say."""

    labels: np.ndarray
    new: np.ndarray
    old: np.ndarray

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.labels, self.new, self.old, DIGEST, DIGEST, DIGEST, DIGEST, "r1")


Rule = Callable[[Sample, Wear], bool]


def is_shown(sample: Sample, delta: float) -> bool:
    """The sentence passes: the gate's own test, without the plan for what is not shown, which would take most of the time."""
    trial = try_question(question_of(SENTENCE, delta), labelled_rows(sample.evidence), MetricSettings())
    return isinstance(trial, Trial) and trial.is_shown


def share_right(labels: np.ndarray, predictions: np.ndarray) -> float:
    return float((predictions == labels).mean())


RULES: dict[str, Rule] = {
    "new > old": lambda sample, wear: share_right(sample.labels, sample.new) > share_right(sample.labels, sample.old),
    "99 %, each as written": lambda sample, wear: is_shown(sample, DELTA),
    "delta / 200": lambda sample, wear: is_shown(sample, DELTA / TRIES),
    "the ledger": lambda sample, wear: is_shown(sample, wear.left(DELTA)),
    "delta / 2^200": lambda sample, wear: is_shown(sample, DELTA / 2**TRIES),
}


# ---- hill climbing ---------------------------------------------------------------------------------------------------------


class Climber:
    """Somebody who keeps what passes. No model of theirs is better than the first."""

    def __init__(self, rule: Rule, rows: int, rng: np.random.Generator) -> None:
        self.rule, self.rng = rule, rng
        self.labels = rng.integers(0, 2, rows)
        self.champion = self._answers(np.full(rows, ACCURACY))
        self.first = share_right(self.labels, self.champion)
        self.wear = Wear()

    @property
    def claimed(self) -> float:
        """What the test set says was gained."""
        return share_right(self.labels, self.champion) - self.first

    def climb(self, tries: int) -> "Climber":
        share = DIFFER / (2 * ACCURACY * (1 - ACCURACY))
        for _ in range(tries):
            again = self.rng.random(len(self.labels)) < share
            new = np.where(again, self._answers(np.full(len(again), ACCURACY)), self.champion)
            if self.submit(new):
                self.champion = new
        return self

    def submit(self, new: np.ndarray) -> bool:
        passed = bool(self.rule(Sample(self.labels, new, self.champion), self.wear))
        self.wear = Wear(self.wear.decisions + 1, self.wear.passes + passed)
        return passed

    def better_model(self) -> np.ndarray:
        """A model that is truly better than the champion."""
        is_right = self.champion == self.labels
        chance_right = np.where(
            is_right, 1 - (GAIN_DIFFER - GAIN) / 2 / ACCURACY, (GAIN_DIFFER + GAIN) / 2 / (1 - ACCURACY)
        )
        return self._answers(chance_right)

    def _answers(self, chance_right: np.ndarray) -> np.ndarray:
        return np.where(self.rng.random(len(chance_right)) < chance_right, self.labels, 1 - self.labels)


def ever_pass(runs: int, rows: int, rng: np.random.Generator) -> tuple[float, float]:
    """The share of climbers who pass at least once: with the ledger, and with each sentence as written.

    Until the first pass the champion stays, so what each try wins and loses can be drawn at once, for many climbers.
    """
    again = DIFFER / (2 * ACCURACY * (1 - ACCURACY))
    wrong = rng.binomial(rows, 1 - ACCURACY, runs)
    by_ledger, as_written = np.zeros((2, runs), bool)
    possible = np.arange(rows + 1.0)
    written = critical_counts(possible, 0.5, DELTA)
    for decisions in range(TRIES):
        left = critical_counts(possible, 0.5, Wear(decisions).left(DELTA))
        wins = rng.binomial(wrong, again * ACCURACY)
        differ = wins + rng.binomial(rows - wrong, again * (1 - ACCURACY))
        by_ledger |= wins >= left[differ]
        as_written |= wins >= written[differ]
    return float(by_ledger.mean()), float(as_written.mean())


def promotes_better(rule: Rule, rows: int, rng: np.random.Generator) -> bool:
    climber = Climber(rule, rows, rng).climb(AFTER)
    return climber.submit(climber.better_model())


# ---- boosting --------------------------------------------------------------------------------------------------------------


class Attack(msgspec.Struct, frozen=True, eq=False):
    """A test set on which coins were submitted, and what was said of each."""

    labels: np.ndarray
    champion: np.ndarray
    submissions: np.ndarray
    """submissions x rows."""
    told: list[dict[str, float]]
    """For each submission, every number in its verdict by its place, and 1.0 for every text."""
    wear: Wear

    @property
    def told_apart(self) -> list[str]:
        """The places that do not say the same of all submissions."""
        places = sorted({place for said in self.told for place in said})
        return [place for place in places if np.ptp(self._said(place)) > 0]

    def vote(self, place: str, *, is_weighted: bool = True) -> np.ndarray:
        """One model of all submissions. Each has a vote by how far what was said of it lies above what is usual; or one vote if
        it lies above, and none else."""
        said = self._said(place)
        weights = said - said.mean() if is_weighted else (said > np.median(said)) * 1.0
        classes = np.unique(self.labels)
        return classes[np.argmax([weights @ (self.submissions == name) for name in classes], axis=0)]

    def sample(self, model: np.ndarray) -> Sample:
        return Sample(self.labels, model, self.champion)

    def _said(self, place: str) -> np.ndarray:
        return np.array([said.get(place, 0.0) for said in self.told])


def attack(reveal: Reveal, rows: int, tries: int, rng: np.random.Generator, classes: int = 2) -> Attack:
    """Submit coins to a gate with a ledger, and write down what its verdicts say."""
    gate = GateAction("test.parquet", (SENTENCE,), reveal=reveal)
    labels, champion = rng.integers(0, classes, (2, rows))
    submissions = rng.integers(0, classes, (tries, rows))
    told, wear = [], Wear()
    for submission in submissions:
        verdict = decide(gate, Sample(labels, submission, champion).evidence, wear)
        told.append(dict(numbers_in(msgspec.to_builtins(verdict))))
        wear = Wear(wear.decisions + 1, wear.passes + (verdict.outcome == "pass"))
    return Attack(labels, champion, submissions, told, wear)


_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")


def numbers_in(said: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a value, by its place; those in texts too, and 1.0 for what the text says between them."""
    match said:
        case dict():
            for name, value in said.items():
                yield from numbers_in(value, f"{place}.{name}" if place else name)
        case list() | tuple():
            for at, value in enumerate(said):
                yield from numbers_in(value, f"{place}.{at}")
        case str():
            yield f"{place}={_NUMBER.sub('#', said)}", 1.0
            for at, number in enumerate(_NUMBER.findall(said)):
                yield f"{place}#{at}", float(number.replace(",", ""))
        case bool() | int() | float():
            yield place, float(said)


# ---- what is shown ---------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a twentieth of the runs")
    runs, sets = (20, 3) if parser.parse_args().quick else (400, 60)
    start = time.process_time()
    hill_climbing(runs)
    boosting(sets)
    print(f"\n{time.process_time() - start:.0f} CPU s in all")


def hill_climbing(runs: int, rows: int = 2_000) -> None:
    print(
        f"hill climbing: {TRIES} tries, each with a true gain of 0, {rows:,} rows, models differ on {DIFFER:.0%}; ",
        end="",
    )
    print(f"delta {DELTA}, {runs} runs, seed 1")
    print(
        f"power: a model that is truly {100 * GAIN:.0f} points better and differs on {GAIN_DIFFER:.0%} comes ", end=""
    )
    print(f"after {AFTER} tries; {runs} runs, seed 2")
    print(
        f"  {'gate':<24}{'false passes':>14}{'P(any)':>9}{'gain claimed':>15}{'power, 2,000 rows':>20}{'5,000 rows':>13}"
    )
    for name, rule in RULES.items():
        rng = np.random.default_rng(1)
        climbers = [Climber(rule, rows, rng).climb(TRIES) for _ in range(runs)]
        passes = np.array([climber.wear.passes for climber in climbers])
        claimed = 100 * np.mean([climber.claimed for climber in climbers])
        rng = np.random.default_rng(2)
        found = [np.mean([promotes_better(rule, size, rng) for _ in range(runs)]) for size in (2_000, 5_000)]
        print(f"  {name:<24}{passes.mean():>14.2f}{np.mean(passes > 0):>9.2%}{claimed:>12.2f} pt", end="")
        print(f"{found[0]:>20.0%}{found[1]:>13.0%}", flush=True)
    by_ledger, as_written = ever_pass(250 * runs, rows, np.random.default_rng(4))
    print(f"  of {250 * runs:,} such climbers (seed 4), P(any) until the first pass: 99 %, each as written, ", end="")
    print(f"{as_written:.2%}; the ledger {by_ledger:.2%}")


def boosting(sets: int, rows: int = 2_000) -> None:
    print(
        f"\nboosting: {TRIES} coins against a coin, {rows:,} rows of two classes, {sets} test sets, seed 3; true accuracy 50 %"
    )
    print(f"  {'reveal':<9}{'the last model is a vote by':<47}{'on the test set':>16}   accepted by", end="")
    print(f" {', '.join(list(RULES)[:-1])}")
    reveals: tuple[Reveal, ...] = ("metrics", "verdict")
    for reveal in reveals:
        rng = np.random.default_rng(3)
        attacks = [attack(reveal, rows, TRIES, rng) for _ in range(sets)]
        if all(TOLD in one.told_apart for one in attacks):
            print_votes(reveal, f"{TOLD}, of those above the median", attacks, TOLD, is_weighted=False)
            print_votes(reveal, f"{TOLD}, weighted", attacks, TOLD)
            continue
        for place in sorted({place for one in attacks for place in one.told_apart}):
            print_votes(reveal, f"{place}, weighted", attacks, place)


def print_votes(reveal: str, name: str, attacks: list[Attack], place: str, *, is_weighted: bool = True) -> None:
    models = [one.vote(place, is_weighted=is_weighted) for one in attacks]
    seen = 100 * np.mean([share_right(one.labels, model) for one, model in zip(attacks, models, strict=True)])
    accepted = [
        np.mean([rule(one.sample(model), one.wear) for one, model in zip(attacks, models, strict=True)])
        for rule in list(RULES.values())[:-1]
    ]
    print(f"  {reveal:<9}{name:<47}{seen:>14.1f} %   {', '.join(f'{share:.0%}' for share in accepted)}", flush=True)


if __name__ == "__main__":
    main()

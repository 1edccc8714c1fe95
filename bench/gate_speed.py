"""What a gate costs beyond scoring: CPU seconds of whole decisions on 100,000 rows, beside what is usually done with the same rows.

    python bench/gate_speed.py        (with -v: each sentence's verdict; pandas, scikit-learn and scipy where they are installed)

Every figure is the least of several runs in CPU seconds of this process: the machine may be shared. Seeds are fixed.
The limits: 1 CPU s for 20 sentences with 50 slices, 50 ms to plan a sentence.
"""

import platform
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from assay.core.metrics import CostColumn, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, Question, Wear, decide, labelled_rows, plan_labels
from assay.judge.power import rows_for_gain, rows_for_mean, rows_for_share
from assay.judge.tails import share_lower, share_upper
from assay.judge.weakest import find_weakest

ROWS, SLICES, REPEATS, RESAMPLES = 100_000, 50, 5, 1_000
KEPT = share_lower, share_upper, rows_for_share, rows_for_gain, rows_for_mean
"""What keeps its answers: forgotten before each run, as a gate runs in a process of its own."""
NOTHING = "b3:" + "0" * 64

SHARES = tuple(
    f"{quantifier} slice({column}).{metric} {right}"
    for column in ("carrier", "origin")
    for quantifier, metric, right in (
        ("every", "accuracy", ">= 0.75"),
        ("every", "recall", ">= 0.5"),
        ("every", "error_rate", "<= 0.25"),
        ("every", "accuracy", "> champion.accuracy - 0.05"),
        ("every", "recall", "> champion.recall - 0.2"),
        ("no", "accuracy", "< champion.accuracy - 0.05 at 99%"),
        ("no", "accuracy", "< 0.75"),
        ("no", "recall", "< champion.recall"),
        ("no", "error_rate", "> champion.error_rate + 0.05"),
        ("no", "error_rate", "> 0.25"),
    )
)
"""The limit to the letter: each of 20 sentences speaks of 50 slices."""

MIXED = (
    "accuracy > champion.accuracy at 99%",
    "accuracy > champion.accuracy - 0.005",
    "accuracy > champion.accuracy * 1.01",
    "accuracy >= 0.8",
    "precision >= 0.7",
    "precision > champion.precision - 0.01",
    "f1 > champion.f1",
    "auc > champion.auc",
    "average_precision > champion.average_precision - 0.01",
    "brier <= champion.brier",
    "log_loss <= champion.log_loss * 1.05",
    "slice(carrier=C07).auc >= 0.8",
    "gap(carrier).accuracy < 0.15",
    "every slice(carrier).accuracy >= 0.75",
    "every slice(carrier).recall >= 0.5",
    "every slice(origin).error_rate <= champion.error_rate + 0.05",
    "no slice(carrier).accuracy < champion.accuracy - 0.05 at 99%",
    "no slice(carrier).recall < champion.recall - 0.1",
    "no slice(origin).error_rate > champion.error_rate + 0.05",
    "no slice(origin).accuracy < 0.75",
)
"""What people write: plain sentences of every metric, slices of shares, and a gap."""

UNSHOWN = tuple(
    f"every slice({column}).{metric} {right}"
    for column in ("carrier", "origin")
    for metric, right in (
        ("accuracy", "> champion.accuracy"),
        ("accuracy", "> champion.accuracy at 99%"),
        ("accuracy", "> champion.accuracy + 0.01"),
        ("accuracy", "> champion.accuracy - 0.01"),
        ("accuracy", "> champion.accuracy * 0.99"),
        ("error_rate", "< champion.error_rate"),
        ("error_rate", "< champion.error_rate - 0.01"),
        ("recall", "> champion.recall"),
        ("recall", "> champion.recall - 0.01"),
        ("accuracy", ">= 0.77"),
    )
)
"""The dearest of shares: hardly a slice shows anything, and what is not shown is planned for."""

RANKED = tuple(
    f"{quantifier} slice({column}).{metric} {right}"
    for column in ("carrier", "origin")
    for quantifier, metric, right in (
        ("every", "auc", ">= 0.8"),
        ("every", "auc", "> champion.auc - 0.05"),
        ("every", "average_precision", ">= 0.6"),
        ("every", "brier", "<= 0.15"),
        ("every", "log_loss", "<= champion.log_loss * 1.2"),
        ("every", "f1", ">= 0.6"),
        ("no", "auc", "< champion.auc - 0.05"),
        ("no", "brier", "> champion.brier + 0.02"),
        ("no", "log_loss", "> 0.6"),
        ("no", "f1", "< champion.f1 - 0.1"),
    )
)
"""The dearest metrics, each in 50 slices."""

AMOUNTS = (
    "mae < champion.mae",
    "mae <= 15",
    "rmse < champion.rmse",
    "rmse <= champion.rmse * 1.02",
    "r2 > champion.r2 - 0.01",
    "r2 >= 0.5",
    "quantile_loss <= champion.quantile_loss",
    "cost < 200",
    "score >= champion.score - 0.01",
    "gap(carrier).mae < 8",
    "every slice(carrier).mae <= 20",
    "every slice(carrier).rmse <= champion.rmse * 1.2",
    "every slice(origin).r2 >= 0.3",
    "every slice(origin).quantile_loss <= 10",
    "every slice(carrier).score >= 0.4",
    "no slice(carrier).mae > champion.mae + 2",
    "no slice(origin).rmse > champion.rmse + 2",
    "no slice(carrier).r2 < champion.r2 - 0.1",
    "no slice(origin).cost > 250",
    "no slice(origin).score < champion.score - 0.05",
)
"""Regression."""


def main() -> None:
    print(conditions())
    print(f"\n{'20 sentences':<78}{'CPU s':>14}")
    arrivals, minutes = classified(), predicted()
    amounts = MetricSettings(quantile=0.5, cost=CostColumn("fare"), score_range=(0.0, 1.0))
    print_gate("shares, each of 50 slices (the limit)", SHARES, arrivals)
    print_gate("shares of 50 slices, hardly one shown: plans", UNSHOWN, arrivals)
    print_gate("the same on rows that were asked 30 times", UNSHOWN, arrivals, wear=Wear(30, 2))
    print_gate("the same, sealed", UNSHOWN, arrivals, wear=Wear(30, 2), reveal="verdict")
    print_gate("a mixture, 8 of 50 slices", MIXED, arrivals)
    print_gate("the mixture with labels in words", MIXED, spelled_out(arrivals), MetricSettings(positive="late"))
    print_gate("the mixture with rows of one day together", MIXED, arrivals, time="departure")
    print_gate("the mixture on rows that were asked 30 times", MIXED, arrivals, wear=Wear(30, 2))
    print_gate("the mixture, sealed", MIXED, arrivals, wear=Wear(), reveal="verdict")
    print_gate("regression, 11 of 50 slices", AMOUNTS, minutes, amounts)
    print_gate("rankings, probabilities and f1, each of 50 slices", RANKED, arrivals)
    print_gate("the same on rows that were asked 30 times", RANKED, arrivals, wear=Wear(30, 2))
    print_gate("one sentence: accuracy > champion.accuracy", MIXED[:1], arrivals)
    print_search("beside any of them: the search for the weakest parts (reported, never required)", MIXED, arrivals)
    print(f"\n{'the same rows without Assay':<78}{'CPU s':>14}")
    print_peers(arrivals)
    print(f"\n{'to plan one sentence':<46}{'plans':>8}{'median ms':>12}{'slowest ms':>12}  the slowest")
    print_planner()
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


def conditions() -> str:
    return (
        f"{ROWS:,} rows x 20 columns (text as objects, as a Parquet file is read), slices of {SLICES} values; "
        f"least of {REPEATS} runs\n{processor()}, Python {platform.python_version()}, numpy {np.__version__}"
    )


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


# ---- rows ------------------------------------------------------------------------------------------------------------------


def columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Two columns of 50 values, uneven as airlines are; other text; a time; numbers."""
    uneven = rng.dirichlet(np.full(SLICES, 3.0))
    days = rng.integers(0, 365, ROWS)
    text = {
        "carrier": named("C", rng.choice(SLICES, ROWS, p=uneven)),
        "origin": named("O", rng.integers(0, SLICES, ROWS)),
        "plane": named("P", rng.integers(0, 3_000, ROWS)),
        "departure": (np.datetime64("2013-01-01T08:00") + days.astype("m8[D]")).astype(str).astype(object),
        "note": np.where(rng.random(ROWS) < 0.3, None, named("n", rng.integers(0, 20, ROWS))),
    }
    numbers = {f"x{at}": rng.normal(size=ROWS) for at in range(10)}
    counts = {f"n{at}": rng.integers(0, 100, ROWS) for at in range(4)}
    return text | numbers | counts | {"fare": rng.uniform(50, 500, ROWS)}


def named(letter: str, values: np.ndarray) -> np.ndarray:
    names = np.array([f"{letter}{at:02d}" for at in range(int(values.max()) + 1)], object)
    return names[values]


def classified() -> Evidence:
    """About one row in four is positive; the challenger is a little better."""
    rng = np.random.default_rng(1)
    truth = rng.normal(-1.3, 1.7, ROWS)
    labels = (rng.random(ROWS) < logistic(truth)).astype(np.int64)
    noise = rng.normal(0, 0.7, ROWS)
    new = logistic(truth + noise + rng.normal(0, 0.1, ROWS))
    old = logistic(truth + noise + rng.normal(0, 0.5, ROWS))
    answers = ((new > 0.5).astype(np.int64), (old > 0.5).astype(np.int64))
    return evidence(labels, answers, (new, old), columns(rng))


def predicted() -> Evidence:
    rng = np.random.default_rng(2)
    truth = rng.gamma(2.0, 15.0, ROWS)
    new, old = truth + rng.normal(0, 15, ROWS), truth + rng.normal(0, 15.5, ROWS)
    return evidence(truth, (new, old), (rng.beta(5, 4, ROWS), rng.beta(5, 4, ROWS)), columns(rng))


def spelled_out(rows: Evidence) -> Evidence:
    """The same with labels in words."""
    words = np.array(["on time", "late"], object)
    assert rows.champion is not None
    answers = (words[rows.challenger], words[rows.champion])
    return evidence(words[rows.labels], answers, (rows.challenger_score, rows.champion_score), dict(rows.columns))


def evidence(labels: np.ndarray, answers: tuple, scores: tuple, table: dict[str, np.ndarray]) -> Evidence:
    new, old = answers
    return Evidence(labels, new, old, NOTHING, NOTHING, NOTHING, NOTHING, "r1", *scores, columns=table)


def logistic(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


# ---- gates -----------------------------------------------------------------------------------------------------------------


def print_gate(
    name: str,
    sentences: tuple[str, ...],
    rows: Evidence,
    settings: MetricSettings = MetricSettings(),  # noqa: B008
    wear: Wear | None = None,
    **more: Any,
) -> None:
    gate = GateAction("gate.parquet", tuple(map(parse_sentence, sentences)), settings=settings, **more)
    spent, verdict = least(lambda: decide(gate, rows, wear))
    print(f"{name:<78}{spent:>14.2f}", flush=True)
    if "-v" in sys.argv:
        for judged in verdict.sentences:
            print(f"    {judged.verdict:<10}{judged.sentence:<64}{judged.reason[:160]}")


def print_search(name: str, sentences: tuple[str, ...], rows: Evidence) -> None:
    gate = GateAction("gate.parquet", tuple(map(parse_sentence, sentences)))
    labelled = labelled_rows(rows)
    print(f"{name:<78}{least(lambda: find_weakest(gate, labelled))[0]:>14.2f}", flush=True)


Found = TypeVar("Found")


def least(work: Callable[[], Found]) -> tuple[float, Found]:
    """CPU seconds of the quickest run, and what it gave."""
    spent = []
    for _ in range(REPEATS):
        for kept in KEPT:
            kept.cache_clear()
        start = time.process_time()
        given = work()
        spent.append(time.process_time() - start)
    return min(spent), given


# ---- peers -----------------------------------------------------------------------------------------------------------------


def print_peers(rows: Evidence) -> None:
    pandas, sklearn, scipy = installed("pandas"), installed("sklearn.metrics"), installed("scipy.stats")
    print_peer(
        "point estimates of the mixture, no test (pandas, scikit-learn)",
        [pandas, sklearn],
        lambda: estimates(pandas, sklearn, rows),
    )
    print_peer(
        f"1,000 exact binomial tests and intervals ({SLICES} slices x 20), one by one (scipy)",
        [scipy],
        lambda: binomial_tests(scipy, rows),
    )
    print_peer(
        f"one sentence by {RESAMPLES:,} bootstrap resamples: auc > champion.auc (numpy)", [], lambda: bootstrap(rows)
    )


def installed(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None


def print_peer(name: str, needed: list[ModuleType | None], work: Callable[[], object]) -> None:
    if None in needed:
        print(f"{name:<78}{'not installed':>14}")
        return
    start = time.process_time()
    work()
    first = time.process_time() - start
    best = first if first > 5 else min(first, least(work)[0])
    print(f"{name:<78}{best:>14.2f}", flush=True)


def estimates(pandas: ModuleType, sklearn: ModuleType, rows: Evidence) -> list[float]:
    """What the 20 sentences of the mixture compare, as a pipeline without Assay would: numbers, and nobody knows how sure."""
    table = pandas.DataFrame({name: rows.columns[name] for name in ("carrier", "origin")})
    found = []
    for answers, scores in ((rows.challenger, rows.challenger_score), (rows.champion, rows.champion_score)):
        found += [
            sklearn.accuracy_score(rows.labels, answers),
            sklearn.precision_score(rows.labels, answers),
            sklearn.f1_score(rows.labels, answers),
            sklearn.roc_auc_score(rows.labels, scores),
            sklearn.average_precision_score(rows.labels, scores),
            sklearn.brier_score_loss(rows.labels, scores),
            sklearn.log_loss(rows.labels, scores),
        ]
        right = table.assign(right=rows.labels == answers)
        positive = right[rows.labels == 1]
        for column in ("carrier", "origin"):
            found += right.groupby(column)["right"].mean().tolist()
            found += positive.groupby(column)["right"].mean().tolist()
    part = rows.columns["carrier"] == "C07"
    return [*found, sklearn.roc_auc_score(rows.labels[part], rows.challenger_score[part])]


def binomial_tests(scipy: ModuleType, rows: Evidence) -> None:
    right = rows.labels == rows.challenger
    for column in ("carrier", "origin"):
        codes = np.unique(rows.columns[column].astype(str), return_inverse=True)[1]
        counts, wins = np.bincount(codes), np.bincount(codes, right).astype(int)
        for bar in np.linspace(0.7, 0.79, 10):
            for k, n in zip(wins.tolist(), counts.tolist(), strict=True):
                scipy.binomtest(k, n, bar, "greater").proportion_ci(0.9, "exact")


def bootstrap(rows: Evidence) -> tuple[float, float]:
    """The percentile interval of the difference, as people do it."""
    rng = np.random.default_rng(3)
    gains = np.empty(RESAMPLES)
    for at in range(RESAMPLES):
        which = rng.integers(0, ROWS, ROWS)
        gains[at] = area(rows.challenger_score, rows.labels, which) - area(rows.champion_score, rows.labels, which)
    low, high = np.quantile(gains, (0.05, 0.95))
    return float(low), float(high)


def area(scores: np.ndarray | None, labels: np.ndarray, which: np.ndarray) -> float:
    """The area under the ROC curve of continuous scores, by ranks."""
    assert scores is not None
    positive = labels[which][np.argsort(scores[which])] == 1
    count = np.count_nonzero(positive)
    below = np.flatnonzero(positive).sum() - count * (count - 1) / 2
    return float(below / (count * (len(which) - count)))


# ---- planner ---------------------------------------------------------------------------------------------------------------

DELTAS = (0.05, 0.01, 1e-4, 1e-6, 1e-12)
DETECTS = (None, 0.005)


def print_planner() -> None:
    """Each plan is timed alone; the limit is for the slowest."""
    for name, questions in plans().items():
        timed = [least(lambda plan=plan: plan_labels(*plan[:3], is_counted=plan[3])) for plan in questions]
        spent = [1e3 * seconds for seconds, _ in timed]
        worst = int(np.argmax(spent))
        question, _, spread, _ = questions[worst]
        found = timed[worst][1]
        told = f"delta {question.delta:g}, spread {spread:g}, detect {question.detect or 'default'}: {found.rows or 0:,} rows"
        print(f"{name:<46}{len(spent):>8}{np.median(spent):>12.1f}{max(spent):>12.1f}  {told}", flush=True)


def plans() -> dict[str, list[tuple[Question, float, float, bool]]]:
    """Question, the champion's value, the spread, and whether it is counted."""
    found: dict[str, list[tuple[Question, float, float, bool]]] = {}
    for delta in DELTAS:
        for detect in DETECTS:
            for bar in (0.5, 0.8, 0.95, 0.99):
                question = Question("accuracy", 1, bar, None, delta, detect)
                found.setdefault("accuracy >= number", []).append((question, 0.0, 0.0, True))
            for differ in (0.0, 0.01, 0.05, 0.3):
                for name, margin in (
                    ("accuracy > champion.accuracy", 0.0),
                    ("accuracy > champion.accuracy + margin", 0.01),
                    ("accuracy > champion.accuracy + margin", 0.05),
                    ("accuracy > champion.accuracy - margin", -0.005),
                    ("accuracy > champion.accuracy - margin", -0.05),
                ):
                    question = Question("accuracy", 1, margin, 1.0, delta, detect)
                    found.setdefault(name, []).append((question, 0.9, differ, True))
                question = Question("accuracy", 1, 0.0, 1.02, delta, detect)
                found.setdefault("accuracy > champion.accuracy * factor", []).append((question, 0.9, differ, True))
            for spread in (0.1, 0.5, 5.0):
                question = Question("auc", 1, 0.0, 1.0, delta, detect)
                found.setdefault("auc > champion.auc", []).append((question, 0.9, spread, False))
    return found


if __name__ == "__main__":
    main()

"""Worlds: populations of rows in which the true value of every metric is known, of a challenger and of a champion.

How far two models agree is one number in all of them, ``differ``: the share of rows on which one model's answer is right and the
other's wrong (``classes``), or falls on the other side of the middle than the other's (``scores``, ``amounts``, ``grades``).
"""

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from assay.core.metrics import CostMatrix, MetricSettings
from assay.judge import Evidence

Draw = Callable[[np.random.Generator, int], Evidence]
SETTINGS = MetricSettings(quantile=0.9, cost=CostMatrix((("1", "0", 9.0), ("0", "1", 2.0))), score_range=(0.0, 1.0))
D = "b3:" + "0" * 64


class World(msgspec.Struct, frozen=True):
    """Where rows come from, and what is true there."""

    name: str
    draw: Draw
    truth: Mapping[str, tuple[float, float]]
    """For each metric, the challenger's value and the champion's."""
    settings: MetricSettings = SETTINGS


def classes(positive: float = 0.3, right: float = 0.85, differ: float = 0.1, gain: float = 0.0) -> World:
    """Labels 0 and 1, both classes as hard; the challenger is right ``gain`` more often."""
    wins, losses = (differ + gain) / 2, (differ - gain) / 2
    edges = np.cumsum((wins, losses, right - differ / 2))
    assert edges[2] <= 1 + 1e-9
    shares = right + gain / 2, right - gain / 2

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        labels = (rng.random(rows) < positive).astype(np.int64)
        kind = np.searchsorted(edges, rng.random(rows), "right")
        ours, theirs = labels ^ ((kind == 1) | (kind == 3)), labels ^ ((kind == 0) | (kind == 3))
        return shown(labels, ours, theirs)

    return World("classes", draw, _both(shares, _truth_of_classes(positive)))


def scores(positive: float = 0.3, apart: float = 1.5, differ: float = 0.1, gain: float = 0.0) -> World:
    """Normal scores, ``apart`` standard deviations apart for the two classes (the challenger's by ``gain`` more), as
    probabilities that are right."""
    shared, own = _mixture(differ)
    aparts = apart + gain, apart

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        labels = (rng.random(rows) < positive).astype(np.int64)
        common = shared * rng.standard_normal(rows)
        noise = (common + own * rng.standard_normal(rows) for _ in aparts)
        scores = [_probability(each + d * labels, d, positive) for each, d in zip(noise, aparts, strict=True)]
        return shown(labels, labels, labels, scores)

    return World("scores", draw, _both(aparts, lambda d: _truth_of_scores(d, positive)))


def amounts(power: float = 1.0, differ: float = 0.1, larger: float = 1.0, explained: float = 0.75) -> World:
    """Normal labels; errors are the ``power`` of a normal size (1: normal; 2: heavier than exponential), and the champion's
    ``larger`` times the challenger's."""
    shared, own = _mixture(differ)
    absolute, square = _moment(power), _moment(2 * power)
    spread = math.sqrt(square / (1 - explained))

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        labels = spread * rng.standard_normal(rows)
        common = shared * rng.standard_normal(rows)
        ours, theirs = (labels - _powered(common + own * rng.standard_normal(rows), power) * by for by in (1.0, larger))
        return shown(labels, ours, theirs)

    def truth(by: float) -> dict[str, float]:
        return {
            "mae": by * absolute,
            "rmse": by * math.sqrt(square),
            "r2": 1 - by**2 * (1 - explained),
            "quantile_loss": by * absolute / 2,
        }

    return World("z" if power == 1 else f"z^{power:g}", draw, _both((1.0, larger), truth))


def grades(level: float = 0.5, differ: float = 0.1, gain: float = 0.0) -> World:
    """A score a row from 0 to 1, U^k for uniform U and the k with mean ``level``; the challenger's mean is ``gain`` higher."""
    means = level + gain, level
    renewed = 1 - math.sqrt(1 - 2 * differ)

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        base, fresh = rng.random(rows), rng.random((2, rows))
        redrawn = rng.random((2, rows)) < renewed
        ours, theirs = (np.where(redrawn[k], fresh[k], base) ** (1 / means[k] - 1) for k in (0, 1))
        blank = np.zeros(rows)
        return shown(blank, blank, blank, (ours, theirs))

    return World("grades", draw, {"score": means})


def marks(level: float = 0.5, differ: float = 0.1, gain: float = 0.0) -> World:
    """A score a row that is 0 or 1; the challenger's mean is ``gain`` higher."""
    edges = np.cumsum(((differ + gain) / 2, (differ - gain) / 2, level - (differ - gain) / 2))
    assert edges[2] <= 1 + 1e-9

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        kind = np.searchsorted(edges, rng.random(rows), "right")
        ours, theirs = ((kind == 0) | (kind == 2)).astype(float), ((kind == 1) | (kind == 2)).astype(float)
        blank = np.zeros(rows)
        return shown(blank, blank, blank, (ours, theirs))

    return World("marks", draw, {"score": (level + gain, level)})


def trades(rare: float) -> World:
    """Equal errors on average: the challenger's are a little smaller on most rows and much larger on a ``rare`` share of them.

    Where no rare row was drawn, nothing in the rows says that there are any."""
    loss = (1 - rare) / rare

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        change = np.where(rng.random(rows) < rare, loss, -1.0) * rng.exponential(0.1, rows)
        theirs = loss + rng.exponential(1.0, rows)
        blank = np.zeros(rows)
        return shown(blank, theirs + change, theirs)

    return World("trades", draw, {"mae": (loss + 1, loss + 1)})


def clustered_classes(icc: float, per_cluster: int = 10, right: float = 0.8, differ: float = 0.2) -> World:
    """``classes`` in clusters of unequal size; which model wins where they differ, and how hard a row is, is alike within a cluster:
    ``icc`` is the correlation between two of its rows."""
    alike = (1 / icc - 1) if icc else np.inf
    both = (right - differ / 2) / (1 - differ)

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        cluster = _clusters(rng, rows, per_cluster)
        count = int(cluster[-1]) + 1
        wins = rng.beta(0.5 * alike, 0.5 * alike, count)[cluster] if icc else 0.5
        ease = rng.beta(both * alike, (1 - both) * alike, count)[cluster] if icc else both
        is_apart = rng.random(rows) < differ
        ours = np.where(is_apart, rng.random(rows) < wins, rng.random(rows) < ease)
        labels = (rng.random(rows) < 0.3).astype(np.int64)
        return shown(labels, labels ^ ~ours, labels ^ ~(ours ^ is_apart), columns={"group": cluster})

    return World("classes", draw, _both((right, right), _truth_of_classes(0.3)))


def clustered_amounts(icc: float, per_cluster: int = 10) -> World:
    """Errors about 5, of which each cluster has its own part in both models."""

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        cluster = _clusters(rng, rows, per_cluster)
        of_cluster = rng.standard_normal((2, int(cluster[-1]) + 1))[:, cluster]
        errors = 5 + math.sqrt(icc) * of_cluster + math.sqrt(1 - icc) * rng.standard_normal((2, rows))
        return shown(np.zeros(rows), *np.abs(errors), columns={"group": cluster})

    return World("amounts", draw, {"mae": (5.0, 5.0)})


def clustered_scores(icc: float, per_cluster: int = 10, apart: float = 1.5) -> World:
    """``scores`` to which each cluster adds its own part in each model."""

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        cluster = _clusters(rng, rows, per_cluster)
        labels = (rng.random(rows) < 0.3).astype(np.int64)
        of_cluster = rng.standard_normal((2, int(cluster[-1]) + 1))[:, cluster]
        noise = math.sqrt(icc) * of_cluster + math.sqrt(1 - icc) * rng.standard_normal((2, rows))
        scores = [_probability(each + apart * labels, apart, 0.3) for each in noise]
        return shown(labels, labels, labels, scores, {"group": cluster})

    return World("scores", draw, _both((apart, apart), lambda d: _truth_of_scores(d, 0.3)))


def sliced(worlds: list[World]) -> Draw:
    """Equally many rows of each world, in a column ``part`` that tells them apart."""

    def draw(rng: np.random.Generator, rows: int) -> Evidence:
        parts = [world.draw(rng, rows // len(worlds)) for world in worlds]
        columns = [[getattr(part, name) for part in parts] for name in ("labels", "challenger", "champion")]
        part_of = np.repeat(np.arange(len(parts)), [len(part.labels) for part in parts])
        return shown(*map(np.concatenate, columns), columns={"part": part_of})

    return draw


def shown(
    labels: np.ndarray,
    challenger: np.ndarray,
    champion: np.ndarray,
    scores: Sequence[np.ndarray | None] = (None, None),
    columns: Mapping[str, np.ndarray] = {},
) -> Evidence:
    """What a gate is shown of such rows."""
    return Evidence(labels, challenger, champion, D, D, D, D, "r1", *scores, columns=columns)


def _clusters(rng: np.random.Generator, rows: int, per_cluster: int) -> np.ndarray:
    """For each row, its cluster: as many as there would be of equal size, of sizes that vary as widely as an exponential's."""
    count = rows // per_cluster
    shares = rng.exponential(1.0, count)
    return np.repeat(np.arange(count), 1 + rng.multinomial(rows - count, shares / shares.sum()))


def _both(models: tuple[float, float], truth: Callable[[float], Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    ours, theirs = map(truth, models)
    return {metric: (ours[metric], theirs[metric]) for metric in ours}


def _mixture(differ: float) -> tuple[float, float]:
    """Weights of a shared and an own normal so that two of them differ in sign in ``differ`` of the rows (Sheppard 1899)."""
    correlation = math.cos(math.pi * differ)
    return math.sqrt(correlation), math.sqrt(1 - correlation)


def _truth_of_classes(positive: float) -> Callable[[float], dict[str, float]]:
    def truth(right: float) -> dict[str, float]:
        predicted = positive * right + (1 - positive) * (1 - right)
        return {
            "accuracy": right,
            "error_rate": 1 - right,
            "recall": right,
            "precision": positive * right / predicted,
            "f1": 2 * positive * right / (positive + predicted),
            "cost": (1 - right) * (9 * positive + 2 * (1 - positive)),
        }

    return truth


def _probability(score: np.ndarray, apart: float, positive: float) -> np.ndarray:
    odds = np.exp(apart * (score - apart / 2)) * (positive / (1 - positive))
    return np.asarray(odds / (1 + odds))


def _truth_of_scores(apart: float, positive: float) -> dict[str, float]:
    """By the trapezoid rule, for which smooth tails are good to twelve digits."""
    at = np.linspace(-10, 10 + apart, 40_001)
    step = at[1] - at[0]
    of_positives, of_negatives = (np.exp(-((at - mean) ** 2) / 2) / math.sqrt(2 * math.pi) for mean in (apart, 0))
    probability = _probability(at, apart, positive)
    above = [np.array([math.erfc((x - mean) / math.sqrt(2)) / 2 for x in at.tolist()]) for mean in (apart, 0)]
    precision = positive * above[0] / (positive * above[0] + (1 - positive) * above[1])
    weight = positive * of_positives, (1 - positive) * of_negatives
    return {
        "auc": math.erfc(-apart / 2) / 2,
        "average_precision": float(step * precision @ of_positives),
        "log_loss": float(-step * (weight[0] @ np.log(probability) + weight[1] @ np.log1p(-probability))),
        "brier": float(step * (weight[0] @ (1 - probability) ** 2 + weight[1] @ probability**2)),
    }


def _moment(power: float) -> float:
    """The mean of |z|^power for a normal z."""
    return 2 ** (power / 2) * math.gamma((power + 1) / 2) / math.sqrt(math.pi)


def _powered(normal: np.ndarray, power: float) -> np.ndarray:
    return normal if power == 1 else np.sign(normal) * np.abs(normal) ** power

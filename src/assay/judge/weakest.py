"""Where the challenger is weakest: parts of the rows, looked for on one half of them and confirmed on the other. Only reported.

Whoever looks at hundreds of parts finds some that look bad. So rows (or clusters) are dealt into two halves by lot, always the
same. On the first, the few parts that look worst are picked; on the second, which had no part in that, each is tested to be worse
than the rest: Fisher's exact test for shares, else Welch's t test (approximate), by cluster where rows belong together. p is corrected
for those few alone (Holm 1979). A part by two columns must also be worse than the rest of what each column says alone.
"""

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from assay.core.metrics import METRICS, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.verdict import WeakSlice
from assay.judge.evidence import LabelledRows
from assay.judge.observe import Averaged, Bools, Counted, Floats, Rooted, UndefinedMetric, observe
from assay.judge.parts import Parts, parts_of
from assay.judge.worse import p_worse

MOST_CONFIRMED = 5
LEVEL = 0.05
_LEAST_SCORE = 2.0
_PAIRED_COLUMNS = 8
"""Of so many columns, those with the worst parts, pairs are looked at."""
_MOST_CELLS = 20_000
_MOST_SHARED = 0.8
"""Two parts that share more of their rows are one."""
_LOT = 20_130_102
_ALL = slice(None)


def find_weakest(gate: GateAction, rows: LabelledRows) -> tuple[WeakSlice, ...]:
    """The parts of the labelled rows that are shown to be worse than the rest, at most five, the worst first.

    By the metric of the gate's first sentence about rows; where that is no mean over rows (f1, auc) by accuracy, or by brier where
    predictions are probabilities. Empty where there is none, or labels were chosen where the models disagree.
    """
    metric = next((sentence.metric for sentence in gate.require if sentence.is_of_rows), None)
    if metric is None or not len(rows.labels) or (rows.rest is not None and rows.rest.chosen):
        return ()
    values = _values_of(metric, rows, gate.settings)
    if values is None:
        return ()
    first = _first_half(len(values.bad), values.clusters)
    columns = [parts.at(values.rows) for parts in parts_of(rows.columns, rows.labels)]
    picked = _pick(_Half(values.bad[first], [parts.at(first) for parts in columns]), max(1, gate.min_rows // 2))
    second = np.setdiff1d(np.arange(len(values.bad)), first, assume_unique=True)
    return _confirmed(values.at(second), [parts.at(second) for parts in columns], picked)


class _Values(msgspec.Struct, frozen=True, eq=False):
    """What each row adds to the metric, the worse the greater."""

    metric: str
    bad: Floats
    rows: np.ndarray | slice
    """Of the labelled rows, those that the metric speaks of."""
    clusters: np.ndarray | None
    is_counted: bool = False
    is_rooted: bool = False

    def at(self, which: np.ndarray) -> "_Values":
        clusters = None if self.clusters is None else self.clusters[which]
        return msgspec.structs.replace(self, bad=self.bad[which], clusters=clusters)

    def mean(self, which: Bools | slice) -> float:
        """The metric on some of the rows."""
        mean = float(self.bad[which].mean())
        if self.is_rooted:
            return math.sqrt(mean)
        if METRICS[self.metric].higher_is_better:
            return 1 - mean if self.is_counted else -mean
        return mean


class _Part(msgspec.Struct, frozen=True):
    """A value of a column, or of two: (position of the column, of the value) each."""

    cells: tuple[tuple[int, int], ...]
    score: float

    def rows(self, columns: list[Parts]) -> Bools:
        """For each row, whether it belongs to the part."""
        inside: Bools = np.logical_and.reduce([columns[column].of_row == value for column, value in self.cells])
        return inside

    def name(self, columns: list[Parts]) -> str:
        return " and ".join(columns[column].names[value] for column, value in self.cells)


class _Half(msgspec.Struct, frozen=True, eq=False):
    """The rows on which parts are looked for."""

    bad: Floats
    columns: list[Parts]


def _values_of(metric: str, rows: LabelledRows, settings: MetricSettings) -> _Values | None:
    name = _told_by_row(metric, rows)
    try:
        seen = observe(name, rows.labels, rows.challenger, rows.columns, settings, "the challenger")
    except (UndefinedMetric, EvidenceError):
        return None
    sign = -1.0 if METRICS[name].higher_is_better else 1.0
    match seen:
        case Counted(counts=counts, among=among):
            spoken_of = _ALL if among is None else np.flatnonzero(among)
            bad = (~counts if sign < 0 else counts)[spoken_of].astype(np.float64)
            clusters = None if rows.clusters is None else rows.clusters[spoken_of]
            return _Values(name, bad, spoken_of, clusters, is_counted=True)
        case Averaged(values=values):
            return _Values(name, sign * values, _ALL, rows.clusters)
        case Rooted(squares=squares):
            return _Values(name, squares, _ALL, rows.clusters, is_rooted=True)
        case _:
            return None


def _told_by_row(metric: str, rows: LabelledRows) -> str:
    """The metric, or one that tells of single rows in its place."""
    if metric == "r2":
        return "rmse"
    if metric not in {"f1", "auc", "average_precision"}:
        return metric
    predictions = rows.challenger.prediction
    is_class = predictions.dtype.kind != "f" or bool(
        np.all(np.isnan(predictions) | (predictions == np.rint(predictions)))
    )
    return "accuracy" if is_class else "brier"


def _first_half(count: int, clusters: np.ndarray | None) -> np.ndarray:
    lot = np.random.default_rng(_LOT)
    if clusters is None:
        return np.sort(lot.permutation(count)[: count // 2])
    named = np.unique(clusters)
    return np.flatnonzero(np.isin(clusters, lot.permutation(named)[: len(named) // 2]))


def _pick(half: _Half, least: int) -> list[_Part]:
    """The few that look worst, no two of nearly the same rows."""
    if len(half.bad) < 2 * least or not half.bad.any():
        return []
    singles = [part for column in range(len(half.columns)) for part in _singles(half, column, least)]
    best = dict.fromkeys(part.cells[0][0] for part in sorted(singles, key=lambda part: -part.score))
    found = singles + list(_pairs(half, sorted(list(best)[:_PAIRED_COLUMNS]), least))
    picked: list[tuple[_Part, Bools]] = []
    for part in sorted(found, key=lambda part: -part.score)[: 20 * MOST_CONFIRMED]:
        if part.score < _LEAST_SCORE or len(picked) == MOST_CONFIRMED:
            break
        inside = part.rows(half.columns)
        if not any(_share_rows(inside, other) for _, other in picked):
            picked.append((part, inside))
    return [part for part, _ in picked]


def _singles(half: _Half, column: int, least: int) -> Iterator[_Part]:
    parts = half.columns[column]
    counts, sums = _counted(half, parts.of_row, len(parts.names))
    scores = _scores(half, counts, sums, least)
    yield from (_Part(((column, value),), scores[value]) for value in np.flatnonzero(scores > 0).tolist())


def _pairs(half: _Half, columns: list[int], least: int) -> Iterator[_Part]:
    spread = float(half.bad.std())
    for at, one in enumerate(columns):
        for other in columns[at + 1 :]:
            left, right = half.columns[one], half.columns[other]
            width = len(right.names)
            if len(left.names) * width > _MOST_CELLS:
                continue
            cell = left.of_row.astype(np.int32) * width + right.of_row
            counts, sums = _counted(half, cell, len(left.names) * width)
            scores = _scores(half, counts, sums, least)
            for found in np.flatnonzero(scores >= _LEAST_SCORE).tolist():
                row, column = divmod(found, width)
                alone = (slice(row * width, (row + 1) * width), slice(column, None, width))
                mean, error = sums[found] / counts[found], spread / math.sqrt(counts[found])
                if all(mean - sums[each].sum() / counts[each].sum() > _LEAST_SCORE * error for each in alone):
                    yield _Part(((one, row), (other, column)), scores[found])


def _counted(half: _Half, of_row: np.ndarray, cells: int) -> tuple[Floats, Floats]:
    """For each cell its number of rows, and the sum of what is bad."""
    counts = np.bincount(of_row, minlength=cells).astype(np.float64)
    return counts, np.bincount(of_row, half.bad, minlength=cells).astype(np.float64)


def _scores(half: _Half, counts: Floats, sums: Floats, least: int) -> Floats:
    """How many standard errors each cell lies on the bad side of the others; 0 for those of too few rows."""
    rows, spread = len(half.bad), float(half.bad.std())
    is_large = (counts >= least) & (rows - counts >= least)
    errors = spread * np.sqrt(np.where(is_large, counts * (rows - counts) / rows, 1.0))
    return np.where(is_large & (errors > 0), (sums - counts * half.bad.mean()) / np.maximum(errors, 1e-300), 0.0)


def _share_rows(one: Bools, other: Bools) -> bool:
    return bool(np.count_nonzero(one & other) > _MOST_SHARED * np.count_nonzero(one | other))


def _confirmed(values: _Values, columns: list[Parts], picked: list[_Part]) -> tuple[WeakSlice, ...]:
    tried = sorted(((_p_of_part(values, columns, part), part) for part in picked), key=lambda one: one[0])
    overall = values.mean(_ALL) if tried else 0.0
    shown, corrected = [], 0.0
    for step, (p_value, part) in enumerate(tried):
        corrected = max(corrected, min(1.0, p_value * (len(tried) - step)))
        if corrected <= LEVEL:
            inside = part.rows(columns)
            rows = int(np.count_nonzero(inside))
            shown.append(WeakSlice(part.name(columns), values.metric, rows, values.mean(inside), overall, corrected))
    is_high_good = METRICS[values.metric].higher_is_better
    return tuple(sorted(shown, key=lambda weak: weak.value if is_high_good else -weak.value))


def _p_of_part(values: _Values, columns: list[Parts], part: _Part) -> float:
    """The p-value of "no worse than the rest", and for a pair than the rest of each of its values."""
    inside = part.rows(columns)
    rests = [~inside]
    if len(part.cells) > 1:
        rests += [(columns[column].of_row == value) & ~inside for column, value in part.cells]
    return max(p_worse(values.bad, inside, rest, values.clusters, is_counted=values.is_counted) for rest in rests)

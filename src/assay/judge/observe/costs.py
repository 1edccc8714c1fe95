"""What answers cost or earn in the user's own unit: ``cost``, by a matrix or a column, and ``score``."""

from collections.abc import Iterable

import numpy as np

from assay.core.metrics import CostColumn, CostMatrix
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.judge.observe.answers import Asked
from assay.judge.observe.classes import is_right
from assay.judge.observe.errors import demand_finite
from assay.judge.observe.observed import Averaged
from assay.judge.observe.scores import scores_of
from assay.judge.observe.undefined import UndefinedMetric, listed
from assay.judge.observe.values import Floats, classes_of, has_value, numbers_of, spelled, written_as


def cost(asked: Asked) -> Averaged:
    """The mean cost of a row: by the matrix, or what its column says where the prediction is wrong and else 0."""
    match asked.settings.cost:
        case CostMatrix() as matrix:
            return _cost_by_matrix(asked, matrix)
        case CostColumn(column=column):
            wrong = ~is_right(asked.labels, asked.answers.prediction)
            return Averaged(_costs_in_column(asked, column) * wrong, low=0.0)
        case None:
            needs = "cost needs to know what mistakes cost: write `cost:` with a matrix or a column"
            raise UndefinedMetric(needs, "no-cost", is_of_every_part=True)


def score(asked: Asked) -> Averaged:
    """The mean of the model's scores, one a row, within ``score_range`` where that is given."""
    scores = scores_of(asked)
    if scores.ndim == 2:
        raise UndefinedMetric(
            f"score needs one score a row, and {asked.whose} answers {scores.shape[1]}",
            "no-scores",
            "let predict answer one score for each row",
            is_of_every_part=True,
        )
    demand_finite(scores, f"scores of {asked.whose}")
    if asked.settings.score_range is None:
        return Averaged(scores)
    low, high = asked.settings.score_range
    if scores.min() < low or scores.max() > high:
        raise _out_of_range(asked, scores, low, high)
    return Averaged(scores, low, high)


def _cost_by_matrix(asked: Asked, matrix: CostMatrix) -> Averaged:
    """A pair that the matrix does not name costs nothing, but a missing prediction has no cost that is known."""
    predictions = asked.answers.prediction
    missing = ~has_value(predictions)
    if missing.any():
        raise UndefinedMetric(
            f"{np.count_nonzero(missing):,} of {len(missing):,} predictions of {asked.whose} are missing, and the cost "
            f"matrix has no cost for that (the first in labelled row {np.argmax(missing) + 1})",
            "answers-missing",
            "let predict answer a class for every row",
        )
    costs = np.zeros(len(asked.labels))
    is_predicted = {name: written_as(predictions, name) for _, name, _ in matrix.costs}
    is_label = {name: written_as(asked.labels, name) for name, _, _ in matrix.costs}
    for label, prediction, amount in matrix.costs:
        costs[is_label[label] & is_predicted[prediction]] = amount
    _demand_classes(asked, (name for name, rows in is_label.items() if not rows.any()))
    amounts = [0.0, *(amount for _, _, amount in matrix.costs)]
    return Averaged(costs, min(amounts), max(amounts))


def _demand_classes(asked: Asked, unseen: Iterable[str]) -> None:
    """A label of the matrix that is no class would silently cost nothing: a slip of the pen, most likely."""
    for name in unseen:
        known = asked.answers.classes
        known = classes_of(asked.labels) if known is None else known
        if not written_as(known, name).any():
            names = [spelled(value) for value in known.tolist()]
            near = near_miss(name, names)
            meant = "" if near is None else f" (did you mean {near}?)"
            absent = f"the cost matrix names the label {name}, which no label is"
            raise UndefinedMetric(
                f"{absent}{meant}: labels are {listed(names)}",
                "no-such-class",
                "correct `cost:` of the gate, or give it labelled rows of that class",
                under_seal=absent,
                is_of_every_part=True,
            )


def _costs_in_column(asked: Asked, column: str) -> Floats:
    if column not in asked.columns:
        raise _no_cost_column(asked, column)
    costs = numbers_of(asked.columns[column], asked.metric, f"values of {column}")
    bad = np.flatnonzero(~((costs >= 0) & np.isfinite(costs)))
    if len(bad):
        raise EvidenceError(
            Problem(
                "bad-cost",
                f"column {column!r} holds costs that are missing or negative",
                (f"{len(bad):,} of {len(costs):,}; the first: {costs[bad[0]]:g} in labelled row {bad[0] + 1}",),
                f"give every labelled row a cost of 0 or more in {column!r}",
            )
        )
    return costs


def _no_cost_column(asked: Asked, column: str) -> EvidenceError:
    near = near_miss(column, asked.columns)
    return EvidenceError(
        Problem(
            "cost-column-missing",
            f"the rows have no column {column!r} to take the costs from",
            (f"columns: {listed(sorted(asked.columns)) or 'none'}",),
            f"did you mean {near!r}?" if near else "let `cost:` name a column of the gate's data",
        )
    )


def _out_of_range(asked: Asked, scores: Floats, low: float, high: float) -> EvidenceError:
    outside = np.flatnonzero((scores < low) | (scores > high))
    first = f"{scores[outside[0]]:g}"
    return EvidenceError(
        Problem(
            "score-out-of-range",
            f"scores of {asked.whose} leave the range that `score_range:` declares",
            (
                f"declared: {low:g} to {high:g}",
                f"{len(outside):,} of {len(scores):,} lie outside; the first: {first} in labelled row {outside[0] + 1}",
            ),
            "declare the range that no score can leave, or take `score_range:` out",
        )
    )

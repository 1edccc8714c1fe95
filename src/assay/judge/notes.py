"""What one must know of the rows and the question to believe a verdict, beside its sentences: labels that are all of one class, and
mistakes that the cost matrix has no price for. Nothing here changes an outcome. Under a seal only what the gate declares is told.
"""

from collections.abc import Iterator

import numpy as np

from assay.core.metrics import CostMatrix
from assay.core.pipeline import GateAction
from assay.core.problem import Problem
from assay.judge.evidence import LabelledRows
from assay.judge.observe import classes_of, has_value
from assay.judge.observe.classes import is_right
from assay.judge.observe.values import spelled, written_as

OF_CLASSES = frozenset(
    ("accuracy", "error_rate", "precision", "recall", "f1", "auc", "average_precision", "log_loss", "brier", "cost")
)
_MOST_PAIRS = 5


def notes_of(gate: GateAction, rows: LabelledRows) -> tuple[Problem, ...]:
    """What must be said of the labelled rows, as far as it may be."""
    metrics = {sentence.metric for sentence in gate.require}
    return (*_one_class(gate, rows, metrics), *_unpriced(gate, rows, metrics))


def _one_class(gate: GateAction, rows: LabelledRows, metrics: set[str]) -> Iterator[Problem]:
    if gate.reveal == "verdict" or not metrics & OF_CLASSES or not len(rows.labels):
        return
    classes = classes_of(rows.labels)
    if len(classes) == 1:
        yield Problem(
            "labels-of-one-class",
            f"all {len(rows.labels):,} labels are {spelled(classes[0])!r}",
            ("a model that always answers that is right everywhere, and of rows of another class nothing was shown",),
            "give the gate labelled rows of every class; it may have been sorted and cut",
        )


def _unpriced(gate: GateAction, rows: LabelledRows, metrics: set[str]) -> Iterator[Problem]:
    """Mistakes without a price: those between classes that the matrix names, and, without a seal, those that were made."""
    matrix = gate.settings.cost
    if "cost" not in metrics or not isinstance(matrix, CostMatrix):
        return
    named = {(label, prediction) for label, prediction, _ in matrix.costs}
    names = sorted({name for pair in named for name in pair})
    pairs = {(label, guess) for label in names for guess in names if label != guess and (label, guess) not in named}
    pairs |= set() if gate.reveal == "verdict" else set(_made(rows, matrix))
    if pairs:
        shown = [f"{guess!r} where it is {label!r}" for label, guess in sorted(pairs)]
        rest = f" and {len(shown) - _MOST_PAIRS:,} more" if len(shown) > _MOST_PAIRS else ""
        yield Problem(
            "cost-without-price",
            f"predicting {', '.join(shown[:_MOST_PAIRS])}{rest} has no price in `cost:`, and counts as 0",
            ("a model that makes this mistake more often looks no dearer",),
            "name each pair of label and prediction with its cost; write 0 where a mistake costs nothing",
        )


def _made(rows: LabelledRows, matrix: CostMatrix) -> Iterator[tuple[str, str]]:
    """Mistakes of either model that the matrix has no price for: (label, prediction)."""
    for answers in (rows.challenger, rows.champion):
        if answers is None:
            continue
        guesses = answers.prediction
        free = has_value(guesses) & ~is_right(rows.labels, guesses)
        for label, guess, _ in matrix.costs:
            free &= ~(written_as(rows.labels, label) & written_as(guesses, guess))
        for at in np.flatnonzero(free).tolist():
            yield spelled(rows.labels[at]), spelled(guesses[at])

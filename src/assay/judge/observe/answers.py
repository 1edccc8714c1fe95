"""What a model answered on labelled rows, and one question put to it."""

import msgspec
import numpy as np

from assay.core.metrics import MetricSettings
from assay.core.table import Table


class Answers(msgspec.Struct, frozen=True, eq=False):
    """One model's answers, row by row, of labelled rows only."""

    prediction: np.ndarray
    score: np.ndarray | None = None
    """One a row (of the positive class, or of the row itself), or n rows x k classes."""
    classes: np.ndarray | None = None
    """All classes in sorted order: what the columns of ``score`` stand for, and what a slice may lack; None: those of the
    labels that are observed."""

    def at(self, rows: np.ndarray | slice) -> "Answers":
        """The answers on some of the rows, by mask or position."""
        return Answers(self.prediction[rows], None if self.score is None else self.score[rows], self.classes)


class Asked(msgspec.Struct, frozen=True, eq=False):
    """A metric, and all that it may look at."""

    metric: str
    labels: np.ndarray
    answers: Answers
    columns: Table
    settings: MetricSettings
    whose: str
    """For messages: ``the challenger``, ``r2``."""

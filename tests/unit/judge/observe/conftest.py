"""One way to observe rows, for every test of what metrics see."""

import numpy as np
import pytest

from assay.core.metrics import MetricSettings
from assay.judge.observe import Answers, observe


@pytest.fixture
def see():
    """``see(metric, labels, predictions, score=None, ...)``; lists become arrays, and further names are settings."""

    def see(
        metric, labels, predictions=None, *, score=None, classes=None, columns=None, whose="the challenger", **settings
    ):
        labels = np.asarray(labels)
        predictions = np.zeros(len(labels)) if predictions is None else np.asarray(predictions)
        score = None if score is None else np.asarray(score)
        classes = None if classes is None else np.asarray(classes)
        answers = Answers(predictions, score, classes)
        return observe(metric, labels, answers, columns or {}, MetricSettings(**settings), whose)

    return see

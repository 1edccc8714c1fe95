"""The challenger is asked once for each sentence about behaviour, about as many rows as the sentence can take."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction, ModelSpec
from assay.core.ports import Predictions
from assay.core.sentence import parse_sentence
from assay.flows.actions.gate.reactions import MOST_ROWS, react

MODEL = ModelSpec("model.json", label="y", id="id")


class Doubling:
    """A model that answers twice its column, and counts what it is asked."""

    def __init__(self):
        self.asked = []

    def predict(self, columns):
        self.asked.append(len(columns["x"]))
        return Predictions(2.0 * columns["x"])

    def close(self):
        pass


def reactions(rows, *sentences):
    """What was broken, and how many rows the model was asked; no sentence here needs the project around it."""
    model = Doubling()
    features = {"x": np.arange(float(rows)), "other": np.arange(float(rows))}
    gate = GateAction("gate.csv", tuple(map(parse_sentence, sentences)))
    found, _ = react(None, gate, model, features, Predictions(2.0 * features["x"]), MODEL, None)
    return found, model.asked


def test_each_sentence_about_behaviour_is_answered_by_its_text_and_no_other_is():
    up, down = "violations(x up, prediction up) <= 0", "violations(x down, prediction up) <= 0"
    found, asked = reactions(100, "mae <= 5", up, down, up, "latency_p99_ms <= 5", "violations(invariant other) <= 1%")
    assert list(found) == [up, down, "violations(invariant other) <= 1%"]
    assert (found[up].sum(), found[down].sum()) == (0, 100)
    assert found["violations(invariant other) <= 1%"].tolist() == [False] * 50
    assert asked == [100, 100, 50]


@pytest.mark.parametrize("limit, most", [("0", MOST_ROWS), ("1%", MOST_ROWS), ("0.2%", 50_000)])
def test_many_rows_are_drawn_from_but_a_small_limit_takes_more(limit, most):
    found, asked = reactions(60_000, f"violations(x up, prediction up) <= {limit}")
    assert asked == [most]
    assert [len(broken) for broken in found.values()] == [most]


def test_where_nothing_can_be_changed_the_model_is_not_asked():
    found, asked = reactions(1, "violations(invariant x) <= 1%", "violations(x up, prediction up) <= 0")
    assert asked == []
    assert [broken.tolist() for broken in found.values()] == [[], []]
    assert {broken.dtype.kind for broken in found.values()} == {"b"}

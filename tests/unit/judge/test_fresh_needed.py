"""Where a test set is exhausted, the verdict says how many fresh labelled rows would decide it."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, Wear, decide, judge_sentence, labelled_rows

NOTHING = "b3:" + "0" * 64


def sliced(rows=3_000, slices=8, differ=0.06):
    """Rows of uneven slices; the two models are about as good as each other."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, rows)
    old = np.where(rng.random(rows) < 0.15, 1 - labels, labels)
    new = np.where(rng.random(rows) < differ, 1 - old, old)
    region = rng.choice(slices, rows, p=rng.dirichlet(np.full(slices, 3.0))).astype(str).astype(object)
    return Evidence(labels, new, old, NOTHING, NOTHING, NOTHING, NOTHING, "r1", columns={"region": region})


@pytest.mark.parametrize(
    "text",
    [
        "accuracy > champion.accuracy",
        "every slice(region).accuracy > champion.accuracy",
        "every slice(region).accuracy > champion.accuracy - 0.01 at 99%",
        "every slice(region).recall > champion.recall * 0.99",
        "every slice(region).accuracy >= 0.84",
    ],
)
def test_as_many_are_needed_as_the_same_rows_would_need_if_nobody_had_asked_them(text):
    gate = GateAction("test.parquet", (parse_sentence(text),))
    evidence = sliced()
    verdict = decide(gate, evidence, Wear(60, 20))
    sentence = gate.require[0]
    delta = Wear().left(0.01 if "99%" in text else 0.05)
    fresh = judge_sentence(sentence, labelled_rows(evidence), delta, None)
    assert verdict.fresh_needed is not None
    assert verdict.fresh_needed == (fresh.labels_needed_total or len(evidence.labels))

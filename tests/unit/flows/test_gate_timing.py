"""Latencies are taken call by call, of one row each, and two models take turns."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.ports import Predictions
from assay.core.sentence import parse_sentence
from assay.flows.actions.gate.timing import BLOCK, WARM_UP, calls_needed, time_both


class Watch:
    """A clock that models move on."""

    def __init__(self):
        self.now_ns = 0

    def __call__(self):
        return self.now_ns


class Paced:
    """A model that takes a while for each row, as its column says, and longer at first."""

    def __init__(self, watch, name="ours", seen=None, *, warm_up_ms=0):
        self.watch, self.name, self.seen, self.left = watch, name, [] if seen is None else seen, warm_up_ms
        self.rows = []

    def predict(self, columns):
        (value,) = columns["takes_ms"].tolist()
        self.rows.append(value)
        self.seen.append(self.name)
        self.watch.now_ns += round((value + self.left) * 1e6)
        self.left = max(0, self.left - 100)
        return Predictions(np.zeros(1))

    def close(self):
        pass


def features(*takes_ms):
    return {"takes_ms": np.array(takes_ms, float), "kind": np.array(["a"] * len(takes_ms), object)}


def gate(*sentences, **more):
    return GateAction("gate.csv", tuple(map(parse_sentence, sentences)), **more)


def test_each_call_is_of_one_row_in_order_and_round_again():
    watch = Watch()
    model = Paced(watch)
    taken, _ = time_both(model, None, features(1, 2, 3), None, 7, watch)
    assert taken.tolist() == [1, 2, 3, 1, 2, 3, 1]
    assert model.rows[3:] == taken.tolist()


def test_the_first_calls_of_a_process_are_not_counted():
    watch = Watch()
    model = Paced(watch, warm_up_ms=100 * WARM_UP)
    taken, _ = time_both(model, None, features(*[1] * 50), None, 20, watch)
    assert taken.tolist() == [1] * 20
    assert len(model.rows) == 20 + WARM_UP


def test_two_models_take_turns_in_blocks_on_the_same_rows():
    watch, seen = Watch(), []
    ours, theirs = Paced(watch, "ours", seen), Paced(watch, "theirs", seen)
    first, second = time_both(ours, theirs, features(1, 2), features(5, 6), 3 * BLOCK + 1, watch)
    assert (len(first), len(second)) == (3 * BLOCK + 1, 3 * BLOCK + 1)
    assert set(first) == {1, 2}
    assert set(second) == {5, 6}
    counted = seen[4:]
    turns = [counted[at] for at in range(0, 6 * BLOCK, BLOCK)]
    assert turns == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert counted[6 * BLOCK :] == ["theirs", "ours"]


def test_without_a_champion_only_the_challenger_is_timed():
    watch = Watch()
    first, second = time_both(Paced(watch), None, features(1), None, 5, watch)
    assert first.tolist() == [1] * 5
    assert second is None


def test_without_rows_nothing_is_timed():
    watch = Watch()
    taken, _ = time_both(Paced(watch), None, features(), None, 5, watch)
    assert taken.tolist() == []


def test_no_call_is_made_where_no_sentence_asks():
    assert calls_needed(gate("accuracy >= 0.8", "model_size_mb <= 20", "violations(missing a) <= 0")) == 0


@pytest.mark.parametrize(
    "sentence, least, most",
    [
        ("latency_p50_ms <= 20", 500, 500),
        ("latency_p99_ms <= 20", 500, 700),
        ("latency_p99_ms <= 20 at 99%", 2 * 459 - 100, 2 * 459),
        ("latency_p99_ms <= champion.latency_p99_ms", 1500, 3000),
        ("latency_p999_ms <= 20 at 99%", 5000, 5000),
        ("latency_p999_ms <= 20 at 99.9%", 6905, 6905),
    ],
)
def test_the_strictest_sentence_says_how_many_calls(sentence, least, most):
    assert least <= calls_needed(gate(sentence)) <= most
    assert calls_needed(gate("latency_p50_ms <= 20", sentence)) == calls_needed(gate(sentence))


def test_a_sentence_without_a_level_has_the_gates():
    assert calls_needed(gate("latency_p99_ms <= 20", confidence=0.99)) == calls_needed(
        gate("latency_p99_ms <= 20 at 99%")
    )

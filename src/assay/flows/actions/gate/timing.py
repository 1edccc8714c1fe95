"""How long models take for one row: calls that are timed one by one, from here, as a server makes them.

What is timed is the whole way: the row to the model's process, the prediction, and its answer back. Two models take turns in
small blocks, so that what slows the machine for a while slows both.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from assay.core.pipeline import GateAction
from assay.core.ports import Predictor
from assay.core.sentence import Sentence, latency_share
from assay.core.table import Table

if TYPE_CHECKING:
    import numpy as np

LEAST_CALLS = 500
MOST_CALLS = 5_000
"""Unless a sentence takes more to be shown at all."""
WARM_UP = 10
"""Calls that are not counted: the first of a process take longer than those of a server that runs."""
BLOCK = 25

Elapsed = Callable[[], int]
"""Nanoseconds since some moment."""


def calls_needed(gate: GateAction) -> int:
    """How many calls to time: enough to judge the strictest sentence about latency; 0 where there is none."""
    return max((_calls_for(sentence, gate) for sentence in gate.require), default=0)


def time_both(
    ours: Predictor,
    theirs: Predictor | None,
    features_ours: Table,
    features_theirs: "Table | None",
    calls: int,
    elapsed: Elapsed = time.perf_counter_ns,
) -> "tuple[np.ndarray, np.ndarray | None]":
    """Milliseconds of each call of both models, on the same rows and in turns. ``EvidenceError`` where one fails."""
    import numpy as np

    models = [_Timed(ours, _single_rows(features_ours, calls), [])]
    if theirs is not None:
        assert features_theirs is not None
        models.append(_Timed(theirs, _single_rows(features_theirs, calls), []))
    for model in models:
        for row in model.rows[:WARM_UP]:
            model.predictor.predict(row)
    for turn, start in enumerate(range(0, calls, BLOCK)):
        for model in models if turn % 2 == 0 else reversed(models):
            model.taken_ms.extend(_time_block(model, range(start, min(calls, start + BLOCK)), elapsed))
    return np.array(models[0].taken_ms), np.array(models[1].taken_ms) if theirs is not None else None


class _Timed(msgspec.Struct, frozen=True, eq=False):
    predictor: Predictor
    rows: list[Table]
    taken_ms: list[float]


def _time_block(model: _Timed, calls: range, elapsed: Elapsed) -> Iterator[float]:
    for call in calls if model.rows else ():
        row = model.rows[call % len(model.rows)]
        before = elapsed()
        model.predictor.predict(row)
        yield (elapsed() - before) / 1e6


def _single_rows(features: Table, most: int) -> list[Table]:
    total = min((len(values) for values in features.values()), default=0)
    return [{name: values[at : at + 1] for name, values in features.items()} for at in range(min(total, most))]


def _calls_for(sentence: Sentence, gate: GateAction) -> int:
    from assay.judge import delta_of, least_calls, plan_calls

    share = latency_share(sentence.metric)
    if share is None:
        return 0
    delta = delta_of(sentence, gate)
    planned = plan_calls(share, delta, is_relative=sentence.is_relative)
    least = least_calls(share, delta, is_relative=sentence.is_relative)
    return max(LEAST_CALLS, min(planned, MOST_CALLS), least)

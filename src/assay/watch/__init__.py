"""What is seen on live rows, and when it starts a run. Pure: the flow measures, records and runs."""

from assay.watch.batches import LabelledBatch, batch_of, is_news, newest_readings
from assay.watch.decide import Ask, Decision, Rest, Retry, decide, decided_reading
from assay.watch.keys import join_key
from assay.watch.limit import decay_limit, reference_value, state_of
from assay.watch.times import latest_s

__all__ = [
    "Ask",
    "Decision",
    "LabelledBatch",
    "Rest",
    "Retry",
    "batch_of",
    "decay_limit",
    "decide",
    "decided_reading",
    "is_news",
    "join_key",
    "latest_s",
    "newest_readings",
    "reference_value",
    "state_of",
]

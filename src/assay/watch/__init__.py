"""What is seen on live rows, and when it starts a run. Pure: the flow measures, records and runs."""

from assay.watch.decide import Ask, Decision, Rest, Retry, decide
from assay.watch.limit import decay_limit, reference_value, state_of
from assay.watch.times import latest_s

__all__ = ["Ask", "Decision", "Rest", "Retry", "decay_limit", "decide", "latest_s", "reference_value", "state_of"]

"""What is seen on live rows, and what follows from it."""

from typing import Literal

import msgspec

from assay.core.digest import Digest

ReadingState = Literal["ok", "decayed", "provisional", "no labels", "too few labels", "no limit"]
"""``provisional``: too few of the batch's labels have come for it to be tested; see ``watch/limit.py``."""


class Reading(msgspec.Struct, frozen=True):
    """One measurement on one batch of live rows, as predicted by the release that was live when they arrived."""

    metric: str
    value: float | None
    """None where no row has a label yet."""
    interval: tuple[float, float] | None
    """Two-sided 90 %: each end is a one-sided bound at 95 %."""
    rows: int
    labelled: int
    """Rows that could be measured: their label has come, and there is a prediction to hold against it."""
    batch: str
    """The batch's path."""
    batch_digest: Digest
    labels_digest: Digest | None
    release: str
    limit: float | None
    """The value that must not be shown to be passed; None without a champion's value to compare with."""
    state: ReadingState
    data_time_s: float | None
    """The latest time of the batch's rows, seconds since the epoch: the data's clock."""

    @property
    def coverage(self) -> float:
        """Share of the rows whose label has come."""
        return self.labelled / self.rows if self.rows else 0.0


TriggerKind = Literal["decay", "data", "person", "schedule"]


class Trigger(msgspec.Struct, frozen=True):
    """What started a run."""

    kind: TriggerKind
    why: str
    data: Digest | None = None
    """Digest over the batches that were labelled then: the same data is not asked about twice."""
    data_time_s: float | None = None


BY_HAND = Trigger("person", "assay run")

"""What is known of each batch now: a reading with more labels supersedes the one before it."""

from collections.abc import Iterable

import msgspec

from assay.core.canonical import value_digest
from assay.core.digest import Digest
from assay.core.watch import Reading
from assay.watch.limit import DECIDED_COVERAGE


class LabelledBatch(msgspec.Struct, frozen=True):
    """How far the labels of a batch have come."""

    batch: str
    batch_digest: Digest
    rows: int
    labelled: int
    labels_digest: Digest | None

    @property
    def is_labelled(self) -> bool:
        """Enough of its labels have come to learn from it, and to decide on it."""
        return 0 < self.labelled >= DECIDED_COVERAGE * self.rows


def batch_of(reading: Reading) -> LabelledBatch:
    """The batch as the reading saw it."""
    return LabelledBatch(reading.batch, reading.batch_digest, reading.rows, reading.labelled, reading.labels_digest)


def newest_readings(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """The newest reading of each batch, oldest batch first on the data's clock, else in the order of their first readings.

    ``readings`` come in the order in which they were taken.
    """
    newest = {reading.batch_digest: reading for reading in readings}
    return tuple(sorted(newest.values(), key=lambda reading: reading.data_time_s or 0.0))


def is_news(reading: Reading, before: Reading | None) -> bool:
    """The reading is to be recorded after ``before``, the batch's last. Labels may be corrected and may become more;
    where some have gone (files were moved away, or cannot be read) what was measured stands."""
    return before is None or (reading != before and reading.labelled >= before.labelled)


def labelled_data(batches: Iterable[LabelledBatch]) -> Digest | None:
    """What there is to learn from, as one digest; None where no batch is labelled.

    Labels that come after a batch counts as labelled are no new data until they are all there; corrections are from then on.
    """
    labelled = (batch for batch in batches if batch.is_labelled)
    known = [(batch.batch_digest, batch.labels_digest if batch.labelled == batch.rows else None) for batch in labelled]
    return value_digest(sorted(known, key=lambda pair: pair[0])) if known else None

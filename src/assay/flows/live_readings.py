"""Readings: the predictions that were kept, held against the labels that have come.

Nothing is read again where neither the labels nor what is asked of them has changed since the last look, as far as the cache
remembers; a batch without a recorded reading is always read.
"""

import math
from typing import Any

import msgspec

from assay import __version__
from assay.core.canonical import canonical_bytes, value_digest
from assay.core.digest import Digest, digest_of
from assay.core.events import BatchPredicted, Measured
from assay.core.history import History
from assay.core.metrics import METRICS
from assay.core.pipeline import ModelSpec, Performance, WatchSpec
from assay.core.problem import EvidenceError, Problem
from assay.core.table import Table
from assay.core.watch import Reading
from assay.flows.live_batches import KeptPredictions
from assay.flows.live_labels import LiveLabels
from assay.watch import LabelledBatch, batch_of, decay_limit, is_news, newest_readings, reference_value, state_of
from assay.workspace import Workspace


class Looked(msgspec.Struct, frozen=True):
    """What the labels say of the batches that were predicted."""

    readings: tuple[Reading, ...]
    """Those that are new, and recorded now."""
    batches: tuple[LabelledBatch, ...]
    """Every batch, oldest first on the data's clock."""
    problems: tuple[Problem, ...]
    """Why batches could not be read."""


def recorded_readings(history: History) -> tuple[Reading, ...]:
    """Every reading that was taken, in order."""
    return tuple(entry.event.reading for entry in history.readings if isinstance(entry.event, Measured))


def read_batches(workspace: Workspace, spec: WatchSpec, model: ModelSpec, labels: LiveLabels) -> Looked:
    """Take the readings that are new. Without ``performance`` nothing is measured, and only the labels are counted."""
    reader = _Reader(workspace, spec, model, labels)
    batches: list[LabelledBatch] = []
    problems: list[Problem] = []
    predicted = [e.event for e in workspace.history().predicted if isinstance(e.event, BatchPredicted)]
    for event in sorted(predicted, key=lambda event: event.data_time_s or 0.0):
        try:
            batches.append(reader.read(event))
        except EvidenceError as error:
            problems.append(msgspec.structs.replace(error.problem, what=f"{event.batch}: {error.problem.what}"))
            batches += reader.recorded(event)
    if not problems and not labels.problems:
        reader.remember(batches)
    return Looked(tuple(reader.taken), tuple(batches), tuple(problems))


class _Remembered(msgspec.Struct, frozen=True):
    """The last look, as the cache has it."""

    follows_from: Digest
    """Over the labels and over what is asked of them."""
    batches: dict[Digest, LabelledBatch]


class _Reader:
    """One look at the batches: what was read before, and what is new."""

    def __init__(self, workspace: Workspace, spec: WatchSpec, model: ModelSpec, labels: LiveLabels) -> None:
        self.taken: list[Reading] = []
        self._workspace = workspace
        self._performance = spec.performance
        self._labels = labels
        self._history = workspace.history()
        self._newest = {reading.batch_digest: reading for reading in newest_readings(recorded_readings(self._history))}
        self._follows_from = value_digest([labels.digest, spec, model])
        self._unchanged = self._recall()

    def read(self, event: BatchPredicted) -> LabelledBatch:
        """The batch as its labels stand now; a reading of it that is news is recorded."""
        known = self._unchanged.get(event.batch_digest)
        if known is not None and (self._performance is None or self.recorded(event) == [known]):
            return known
        kept = msgspec.json.decode(self._workspace.store.read(event.predictions), type=KeptPredictions)
        labels = self._labels.of(lambda: _batch_table(self._workspace, event), kept.keys)
        if self._performance is None:
            return _count(event, labels)
        reading = _measure(self._performance, self._history, event, kept.prediction, labels)
        before = self._newest.get(event.batch_digest)
        if before is not None and not is_news(reading, before):
            return batch_of(before)
        self._workspace.ledger.append(self._workspace.pipeline.name, Measured(reading))
        self.taken.append(reading)
        return batch_of(reading)

    def recorded(self, event: BatchPredicted) -> list[LabelledBatch]:
        """The batch as its newest recorded reading saw it; empty where it has none."""
        before = self._newest.get(event.batch_digest)
        return [batch_of(before)] if before else []

    def remember(self, batches: list[LabelledBatch]) -> None:
        """Let the next look pass over what has not changed."""
        look = _Remembered(self._follows_from, {batch.batch_digest: batch for batch in batches})
        self._workspace.cache.remember(self._key, msgspec.msgpack.encode(look))

    def _recall(self) -> dict[Digest, LabelledBatch]:
        found = self._workspace.cache.recall(self._key)
        look = msgspec.msgpack.decode(found, type=_Remembered) if found else None
        return look.batches if look is not None and look.follows_from == self._follows_from else {}

    @property
    def _key(self) -> str:
        return f"watched/{__version__}/{self._workspace.pipeline.name}"


def _count(event: BatchPredicted, labels: list[Any]) -> LabelledBatch:
    labelled = sum(label is not None for label in labels)
    return LabelledBatch(event.batch, event.batch_digest, event.rows, labelled, _digest(labels))


def _measure(
    performance: Performance, history: History, event: BatchPredicted, predictions: list[Any], labels: list[Any]
) -> Reading:
    """The reading. A row counts if its label has come and, for errors, there is a prediction to take the distance from; for
    shares a row without a prediction is a wrong one, as in ``judge``."""
    import numpy as np

    from assay.judge import measure

    is_share = METRICS[performance.metric].kind == "share"
    rows = [
        (label, prediction)
        for label, prediction in zip(labels, predictions, strict=True)
        if label is not None and (is_share or prediction is not None)
    ]
    value, interval = None, None
    if rows:
        known, predicted = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
        measured = measure(performance.metric, known, predicted)
        value, interval = _finite(measured.value), measured.interval
    limit = decay_limit(performance, _reference(history, event.release, performance.metric))
    if interval is not None and not all(math.isfinite(bound) for bound in interval):
        interval = None
    return Reading(
        metric=performance.metric,
        value=value,
        interval=interval,
        rows=event.rows,
        labelled=len(rows),
        batch=event.batch,
        batch_digest=event.batch_digest,
        labels_digest=_digest(labels),
        release=event.release,
        limit=limit,
        state=state_of(performance.metric, event.rows, len(rows), interval, limit),
        data_time_s=event.data_time_s,
    )


def _reference(history: History, name: str, metric: str) -> float | None:
    """The release's value of the metric on its gate rows, from the last of its verdicts that has one."""
    release = history.release(name)
    verdicts = [history.verdict(seq) for seq in release.released.verdicts] if release else []
    values = (reference_value(verdict, metric) for verdict in reversed(verdicts))
    return next((value for value in values if value is not None), None)


def _digest(labels: list[Any]) -> Digest | None:
    has_any = any(label is not None for label in labels)
    return digest_of(canonical_bytes(labels)) if has_any else None


def _finite(value: float | None) -> float | None:
    """Errors near the largest number there is have no finite mean square."""
    return value if value is not None and math.isfinite(value) else None


def _batch_table(workspace: Workspace, event: BatchPredicted) -> Table:
    """The batch as it stands, for labels that it carries itself; empty where it has gone or changed."""
    artifact = workspace.files.artifact(event.batch)
    if artifact is None or artifact.digest != event.batch_digest:
        return {}
    return workspace.tables.read([workspace.files.locate(event.batch)])[0]

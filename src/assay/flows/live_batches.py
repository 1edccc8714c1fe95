"""Batches that have arrived: each is predicted once, by the release that is live when it is first seen.

A batch that cannot be scored is told of and tried again at the next look; it stops no other.
"""

from contextlib import closing
from typing import Any

import msgspec

from assay.core.artifact import Artifact
from assay.core.canonical import canonical_bytes
from assay.core.events import BatchPredicted
from assay.core.history import ReleaseState
from assay.core.pipeline import ModelSpec
from assay.core.ports import Predictor
from assay.core.problem import EvidenceError, Problem
from assay.core.release import Bill
from assay.core.table import Table
from assay.flows.live_labels import LiveLabels
from assay.flows.releases import SCORING_LIMIT_S, load_predictor
from assay.flows.tables import column_of, features_of, is_missing, keys_of
from assay.flows.trained_on import batches_learned
from assay.watch import join_key, latest_s
from assay.workspace import Workspace


class Scored(msgspec.Struct, frozen=True):
    """What became of the batches that nobody had predicted."""

    events: tuple[BatchPredicted, ...]
    learned: tuple[str, ...]
    """Batches that are not scored: the live release learned from them."""
    problems: tuple[Problem, ...]
    """Why batches could not be scored."""


class KeptPredictions(msgspec.Struct, frozen=True):
    """What the store holds of a batch."""

    id: list[Any]
    """The id of each row; its place in the batch where the model names no id."""
    prediction: list[Any]
    """None where the model gave none, or no finite number."""

    @property
    def keys(self) -> list[str]:
        """The id of each row, as it is joined."""
        return [join_key(value) for value in self.id]


def score_new(
    workspace: Workspace,
    model: ModelSpec,
    release: ReleaseState,
    bill: Bill,
    batches: tuple[Artifact, ...],
    labels: LiveLabels,
) -> Scored:
    """Predict the batches that nobody has predicted, with the live release, and record each before the next."""
    predicted = {e.event.batch_digest for e in workspace.history().predicted if isinstance(e.event, BatchPredicted)}
    new = [batch for batch in batches if batch.digest not in predicted]
    learned = batches_learned(workspace, bill, new, labels.pattern, model)
    events: list[BatchPredicted] = []
    problems: list[Problem] = []
    with closing(_Scoring(workspace, model, release, bill, labels)) as scoring:
        for batch in (batch for batch in new if batch.path not in learned):
            try:
                events.append(scoring.score(batch))
            except EvidenceError as error:
                problems.append(error.problem)
    return Scored(tuple(events), tuple(learned), tuple(dict.fromkeys(problems)))


class _Scoring:
    """The live release at work. Its model is loaded for the first batch that is fit for it, and again after a failure."""

    def __init__(
        self, workspace: Workspace, model: ModelSpec, release: ReleaseState, bill: Bill, labels: LiveLabels
    ) -> None:
        self._workspace = workspace
        self._model = model
        self._release = release
        self._bill = bill
        self._labels = labels
        self._predictor: Predictor | None = None

    def score(self, batch: Artifact) -> BatchPredicted:
        """The batch, predicted and recorded; ``EvidenceError`` says why it cannot be."""
        table, schema = self._workspace.tables.read([self._workspace.files.locate(batch.path)])
        # A release that no rows were seen of reads what there is.
        reads = self._bill.input_schema or features_of(table, schema, self._model)[1]
        wanted = {f.name: column_of(table, f.name, batch.path, "column") for f in reads}
        kept = KeptPredictions(self._ids(table, batch), self._predict(wanted, batch))
        event = BatchPredicted(
            batch=batch.path,
            batch_digest=batch.digest,
            release=self._release.name,
            rows=len(kept.id),
            labels_known=sum(label is not None for label in self._labels.of(lambda: table, kept.keys)),
            predictions=self._workspace.store.add_bytes(canonical_bytes(kept)),
            data_time_s=_data_time(table, self._model),
        )
        self._workspace.ledger.append(self._workspace.pipeline.name, event)
        return event

    def close(self) -> None:
        """End the model's process."""
        if self._predictor is not None:
            self._predictor.close()
        self._predictor = None

    def _ids(self, table: Table, batch: Artifact) -> list[Any]:
        if self._model.id is None:
            return list(range(len(next(iter(table.values()), ()))))
        keys_of(table, self._model.id, batch.path)
        return list(column_of(table, self._model.id, batch.path, "id").tolist())

    def _predict(self, columns: Table, batch: Artifact) -> list[Any]:
        if self._predictor is None:
            self._predictor = load_predictor(self._workspace, self._bill, limit_s=SCORING_LIMIT_S)
        try:
            predicted = self._predictor.predict(columns).prediction.tolist()
        except EvidenceError:
            self.close()
            raise
        finite = [None if is_missing(value) else value for value in predicted]
        if finite and all(value is None for value in finite):
            what = f"{self._release.name} predicts nothing for {batch.path}"
            because = f"all {len(finite):,} predictions are None, NaN or infinite"
            fix = "look at what the model reads there: a column may be empty, or in another unit"
            raise EvidenceError(Problem("nothing-predicted", what, (because,), fix))
        return finite


def _data_time(table: Table, model: ModelSpec) -> float | None:
    if model.time is None or model.time not in table:
        return None
    return latest_s(table[model.time].tolist())

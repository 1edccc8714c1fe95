"""``assay watch``: score what arrives, join the labels that come, take readings, and retrain where it is shown to be due."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from assay.core.artifact import Artifact
from assay.core.canonical import canonical_bytes, value_digest
from assay.core.digest import digest_of
from assay.core.events import BatchPredicted, Measured, Triggered
from assay.core.history import History, ReleaseState
from assay.core.pipeline import ModelSpec, Performance, Retrain, WatchSpec
from assay.core.problem import AssayError, Problem, UsageError
from assay.core.release import Bill
from assay.core.table import Table
from assay.core.watch import Reading
from assay.execute import Progress
from assay.flows.releases import load_predictor, read_bill
from assay.flows.run import RunOptions, RunReport, recover_if_free, run
from assay.flows.tables import column_of, is_null
from assay.flows.trained_on import batches_learned
from assay.watch import Ask, Decision, Rest, Retry, decay_limit, decide, latest_s, reference_value, state_of
from assay.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np

LIVE_COLUMNS = ("id", "prediction")


class WatchReport(msgspec.Struct, frozen=True):
    """One look at the live rows."""

    release: str | None
    scored: tuple[BatchPredicted, ...]
    """Batches that were predicted now."""
    learned: tuple[str, ...]
    """Batches that are not scored: the live release learned from them."""
    readings: tuple[Reading, ...]
    """Readings that were taken now."""
    decision: str
    """What followed, in a line."""
    run: RunReport | None = None


Observe = Callable[[int, Progress], None]
Tell = Callable[[WatchReport], None]


def watch_once(workspace: Workspace, observe: Observe, tell: Tell = lambda report: None) -> WatchReport:
    """Take the readings that are new, and start a run where one is due. Asking twice about the same data changes nothing.
    ``tell`` hears of the look before its run begins."""
    with workspace.lock("watch").held("assay watch"):
        return _look(workspace, observe, tell)


def watch(workspace: Workspace, observe: Observe, every_s: float, tell: Tell) -> Iterator[WatchReport | AssayError]:
    """Look again and again. What goes wrong in one look is yielded, and the next look is tried."""
    with workspace.lock("watch").held("assay watch"):
        while True:
            try:
                yield _look(workspace, observe, tell)
            except AssayError as error:
                yield error
            workspace.clock.sleep(every_s)


def _look(workspace: Workspace, observe: Observe, tell: Tell) -> WatchReport:
    spec, model = _sections(workspace)
    recover_if_free(workspace)
    history = workspace.history()
    release = history.release(history.live) if history.live else None
    if release is None:
        return WatchReport(None, (), (), (), "nothing is live yet: assay run")
    bill = read_bill(workspace, release)
    batches = _artifacts(workspace, spec.data)
    labels = _Labels(workspace, spec, model)
    scored, learned = _score_new(workspace, model, release, bill, batches, labels)
    readings = _read_new(workspace, spec, model, labels)
    decision = _decision(workspace, spec, release.name, (*batches, *labels.files))
    report = WatchReport(release.name, scored, learned, readings, _told(decision))
    tell(report)
    if isinstance(decision, Rest):
        if decision.declined is not None:
            workspace.ledger.append(workspace.pipeline.name, decision.declined)
        return report
    if isinstance(decision, Ask):
        workspace.ledger.append(workspace.pipeline.name, Triggered(decision.trigger))
    result = run(workspace, RunOptions(trigger=decision.trigger), observe)
    return msgspec.structs.replace(report, run=result)


class _Labels:
    """The labels that are known, by id."""

    def __init__(self, workspace: Workspace, spec: WatchSpec, model: ModelSpec) -> None:
        self.pattern = spec.labels
        self.files = _artifacts(workspace, spec.labels) if spec.labels else ()
        self._workspace = workspace
        self._model = model
        self._by_id: dict[Any, Any] | None = None

    def of(self, table: Callable[[], Table], ids: "np.ndarray") -> list[Any]:
        """The label of each row, None where it has not come: from the label files, else from the batch itself."""
        assert self._model.label is not None
        if self.files:
            known = self._known()
            return [known.get(key) for key in ids.tolist()]
        column = table().get(self._model.label)
        return [None] * len(ids) if column is None else [None if is_null(value) else value for value in column.tolist()]

    def _known(self) -> dict[Any, Any]:
        if self._by_id is None:
            paths = [self._workspace.files.locate(file.path) for file in self.files]
            table, _ = self._workspace.engine.read(paths, [self._model.id or "", self._model.label or ""])
            ids = column_of(table, self._model.id or "", self.files[-1].path, "id").tolist()
            values = column_of(table, self._model.label or "", self.files[-1].path, "label").tolist()
            self._by_id = {key: value for key, value in zip(ids, values, strict=True) if not is_null(value)}
        return self._by_id


def _score_new(
    workspace: Workspace,
    model: ModelSpec,
    release: ReleaseState,
    bill: Bill,
    batches: tuple[Artifact, ...],
    labels: _Labels,
) -> tuple[tuple[BatchPredicted, ...], tuple[str, ...]]:
    """Predict the batches that nobody has predicted, with the live release, and record each before the next."""
    predicted = {e.event.batch_digest for e in workspace.history().predicted if isinstance(e.event, BatchPredicted)}
    new = [batch for batch in batches if batch.digest not in predicted]
    learned = batches_learned(workspace, bill, new, labels.pattern, model)
    fresh = [batch for batch in new if batch.path not in learned]
    if not fresh:
        return (), tuple(learned)
    predictor = load_predictor(workspace, bill)
    events = []
    try:
        for batch in fresh:
            table, _ = workspace.engine.read([workspace.files.locate(batch.path)])
            wanted = {field.name: column_of(table, field.name, batch.path, "column") for field in bill.input_schema}
            prediction = predictor.predict(wanted).prediction.tolist()
            ids = _ids(table, model, batch)
            kept = workspace.store.add_bytes(_predictions(ids.tolist(), prediction))
            known = sum(value is not None for value in labels.of(partial(_itself, table), ids))
            event = BatchPredicted(
                batch.path, batch.digest, release.name, len(ids), known, kept, _data_time(table, model)
            )
            workspace.ledger.append(workspace.pipeline.name, event)
            events.append(event)
    finally:
        predictor.close()
    return tuple(events), tuple(learned)


def _read_new(workspace: Workspace, spec: WatchSpec, model: ModelSpec, labels: _Labels) -> tuple[Reading, ...]:
    """A reading of every predicted batch whose labels have changed since it was last read."""
    if spec.performance is None:
        return ()
    history = workspace.history()
    known = {
        (entry.event.reading.batch_digest, entry.event.reading.labels_digest)
        for entry in history.readings
        if isinstance(entry.event, Measured)
    }
    readings = []
    for entry in history.predicted:
        assert isinstance(entry.event, BatchPredicted)
        reading = _read(workspace, spec.performance, history, entry.event, labels)
        if (reading.batch_digest, reading.labels_digest) not in known:
            workspace.ledger.append(workspace.pipeline.name, Measured(reading))
            readings.append(reading)
    return tuple(readings)


def _read(
    workspace: Workspace, performance: Performance, history: History, event: BatchPredicted, labels: _Labels
) -> Reading:
    import numpy as np

    from assay.judge import measure

    kept = msgspec.json.decode(workspace.store.read(event.predictions))
    ids = np.array(kept["id"], dtype=object)
    found = labels.of(partial(_batch_table, workspace, event), ids)
    value, interval = None, None
    if any(label is not None for label in found):
        measured = measure(performance.metric, np.array(found, dtype=object), np.array(kept["prediction"]))
        value, interval = measured.value, measured.interval
    release = history.release(event.release)
    verdicts = [history.verdict(seq) for seq in release.released.verdicts] if release else []
    limit = decay_limit(performance, reference_value(verdicts[-1] if verdicts else None, performance.metric))
    labelled = sum(label is not None for label in found)
    return Reading(
        metric=performance.metric,
        value=value,
        interval=interval,
        rows=event.rows,
        labelled=labelled,
        batch=event.batch,
        batch_digest=event.batch_digest,
        labels_digest=digest_of(canonical_bytes(found)) if labelled else None,
        release=event.release,
        limit=limit,
        state=state_of(performance.metric, labelled, interval, limit),
        data_time_s=event.data_time_s,
    )


def _decision(workspace: Workspace, spec: WatchSpec, release: str, data: tuple[Artifact, ...]) -> Decision:
    history = workspace.history()
    readings = [e.event.reading for e in history.readings if isinstance(e.event, Measured)]
    of_live = sorted((r for r in readings if r.release == release), key=lambda r: r.data_time_s or 0.0)
    times = [
        e.event.data_time_s for e in history.predicted if isinstance(e.event, BatchPredicted) and e.event.data_time_s
    ]
    digest = value_digest(sorted((artifact.path, artifact.digest) for artifact in data))
    return decide(tuple(of_live), digest, max(times, default=None), spec.retrain or Retrain(on=()), history)


def _told(decision: Decision) -> str:
    match decision:
        case Rest():
            return decision.why
        case Retry():
            return f"again, because the run was killed: {decision.trigger.why}"
        case Ask():
            return decision.trigger.why


def _sections(workspace: Workspace) -> tuple[WatchSpec, ModelSpec]:
    pipeline = workspace.pipeline
    if pipeline.watch is None or pipeline.model is None:
        lost = "watch" if pipeline.watch is None else "model"
        raise UsageError(
            Problem(
                "nothing-to-watch",
                f"assay.yaml has no section `{lost}:`",
                ("watching needs to know which rows arrive, and which model predicts them",),
                "add `watch: {data: data/arriving/*.csv}` and `model:` to assay.yaml",
            )
        )
    return pipeline.watch, pipeline.model


def _artifacts(workspace: Workspace, pattern: str) -> tuple[Artifact, ...]:
    found = (workspace.files.artifact(path) for path in workspace.files.expand(pattern))
    return tuple(artifact for artifact in found if artifact is not None)


def _ids(table: Table, model: ModelSpec, batch: Artifact) -> "np.ndarray":
    """The id of each row; its place in the batch where the model names no id."""
    import numpy as np

    if model.id is None:
        return np.arange(len(next(iter(table.values()))))
    return column_of(table, model.id, batch.path, "id")


def _data_time(table: Table, model: ModelSpec) -> float | None:
    if model.time is None or model.time not in table:
        return None
    return latest_s(table[model.time].tolist())


def _predictions(ids: list[Any], predictions: list[Any]) -> bytes:
    finite = [None if is_null(value) else value for value in predictions]
    return canonical_bytes(dict(zip(LIVE_COLUMNS, (ids, finite), strict=True)))


def _itself(table: Table) -> Table:
    return table


def _batch_table(workspace: Workspace, event: BatchPredicted) -> Table:
    """The batch as it stands, for labels that it carries itself; empty where it has gone or changed."""
    artifact = workspace.files.artifact(event.batch)
    if artifact is None or artifact.digest != event.batch_digest:
        return {}
    return workspace.engine.read([workspace.files.locate(event.batch)])[0]

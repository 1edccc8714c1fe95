"""``assay watch``: score what arrives, join the labels that come, take readings, and retrain where it is shown to be due."""

from collections.abc import Callable, Iterator

import msgspec

from assay.core.events import BatchPredicted, Triggered
from assay.core.pipeline import ModelSpec, Retrain, WatchSpec
from assay.core.problem import AssayError, Problem, UsageError
from assay.core.watch import Reading
from assay.execute import Progress
from assay.flows import notify
from assay.flows.live_batches import score_new
from assay.flows.live_labels import LiveLabels, find_artifacts
from assay.flows.live_readings import read_batches, recorded_readings
from assay.flows.releases import read_bill
from assay.flows.run import recover_if_free, run
from assay.flows.running import RunOptions, RunReport
from assay.watch import Ask, Decision, LabelledBatch, Rest, Retry, decide, decided_reading, newest_readings
from assay.workspace import Workspace


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
    marks: dict[str, tuple[str, ...]] = {}
    """What must be said of releases, by name: ``unprotected: no rows``; those of which nothing must be are not in it."""
    problems: tuple[Problem, ...] = ()
    """Batches that could not be scored or read, and label files that were left out: each is tried again at the next look."""
    untold: tuple[Problem, ...] = ()
    """Who of `notify:` could not be reached."""


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
    notify.begin(workspace)
    report = _seen(workspace, observe, tell)
    return msgspec.structs.replace(report, untold=notify.tell(workspace))


def _seen(workspace: Workspace, observe: Observe, tell: Tell) -> WatchReport:
    spec, model = _sections(workspace)
    recover_if_free(workspace)
    history = workspace.history()
    release = history.release(history.live) if history.live else None
    if release is None:
        return WatchReport(None, (), (), (), "nothing is live yet: assay run")
    labels = LiveLabels(workspace, spec, model)
    batches = find_artifacts(workspace, spec.data)
    scored = score_new(workspace, model, release, read_bill(workspace, release), batches, labels)
    looked = read_batches(workspace, spec, model, labels)
    decision = _decision(workspace, spec, looked.batches)
    problems = (*scored.problems, *labels.problems, *looked.problems)
    report = WatchReport(
        release.name,
        scored.events,
        scored.learned,
        looked.readings,
        _told(decision),
        marks={state.name: state.marks for state in history.releases if state.marks},
        problems=problems,
    )
    tell(report)
    if isinstance(decision, Rest):
        if decision.declined is not None:
            workspace.ledger.append(workspace.pipeline.name, decision.declined)
        return report
    if isinstance(decision, Ask):
        workspace.ledger.append(workspace.pipeline.name, Triggered(decision.trigger))
    result = run(workspace, RunOptions(trigger=decision.trigger), observe)
    return msgspec.structs.replace(report, run=result)


def live_reading(workspace: Workspace) -> Reading | None:
    """The newest reading that says whether the live release has decayed; None where there is none yet."""
    return decided_reading(_of_live(workspace))


def _decision(workspace: Workspace, spec: WatchSpec, batches: tuple[LabelledBatch, ...]) -> Decision:
    history = workspace.history()
    times = [
        e.event.data_time_s for e in history.predicted if isinstance(e.event, BatchPredicted) and e.event.data_time_s
    ]
    return decide(_of_live(workspace), batches, max(times, default=None), spec.retrain or Retrain(on=()), history)


def _of_live(workspace: Workspace) -> tuple[Reading, ...]:
    history = workspace.history()
    newest = newest_readings(recorded_readings(history))
    return tuple(reading for reading in newest if reading.release == history.live)


def _told(decision: Decision) -> str:
    match decision:
        case Rest():
            return decision.why
        case Retry():
            return f"again, because its run did not end: {decision.trigger.why}"
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

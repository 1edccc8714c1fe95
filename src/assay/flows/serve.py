"""``assay serve``: the live release behind HTTP, following the ledger while it answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assay.core.events import ServeChanged
from assay.core.history import History
from assay.core.problem import Problem, ServeError
from assay.flows.releases import find_release, load_predictor, read_bill
from assay.serve import LiveModel, Loaded, PredictService, Wanted, follow
from assay.workspace import Workspace

LOOK_EVERY_S = 0.25
"""How soon a deployment or rollback is taken up."""


@contextmanager
def open_service(workspace: Workspace) -> Iterator[PredictService]:
    """A service that answers with the live release, as long as the block lasts. ``ServeError`` where nothing is live."""
    if workspace.history().live is None:
        problem = Problem("nothing-live", "nothing is released yet", ("the server needs a release",), "assay run")
        raise ServeError(problem)
    log, stop = workspace.open_predictions(), threading.Event()
    live = _live_model(workspace)
    live.refresh()
    state = live.state()
    if state.release is None and state.problem is not None:
        log.close()
        raise ServeError(state.problem)
    follower = threading.Thread(target=follow, args=(live, stop, LOOK_EVERY_S), name="assay-follow", daemon=True)
    follower.start()
    try:
        yield PredictService(live, log, workspace.clock)
    finally:
        stop.set()
        follower.join()
        live.close()
        log.close()


def wanted_release(history: History) -> Wanted | None:
    """Which release the ledger wants to answer, and since when."""
    entry = history.live_entry
    if entry is None or history.live is None:
        return None
    return Wanted(history.live, entry.seq, entry.at_s)


def _live_model(workspace: Workspace) -> LiveModel:
    def changed(release: str, problem: Problem | None) -> None:
        event = ServeChanged(release, "failed" if problem else "live", problem.what if problem else "")
        workspace.ledger.append(workspace.pipeline.name, event)

    def load(name: str) -> Loaded:
        release = find_release(workspace, name)
        bill = read_bill(workspace, release)
        model = workspace.pipeline.model
        return Loaded(release, bill, load_predictor(workspace, bill), model.id if model else None)

    return LiveModel(lambda: wanted_release(workspace.history()), load, workspace.clock, changed)

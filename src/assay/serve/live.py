"""The live release: which one answers, how it is replaced while it answers, and what happens when its process dies.

A new release is loaded and tried before it takes over; the old one ends when its last call is done. A release that does not
load leaves the old one in place. Nothing here asks the ledger or the disk: what is wanted and how it is loaded are functions
that the flow passes in.

Called from many threads. ``refresh`` never runs twice at once, calls to one predictor wait for each other, and what
``health`` needs is never behind a lock that is held while a model works.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from assay.core.history import ReleaseState
from assay.core.ports import Clock, Predictions, Predictor
from assay.core.problem import AssayError, EvidenceError, Problem
from assay.core.release import Bill
from assay.core.table import Table

RESTART_PAUSE_S = 5.0
"""After a restart that failed, so long no other is tried: requests are refused at once instead of each waiting for one."""
DIED = "predict-died"
"""The one failure after which the same request is asked again: a predict that only computes gives the same answer."""


class Wanted(msgspec.Struct, frozen=True):
    """Which release should answer, and the event that says so."""

    release: str
    seq: int
    """Sequence number of that event: the same release deployed again is tried again."""
    since_s: float
    """Seconds since the epoch."""


class Loaded(msgspec.Struct, frozen=True):
    """A release, ready to predict."""

    release: ReleaseState
    bill: Bill
    predictor: Predictor
    id_column: str | None = None
    """The column that names rows; it may stand in a request, and the model does not read it."""
    example: "Table | None" = None
    """Rows that it must be able to predict before it takes over; None: loading is enough."""


class LiveState(msgspec.Struct, frozen=True):
    """What answers now, and what is wrong."""

    release: str | None
    wanted: str | None
    since_s: float | None
    problem: Problem | None
    marks: tuple[str, ...] = ()
    """What must be said wherever the release appears."""


class Serving:
    """One loaded release while it serves. ``predict`` may be called from any thread."""

    def __init__(self, loaded: Loaded, since_s: float, reload: Callable[[], Predictor], clock: Clock) -> None:
        self.loaded = loaded
        self.since_s = since_s
        self.problem: Problem | None = None
        """Why it cannot predict now; None while it can."""
        self._predictor: Predictor | None = loaded.predictor
        self._reload = reload
        self._clock = clock
        self._turn = threading.Lock()
        self._retry_at_s = 0.0
        self._is_closed = False

    def predict(self, table: Table) -> Predictions:
        """One prediction a row. A predictor that died is started again and asked once more; ``AssayError`` where that fails
        too, or the model itself does."""
        with self._turn:
            try:
                return self._ask(table)
            except EvidenceError as error:
                if error.problem.code != DIED:
                    raise
            return self._ask(table)

    def close(self) -> None:
        """End the predictor, also in the middle of a call, which then fails."""
        self._is_closed = True
        if self._predictor is not None:
            self._predictor.close()

    def _ask(self, table: Table) -> Predictions:
        predictor = self._predictor or self._restart()
        try:
            return predictor.predict(table)
        except EvidenceError:
            self._predictor = None  # the port says that it is closed now
            raise

    def _restart(self) -> Predictor:
        now_s = self._clock.now_s()
        if self._is_closed:
            raise EvidenceError(_STOPPING)
        if self.problem is not None and now_s < self._retry_at_s:
            raise EvidenceError(self.problem)
        try:
            predictor = self._reload()
        except AssayError as error:
            self.problem, self._retry_at_s = error.problem, now_s + RESTART_PAUSE_S
            raise
        self._predictor, self.problem = predictor, None
        if self._is_closed:
            predictor.close()
        return predictor


class LiveModel:
    """The release that answers now. ``wanted`` and ``load`` are asked by ``refresh`` alone, and ``load`` once more by a
    call whose predictor died; ``changed`` is told of every release taken up (None) or not (why)."""

    def __init__(
        self,
        wanted: Callable[[], Wanted | None],
        load: Callable[[str], Loaded],
        clock: Clock,
        changed: Callable[[str, Problem | None], None] = lambda release, problem: None,
    ) -> None:
        self._ask_wanted = wanted
        self._load = load
        self._clock = clock
        self._changed = changed
        self._refreshing = threading.Lock()
        self._guard = threading.Lock()
        self._serving: Serving | None = None
        self._calls: dict[Serving, int] = {}
        self._wanted: Wanted | None = None
        self._load_problem: Problem | None = None
        self._ledger_problem: Problem | None = None
        self._is_closed = False

    def refresh(self) -> None:
        """Look which release is wanted, and take it up if it is not the one that answers. Returns when it answers or is
        known not to load; one that did not load is tried again only when the ledger names a release anew."""
        with self._refreshing:
            try:
                wanted = self._ask_wanted()
                self._ledger_problem = None
                if wanted is not None and wanted != self._wanted:
                    self._wanted = wanted
                    self._take_up(wanted)
                    self._changed(wanted.release, self._load_problem)
            except AssayError as error:
                self._ledger_problem = error.problem

    @contextmanager
    def serving(self) -> Iterator[Serving | None]:
        """The release that answers, which stays loaded until the block ends; None where there is none yet."""
        with self._guard:
            serving = self._serving
            if serving is not None:
                self._calls[serving] += 1
        try:
            yield serving
        finally:
            if serving is not None:
                self._leave(serving)

    def state(self) -> LiveState:
        """What answers now, and what is wrong. Never waits for a model."""
        serving, wanted = self._serving, self._wanted
        wanted_name = None if wanted is None else wanted.release
        problem = self._load_problem or self._ledger_problem
        if serving is None:
            return LiveState(None, wanted_name, None, problem)
        release = serving.loaded.release
        return LiveState(release.name, wanted_name, serving.since_s, problem or serving.problem, release.marks)

    def close(self) -> None:
        """End every predictor; calls in flight fail. Nothing is taken up afterwards."""
        with self._guard:
            self._is_closed = True
            open_ones = list(self._calls)
        for serving in open_ones:
            serving.close()

    def _take_up(self, wanted: Wanted) -> None:
        self._load_problem = None
        current = self._serving
        if current is not None and current.loaded.release.name == wanted.release:
            current.since_s = wanted.since_s
            return
        try:
            loaded = self._load(wanted.release)
            _try(loaded)
        except AssayError as error:
            self._load_problem = error.problem
        else:
            self._swap(Serving(loaded, wanted.since_s, lambda: self._load(wanted.release).predictor, self._clock))

    def _swap(self, new: Serving) -> None:
        with self._guard:
            old, self._serving = self._serving, new
            self._calls[new] = 0
            done = [new] if self._is_closed else []
            if old is not None and self._calls[old] == 0:
                del self._calls[old]
                done.append(old)
        for serving in done:
            serving.close()

    def _leave(self, serving: Serving) -> None:
        with self._guard:
            self._calls[serving] -= 1
            is_done = serving is not self._serving and self._calls[serving] == 0
            if is_done:
                del self._calls[serving]
        if is_done:
            serving.close()


def follow(live: LiveModel, stop: threading.Event, every_s: float) -> None:
    """Refresh until told to stop: the body of a thread beside a server."""
    while not stop.wait(every_s):
        live.refresh()


def _try(loaded: Loaded) -> None:
    if loaded.example is None:
        return
    try:
        loaded.predictor.predict(loaded.example)
    except EvidenceError:
        loaded.predictor.close()
        raise


_STOPPING = Problem("server-stopping", "the server is stopping", (), "send the request again when it is back")

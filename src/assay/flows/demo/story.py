"""The year 2013, month by month: flights arrive and are predicted, then land and are compared; a model that has decayed is
retrained, and the gate judges it. Once, in a calm month, somebody retrains for no reason, and is refused.

Everything goes the way that a user's commands go: ``run`` and ``watch --once`` on a project on disk.
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from assay.core.events import Judged, Measured
from assay.core.problem import AssayError, Problem, UsageError
from assay.core.table import Table
from assay.core.verdict import Verdict
from assay.core.watch import Trigger
from assay.execute import Progress
from assay.flows.demo.chart import draw_year
from assay.flows.demo.project import LABEL, Row, commit_project, let_arrive, let_land, read_flights, write_project
from assay.flows.demo.report import DemoRelease, DemoReport, Month, Refusal
from assay.flows.releases import find_release, load_predictor, read_bill
from assay.flows.run import run
from assay.flows.running import RunOptions, RunReport
from assay.flows.watch import watch_once
from assay.watch import reference_value
from assay.watch.psi import psi
from assay.workspace import Workspace

CALM_MONTH = 6
BY_WHIM = Trigger("person", "assay run: somebody retrains in a calm month")
INPUTS = ("hour", "distance", "carrier", "origin", "dest")
CHART = "mae-by-month.svg"

Tell = Callable[[Month | DemoRelease | Refusal], None]


def prepare_folder(wanted: Path | None) -> Path:
    """Where the demo's project goes: the folder that is named, or the current one if it is empty, or a new one."""
    folder = wanted or Path.cwd()
    if folder.is_dir() and not any(folder.iterdir()):
        return folder
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="assay-demo-"))
    if wanted.exists():
        raise UsageError(
            Problem(
                "folder-not-empty",
                f"{wanted} is not an empty folder",
                ("the demo writes a project of its own, and overwrites nothing",),
                "name an empty folder, or none",
            )
        )
    wanted.mkdir(parents=True)
    return wanted


def demo(folder: Path, environ: Mapping[str, str], tell: Tell) -> DemoReport:
    """Live through the year in ``folder``, which is empty; tell of every month, release and refusal as it comes."""
    flights = read_flights()
    write_project(folder)
    commit_project(folder, environ)
    year = _Year(Workspace.find(folder.resolve(), environ), flights, tell)
    began_s = year.workspace.clock.now_s()
    for month in sorted(flights):
        year.live_through(month)
    report = DemoReport(
        folder=str(folder),
        releases=tuple(year.releases),
        refusals=tuple(year.refusals),
        months=tuple(year.months),
        seconds=round(year.workspace.clock.now_s() - began_s, 2),
        chart=str(folder / CHART),
    )
    (folder / CHART).write_text(draw_year(report), encoding="utf-8")
    return report


class _Year:
    """What has happened so far."""

    def __init__(self, workspace: Workspace, flights: dict[int, list[Row]], tell: Tell) -> None:
        self.workspace = workspace
        self.releases: list[DemoRelease] = []
        self.refusals: list[Refusal] = []
        self.months: list[Month] = []
        self._flights = flights
        self._tell = tell
        self._january: Table = {}

    def live_through(self, month: int) -> None:
        """Flights arrive and are predicted; then they land, and what follows follows."""
        root, rows = self.workspace.root, self._flights[month]
        arrived = let_arrive(root, month, rows)
        if month == 1:
            let_land(root, month, rows)
            self._account(month, run(self.workspace, RunOptions(is_first=True), _unseen))
            self._january = self.workspace.tables.read([arrived])[0]
            self._note(_held_out_month(self._last_verdict(), self.releases[0].release))
            return
        watch_once(self.workspace, _unseen)
        landed = let_land(root, month, rows)
        report = watch_once(self.workspace, _unseen)
        self._note(self._measured(month, arrived, landed))
        if report.run is not None:
            self._account(month, report.run)
        elif month == CALM_MONTH:
            self._account(month, run(self.workspace, RunOptions(trigger=BY_WHIM), _unseen))

    def _note(self, month: Month) -> None:
        self.months.append(month)
        self._tell(month)

    def _account(self, month: int, report: RunReport) -> None:
        """Add a run's release or refusal; a run that failed ends the demo with its cause."""
        verdict = self._last_verdict()
        told = "; ".join(sentence.reason for sentence in verdict.sentences if sentence.verdict == verdict.outcome)
        if report.outcome == "refused":
            self.refusals.append(Refusal(month, report.run, report.trigger.why, verdict.outcome, told))
            self._tell(self.refusals[-1])
        elif report.outcome == "ok" and report.release is not None:
            mae = reference_value(verdict, "mae")
            self.releases.append(DemoRelease(report.release, month, report.run, mae, told))
            self._tell(self.releases[-1])
        else:
            raise AssayError(next(result.problem for result in report.results if result.problem is not None))

    def _last_verdict(self) -> Verdict:
        event = self.workspace.history().verdicts[-1].event
        assert isinstance(event, Judged)
        return event.verdict

    def _measured(self, month: int, arrived: Path, landed: Path) -> Month:
        """The month's reading, beside January's model on the same rows."""
        event = self.workspace.history().readings[-1].event
        assert isinstance(event, Measured)
        reading = event.reading
        assert reading.value is not None
        table, _ = self.workspace.tables.read([arrived])
        labels, _ = self.workspace.tables.read([landed])
        return Month(
            month=month,
            rows=reading.rows,
            mae=reading.value,
            mae_without_retraining=self._january_mae(table, labels[LABEL]),
            release=reading.release,
            interval=reading.interval,
            limit=reading.limit,
            state=reading.state,
            psi=max(psi(self._january[name], table[name]) for name in INPUTS),
        )

    def _january_mae(self, table: Table, labels: np.ndarray) -> float:
        """What January's model would have made of the month; rows and labels are in the same order."""
        bill = read_bill(self.workspace, find_release(self.workspace, self.releases[0].release))
        predictor = load_predictor(self.workspace, bill)
        try:
            predicted = predictor.predict({field.name: table[field.name] for field in bill.input_schema}).prediction
        finally:
            predictor.close()
        return float(np.abs(predicted - labels).mean())


def _held_out_month(verdict: Verdict, release: str) -> Month:
    """The first month: there was no model before it, so its figures are those of the rows held out for the gate."""
    mae = reference_value(verdict, "mae")
    assert mae is not None
    interval = next(sentence.interval for sentence in verdict.sentences if sentence.challenger is not None)
    return Month(1, verdict.rows, mae, mae, release, interval, None, "ok", 0.0)


def _unseen(run_number: int, progress: Progress) -> None:
    """The demo tells its own story; the steps' output is in their logs."""

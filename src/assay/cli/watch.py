"""``assay watch``."""

import click
import msgspec

from assay.cli.project import here
from assay.cli.run import show_json_progress
from assay.cli.run_report import show_report
from assay.cli.run_screen import PlainScreen
from assay.cli.screen import Mark, emit, marked, say, show_error, show_problem, show_untold, titled
from assay.core.problem import AssayError, Problem
from assay.core.watch import Reading, ReadingState
from assay.flows.watch import Observe, WatchReport, live_reading, watch_once
from assay.flows.watch import watch as watch_on
from assay.workspace import Workspace

DRIFT_FOUND = 5
_MARKS: dict[ReadingState, Mark] = {"ok": "ok", "decayed": "failed"}


@click.command(epilog="Example: assay watch --once")
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option("--every", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds between looks.")
@click.option("--exit-code", is_flag=True, help="With --once: exit with 5 where the live model has decayed.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def watch(once: bool, every: float, exit_code: bool, as_json: bool) -> int:
    """Score arriving batches with the live release, join labels, take readings; retrain where decay is shown.

    Without --once it goes on until Ctrl-C. With --json the last line of a look is its report. A batch that cannot be scored
    stops no other; --once then exits with 1.
    """
    observe = show_json_progress if as_json else PlainScreen()
    workspace = here()
    if not once:
        _go_on(workspace, observe, every, as_json=as_json)
        return 0
    report = watch_once(workspace, observe, _quiet if as_json else _show_look)
    _show_end(report, as_json=as_json)
    reading = live_reading(workspace)
    if exit_code and reading is not None and reading.state == "decayed":
        return DRIFT_FOUND
    return 1 if report.problems else 0


def _go_on(workspace: Workspace, observe: Observe, every_s: float, *, as_json: bool) -> None:
    """Look until Ctrl-C, and show what is news: the same twice is none."""
    last: tuple[str | Problem, ...] = ()

    def tell(report: WatchReport) -> None:
        if not as_json and _is_news(report, last):
            _show_look(report)

    for found in watch_on(workspace, observe, every_s, tell):
        if isinstance(found, AssayError):
            if last != (found.problem,):
                show_error(found, as_json=as_json)
            last = (found.problem,)
            continue
        if not as_json or _is_news(found, last):
            _show_end(found, as_json=as_json)
        last = _told(found)


def _is_news(report: WatchReport, last: tuple[str | Problem, ...]) -> bool:
    return bool(report.scored or report.readings) or _told(report) != last


def _told(report: WatchReport) -> tuple[str | Problem, ...]:
    """What a look that found nothing new says again."""
    return (report.decision, *report.problems)


def _quiet(report: WatchReport) -> None:
    """With --json the one report at the end says it all."""


def _show_look(report: WatchReport) -> None:
    """What was seen, and what follows, before it follows."""
    for batch in report.learned:
        say(marked("note", f"{batch}: {_title(report, report.release)} learned from it, so it is not scored"))
    for event in report.scored:
        say(marked("ok", f"{event.batch}: {event.rows:,} rows predicted by {_title(report, event.release)}"))
    for reading in report.readings:
        if reading.value is not None:
            say(_reading(reading, _title(report, reading.release)))
    for problem in report.problems:
        show_problem(problem)
    say(marked("note", report.decision))


def _show_end(report: WatchReport, *, as_json: bool) -> None:
    if as_json:
        emit("assay.watch/1", {"event": "report", **msgspec.to_builtins(report)})
        return
    if report.run is not None:
        show_report(report.run)
    else:
        show_untold(report.untold)


def _title(report: WatchReport, release: str | None) -> str:
    return titled(str(release), report.marks.get(str(release), ()))


def _reading(reading: Reading, release: str) -> str:
    if reading.interval is None:
        return marked("note", f"{reading.batch}: {reading.labelled:,} rows labelled, too few for a bound")
    low, high = reading.interval
    limit = "no limit" if reading.limit is None else f"limit {reading.limit:.4g}"
    coverage = f"{reading.labelled:,} of {reading.rows:,} rows labelled"
    text = (
        f"{reading.batch}: {reading.metric} {reading.value:.4g} [{low:.4g}, {high:.4g}], {limit}; {coverage}; {release}"
    )
    return marked(_MARKS.get(reading.state, "note"), f"{reading.state}: {text}")

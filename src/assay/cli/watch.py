"""``assay watch``."""

import click
import msgspec

from assay.cli.project import here
from assay.cli.run import show_json_progress, show_progress, show_report
from assay.cli.screen import emit, marked, say, show_problem
from assay.core.problem import AssayError
from assay.core.watch import Reading
from assay.flows.watch import WatchReport, watch_once
from assay.flows.watch import watch as watch_on

DRIFT_FOUND = 5


@click.command(epilog="Example: assay watch --once")
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option("--every", default=10.0, show_default=True, help="Seconds between looks.")
@click.option("--exit-code", is_flag=True, help="With --once: exit with 5 where the live model has decayed.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def watch(once: bool, every: float, exit_code: bool, as_json: bool) -> int:
    """Score arriving batches with the live release, join labels, take readings; retrain where decay is shown."""
    observe = show_json_progress if as_json else show_progress
    workspace = here()
    if once:
        report = watch_once(workspace, observe)
        _show(report, as_json=as_json)
        return DRIFT_FOUND if exit_code and any(r.state == "decayed" for r in report.readings) else 0
    last = ""
    for found in watch_on(workspace, observe, every):
        last = _show_change(found, last, as_json=as_json)
    return 0


def _show_change(found: WatchReport | AssayError, last: str, *, as_json: bool) -> str:
    """Show a look that brought something, or that ends otherwise than the last; the same news twice is no news."""
    if isinstance(found, AssayError):
        if found.problem.what != last:
            show_problem(found.problem)
        return found.problem.what
    if found.scored or found.readings or found.run or found.decision != last:
        _show(found, as_json=as_json)
    return found.decision


def _show(report: WatchReport, *, as_json: bool) -> None:
    if as_json:
        emit("assay.watch/1", {"event": "report", **msgspec.to_builtins(report)})
        return
    for batch in report.learned:
        say(marked("note", f"{batch}: {report.release} learned from it, so it is not scored"))
    for event in report.scored:
        say(marked("ok", f"{event.batch}: {event.rows:,} rows predicted by {event.release}"))
    for reading in report.readings:
        say(_reading(reading))
    say(marked("note", report.decision))
    if report.run is not None:
        show_report(report.run)


def _reading(reading: Reading) -> str:
    if reading.value is None or reading.interval is None:
        return marked("note", f"{reading.batch}: no labels yet")
    low, high = reading.interval
    limit = "no limit" if reading.limit is None else f"limit {reading.limit:.4g}"
    coverage = f"{reading.labelled:,} of {reading.rows:,} rows labelled"
    text = f"{reading.batch}: {reading.metric} {reading.value:.4g} [{low:.4g}, {high:.4g}], {limit}; {coverage}; {reading.release}"
    return marked("failed" if reading.state == "decayed" else "ok", f"{reading.state}: {text}")

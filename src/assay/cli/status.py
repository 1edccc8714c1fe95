"""``assay status``."""

import time

import click

from assay.cli.project import here
from assay.cli.quick import FILE, keep_status
from assay.cli.screen import Mark, enveloped, marked, say, strong, titled
from assay.cli.terminal_lines import printable
from assay.core.digest import Digest, short
from assay.core.watch import Reading
from assay.flows.status import ReleaseStatus, RunStatus, Status
from assay.flows.status import status as find_status
from assay.workspace import Workspace


@click.command(epilog="Example: assay status --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(as_json: bool) -> None:
    """The loop at a glance: live release, last verdict, last reading, last run."""
    workspace = here()
    found = find_status(workspace)
    if as_json:
        answer = enveloped("assay.status/1", found)
        say(answer)
        _keep(workspace, found, answer)
    else:
        _show(found)


def _keep(workspace: Workspace, found: Status, answer: str) -> None:
    """Keep the answer for the next time, unless it rests on a process that may end without touching a file."""
    if found.holder is None and (found.run is None or found.run.outcome != "killed"):
        ledger = workspace.pipeline.ledger
        keep_status(str(workspace.root), (FILE, ledger, f"{ledger}-wal", ".assay/run.lock"), answer, time.time_ns())


def _show(found: Status) -> None:
    say(strong(found.pipeline))
    say(_release_line("live", found.live))
    if found.champion is not None and found.live is not None and found.champion.release != found.live.release:
        say(_release_line("champion", found.champion))
    if found.serving_problem is not None:
        say(marked("failed", f"serving   {found.serving_problem}"))
    if found.verdict is not None:
        mark: Mark = "ok" if found.verdict.outcome == "pass" else "failed"
        outcome = titled(f"{found.verdict.outcome} in run {found.verdict.run}", found.verdict.marks)
        say(marked(mark, f"verdict   {outcome}: {found.verdict.reason}"))
    if found.reading is not None:
        say(_reading_line(found.reading))
    say(_run_line(found.run, found.holder))


def _release_line(role: str, release: ReleaseStatus | None) -> str:
    if release is None:
        return marked("note", f"{role:<9} nothing is released yet")
    model = short(Digest(release.model))
    return marked(
        "warn" if release.marks else "ok",
        f"{role:<9} {titled(release.release, release.marks)}  model {model}  since {_ago(release.since_s)}",
    )


def _reading_line(reading: Reading) -> str:
    if reading.value is None or reading.interval is None:
        return marked("note", f"reading   {reading.metric}: no labels yet for {reading.rows:,} rows of {reading.batch}")
    low, high = reading.interval
    limit = "" if reading.limit is None else f", limit {reading.limit:.4g}"
    coverage = f"{reading.labelled:,} of {reading.rows:,} rows of {reading.batch} labelled"
    text = f"{reading.metric} {reading.value:.4g} [{low:.4g}, {high:.4g}]{limit}; {coverage}"
    return marked(_READING_MARKS.get(reading.state, "note"), f"reading   {reading.state}: {text}")


def _run_line(run: RunStatus | None, holder: str | None) -> str:
    if run is None:
        return marked("note", "run       none yet: assay run")
    mark = _RUN_MARKS.get(run.outcome, "failed")
    going = f" (process {holder.split()[0]})" if holder and run.outcome == "running" else ""
    head = marked(mark, f"run       {run.run} {run.outcome}{going}  {_ago(run.started_s)}  {run.why}")
    return "\n".join((head, *_steps_of(run)))


def _steps_of(run: RunStatus) -> list[str]:
    """What runs now, and how far the run has come."""
    if run.outcome != "running":
        return []
    running = [marked("began", f"          {step.step}  {printable(step.last_line)}".rstrip()) for step in run.running]
    return [*running, marked("note", f"          {run.ended:,} of {run.steps:,} steps have run")]


_READING_MARKS: dict[str, Mark] = {"ok": "ok", "decayed": "failed"}
_RUN_MARKS: dict[str, Mark] = {"ok": "ok", "running": "began", "killed": "warn", "interrupted": "interrupted"}


def _ago(at_s: float) -> str:
    passed = max(0.0, time.time() - at_s)
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if passed >= size:
            count = int(passed // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"

"""``assay run`` and ``assay plan``."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click
import msgspec

from assay.cli.project import here
from assay.cli.screen import Mark, emit, faint, marked, say, seconds, show_problem, strong, table, titled
from assay.core.pipeline import TraceMode
from assay.core.problem import Problem, UsageError
from assay.core.run import RAN, RUN_EXIT_CODES, StepResult
from assay.execute import Progress, StepBegan, StepDone, StepPrinted, StepRetried
from assay.flows.run import run as run_pipeline
from assay.flows.running import RunOptions, RunReport

CHANGES_PENDING = 8
METRICS_SHOWN = 4

F = TypeVar("F", bound=Callable[..., Any])


def selecting(command: F) -> F:
    """The words of ``run`` and ``plan`` that say which steps."""
    options = (
        click.argument("steps", nargs=-1),
        click.option(
            "--from", "since", metavar="STEP", help="Only this step and what waits for it; the others count as done."
        ),
        click.option("--force", is_flag=True, help="Even where nothing has changed; of named steps only these."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(epilog="Example: assay run Train")
@selecting
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=2, show_default=True, help="How many steps may run at once."
)
@click.option(
    "--on",
    envvar="ASSAY_ON",
    metavar="WHERE",
    default="local",
    show_default=True,
    show_envvar=True,
    help="Where steps run: local, ray, ray://HOST:PORT, or what a plug-in offers.",
)
@click.option(
    "--keep-going", is_flag=True, help="After a failure run also what waits for it without reading what it makes."
)
@click.option("--dry-run", is_flag=True, help="The same as `assay plan`.")
@click.option(
    "--trace",
    type=click.Choice(["warn", "strict", "off", "strace"]),
    help="How closely files are watched, instead of what the file says; strace: of every process, in any language.",
)
@click.option(
    "--first", is_flag=True, help="In CI (CI=true) with an empty ledger: this is the first release, not a lost ledger."
)
@click.option("--override", is_flag=True, help="Release in spite of the gate; needs --reason, and is shown for ever.")
@click.option("--reason", default="", help="Why the gate is overridden.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one an event; the last one is the report.")
def run(
    steps: tuple[str, ...],
    since: str | None,
    force: bool,
    jobs: int,
    on: str,
    keep_going: bool,
    dry_run: bool,
    trace: TraceMode | Literal["strace"] | None,
    first: bool,
    override: bool,
    reason: str,
    as_json: bool,
) -> int:
    """Run what is out of date, or only STEPS and what they need (quote names with spaces).

    The first failure stops what depends on it. Exit code 0: all went well; 1: a step failed; 3: the gate did not pass;
    4: a data check failed.
    """
    if override and not reason.strip():
        raise UsageError(
            Problem(
                "override-without-reason",
                "--override needs a reason",
                ("it is recorded, and shown wherever the release appears",),
                'assay run --override --reason "what you know that the gate does not"',
            )
        )
    if reason and not override:
        raise click.UsageError("--reason goes with --override")
    options = RunOptions(
        steps,
        jobs,
        force,
        first,
        reason if override else None,
        since=since,
        keeps_going=keep_going,
        trace=None if trace == "strace" else trace,
        is_deep=trace == "strace",
    )
    if dry_run:
        return show_plan(options, as_json=as_json)
    try:
        report = run_pipeline(here(on), options, show_json_progress if as_json else RunScreen())
    except KeyboardInterrupt:
        if as_json:
            emit("assay.run/1", {"event": "report", "outcome": "interrupted"})
        raise
    if as_json:
        emit("assay.run/1", {"event": "report", **msgspec.to_builtins(report)})
    else:
        show_report(report)
    return RUN_EXIT_CODES[report.outcome]


@click.command(epilog="Example: assay plan --exit-code")
@selecting
@click.option("--exit-code", is_flag=True, help="Exit with 8 where anything would run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def plan(steps: tuple[str, ...], since: str | None, force: bool, exit_code: bool, as_json: bool) -> int:
    """What would run, and why; nothing is executed."""
    code = show_plan(RunOptions(steps, force=force, since=since), as_json=as_json)
    return code if exit_code else 0


def show_plan(options: RunOptions, *, as_json: bool) -> int:
    """Show what would be done; the exit code that says whether anything would."""
    from assay.flows.plan import plan as make_plan

    planned = make_plan(here(), options)
    if as_json:
        emit("assay.plan/1", planned)
    else:
        signs = {"run": "+ run", "reuse": "= reuse", "follow": "~ follow", "skip": "- skip"}
        say(table([(signs[step.decision], step.step, step.reason) for step in planned.steps]))
    return 0 if planned.is_current else CHANGES_PENDING


class RunScreen:
    """Steps as they go, for a person. Where several run at once, each line of output names its step."""

    def __init__(self) -> None:
        self._running: set[str] = set()

    def __call__(self, run_number: int, progress: Progress) -> None:
        match progress:
            case StepBegan():
                self._running.add(progress.step)
                reason = faint(f"  {progress.reason}") if progress.reason else ""
                say(marked("began", f"{progress.step}{reason}"), err=True)
            case StepPrinted():
                name = f"{progress.step} " if len(self._running) > 1 else ""
                for line in progress.lines:
                    say(f"   {faint(f'{name}|')} {line}", err=True)
            case StepRetried():
                self._running.discard(progress.step)
                after = f"; again in {seconds(progress.wait_s)}" if progress.wait_s else ""
                say(marked("warn", f"{progress.step}  failed: {progress.reason}{after}"), err=True)
            case StepDone():
                self._running.discard(progress.result.step)
                show_result(progress.result)


def show_json_progress(run_number: int, progress: Progress) -> None:
    """Steps as they go, as JSON Lines."""
    plain = msgspec.to_builtins(progress)
    emit("assay.run/1", {"event": plain.pop("type"), "run": run_number, **plain})


def show_result(result: StepResult) -> None:
    """One step's end, in a line; with its warnings."""
    took = faint(f"  {seconds(result.seconds)}") if result.outcome in RAN else ""
    mark: Mark = result.outcome
    say(marked(mark, f"{result.step}  {result.outcome}{_tail(result)}{took}"))
    for warning in result.warnings:
        say(marked("warn", f"  {warning.what}"))


def show_report(report: RunReport) -> None:
    """The end of a run: the cause of the first failure whole, then one line."""
    for number in report.recovered:
        say(marked("interrupted", f"run {number} had been killed: it is recorded as interrupted"))
    for process in report.swept:
        say(marked("note", f"ended what it had left running: {process}"))
    failed = next((result for result in report.results if result.outcome == "failed"), None)
    if failed is not None and failed.problem is not None:
        say(err=True)
        show_problem(failed.problem)
        say(err=True)
    outcomes = [result.outcome for result in report.results]
    ran = outcomes.count("ok") + outcomes.count("failed")
    made = [titled(report.release, report.marks)] if report.release and report.marks else []
    others = [f"{count:,} {outcome}" for outcome in ("skipped", "held") if (count := outcomes.count(outcome))]
    parts = [*made, f"{ran:,} ran", f"{outcomes.count('reused'):,} reused", *others, seconds(report.seconds)]
    say(f"{strong(f'run {report.run}: {report.outcome}')} · {' · '.join(parts)}")


def _tail(result: StepResult) -> str:
    if result.outcome != "ok":
        return f"  {result.reason}" if result.outcome not in RAN or result.exit_code is None else ""
    told = [f"{metric.name} {metric.value:g}" for metric in result.metrics[:METRICS_SHOWN]]
    if len(result.metrics) > METRICS_SHOWN:
        told.append(f"{len(result.metrics) - METRICS_SHOWN} more")
    if result.model is not None:
        told.append(f"model {result.model.label}")
    if result.exit_code is None:
        told.append(result.reason)
    return f"  {', '.join(told)}" if told else ""

"""``assay run`` and ``assay plan``."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeAlias, TypeVar

import click
import msgspec

from assay.cli.project import here
from assay.cli.run_screen import LINES_A_SECOND, open_screen
from assay.cli.screen import emit, marked, say, table
from assay.core.pipeline import TraceMode
from assay.core.problem import Problem, UsageError, describe
from assay.core.run import RUN_EXIT_CODES
from assay.execute import Progress
from assay.flows.run import run as run_pipeline
from assay.flows.run import run_when_free
from assay.flows.running import Observe, RunOptions, RunReport

CHANGES_PENDING = 8

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
@click.option("--wait", is_flag=True, help="Where a run goes on in this project already: wait until it has ended.")
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
    wait: bool,
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
        show_plan(options, as_json=as_json)
        return 0
    start = partial(_run_when_free if wait else _run_now, on)
    report = _run_as_json(start, options) if as_json else _run_on_screen(start, options)
    return RUN_EXIT_CODES[report.outcome]


Start: TypeAlias = Callable[[RunOptions, Observe], RunReport]


def _run_now(on: str, options: RunOptions, observe: Observe) -> RunReport:
    return run_pipeline(here(on), options, observe)


def _run_when_free(on: str, options: RunOptions, observe: Observe) -> RunReport:
    def tell(holder: str) -> None:
        process, _, purpose = holder.partition(" ")
        say(marked("note", f"waiting for process {process}: {purpose or 'another command'}"), err=True)

    return run_when_free(lambda: here(on), options, observe, tell)


def _run_on_screen(start: Start, options: RunOptions) -> RunReport:
    with open_screen() as screen:
        report = start(msgspec.structs.replace(options, lines_a_second=LINES_A_SECOND), screen)
        screen.end(report)
    return report


def _run_as_json(start: Start, options: RunOptions) -> RunReport:
    try:
        report = start(msgspec.structs.replace(options, is_whole=True), show_json_progress)
    except KeyboardInterrupt:
        emit("assay.run/1", {"event": "report", "outcome": "interrupted"})
        raise
    emit("assay.run/1", {"event": "report", **msgspec.to_builtins(report)})
    return report


@click.command(epilog="Example: assay plan --exit-code")
@selecting
@click.option("--exit-code", is_flag=True, help="Exit with 8 where anything would run.")
@click.option("--check", is_flag=True, help="Look for slips in the pipeline instead; exit with 1 where there is any.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def plan(steps: tuple[str, ...], since: str | None, force: bool, exit_code: bool, check: bool, as_json: bool) -> int:
    """What would run, and why; nothing is executed."""
    if check:
        if steps or since or force or exit_code:
            raise click.UsageError("--check looks at the whole pipeline: leave out the other words")
        return show_check(as_json=as_json)
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


def show_check(*, as_json: bool) -> int:
    """Show the slips in the pipeline; 1 where there is any."""
    from assay.flows.check_pipeline import check_pipeline

    found = check_pipeline(here()).problems
    if as_json:
        emit("assay.check/1", {"problems": found})
        return 1 if found else 0
    for problem in found:
        say(f"{describe(problem)}\n")
    count = f"{len(found)} thing{'s' * (len(found) > 1)} to look at" if found else "nothing to look at"
    say(marked("warn" if found else "ok", count))
    return 1 if found else 0


def show_json_progress(run_number: int, progress: Progress) -> None:
    """Steps as they go, as JSON Lines."""
    plain = msgspec.to_builtins(progress)
    emit("assay.run/1", {"event": plain.pop("type"), "run": run_number, **plain})

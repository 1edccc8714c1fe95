"""How a run is asked for, what it answers, and what marks it while it goes on."""

from collections.abc import Callable, Sequence

import msgspec

from assay.core.canonical import value_digest
from assay.core.digest import Digest, short
from assay.core.events import Event, RunStarted
from assay.core.pipeline import Pipeline, Step, TraceMode
from assay.core.plan import Plan
from assay.core.problem import Conflict, Problem
from assay.core.run import RunOutcome, StepResult
from assay.core.watch import BY_HAND, Trigger
from assay.execute import Progress
from assay.flows.results import find_steps
from assay.workspace import Workspace


class RunOptions(msgspec.Struct, frozen=True):
    """How a run was asked for."""

    steps: tuple[str, ...] = ()
    """Only these and what they need; empty: all."""
    jobs: int = 2
    force: bool = False
    """Run steps and checks even where nothing has changed; only the named ones where some are."""
    is_first: bool = False
    override: str | None = None
    trigger: Trigger = BY_HAND
    since: str | None = None
    """Only this step and what waits for it; the others count as done."""
    keeps_going: bool = False
    """After a failure run also what waits for the failed step without reading what it makes."""
    trace: TraceMode | None = None
    """Instead of what the steps declare."""
    is_deep: bool = False
    """See the files of all processes, by strace."""
    lines_a_second: int | None = None
    """So many lines of each step's output are observed, the others counted; None: all."""
    is_whole: bool = False
    """Steps that are reused are told with all that is known of them, which costs a look into the ledger for each."""

    def forced(self, pipeline: Pipeline, steps: tuple[Step, ...]) -> frozenset[str]:
        """The names of the steps that run whatever was there before."""
        if not self.force:
            return frozenset()
        named = [step for name in self.steps for step in find_steps(pipeline, name)]
        return frozenset(step.name for step in (named or steps))


class RunReport(msgspec.Struct, frozen=True):
    """How a run ended."""

    run: int
    outcome: RunOutcome
    seconds: float
    results: tuple[StepResult, ...]
    trigger: Trigger
    release: str | None = None
    """The release that this run made, or whose model it found again."""
    swept: tuple[str, ...] = ()
    """Processes of a killed run that were still alive, and were ended first."""
    recovered: tuple[int, ...] = ()
    """Runs that had been killed: now recorded as interrupted."""
    marks: tuple[str, ...] = ()
    """What must be said of that release wherever it appears."""
    slips: tuple[Problem, ...] = ()
    """What `assay plan --check` said of the pipeline before it ran."""
    untold: tuple[Problem, ...] = ()
    """Who of `notify:` could not be reached."""


Observe = Callable[[int, Progress], None]
"""Told of everything that happens in a run, with its number."""


def begin_run(workspace: Workspace, events: Callable[[int], tuple[Event, ...]]) -> int:
    """Append ``events`` of the next run, and return its number. Where another checkout on the same ledger has taken that meanwhile, it
    is the one after it."""
    while True:
        number = workspace.history().last_run + 1
        try:
            workspace.ledger.append(workspace.pipeline.name, *events(number), durable=False)
        except Conflict:
            if workspace.history().last_run < number:
                raise
        else:
            return number


def entries_of(results: Sequence[StepResult]) -> tuple[tuple[int, int], ...]:
    """Where the ledger holds them, for those of which it is known: first and last of each run of entries."""
    ends: list[list[int]] = []
    for entry in sorted({result.entry for result in results if result.entry}):
        if ends and entry == ends[-1][1] + 1:
            ends[-1][1] = entry
        else:
            ends.append([entry, entry])
    return tuple((first, last) for first, last in ends)


def run_started(
    workspace: Workspace, number: int, trigger: Trigger, plan: Plan, packages: Digest | None = None
) -> RunStarted:
    """The event that opens a run; ``packages`` names what is installed, where the run will do something."""
    data = [path for step in workspace.pipeline.steps for path in step.promised]
    code_version = workspace.repository.code_version(data)
    file = workspace.declaration.digest
    return RunStarted(
        number, trigger, plan, code_version, file, workspace.owner, workspace.environment, workspace.machine, packages
    )


def token_prefix(workspace: Workspace, run: int) -> str:
    """The beginning of the tokens of a run's steps: no other project and no other run has it."""
    return f"assay:{short(value_digest(str(workspace.root)))}:{run}:"

"""What is worth telling of the steps of a run that has ended, asked when a person asks why."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path, PurePosixPath

from assay.core.events import RunStarted
from assay.core.pipeline import Step
from assay.core.problem import AssayError, Problem
from assay.core.release import CodeVersion
from assay.core.run import StepResult
from assay.core.secrets import secret_names
from assay.explain.command import paths, words
from assay.explain.failure import Aftermath, Shared, notices
from assay.flows.diagnosis.since import find_since
from assay.flows.diagnosis.tables import MOST_BYTES, SUFFIXES
from assay.flows.paths import log_path, trace_path
from assay.flows.results import LedgerPast
from assay.workspace import Workspace

SHORTEST_SECRET = 6
"""A shorter value stands in a log by chance."""
MOST_LOG_BYTES = 16 * 1024 * 1024
MOST_TRACE_BYTES = 4 * 1024 * 1024


def notices_of_run(workspace: Workspace, run: int, results: tuple[StepResult, ...]) -> tuple[Problem, ...]:
    """What is worth telling of each step that the pipeline still has, in the order of the run."""
    steps = {step.name: step for step in workspace.pipeline.steps}
    version = _code_version(workspace, run)
    known = [(result, steps[result.step]) for result in results if result.step in steps]
    found = [
        notice
        for at, (result, step) in enumerate(known)
        for notice in notices(_aftermath(workspace, run, step, result, tuple(each for each, _ in known[:at]), version))
    ]
    return tuple({(notice.code, notice.what): notice for notice in found}.values())


def _aftermath(
    workspace: Workspace,
    run: int,
    step: Step,
    result: StepResult,
    earlier: tuple[StepResult, ...],
    version: CodeVersion | None,
) -> Aftermath:
    past = LedgerPast(workspace.ledger, workspace.pipeline.name)
    return Aftermath(
        step,
        result,
        version,
        tuple(past.of_key(result.key)) if result.key and result.outcome == "ok" else (),
        find_since(workspace, run, result, earlier) if result.metrics and result.outcome == "ok" else None,
        _printed_secrets(workspace, run, step),
        _edited(workspace, step),
        tuple(_overlaps(workspace, result)),
        tuple(dict.fromkeys(_outside(workspace, run, step))),
        past.made(result) or result,
    )


def _code_version(workspace: Workspace, run: int) -> CodeVersion | None:
    started = (entry.event for entry, _ in workspace.history().runs)
    return next((each.code_version for each in started if isinstance(each, RunStarted) and each.run == run), None)


def _printed_secrets(workspace: Workspace, run: int, step: Step) -> tuple[str, ...]:
    """Names of secrets whose values, as they are set now, stand in the log."""
    values = {name: workspace.environ.get(name, "") for name in sorted(secret_names(workspace.pipeline))}
    wanted = {name: value.encode() for name, value in values.items() if len(value) >= SHORTEST_SECRET}
    if not wanted:
        return ()
    try:
        with log_path(workspace, run, step.name).open("rb") as log:
            text = log.read(MOST_LOG_BYTES)
    except OSError:
        return ()
    return tuple(name for name, value in wanted.items() if value in text)


def _edited(workspace: Workspace, step: Step) -> Mapping[str, float]:
    """The files of the project that the command names -> when they were last changed."""
    states = ((word.removeprefix("./"), workspace.files.state(word)) for word in words(step) if word[:1] not in "-/")
    return {path: state.modified_ns / 1e9 for path, state in states if state is not None}


def _overlaps(workspace: Workspace, result: StepResult) -> Iterator[Shared]:
    """Tables to learn from beside tables to test on, by their names, among all that the step read."""
    read = dict.fromkeys(artifact.path for artifact in (*result.inputs, *result.discovered))
    tables = [path for path in read if _is_small_table(workspace, path)]
    learned = [path for path in tables if "train" in PurePosixPath(path).stem.lower()]
    tested = [
        path
        for path in tables
        if any(word in PurePosixPath(path).stem.lower() for word in ("test", "valid", "holdout"))
    ]
    for path, other in list(product(tested[:2], learned[:2])):
        shared = _shared(workspace, path, other)
        if shared is not None:
            yield shared


def _is_small_table(workspace: Workspace, path: str) -> bool:
    state = workspace.files.state(path)
    return PurePosixPath(path).suffix.lower() in SUFFIXES and state is not None and state.size_bytes <= MOST_BYTES


def _shared(workspace: Workspace, path: str, other: str) -> Shared | None:
    """Rows that are equal in every column that both have."""
    here, there = workspace.files.locate(path), workspace.files.locate(other)
    try:
        columns = [name for name, _ in workspace.tables.schema([here])]
        known = {name for name, _ in workspace.tables.schema([there])}
        common = [name for name in columns if name in known]
        if len(common) < 2:  # one column says nothing: many rows share a value
            return None
        overlap = workspace.tables.overlap([here], [there], common, (), 1)
    except AssayError:
        return None
    return Shared(path, other, overlap.rows, overlap.shared)


def _outside(workspace: Workspace, run: int, step: Step) -> Iterator[str]:
    """Absolute paths that its command names and that are there, and those that traced processes opened to read."""
    yield from (path for path in paths(step) if path.startswith("/") and Path(path).exists())
    try:
        with trace_path(workspace, run, step.name).open("rb") as trace:
            lines = trace.read(MOST_TRACE_BYTES).split(b"\n")
    except OSError:
        return
    root = f"{workspace.root}/".encode()
    for line in lines:
        mode, _, path = line.partition(b"\t")
        if mode == b"r" and path.startswith(b"/") and not path.startswith(root):
            yield path.decode("utf-8", "replace")

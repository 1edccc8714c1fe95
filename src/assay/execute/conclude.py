"""From a task that has ended to the step's result: what it read, wrote and said, kept in the store.

A step that exits 0 without its declared outputs has failed. What a failed step left is named but not kept.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator
from posixpath import normpath

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import short
from assay.core.pipeline import RunAction, Step
from assay.core.ports import Ended, Executor, ProjectFiles, Store
from assay.core.problem import AssayError, Problem
from assay.core.release import Environment
from assay.core.run import Metric, StepResult, Trace
from assay.execute.begun import Begun, Beside
from assay.execute.doubt import doubts
from assay.execute.key import settings_of
from assay.execute.leftover import left_by_others
from assay.execute.lookup import Past
from assay.execute.masks import Mask
from assay.execute.output import NotFinite, Printed, Reported, read_logged, read_metrics_file, read_output
from assay.execute.reuse import undeclared_data
from assay.execute.rows import rows_of
from assay.execute.saved_model import is_of_this_run, keep_saved_model, of_another_run
from assay.execute.traces import Noted, read_noted
from assay.execute.written import is_near_miss, secret_names, since_ns, stale_outputs, written_files, wrote_instead

MOST_NAMED = 5
"""Of metrics that are no numbers."""


def conclude(
    begun: Begun,
    ended: Ended,
    beside: Callable[[], Beside],
    files: ProjectFiles,
    store: Store,
    executor: Executor,
    environment: Environment,
    past: Past,
    mask: Mask,
    *,
    has_output: bool,
) -> StepResult:
    """The step's result. Its outputs, and the model that it says it saved, are in the store when this returns.

    It has a key only where what was seen of it is enough to reuse it: else it runs again next time, and a warning says why.
    """
    printed = read_output(_pieces(executor, begun.task.name)) if has_output else Printed()
    noted = _noted(begun, files)
    result = _seen(begun, ended, printed, noted.trace, environment)
    if ended.problem is not None:
        problem = msgspec.structs.replace(ended.problem, step=begun.step.name)
        return msgspec.structs.replace(result, outcome="failed", problem=problem)
    told = () if mask.is_empty else secret_names(begun.step, mask, files)
    if told:
        return msgspec.structs.replace(result, outcome="failed", problem=_secret_in_output(begun.step, told))
    try:
        return _looked_through(begun, result, printed, noted, beside, files, store, past)
    except (
        AssayError
    ) as error:  # what it left cannot be read: a link in a folder, a pipe, a file that changes all the time
        return msgspec.structs.replace(result, outcome="failed", problem=error.problem)


def _looked_through(
    begun: Begun,
    result: StepResult,
    printed: Printed,
    noted: Noted,
    beside: Callable[[], Beside],
    files: ProjectFiles,
    store: Store,
    past: Past,
) -> StepResult:
    """The result with what the step left."""
    if result.outcome == "failed" or any(
        files.state(path) is None and files.artifact(path) is None for path in begun.step.promised
    ):
        written = written_files(begun, result.trace, beside(), files)
        return msgspec.structs.replace(result, outcome="failed", written=written)
    stale = stale_outputs(begun.step, begun.tried_s, files, result.trace.writes)
    written = written_files(begun, result.trace, beside(), files) if stale or begun.before is not None else ()
    if stale and wrote_instead(stale, written, begun.step, result.trace, beside()):
        return msgspec.structs.replace(result, outcome="failed", written=written)
    of_others = left_by_others(begun, stale, files, past) if stale else ()
    if of_others:
        problem = _not_written(begun.step, of_others, files, past)
        return msgspec.structs.replace(result, outcome="failed", problem=problem, written=written)
    kept = _kept(begun, result, printed, beside, files, store)
    doubted = doubts(begun, kept, files, is_cut_short=noted.is_cut_short)
    undeclared = next((warning for warning in kept.warnings if warning.code == "undeclared-input"), None)
    if begun.trace == "strict" and undeclared is not None:
        return msgspec.structs.replace(kept, outcome="failed", key=None, problem=undeclared)
    return msgspec.structs.replace(
        kept,
        key=None if doubted else kept.key,
        written=written if begun.before is not None else (),
        warnings=(*kept.warnings, *map(_left_as_it_was, stale), *doubted, *_other_bytes(kept, begun.earlier)),
    )


def _noted(begun: Begun, files: ProjectFiles) -> Noted:
    task = begun.task
    return read_noted(files.lines(task.trace), task.project or task.folder, task.tracing, is_watched=bool(task.watched))


def _seen(begun: Begun, ended: Ended, printed: Printed, trace: Trace, environment: Environment) -> StepResult:
    """What is known of the step before its files are looked at."""
    assert isinstance(begun.step.action, RunAction)
    task = begun.task
    return StepResult(
        begun.step.name,
        "ok" if ended.exit_code == 0 else "failed",
        begun.reason,
        exit_code=ended.exit_code,
        seconds=ended.seconds,
        key=begun.key,
        inputs=begun.inputs,
        metrics=printed.metrics,
        trace=trace,
        started_s=begun.started_s,
        command=begun.step.action.command,
        params=begun.params,
        environment=environment,
        attempts=begun.attempt,
        cpu_s=ended.cpu_s,
        peak_memory_bytes=ended.peak_memory_bytes,
        memory_bytes=task.memory_bytes,
        timed_out=ended.timed_out,
        oom_kills=ended.oom_kills,
        settings=settings_of(begun.step),
    )


def _other_bytes(result: StepResult, before: StepResult | None) -> tuple[Problem, ...]:
    """A warning where the same key gave other bytes before."""
    if result.key is None or before is None:
        return ()
    digests = {output.path: output.digest for output in before.outputs}
    other = [output for output in result.outputs if digests.get(output.path, output.digest) != output.digest]
    if not other:
        return ()
    differ = (f"{output.path}: {short(digests[output.path])} before, {short(output.digest)} now" for output in other)
    return (
        Problem(
            "not-deterministic",
            f"{result.step} is not deterministic: {', '.join(output.path for output in other)} came out with other bytes",
            (*differ, "nothing that is known to decide about it has changed in between"),
            "fix its seed and the order in which it works; both results are kept, and the new one stands",
            step=result.step,
        ),
    )


def _kept(
    begun: Begun, result: StepResult, printed: Printed, beside: Callable[[], Beside], files: ProjectFiles, store: Store
) -> StepResult:
    """The result of a step that went well, with its outputs, metrics and model in the store."""
    paths = printed.model_paths[-1:]
    model, warnings = _saved(paths[0], begun, result.trace, beside, files, store) if paths else (None, ())
    discovered = read_undeclared(begun, result.trace, files)
    reported = _reported(begun, printed, files)
    return msgspec.structs.replace(
        result,
        outputs=tuple(store.add(files.locate(path), path, durable=False) for path in begun.step.promised),
        metrics=reported.metrics,
        model=model,
        discovered=discovered,
        rows=rows_of((*begun.inputs, *discovered), files),
        warnings=(
            *_no_numbers(begun, reported.not_finite),
            *warnings,
            *_undeclared(begun, discovered),
            *_unseen(begun, result.trace),
        ),
    )


def _saved(
    path: str, begun: Begun, trace: Trace, beside: Callable[[], Beside], files: ProjectFiles, store: Store
) -> tuple[Artifact | None, tuple[Problem, ...]]:
    """The model that the step said it saved; what it did not write in this run is another's, whatever it says."""
    if path in trace.writes or is_of_this_run(path, begun.started_s, files):
        return keep_saved_model(path, begun.task.folder, files, store)
    written = [file.path for file in written_files(begun, trace, beside(), files)]
    near = [name for name in written if is_near_miss(path, name)] or written
    return None, (of_another_run(path, tuple(f"it did write {name}" for name in near[:3])),)


def _left_as_it_was(path: str) -> Problem:
    return Problem(
        "output-not-touched",
        f"{path} was not written by this run: it is from before",
        ("the step exited 0 and left its declared output as it was",),
        f"if {path} should be new, look at what the step does; if it is right as it is, nothing is to be done",
    )


def _not_written(step: Step, paths: tuple[str, ...], files: ProjectFiles, past: Past) -> Problem:
    named = ", ".join(paths)
    runs = {path: run for path in paths if (there := files.artifact(path)) and (run := past.run_that_made(there))}
    return Problem(
        "output-not-written",
        f"declared output not written: {named}",
        (
            *(f"{path} is from before{f': run {runs[path]} made it' if path in runs else ''}" for path in paths),
            f"{step.name} exited 0 and left it as it was, and is now made from other code, data or parameters",
        ),
        f"write {named} in what {step.name} runs; where it may find that good as it is, say `keeps: [{named}]` there",
        step=step.name,
    )


def _secret_in_output(step: Step, paths: tuple[str, ...]) -> Problem:
    return Problem(
        "secret-in-path",
        f"{step.name} names a file of its output by the value of a secret: {paths[0]}",
        ("an output is kept with all its names, so nothing of it was kept",),
        "name the file by something else; what was written under that name is still there: remove it",
        step=step.name,
    )


def _reported(begun: Begun, printed: Printed, files: ProjectFiles) -> Reported:
    """Printed, then logged, then those of the declared files; of one name the later source stands, also where it is no number there."""
    sources = [Reported(printed.metrics, printed.not_finite), read_logged(files.lines(begun.task.trace + ".metrics"))]
    sources += [read_metrics_file(path, files.read(path) or b"") for path in begun.step.metrics]
    metrics: dict[str, Metric] = {}
    lost: dict[str, NotFinite] = {}
    for source in sources:
        for metric in source.metrics:
            metrics[metric.name] = metric
            lost.pop(metric.name, None)
        for each in source.not_finite:
            lost[each.name] = each
            metrics.pop(each.name, None)
    return Reported(tuple(metrics.values()), tuple(lost.values()))


def _no_numbers(begun: Begun, lost: tuple[NotFinite, ...]) -> tuple[Problem, ...]:
    """A warning of metrics that ended as NaN or an infinity: they have no value, and nothing that asks for them finds one."""
    if not lost:
        return ()
    step = begun.step.name
    more = f"; and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
    return (
        Problem(
            "metric-is-nan",
            f"{step}: {'; '.join(map(_ended, lost[:MOST_NAMED]))}{more}",
            (
                f"read from what it {', '.join(sorted({_FROM.get(each.source, f'wrote into {each.source}') for each in lost}))}",
                "no value of it is recorded: an older one would look like its result",
            ),
            f"see from where on it is no number: assay log {shlex.quote(step)}; let the step fail on it where it must not be",
            step=step,
        ),
    )


_FROM = {"printed": "printed", "logged": "logged"}


def _ended(lost: NotFinite) -> str:
    if lost.last is None:
        return f"{lost.name} is {lost.value}, and never was a number"
    numbers = "a number" if lost.finite == 1 else f"{lost.finite:,} numbers, the last"
    return f"{lost.name} ended as {lost.value} after {numbers}{',' if lost.finite == 1 else ''} {lost.last:g}"


def read_undeclared(begun: Begun, trace: Trace, files: ProjectFiles) -> tuple[Artifact, ...]:
    """The project files that it read without declaring them and did not make itself. What it wrote anew after it had read it counts,
    and so does what lay in a folder that it promises and was left as it was. A file of which it selects parameters is declared: the
    others in it are none of its business."""
    known = {artifact.path for artifact in begun.inputs if artifact.kind == "file"}
    known |= {normpath(path) for path in (*begun.step.promised, *(selection.path for selection in begun.step.params))}
    declared_folders = _below(artifact.path for artifact in begun.inputs if artifact.kind == "folder")
    own_folders = _below(begun.step.promised)
    made = set(trace.writes) - set(trace.updates)
    since = since_ns(begun.started_s)
    found = []
    for path in (*trace.reads, *trace.native):
        if path in made or path in known or path.startswith(("/", *declared_folders)):
            continue
        if path.startswith(own_folders):
            state = files.state(path)
            if path in trace.updates or state is None or state.changed_ns >= since:
                continue
        artifact = files.artifact(path)
        if artifact is not None and artifact.kind == "file":
            found.append(artifact)
    return tuple(found)


def _below(folders: Iterable[str]) -> tuple[str, ...]:
    """What the paths below one of them begin with; those of the project bear no mark."""
    return tuple("" if folder == "." else f"{folder}/" for folder in map(normpath, folders))


def _undeclared(begun: Begun, discovered: tuple[Artifact, ...]) -> tuple[Problem, ...]:
    """What the step reads without declaring it. Code is adopted in silence. A step that declares no inputs at all declares nothing
    wrong, but where reads are held to strictly."""
    step = begun.step
    data = undeclared_data(discovered)
    if not data or not (step.inputs or begun.trace == "strict"):
        return ()
    own_folders = _below(step.promised)
    own = ", ".join(path for path in data if path.startswith(own_folders))
    place = f"move {own} out of what {step.name} writes, and add it there" if own else "add it"
    return (
        Problem(
            "undeclared-input",
            f"{step.name} reads {', '.join(data)} without declaring it",
            ("a change of it makes the step run again, but no other step waits for whoever writes it",),
            f"{place} to `inputs:` of {step.name}",
            step=step.name,
        ),
    )


def _unseen(begun: Begun, trace: Trace) -> tuple[Problem, ...]:
    """Where reads are held to strictly, a step of which nothing was seen is not shown to keep to what it declares."""
    if begun.trace != "strict" or trace.traced:
        return ()
    name = begun.step.name
    return (
        Problem(
            "not-traced",
            f"{name} was not traced: what it reads is not known",
            ("no Python process of it reported; a Python with -I, -E or -S does not, nor do other languages",),
            "see it with strace: assay run --trace=strace",
            step=name,
        ),
    )


def _pieces(executor: Executor, name: str) -> Iterator[bytes]:
    offset = 0
    while chunk := executor.output(name, offset):
        offset += len(chunk)
        yield chunk

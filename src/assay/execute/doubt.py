"""Is what was seen of a step that ended well enough to reuse its result? Where it is not, it stands without a key."""

from collections.abc import Iterator

from assay.core.order import touches
from assay.core.pipeline import Step
from assay.core.ports import ProjectFiles
from assay.core.problem import Problem
from assay.core.run import StepResult, Trace
from assay.execute.begun import Begun
from assay.execute.masks import STARS
from assay.execute.recorded import MOST_PATHS
from assay.execute.reuse import looked_for


def doubts(begun: Begun, result: StepResult, files: ProjectFiles, *, is_cut_short: bool) -> tuple[Problem, ...]:
    """A warning for each reason why the step must run again next time; none for a step that always runs."""
    if begun.key is None:
        return ()
    changed = tuple(dict.fromkeys(_changed(begun, result, files)))
    is_unknown = is_cut_short or len(looked_for(result)) > MOST_PATHS
    found = [_changed_meanwhile(begun, changed)] if changed else []
    found += [_cut_short(begun)] if is_unknown else []
    return (*found, *([_secret_in_path(begun)] if _has_hidden_path(begun.step, result.trace) else []))


def _changed(begun: Begun, result: StepResult, files: ProjectFiles) -> Iterator[str]:
    """What it read that changed since it was looked at: which state of it was read is not known."""
    since_ns = int(begun.looked_s * 1e9)
    for artifact in (*begun.inputs, *result.discovered):
        now, state = files.artifact(artifact.path), files.state(artifact.path)
        if now is None or now.digest != artifact.digest or (state is not None and state.changed_ns >= since_ns):
            yield artifact.path
    for selection in begun.step.params:
        state = files.state(selection.path)
        if state is None or state.changed_ns >= since_ns:
            yield selection.path


def _has_hidden_path(step: Step, trace: Trace) -> bool:
    """Stars stand in the path of something that it read undeclared, or looked for, in the project."""
    known = (*step.inputs, *step.promised, *(selection.path for selection in step.params))
    hidden = (path for path in (*trace.reads, *trace.native, *trace.missing) if STARS in path)
    return any(not path.startswith("/") and not any(touches(named, path) for named in known) for path in hidden)


def _changed_meanwhile(begun: Begun, changed: tuple[str, ...]) -> Problem:
    name = begun.step.name
    return Problem(
        "changed-while-running",
        f"{', '.join(changed)} changed while {name} ran",
        (f"it is not known which state {name} has read, so this result will not be reused",),
        f"run it again: assay run; what {name} writes itself belongs into its `outputs:`",
        step=name,
    )


def _cut_short(begun: Begun) -> Problem:
    name = begun.step.name
    return Problem(
        "trace-cut-short",
        f"{name} touched more files than are noted",
        ("what it read or looked for is not fully known, so this result will not be reused",),
        f"make several steps of {name}, or let it run every time",
        step=name,
    )


def _secret_in_path(begun: Begun) -> Problem:
    name = begun.step.name
    return Problem(
        "secret-in-path",
        f"{name} names a file by the value of a secret",
        ("its path is not kept, so what it read or looked for is not fully known, and this result will not be reused",),
        "name the file by something else, or declare the folder that it lies in as an input",
        step=name,
    )

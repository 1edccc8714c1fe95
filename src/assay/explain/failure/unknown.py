"""The answer where no rule has one: what the step itself said last, and what else was seen, without a claim."""

import shlex

from assay.core.problem import Problem
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.log import Frame, Log, read_log
from assay.explain.failure.maker import find_maker
from assay.explain.failure.missing import what_steps_wrote
from assay.explain.failure.sentences import quoted, written
from assay.explain.failure.wanted import missing_without_path, not_found_silently


def unknown(evidence: Evidence) -> Problem:
    """The exit code, the last telling line of the log, and files that the step missed, which may have nothing to do with it."""
    failed, log = evidence.failed, read_log(evidence.log_tail)
    what = f"exited with code {failed.exit_code}" if failed.exit_code is not None else failed.reason
    frame = _frame_in_project(log.last.frames, evidence) if log.last else None
    fix = f"read its whole log: assay log {shlex.quote(failed.step)}"
    if log.last is None:
        said = f"its last line is: {log.lines[-1].strip()}" if log.lines else "it printed nothing"
        return Problem("step-failed", what, (said, *_also(evidence, log)), fix, step=failed.step)
    if frame is None:
        return Problem("step-failed", what, (log.last.text, *_also(evidence, log)), fix, step=failed.step)
    where = f"{evidence.path(frame.file)}:{frame.line}"
    raised = f"raised at {where}{f': {frame.source}' if frame.source else ''}"
    return Problem(
        "step-failed", what, (log.last.text, raised, *_also(evidence, log)), f"look at {where}", step=failed.step
    )


def _also(evidence: Evidence, log: Log) -> tuple[str, ...]:
    """Facts that may matter: a missing file that nobody names, or one that an earlier step should have written."""
    spoken = missing_without_path(log, evidence)
    if spoken is not None:
        return ("it speaks of a missing file, and nothing shows which", *what_steps_wrote(evidence))
    for wanted in not_found_silently(evidence, None):
        maker = find_maker(wanted.path, evidence, evidence.failed)
        if maker is not None and maker.is_strong and maker.near is not None:
            did = f"step {quoted(maker.step.name)} wrote {written(maker.near, evidence)}"
            return (f"seen too: it asked for {wanted.path}, which is not there; {did}",)
    return ()


def _frame_in_project(frames: tuple[Frame, ...], evidence: Evidence) -> Frame | None:
    """The innermost frame in a file of the project."""
    return next((frame for frame in reversed(frames) if evidence.path(frame.file) in evidence.files), None)

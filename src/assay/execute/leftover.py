"""Whose work is a promised output that a step which ended well has left as it was?

A step may find its output good and leave it: as ``make`` does, or where an earlier attempt got so far. That is its own work only where
it was made from the very same as now. Else it is the result of other code or other data, and must not pass for this one's.
"""

from collections.abc import Iterable
from posixpath import normpath

from assay.core.ports import ProjectFiles
from assay.core.run import StepResult
from assay.execute.begun import Begun
from assay.execute.lookup import Past
from assay.execute.reuse import reads_the_same
from assay.execute.written import changes_ns, since_ns

LAUNCH_NS = 10_000_000_000
"""From being started to running: a step's seconds are counted from its command's first, and so end before it did by the clock."""


def left_by_others(begun: Begun, stale: tuple[str, ...], files: ProjectFiles, past: Past) -> tuple[str, ...]:
    """Of the outputs that the step left as they were, those that no run made from the very same, and that it does not say it may
    leave. None of a step without a key: nothing ever stands for its result."""
    if begun.key is None:
        return ()
    kept = {normpath(path) for path in begun.step.keeps}
    same = tuple(result for result in past.of_key(begun.key) if _is_the_same(result, files))
    return tuple(path for path in stale if normpath(path) not in kept and not _is_by_one_of(path, same, files))


def _is_the_same(result: StepResult, files: ProjectFiles) -> bool:
    """Nothing that it is known to have read has changed since. Of what did not end well no digests are known, but times are; what was
    refused though its command ended well, as for want of this very output, wrote none."""
    if result.is_good:
        return reads_the_same(result, files.artifact)
    if result.exit_code == 0:
        return False
    since = since_ns(result.started_s)
    states = (files.state(path) for path in result.trace.reads if path not in result.trace.writes)
    return all(state is not None and state.changed_ns < since for state in states)


def _is_by_one_of(path: str, results: Iterable[StepResult], files: ProjectFiles) -> bool:
    """It holds what one of these made, or was last touched while one of them ran."""
    there = files.artifact(path)
    touched = max(changes_ns(files.locate(path)), default=0)
    return any(
        any(output == there for output in result.outputs)
        or since_ns(result.started_s) <= touched <= int(result.ran_until_s * 1e9) + LAUNCH_NS
        for result in results
    )

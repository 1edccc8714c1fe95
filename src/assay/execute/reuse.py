"""May an earlier result stand for a step, and if not, why.

A pure decision over what is known: the earlier results, and what stands in the project now. A result stands only while
everything that decided about it is as it was: its key, the files that it read undeclared, and the paths of the project that
it looked for and did not find. What a step listed is left out: a new file in a folder that it lists makes it run again only
where the folder, or a glob, is among its ``inputs``.
"""

from collections.abc import Callable, Iterable, Mapping
from posixpath import normpath
from typing import Any, TypeAlias

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import short
from assay.core.order import overlaps
from assay.core.pipeline import RunAction, Step
from assay.core.problem import StateError
from assay.core.release import LOCK_FILES, Environment
from assay.core.run import StepResult
from assay.execute.key import settings_of

FROZEN = "it is frozen: it counts as done"
UNCHANGED = "nothing that it reads has changed"
NEW = "it has not run yet"
EXCERPT_CHARACTERS = 60

StandsAt: TypeAlias = Callable[[str], Artifact | None]
"""The artifact that stands at a path now, or None."""
CountRows: TypeAlias = Callable[[Artifact], int | None]
"""The rows of a table as it stands now; None where it is none, or too large to be counted."""


class Reuse(msgspec.Struct, frozen=True):
    """An earlier result stands; ``restore`` are the outputs to be put back from the store first."""

    result: StepResult
    restore: tuple[Artifact, ...]
    reason: str


class Rerun(msgspec.Struct, frozen=True):
    """The step has to run."""

    reason: str


class Now(msgspec.Struct, frozen=True):
    """What a step declares, as it is now: to say what has changed."""

    step: Step
    inputs: tuple[Artifact, ...]
    params: Mapping[str, Any] = {}
    environment: Environment | None = None
    rows: CountRows = lambda artifact: None
    is_strict: bool = False
    """Reads are held to what is declared: what would not pass now does not stand either."""


def decide(
    now: Now,
    same_key: Iterable[StepResult],
    last: Callable[[], StepResult | None],
    standing: StandsAt,
    kept: Callable[[Artifact], bool],
) -> Reuse | Rerun:
    """Whether one of the results under the same key may stand.

    ``same_key`` come newest first; ``last`` finds the step's last good result under any key, to say what changed since, and
    is asked only for that; ``kept`` says whether the store still has an artifact.
    """
    reasons = []
    for result in same_key:
        if not result.is_good:
            continue
        changed = _what_differs(result, standing, now.rows) or (now.is_strict and why_not_strict(result))
        if changed:
            reasons.append(changed)
            continue
        restore = tuple(output for output in result.outputs if _differs(output, standing))
        lost = next((output for output in restore if not kept(output)), None)
        if lost is not None:
            reasons.append(f"{lost.path} is gone, and the store does not have it")
            continue
        return Reuse(result, restore, _reuse_reason(result, restore))
    return Rerun(reasons[0] if reasons else _change_since(now, last(), standing))


def reads_the_same(result: StepResult, standing: StandsAt) -> bool:
    """What it read without declaring it, and looked for in vain, is as it was then."""
    return not _what_differs(result, standing, lambda artifact: None)


def undeclared_data(discovered: tuple[Artifact, ...]) -> list[str]:
    """Of what a step was found to read undeclared, the paths of what is no code."""
    return [artifact.path for artifact in discovered if not artifact.path.endswith(".py")]


def why_not_strict(result: StepResult) -> str:
    """Why a result would not stand where reads are held to strictly; empty where it would."""
    data = undeclared_data(result.discovered)
    if data:
        return f"it read {', '.join(data)} without declaring it, which `trace: strict` does not allow"
    return "it was not traced, which `trace: strict` asks for" if result.trace.how == "off" else ""


def _what_differs(result: StepResult, standing: StandsAt, rows: CountRows) -> str:
    return _first_change(result, standing, rows) or _first_found(result, standing)


def _change_since(now: Now, last: StepResult | None, standing: StandsAt) -> str:
    if last is None:
        return NEW
    changed = _changed_input(now, last) or _changed_param(now.params, last)
    if changed:
        return changed
    command = now.step.action.command if isinstance(now.step.action, RunAction) else ""
    if last.command and command != last.command:
        return f"its command changed: {_excerpt(last.command)} -> {_excerpt(command)}"
    changed = _changed_output(now.step, last) or _changed_setting(now.step, last)
    if changed:
        return changed
    environment = ""
    if now.environment is not None and last.environment is not None:
        environment = _changed_lock(now.environment, last.environment, standing)
        environment = environment or now.environment.change_since(last.environment)
    return environment or "its environment variables, its secrets, its folder or its shell changed"


def _changed_output(step: Step, last: StepResult) -> str:
    before, now = {output.path for output in last.outputs}, {normpath(path) for path in step.promised}
    if new := sorted(now - before):
        return f"{', '.join(new)} is a new output" if len(new) == 1 else f"{', '.join(new)} are new outputs"
    return f"{min(before - now)} is no output any more" if before != now else ""


def _changed_setting(step: Step, last: StepResult) -> str:
    """Which environment variable, secret, folder or shell is another; empty where none is, or where it was not recorded."""
    if last.settings is None:
        return ""
    before, now = last.settings, settings_of(step)
    for name in sorted({*before, *now}):
        if before.get(name) == now.get(name):
            continue
        if name in ("folder", "shell"):
            return f"its {name} changed: {before.get(name, 'the default')} -> {now.get(name, 'the default')}"
        if name not in before:
            return f"its {name} is new"
        if name not in now:
            return f"its {name} is declared no more"
        return f"its {name} changed: {before[name]!r} -> {now[name]!r}"
    return ""


def _changed_lock(now: Environment, before: Environment, standing: StandsAt) -> str:
    """Which lock file is new or another; empty where there is none, or the rest of the environment is another too."""
    if now.lock is None or now.lock == before.lock or (now.python, now.platform) != (before.python, before.platform):
        return ""
    standings = ((name, standing(name)) for name in LOCK_FILES)
    name = next((name for name, there in standings if there is not None and there.digest == now.lock), "the lock file")
    if before.lock is None:
        return f"there is a lock file now: {name}"
    return f"{name} changed: {short(before.lock)} -> {short(now.lock)}"


def _changed_input(now: Now, last: StepResult) -> str:
    before = {artifact.path: artifact for artifact in last.inputs}
    for artifact in now.inputs:
        if artifact.path not in before:
            return f"{artifact.path} is a new input"
        if artifact.digest != before[artifact.path].digest:
            return f"{artifact.path} changed: {_digests(before[artifact.path], artifact)}{_by_rows(artifact, last, now.rows)}"
    gone = set(before) - {artifact.path for artifact in now.inputs}
    return f"{min(gone)} is no input any more" if gone else ""


def _changed_param(params: Mapping[str, Any], last: StepResult) -> str:
    for name in sorted({*params, *last.params}):
        if name not in last.params:
            return f"{name} is a new parameter"
        if name not in params:
            return f"{name} is no parameter any more"
        if params[name] != last.params[name]:
            return f"{name} changed: {last.params[name]!r} -> {params[name]!r}"
    return ""


def _excerpt(command: str) -> str:
    line = command.splitlines()[0] if command else ""
    return line if len(line) <= EXCERPT_CHARACTERS and line == command else f"{line[:EXCERPT_CHARACTERS]}..."


def _digests(before: Artifact, now: Artifact) -> str:
    return f"{short(before.digest)} -> {short(now.digest)}"


def _by_rows(artifact: Artifact, before: StepResult, count: CountRows) -> str:
    """By how many rows a changed table differs, where they were counted when it was read."""
    were = before.rows.get(artifact.path)
    rows = None if were is None else count(artifact)
    if were is None or rows is None or were == rows == 0:
        return ""
    return (
        f"; {rows - were:+,} row{'' if abs(rows - were) == 1 else 's'}"
        if rows != were
        else f"; {rows:,} rows as before"
    )


def _first_change(result: StepResult, standing: StandsAt, rows: CountRows) -> str:
    for artifact in result.discovered:
        now = standing(artifact.path)
        if now is None:
            return f"{artifact.path}, which it read, is gone"
        if now.digest != artifact.digest:
            return f"{artifact.path}, which it read, changed: {_digests(artifact, now)}{_by_rows(now, result, rows)}"
    return ""


def _first_found(result: StepResult, standing: StandsAt) -> str:
    for path in looked_for(result):
        if _is_there(path, standing):
            return f"{path}, which it looked for, is there now"
    return ""


def looked_for(result: StepResult) -> tuple[str, ...]:
    """The paths of the project that it asked for and that were not there, but for those of its outputs."""
    outputs = [output.path for output in result.outputs]
    return tuple(
        path
        for path in result.trace.missing
        if not path.startswith("/") and not any(overlaps(path, output) for output in outputs)
    )


def _is_there(path: str, standing: StandsAt) -> bool:
    try:
        return standing(path) is not None
    except StateError:  # what cannot be read, a pipe or a folder with links, is there
        return True


def _differs(output: Artifact, standing: StandsAt) -> bool:
    """It is not there as it was made. A right to execute that was added since is no harm."""
    try:
        now = standing(output.path)
    except StateError:  # a link in a folder, a pipe: nothing that was ever kept
        return True
    return now is None or now.digest != output.digest or (output.is_executable and not now.is_executable)


def _reuse_reason(result: StepResult, restore: tuple[Artifact, ...]) -> str:
    """A result that was itself recorded as reused was made by another tool: its own reason says by which."""
    reason = result.reason if result.outcome == "reused" else UNCHANGED
    if not restore:
        return reason
    return f"{reason}; {', '.join(artifact.path for artifact in restore)} comes back from the store"

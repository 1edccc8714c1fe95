"""What is worth telling of a step that need not have failed: secrets in its log, results that cannot be had again, metrics
that moved. A notice is a fact with its meaning, and stops nothing.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import short
from assay.core.order import overlaps
from assay.core.pipeline import Step
from assay.core.problem import Problem
from assay.core.release import CodeVersion
from assay.core.run import StepResult
from assay.explain import command
from assay.explain.failure.changes import Since
from assay.explain.failure.figures import listed
from assay.explain.failure.sentences import quoted
from assay.explain.paths import is_data, is_model

FELL = 0.05
"""A metric that worsened by more than this share of its value is told of."""

LAG_S = 2.0
"""So long after a step is begun its command may start, by which its seconds are counted."""

_LOWER_IS_BETTER = re.compile(r"loss|error|mae|mse|rmse|brier|perplexity|wer|cer|seconds|latency", re.IGNORECASE)
_HIGHER_IS_BETTER = re.compile(r"acc|auc|f1|precision|recall|r2|score|map|bleu|rouge|iou|dice|ndcg", re.IGNORECASE)
_OUTSIDE = re.compile(r"^/(home|root|Users|data|mnt|media|scratch|srv|opt/data)/|^~")


class Shared(msgspec.Struct, frozen=True):
    """Rows of one table that stand in another too."""

    path: str
    other: str
    rows: int
    shared: int


class Aftermath(msgspec.Struct, frozen=True):
    """One step of a run that has ended, and what is known of it and of runs before."""

    step: Step
    result: StepResult
    code_version: CodeVersion | None = None
    """Of the run."""
    same_key: tuple[StepResult, ...] = ()
    """Earlier good results under its key."""
    since: Since | None = None
    printed_secrets: tuple[str, ...] = ()
    """Names of declared secrets whose values stand in its log."""
    edited: Mapping[str, float] = {}
    """Files that its command names -> seconds since the epoch when they were last changed."""
    overlaps: tuple[Shared, ...] = ()
    outside: tuple[str, ...] = ()
    """Files outside the project that it opened."""
    made: StepResult | None = None
    """The result as it was recorded when it was made, where it was reused."""


def secret_in_log(after: Aftermath) -> Problem | None:
    """The value of a declared secret stands in the step's log."""
    if not after.printed_secrets:
        return None
    names = listed(list(after.printed_secrets))
    because = (f"the log of step {quoted(after.step.name)} holds the value",)
    return _notice(
        after,
        "secret-in-log",
        f"a secret was printed: {names}",
        because,
        f"renew {names}, remove the log, and do not print it (set -x and curl -v print what they are given)",
    )


def dirty_code(after: Aftermath) -> Problem | None:
    """The step ran code that no commit holds, so nobody else can run it again."""
    version = after.code_version
    if version is None or not version.dirty or after.result.outcome != "ok":
        return None
    return _notice(
        after,
        "code-not-committed",
        "the result cannot be made again from a commit",
        (f"the code was {version.text}: changed and not committed when the run began",),
        "commit, and run again before it is released",
    )


def script_not_an_input(after: Aftermath) -> Problem | None:
    """A reused result is older than a script that its command names, and the script decides about nothing."""
    result = after.result
    known = {artifact.path for artifact in (*result.inputs, *result.discovered)}
    edited = [
        path
        for path, at_s in after.edited.items()
        if path not in known and result.started_s and at_s > result.started_s and not _is_its_work(path, at_s, after)
    ]
    if result.outcome != "reused" or not edited:
        return None
    because = (
        f"its command is: {command.shown(after.step)}",
        f"{edited[0]} was changed after the result was made, and is no input",
        "what it reads was not seen: it is no Python, or was not traced",
    )
    return _notice(
        after,
        "result-older-than-code",
        f"an old result stands though {edited[0]} was edited",
        because,
        f"add {edited[0]} to `inputs:` of step {quoted(after.step.name)}",
    )


def metric_moved(after: Aftermath) -> Problem | None:
    """A metric worsened since the last green run, and the code is as it was: the data is what has changed."""
    since = after.since
    before = since.metrics.get(after.step.name, {}) if since else {}
    fell = [
        (metric.name, before[metric.name], metric.value)
        for metric in after.result.metrics
        if metric.name in before and _is_worse(metric.name, before[metric.name], metric.value)
    ]
    if (
        since is None
        or not fell
        or since.of_kind("code", "parameter", "command", "package", "lock", "python")
        or not since.of_kind("data")
    ):
        return None
    name, was, now = fell[0]
    data = [change.text for change in since.of_kind("data")]
    because = (
        f"{name} was {was:g} in run {since.run}, which was green, and is {now:g}",
        "code, parameters and packages are as they were",
        *data[:3],
    )
    return _notice(
        after,
        "metric-moved-with-data",
        f"{name} is worse, and only the data has changed",
        because,
        "compare the data of the two runs; let a check hold what differs",
    )


def rows_in_both(after: Aftermath) -> Problem | None:
    """Rows to learn from stand among those to test on: the metric tells nothing."""
    found = next((each for each in after.overlaps if each.shared), None)
    if found is None:
        return None
    because = (f"{found.shared} of the {found.rows} rows of {found.path} stand in {found.other} too",)
    return _notice(
        after,
        "rows-in-both",
        "rows to test on were learned from",
        because,
        "split by what belongs together (a customer, a day), once, in a step of its own; drop equal rows first",
    )


def same_key_other_bytes(after: Aftermath) -> Problem | None:
    """The same inputs, command and environment gave other bytes."""
    result = after.result
    for earlier in after.same_key:
        if result.outcome != "ok" or earlier.started_s >= result.started_s or _read(earlier) != _read(result):
            continue
        old = {artifact.path: artifact for artifact in earlier.outputs}
        other = [
            artifact
            for artifact in result.outputs
            if artifact.path in old and artifact.digest != old[artifact.path].digest
        ]
        if other:
            path = other[0].path
            because = (
                f"{path} was {short(old[path].digest)}, and is {short(other[0].digest)}",
                "inputs, command and environment are the same",
            )
            return _notice(
                after,
                "not-deterministic",
                f"the same step made other bytes: {path}",
                because,
                "fix seeds (random, numpy, the library's own), threads, and times or random names in what is written",
            )
    return None


def reads_outside(after: Aftermath) -> Problem | None:
    """It read files that a checkout does not bring along: it will fail elsewhere, or read others."""
    outside = [path for path in after.outside if _OUTSIDE.search(path)]
    if not outside:
        return None
    return _notice(
        after,
        "reads-outside-project",
        f"it reads files outside the project: {listed(outside)}",
        ("another machine, such as CI's, does not have them",),
        "let a step fetch them into the project, and declare them as its outputs",
    )


Notice = Callable[[Aftermath], Problem | None]

NOTICES: tuple[Notice, ...] = (
    secret_in_log,
    rows_in_both,
    metric_moved,
    same_key_other_bytes,
    script_not_an_input,
    dirty_code,
    reads_outside,
)


def notices(after: Aftermath) -> tuple[Problem, ...]:
    """Everything that is worth telling, the gravest first."""
    return tuple(found for notice in NOTICES if (found := notice(after)) is not None)


def _notice(after: Aftermath, code: str, what: str, because: tuple[str, ...], fix: str) -> Problem:
    return Problem(code, what, because, fix, step=after.step.name)


def _read(result: StepResult) -> dict[str, str]:
    files: tuple[Artifact, ...] = (*result.inputs, *result.discovered)
    return {artifact.path: artifact.digest for artifact in files}


def _is_its_work(path: str, at_s: float, after: Aftermath) -> bool:
    """The step made it: it promises it, is told to write it, was seen to, or it is data that changed while the step ran."""
    made = after.made or after.result
    seen = (*(each.path for each in made.outputs), *(each.path for each in made.written), *made.trace.writes)
    if any(overlaps(path, own) for own in (*after.step.promised, *command.targets(after.step), *seen)):
        return True
    return (is_data(path) or is_model(path)) and at_s <= made.started_s + LAG_S + made.seconds


def _is_worse(name: str, was: float, now: float) -> bool:
    least = FELL * abs(was)
    if _LOWER_IS_BETTER.search(name):
        return now - was > least
    return bool(_HIGHER_IS_BETTER.search(name)) and was - now > least

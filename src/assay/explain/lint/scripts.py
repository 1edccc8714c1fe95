"""The script that a step runs, held against the one that it declares."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from posixpath import basename, join, normpath, splitext

from assay.core.order import touches
from assay.core.pipeline import Declaration, Step
from assay.core.problem import Problem
from assay.explain import command
from assay.explain.lint.sources import SCRIPTS, Sources, place_of, scripts_of

NEAR = 0.7
"""From here on one name is a slip for the other (difflib's ratio): ``prepare`` and ``preparing``, not ``train`` and ``train_data``."""


def other_scripts(step: Step, declaration: Declaration, sources: Sources) -> Iterator[Problem]:
    """A script stands among the inputs, and the command runs another of nearly that name."""
    runs = scripts_of(step)
    for at, declared in enumerate(step.inputs):
        if not declared.endswith(SCRIPTS) or declared in runs:
            continue
        meant = next((script for script in runs if script not in step.inputs and _is_slip(script, declared)), None)
        if meant is not None and not _is_mentioned(declared, meant, sources):
            yield Problem(
                "other-script-declared",
                f'step "{step.name}" runs {meant} and declares {declared}',
                ("a change in the script that runs would not be seen to be one of its inputs",),
                f"write {meant} in `inputs:`, or run {declared}",
                place_of(declaration, step, "inputs", at),
                step.name,
            )


def scripts_not_declared(step: Step, declaration: Declaration, sources: Sources) -> Iterator[Problem]:
    """The command runs a file of the project that is no input, in a language that is not traced: an edit of it would go unseen."""
    if step.always_runs:
        return
    for script in _untraced(command.text(step), step.workdir, step.trace == "off"):
        if sources.text(script) is not None and not any(
            touches(path, script) for path in (*step.inputs, *step.promised)
        ):
            yield Problem(
                "script-not-declared",
                f'step "{step.name}" runs {script} and does not declare it',
                ("what is no Python is not traced: after an edit of it the step would be reused",),
                f"add {script} to `inputs:` of {step.name}",
                place_of(declaration, step, "run"),
                step.name,
            )


@lru_cache(10_000)
def _untraced(line: str, workdir: str, is_python_too: bool) -> tuple[str, ...]:
    """The files that interpreters are told to run, or that are run by their path; where Python is not traced, its scripts too."""
    if any(word in line for word in _GO_ELSEWHERE):
        return ()
    found = [match for match in _RUN.finditer(line) if is_python_too or not (match[1] or "").startswith("python")]
    return tuple(dict.fromkeys(normpath(join(workdir, match[2] or match[3])) for match in found))


_RUN = re.compile(
    r"(?:^|[;&|(\n])\s*(?:\w+=\S*\s+)*(?:(?:exec|time|nice)\s+)?"
    r"(?:(?:[\w./-]*/)?(bash|sh|dash|zsh|ksh|Rscript|julia|node|perl|ruby|python[\d.]*)(?:\s+-(?![ce]\b)[\w-]+)*\s+([\w./][\w./-]*)"
    r"|(\./[\w./-]+))"
)


def scripts_not_there(step: Step, declaration: Declaration, sources: Sources) -> Iterator[Problem]:
    """The command runs a script that is not in the project, nor written by a step, nor to be found from another folder."""
    lost = [script for script in scripts_of(step) if _is_sure(step, script) and not sources.is_there(script)]
    steps = declaration.pipeline.steps if lost else ()
    made = {path for each in steps for path in each.promised}
    known = [path for each in steps for path in (*each.inputs, *scripts_of(each)) if sources.is_there(path)]
    for script in lost:
        if script not in made:
            near = get_close_matches(script, known, 1)
            yield Problem(
                "script-not-there",
                f'step "{step.name}" runs {script}, which is not there',
                (f"nearest: {near[0]}",) if near else (),
                f"run {near[0]}"
                if near
                else "correct the path, or write the script; `workdir:` says where a step runs",
                place_of(declaration, step, "run"),
                step.name,
            )


def _is_sure(step: Step, script: str) -> bool:
    """The command can mean no other place by it. A module (``-m``) may be installed."""
    line = command.text(step)
    is_plain = script.endswith(SCRIPTS) and not script.startswith(("/", "..", "~")) and "$" not in script
    return is_plain and basename(script) in line and not any(word in line for word in _GO_ELSEWHERE)


_GO_ELSEWHERE = ("cd ", "pushd ", "git clone", "git checkout", "<<", "docker ", "ssh ")
"""Words of commands that leave the folder, or make files in it."""


def _is_slip(one: str, other: str) -> bool:
    a, b = (splitext(basename(path)) for path in (one, other))
    return a[1] == b[1] and SequenceMatcher(None, a[0], b[0]).ratio() >= NEAR


def _is_mentioned(declared: str, script: str, sources: Sources) -> bool:
    """What is declared is read, imported or called by what runs."""
    stem = splitext(basename(declared))[0]
    return any(stem in text for text in sources.with_imports(script))

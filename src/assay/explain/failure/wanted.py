"""Which file did the failed step want that was not there, and how is that known?"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from assay.core.order import is_glob, reads, touches
from assay.core.pipeline import GateAction, ReleaseAction
from assay.core.run import StepResult
from assay.explain import command
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.log import Log, Missing, read_missing
from assay.explain.paths import is_model, is_probe, is_setting, suffix_of

Source = Literal["declared", "named", "asked for", "on the command line", "the pipeline's model"]


class Wanted(msgspec.Struct, frozen=True):
    """A file that was not there when the step wanted it."""

    path: str
    source: Source
    line: str = ""
    """What the log says of it; empty where it says nothing."""
    is_model: bool = False
    is_certain: bool = False
    """The operating system itself said that it was not there, in the log."""


def named_in_log(evidence: Evidence, log: Log) -> Wanted | None:
    """The file that the log itself names as missing.

    One that exists now counts only where the operating system's own words deny it: then it was looked for elsewhere.
    """
    there: Wanted | None = None
    for missing in _spoken(log):
        for path in _paths_of(missing, evidence):
            found = Wanted(path, "named", missing.line, _is_about_model(path, missing, evidence), missing.is_certain)
            if not evidence.is_there(path):
                return found
            if missing.is_certain and there is None:
                there = found
    return there


def missing_without_path(log: Log, evidence: Evidence) -> Missing | None:
    """The line that speaks of a missing file and does not say which."""
    return next((missing for missing in _spoken(log) if not _paths_of(missing, evidence)), None)


def not_declared_there(evidence: Evidence) -> Wanted | None:
    """A declared input, or the data of a check or gate, that is not there."""
    unstarted = evidence.failed.exit_code is None
    for path in _declared_reads(evidence):
        # An empty folder is in no scan: only a name with a suffix, or a step that could not start, proves anything.
        if not _is_named(path, evidence) and (unstarted or suffix_of(path)):
            return Wanted(path, "declared", "", _is_pipeline_model(path, evidence) or is_model(path))
    return None


def _is_named(path: str, evidence: Evidence) -> bool:
    """The path is there, or a file that the glob names."""
    return evidence.is_there(path) or (is_glob(path) and any(touches(path, file) for file in evidence.files))


def not_found_silently(evidence: Evidence, spoken: Missing | None) -> tuple[Wanted, ...]:
    """Files that the step asked for, or has on its command line, and that are not there; the most probable first.

    ``spoken`` is the line of the log that tells of a missing file without its path, if there is one.
    """
    says_model = spoken is not None and re.search(r"\bmodel\b", spoken.line, re.IGNORECASE) is not None
    last_first = gone(evidence.failed, evidence)[::-1]
    asked = sorted(last_first, key=lambda path: path.startswith("/"))
    on_line = tuple(path for path in command.paths(evidence.step) if _is_missing(path, evidence))
    both = [path for path in asked if path in on_line]
    models = [path for path in asked if says_model and (is_model(path) or _is_pipeline_model(path, evidence))]
    plain = [path for path in asked if not is_setting(path)]
    found: dict[str, Source] = dict.fromkeys([*both, *models, *plain], "asked for")
    found |= dict.fromkeys((path for path in on_line if path not in found), "on the command line")
    model = evidence.pipeline.model
    if says_model and model and model.path not in found and not evidence.is_there(model.path):
        found[model.path] = "the pipeline's model"
    found |= dict.fromkeys((path for path in asked if path not in found), "asked for")
    line = spoken.line if spoken else ""
    return tuple(
        Wanted(path, source, line, says_model or _is_pipeline_model(path, evidence) or is_model(path))
        for path, source in found.items()
    )


def gone(result: StepResult, evidence: Evidence) -> tuple[str, ...]:
    """Files that the step asked for, did not write, and that are not there now; first asked first."""
    own = {evidence.path(path) for path in (*result.trace.writes, *evidence.pipeline.step(result.step).promised)}
    asked = (evidence.path(path) for path in (*result.trace.missing, *result.trace.reads))
    return tuple(
        path
        for path in dict.fromkeys(asked)
        if suffix_of(path) and path not in own and not is_probe(path) and not evidence.is_there(path)
    )


def _spoken(log: Log) -> Iterator[Missing]:
    return (missing for line in log.statements() if (missing := read_missing(line)) is not None)


def _paths_of(missing: Missing, evidence: Evidence) -> tuple[str, ...]:
    """The paths that a line names, as the project names them; a word counts when it was asked for or is on the command line."""
    known = [evidence.path(path) for path in (*evidence.failed.trace.missing, *command.paths(evidence.step))]
    sure = [_asked_for(evidence.path(path), known) for path in missing.paths]
    maybe = [path for name in missing.names for path in known if path == name or path.endswith(f"/{name}")]
    return tuple(path for path in dict.fromkeys([*sure, *maybe]) if not path.endswith(".py"))


def _asked_for(path: str, known: list[str]) -> str:
    """The path as it was really asked for, where a program speaks of it from another working folder or by its name alone."""
    if path in known or path.startswith("/"):
        return path
    return next((asked for asked in known if asked.endswith(f"/{path}")), path)


def _is_missing(path: str, evidence: Evidence) -> bool:
    return not evidence.is_there(evidence.path(path)) and not is_probe(path) and "*" not in path


def _declared_reads(evidence: Evidence) -> tuple[str, ...]:
    step, model = evidence.step, evidence.pipeline.model
    if isinstance(step.action, GateAction | ReleaseAction) and model is not None:
        return (*reads(step), model.path)
    return reads(step)


def _is_pipeline_model(path: str, evidence: Evidence) -> bool:
    return evidence.pipeline.model is not None and evidence.pipeline.model.path == path


def _is_about_model(path: str, missing: Missing, evidence: Evidence) -> bool:
    says_model = re.search(r"\bmodel\b", missing.line.replace(path, ""), re.IGNORECASE) is not None
    return _is_pipeline_model(path, evidence) or is_model(path) or says_model

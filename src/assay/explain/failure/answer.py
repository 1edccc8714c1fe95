"""An answer of a rule, and the words that rules share."""

import re

from assay.core.problem import Problem
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.last_words import Said, last_match

LONGEST = 240


def answer(evidence: Evidence, code: str, what: str, because: tuple[str, ...], fix: str) -> Problem:
    """The cause of the failed step."""
    return Problem(code, what, because, fix, step=evidence.failed.step)


def last_said(pattern: re.Pattern[str], evidence: Evidence) -> Said | None:
    """The most telling line of the failed step's last words that the pattern finds."""
    return last_match(pattern, evidence.log_tail)


def says(said: Said) -> str:
    """The line as a fact."""
    return f"the log says: {said.line if len(said.line) <= LONGEST else said.line[: LONGEST - 3] + '...'}"


def where(said: Said, evidence: Evidence) -> tuple[str, ...]:
    """Where in the project the exception was raised, with the line of source; nothing where it was not raised there."""
    frames = said.raised.frames if said.raised else ()
    for frame in reversed(frames):
        path = evidence.path(frame.file)
        if path in evidence.files:
            return (f"raised at {path}:{frame.line}{f': {frame.source}' if frame.source else ''}",)
    return ()


def line_of(said: Said, evidence: Evidence) -> str:
    """``train.py:7``, where a person has to look; empty where no line of the project is known."""
    frames = said.raised.frames if said.raised else ()
    found = (f for f in reversed(frames) if evidence.path(f.file) in evidence.files)
    return next((f"{evidence.path(frame.file)}:{frame.line}" for frame in found), "")

"""How a gate's settings are spelled where a question is asked: as keys of assay.yaml, as options of a command, or as arguments in Python.

Rooms speak of keys (```positive: yes```); whoever asks without a project is told what to type there.
"""

import re
from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from assay.core.problem import Problem
from assay.core.verdict import SentenceVerdict, SliceVerdict, Verdict

Spelling = Literal["option", "argument"]

_KEY = re.compile(
    r"`(positive|quantile|cost|score_range|group|time|detect|confidence|min_rows):(?: ([^`]*))?`(?: (?:in|of) the gate\b)?"
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?|True|False")


def spell(text: str, spelling: Spelling) -> str:
    """The text with ```positive: yes``` as ```--positive yes``` or ```positive='yes'```."""

    def spelled(found: re.Match[str]) -> str:
        name, value = found[1], found[2] or ""
        if spelling == "option":
            return f"`--{name.replace('_', '-')}{f' {value}' if value else ''}`"
        is_bare = not value or _NUMBER.fullmatch(value) or value.isupper()
        return f"`{name}={value if is_bare else repr(value)}`"

    return _KEY.sub(spelled, text)


def spell_problem(problem: Problem, spelling: Spelling) -> Problem:
    """The problem in these words."""
    because = tuple(spell(fact, spelling) for fact in problem.because)
    return replace(problem, what=spell(problem.what, spelling), because=because, fix=spell(problem.fix, spelling))


def spell_verdict(verdict: Verdict, spelling: Spelling) -> Verdict:
    """The verdict in these words."""
    notes = tuple(spell_problem(note, spelling) for note in verdict.notes)
    return replace(verdict, sentences=_sentences(verdict.sentences, spelling), notes=notes)


def _sentences(sentences: Iterable[SentenceVerdict], spelling: Spelling) -> tuple[SentenceVerdict, ...]:
    def part(each: SliceVerdict) -> SliceVerdict:
        return replace(each, reason=spell(each.reason, spelling))

    return tuple(
        replace(each, reason=spell(each.reason, spelling), slices=tuple(map(part, each.slices))) for each in sentences
    )

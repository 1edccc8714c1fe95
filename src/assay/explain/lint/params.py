"""Parameters that a step selects and that its script never reads."""

import re
from collections.abc import Iterator

from assay.core.pipeline import Declaration, Step
from assay.core.problem import Problem
from assay.explain import command
from assay.explain.lint.sources import Sources, place_of, texts_of


def params_never_read(step: Step, declaration: Declaration, sources: Sources) -> Iterator[Problem]:
    """Every selected key of which no part stands in the command or in what it runs: it would only cause runs."""
    keys = [(selection.path, key) for selection in step.params for key in selection.keys]
    texts = texts_of(step, sources) if keys else ()
    for path, key in keys:
        words = re.findall(r"[^.\[\]]+", key)
        if texts and not any(
            re.search(rf"\b{re.escape(word)}\b", text) for text in (*texts, command.text(step)) for word in words
        ):
            yield Problem(
                "param-never-read",
                f'step "{step.name}" selects {key} of {path}, and its script never names it',
                ("a change of its value would run the step again for nothing",),
                "take it out of `params:`, or let the script read it",
                place_of(declaration, step, "params"),
                step.name,
            )

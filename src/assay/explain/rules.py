"""The table of rules, and the diagnosis: the first rule that has an answer gives it.

A rule is a pure function of the evidence and answers only what the evidence proves. Rules on what a command's exit code
or Python itself says stand before the rule on files, and that before signals: an abort often follows a missing file.
"""

from collections.abc import Callable

import msgspec

from assay.core.problem import Problem
from assay.explain.ending import command_not_found, killed, not_executable
from assay.explain.evidence import Evidence
from assay.explain.missing import folder_missing, missing_file, unwritten_output
from assay.explain.python import module_not_found, script_not_found, syntax_error
from assay.explain.unknown import unknown

Rule = Callable[[Evidence], Problem | None]

RULES: tuple[Rule, ...] = (
    unwritten_output,
    command_not_found,
    not_executable,
    script_not_found,
    module_not_found,
    syntax_error,
    folder_missing,
    missing_file,
    killed,
)


def diagnose(evidence: Evidence) -> Problem:
    """The true cause of the failed step, as far as the evidence proves one; else what is known, under ``step-failed``.

    Results of steps that the pipeline does not have, or has no more, are passed over.
    """
    if evidence.failed.problem is not None:
        return evidence.failed.problem
    names = {step.name for step in evidence.pipeline.steps}
    known = tuple(result for result in evidence.earlier if result.step in names)
    evidence = msgspec.structs.replace(evidence, earlier=known)
    answers = (rule(evidence) for rule in RULES)
    return next((answer for answer in answers if answer is not None), None) or unknown(evidence)

"""Before a gate: cases are rows of their own. Of cases the number that is broken is told, and no ledger counts how often: rows of the
gate among them would give their labels away.

A case is a row of the gate where the file is the same, where both have one id and equal cells, or where more are equal in what the
model reads and in the label than chance explains. In a sealed gate the label has no part in it, for a refusal would tell of it.
"""

from collections.abc import Sequence
from pathlib import Path

from assay.core.artifact import Artifact
from assay.core.pipeline import GateAction, ModelSpec
from assay.core.ports import Tables
from assay.core.problem import EvidenceError, Problem
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.reactions import case_files


def demand_other_cases(context: RunContext, gate: GateAction, rows: Sequence[Artifact]) -> None:
    """``EvidenceError`` where cases of the gate are rows of its data."""
    files, tables = context.workspace.files, context.workspace.tables
    digests = {row.digest for row in rows}
    paths = tuple(files.locate(row.path) for row in rows)
    for case in case_files(context, gate):
        is_sealed = gate.reveal == "verdict"
        if case.digest in digests or _are_shared(tables, context.model, paths, files.locate(case.path), is_sealed):
            raise EvidenceError(_refusal(case.path, gate.data or ""))


def _are_shared(tables: Tables, model: ModelSpec, rows: tuple[Path, ...], cases: Path, is_sealed: bool) -> bool:
    from assay.judge import are_more_alike_than_chance

    theirs = {name for name, _ in tables.schema((cases,))}
    both = [name for name, _ in tables.schema(rows) if name in theirs and not (is_sealed and name == model.label)]
    labels = [name for name in both if name == model.label]
    cells = [name for name in both if name not in (model.id, model.label)]
    if not cells:
        return False
    if model.id in both and tables.overlap(rows, (cases,), both, labels, 1).shared:
        return True
    alike = tables.overlap(rows, (cases,), [*cells, *labels], labels, 1)
    return are_more_alike_than_chance(alike.shared, alike.rows, alike.others, alike.repeated)


def _refusal(cases: str, data: str) -> Problem:
    return Problem(
        "cases-among-rows",
        f"cases of {cases} are rows of {data}, which the gate judges on",
        (
            "how many cases are broken is told each time, and wears nothing out: it would give away the labels of these rows",
            "no verdict was given",
        ),
        f"take them out of {cases}: cases are rows that somebody chose because one knows what must be predicted",
    )

"""Before a gate judges: does a column that the model reads give the label away?

By the rule of a check, ``leakage`` (``check/findings/leaks.py`` says what gives a label away), over the gate's rows: a model that reads
such a column would be judged by what nobody knows when it serves. Columns that are known before the label are named in
``leakage: {allow: ..}`` of the gate; the column of ``group`` says whose rows belong together, and may.

A sealed gate refuses too. What it tells is the column's name alone: one bit about each column of its own data, the same whatever the
model is, of which no label of a row can be read.
"""

from assay.check import check
from assay.core.dataset import Files
from assay.core.finding import Finding
from assay.core.pipeline import GateAction, Step
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import Leakage, Rules
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.rows import GateRows


def demand_label_kept(context: RunContext, step: Step, gate: GateAction, rows: GateRows) -> None:
    """``EvidenceError`` where a column that the model reads, by the input schema of the run, gives the label away."""
    label = context.model.label
    assert label is not None
    reads = {field.name for field in context.input_schema} - {*gate.may_tell, gate.group}
    allowed = tuple(name for name in rows.table if name not in reads and name != label)
    workspace = context.workspace
    source = Files(tuple(workspace.files.locate(file.path) for file in rows.files))
    rules = Rules(leakage=Leakage(label, allowed))
    report = check(rows.test_set, source, rules, workspace.engine("duckdb"), cache=workspace.cache)
    broken = [found for found in report.findings if not found.passed and found.severity == "error"]
    if broken:
        raise EvidenceError(_problem(context, step, gate, rows, broken))


def _problem(context: RunContext, step: Step, gate: GateAction, rows: GateRows, broken: list[Finding]) -> Problem:
    names = [found.column or "" for found in broken]
    how = ["how is not told: the gate is sealed"] if gate.reveal == "verdict" else [found.detail for found in broken]
    unseen = "what `predict` reads is not seen: every column but label and id counts as read"
    untold = () if context.model.predict is None else (unseen,)
    joined = " and ".join(names)
    return Problem(
        "label-given-away",
        f"the model reads {joined}, which {'gives' if len(names) == 1 else 'give'} {context.model.label} away in {rows.test_set.path}",
        (*how, *untold, "no verdict was given"),
        f"take {joined} out of the data that models read; or, where it is known before {context.model.label} is, write "
        f"`leakage: {{allow: [{', '.join(names)}]}}` below `gate:`",
        context.workspace.places.get(f"steps.{step.name}.gate"),
        step=step.name,
    )

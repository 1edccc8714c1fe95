"""What a gate leaves in its run's folder: its verdict as a page and as Markdown, and the ids of the rows to label first.

The verdict is recorded by then; a disk that takes no more files changes nothing about it.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from assay.core.events import Judged
from assay.core.pipeline import GateAction, Step
from assay.core.table import Table
from assay.core.verdict import Verdict
from assay.flows.actions.context import RunContext
from assay.flows.paths import run_folder
from assay.flows.verdict_report import ids_path, write_ids, write_reports

if TYPE_CHECKING:
    from assay.judge import Evidence


def leave_reports(context: RunContext, step: Step, verdict: Verdict) -> None:
    """Write ``gate.html`` and ``gate.md``."""
    with suppress(OSError):
        folder = run_folder(context.workspace, context.run)
        write_reports(folder, step.name, verdict, is_only_gate=_is_only_gate(context))


def leave_ids(context: RunContext, step: Step, evidence: "Evidence", table: Table) -> None:
    """Write the ids (without one, the numbers of the rows) of those that tell the models apart; nothing where there is none."""
    from assay.judge import label_first_rows

    rows = label_first_rows(evidence).tolist()
    name = context.model.id
    ids = table[name].tolist() if name is not None and name in table else range(1, len(evidence.labels) + 1)
    if rows:
        folder = run_folder(context.workspace, context.run)
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write_ids(ids_path(folder, step.name, is_only_gate=_is_only_gate(context)), (str(ids[row]) for row in rows))


def ids_left(context: RunContext, judged: Judged) -> str:
    """The file of ids that the run left which gave the verdict, from the project's folder on; empty where it is not there."""
    folder = run_folder(context.workspace, judged.run)
    path = ids_path(folder, judged.step, is_only_gate=_is_only_gate(context))
    return str(path.relative_to(context.workspace.root)) if path.is_file() else ""


def _is_only_gate(context: RunContext) -> bool:
    return sum(isinstance(step.action, GateAction) for step in context.pipeline.steps) == 1

"""A ``gate`` step: score challenger and champion on the same rows, and give a verdict."""

from assay.core.artifact import Artifact
from assay.core.history import History
from assay.core.pipeline import GateAction, Step
from assay.core.problem import Problem
from assay.core.release import Bill
from assay.core.run import StepResult, Trace
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.case_rows import demand_other_cases
from assay.flows.actions.gate.charging import judge_and_record
from assay.flows.actions.gate.evidence import gather_evidence, narrow_by_first_row
from assay.flows.actions.gate.giving_away import demand_label_kept
from assay.flows.actions.gate.known import known_verdict
from assay.flows.actions.gate.leaflets import ids_left, leave_ids, leave_reports
from assay.flows.actions.gate.leakage import demand_unseen, same_rows
from assay.flows.actions.gate.numbers import judge_numbers
from assay.flows.actions.gate.reactions import asked_digest
from assay.flows.actions.gate.refusing import demand_answer, demand_answer_by_labels, sealed_errors
from assay.flows.actions.gate.result import gate_result, nothing_to_judge, rolled_back, stays_rolled_back
from assay.flows.actions.gate.rows import read_rows
from assay.flows.actions.gate.scoring import Released, champion_of
from assay.flows.releases import SCORING_LIMIT_S


def run_gate(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Judge the model that this run made. The verdict is recorded, durably, before it is told."""
    action = step.action
    assert isinstance(action, GateAction)
    context.scoring_limit_s = step.timeout_s or SCORING_LIMIT_S
    challenger = context.challenger()
    if challenger is None:
        return StepResult(step.name, "failed", "the model is missing", trace=Trace(missing=(context.model.path,)))
    history = context.workspace.history()
    champion = champion_of(context, history)
    if champion is not None and _is_same(challenger, context.code, champion.bill):
        return nothing_to_judge(context, step, champion, asked_digest(context, action))
    taken = rolled_back(context, history, challenger)
    if taken is not None and context.override is None:
        return stays_rolled_back(step, taken)
    context.is_overridden = taken is not None
    if action.data is None:
        return judge_numbers(context, step, challenger, champion, history)
    return _judge_rows(context, step, action, challenger, champion, history, earlier)


def _judge_rows(
    context: RunContext,
    step: Step,
    action: GateAction,
    challenger: Artifact,
    champion: Released | None,
    history: History,
    earlier: tuple[StepResult, ...],
) -> StepResult:
    rows = read_rows(context, action)
    gate = asked_digest(context, action)
    warnings: list[Problem] = []
    known = known_verdict(history, gate, rows.test_set.digest, challenger, context.code, champion)
    if known is None:
        with sealed_errors(action):
            demand_answer_by_labels(context, step, action, rows, has_champion=champion is not None)
            demand_other_cases(context, action, rows.files)
            warnings += demand_unseen(context, action, rows.files, earlier)
            evidence = gather_evidence(context, action, rows, challenger, champion, history, warnings)
            same_rows(context, rows.files)
            if evidence is None:
                assert champion is not None
                return nothing_to_judge(context, step, champion, gate)
            demand_label_kept(context, step, action, rows)
            demand_answer(context, step, action, evidence)
            known = judge_and_record(context, step.name, action, evidence, rows.table)
        leave_ids(context, step, evidence, rows.table)
    else:
        narrow_by_first_row(context, rows, challenger)
    seq, judged = known
    context.verdicts.append(seq)
    context.judged = challenger
    leave_reports(context, step, judged.verdict)
    ids = ids_left(context, judged)
    told = (*warnings, *judged.verdict.notes)
    return gate_result(context, step, judged.verdict, (challenger, *rows.files), told, ids)


def _is_same(challenger: Artifact, code: Artifact, bill: Bill) -> bool:
    return challenger.digest == bill.model.digest and code.digest == bill.code.digest

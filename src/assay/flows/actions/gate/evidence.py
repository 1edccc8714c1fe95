"""All that a gate is shown of its models: answers, reactions to changed rows, latencies and sizes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from assay.core.artifact import Artifact
from assay.core.history import History
from assay.core.pipeline import GateAction, ModelSpec
from assay.core.ports import Predictions, Predictor
from assay.core.problem import EvidenceError, Problem
from assay.core.sentence import latency_share
from assay.core.table import Table
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.reactions import asked_digest, react
from assay.flows.actions.gate.rows import GateRows
from assay.flows.actions.gate.scoring import (
    Released,
    answer_alike,
    challenger_loaded,
    columns_for,
    megabytes,
    release_loaded,
    released,
)
from assay.flows.actions.gate.timing import calls_needed, time_both

if TYPE_CHECKING:
    import numpy as np

    from assay.judge import Archived, Evidence


def gather_evidence(
    context: RunContext,
    gate: GateAction,
    rows: GateRows,
    challenger: Artifact,
    champion: Released | None,
    history: History,
    warnings: list[Problem],
) -> "Evidence | None":
    """What the models say of the rows; None where the champion's model, with changed code, gives the same answers as before.
    An archived release that cannot be scored any more is left out, with a word in ``warnings``."""
    from assay.judge import Evidence, clusters_in

    column, has_behaviour = gate.group or gate.time, any(said.behaviour is not None for said in gate.require)
    clusters = clusters_in(rows.table, column, by_day=gate.time is not None) if column and has_behaviour else None
    with challenger_loaded(context, challenger) as predictor:
        with _naming(rows, context.model):
            ours = predictor.predict(rows.features)
        context.narrow(predictor.reads)
        violations, belongs = react(context, gate, predictor, rows.features, ours, context.model, clusters)
        theirs, latencies = _champion_beside(context, gate, rows, predictor, champion)
    is_same_model = champion is not None and champion.bill.model.digest == challenger.digest
    if is_same_model and theirs is not None and answer_alike(ours, theirs):
        return None
    return Evidence(
        labels=rows.labels,
        challenger=ours.prediction,
        champion=None if theirs is None else theirs.prediction,
        gate_digest=asked_digest(context, gate),
        test_set_digest=rows.test_set.digest,
        challenger_digest=challenger.digest,
        champion_digest=champion.bill.model.digest if champion else None,
        champion_release=champion.name if champion else None,
        challenger_score=ours.score,
        champion_score=None if theirs is None else theirs.score,
        columns=rows.table,
        violations=violations,
        clusters_of_cases=belongs,
        latencies_ms=latencies,
        sizes_mb=(megabytes(challenger), megabytes(champion.bill.model) if champion else None),
        archived=_archived(context, gate, rows, challenger, champion, history, warnings),
        code_digest=context.code.digest,
        contents=_contents(context.model, gate, rows.table),
        are_named=context.model.id in rows.table,
    )


def narrow_by_first_row(context: RunContext, rows: GateRows, challenger: Artifact) -> None:
    """Where the question was answered before, so that no model is scored: what a model of a known flavour reads, by one row."""
    if context.model.predict is None:
        with challenger_loaded(context, challenger) as predictor:
            predictor.predict({name: values[:1] for name, values in rows.features.items()})
            context.narrow(predictor.reads)


@contextmanager
def _naming(rows: GateRows, model: ModelSpec) -> Iterator[None]:
    """Where the model asks for a column that it is not given, it is told which file lacks it, or why it is not given."""
    try:
        yield
    except EvidenceError as error:
        problem = error.problem
        if problem.code != "predict-column-missing":
            raise
        what = problem.what.replace("the rows have", f"{rows.test_set.path} has", 1)
        for role, name in (("label", model.label), ("id", model.id)):
            if name is not None and problem.what.startswith(f"the rows have no column {name!r},"):
                what = f"the model asked for {name!r}, which it is not given: it is the {role}"
        because = (*problem.because, "no verdict was given")
        raise EvidenceError(msgspec.structs.replace(problem, what=what, because=because)) from error


def _contents(model: ModelSpec, gate: GateAction, table: Table) -> Table:
    """What the rows hold, but for what only names them; under a seal without the label, as a note on copies is told."""
    left_out = {model.id, model.time, *((model.label,) if gate.reveal == "verdict" else ())}
    return {name: values for name, values in table.items() if name not in left_out}


def _champion_beside(
    context: RunContext, gate: GateAction, rows: GateRows, predictor: Predictor, champion: Released | None
) -> "tuple[Predictions | None, tuple[np.ndarray, np.ndarray | None] | None]":
    """The champion's answers, and the latencies of both, taken in turns."""
    calls = calls_needed(gate)
    if champion is None:
        return None, time_both(predictor, None, rows.features, None, calls) if calls else None
    features = columns_for(champion, rows.table, rows.features)
    with release_loaded(context, champion) as other:
        with _naming(rows, context.model):
            answers = other.predict(features)
        if not calls:
            return answers, None
        is_relative = any(said.is_relative and latency_share(said.metric) is not None for said in gate.require)
        opponent = other if is_relative else None
        return answers, time_both(predictor, opponent, rows.features, features, calls)


def _archived(
    context: RunContext,
    gate: GateAction,
    rows: GateRows,
    challenger: Artifact,
    champion: Released | None,
    history: History,
    warnings: list[Problem],
) -> "tuple[Archived, ...]":
    """The answers of earlier champions that stand, the newest first, each model once."""
    if "archived" not in gate.against or champion is None:
        return ()
    seen = {(challenger.digest, context.code.digest), (champion.bill.model.digest, champion.bill.code.digest)}
    found = []
    for state in reversed(history.releases):
        if state.was_champion and not history.was_rolled_back(state.name):
            release = released(context, history, state.name)
            named = (release.bill.model.digest, release.bill.code.digest)
            if named not in seen:
                seen.add(named)
                try:
                    found.append(_answers(context, release, rows))
                except EvidenceError as error:
                    warnings.append(_not_scored(error.problem))
    return tuple(found)


def _not_scored(problem: Problem) -> Problem:
    fix = "nothing, unless that release should be judged too"
    return Problem("archived-not-scored", problem.what, problem.because, fix)


def _answers(context: RunContext, release: Released, rows: GateRows) -> "Archived":
    from assay.judge import Archived

    features = columns_for(release, rows.table, rows.features)
    with release_loaded(context, release) as predictor:
        answers = predictor.predict(features)
    return Archived(release.name, release.bill.model.digest, answers.prediction, answers.score)

"""How the challenger reacts to changed rows: what the gate's sentences about behaviour are judged by.

Rows without a label are tried like all others. Every row that is changed is answered by the model of the gate, once changed and once as
it was; only files of cases bring rows of their own.
"""

from typing import TYPE_CHECKING

import msgspec

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.digest import Digest
from assay.core.pipeline import GateAction, ModelSpec
from assay.core.ports import Predictions, Predictor
from assay.core.problem import EvidenceError
from assay.core.sentence import Behaviour, Sentence
from assay.core.table import Table
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.scoring import challenger_loaded
from assay.flows.datasets import find_dataset
from assay.flows.tables import labels_of

if TYPE_CHECKING:
    import numpy as np

    from assay.judge import Variant

MOST_ROWS = 20_000
"""Of more rows so many are drawn, unless the sentence allows so few violations that it takes more to show it."""
ROWS_BY_LIMIT = 100
"""Where one violation in 1,000 is allowed, 100,000 rows: twice what the test needs at 95 % and twice for rows that give values."""
SEED = 20_140_101
"""Fixed, so that the same question has the same answer."""


def react(
    context: RunContext,
    gate: GateAction,
    predictor: Predictor,
    features: Table,
    answers: Predictions,
    model: ModelSpec,
    clusters: "np.ndarray | None",
) -> "tuple[dict[str, np.ndarray], dict[str, np.ndarray]]":
    """For each sentence about behaviour, by its text: whether the challenger broke it, case by case; and which cluster each case
    belongs to, where ``clusters`` tells it of each row.

    ``predictor`` holds the challenger, and ``answers`` are its own to all of ``features``. Files of cases become data of the
    release. ``EvidenceError`` where a sentence cannot be asked: a column that the model does not read, a file that is no table.
    """
    found: dict[str, np.ndarray] = {}
    belongs: dict[str, np.ndarray] = {}
    for sentence in gate.require:
        behaviour = sentence.behaviour
        if behaviour is None or sentence.text in found:
            continue
        if behaviour.kind == "cases":
            found[sentence.text] = _broken_cases(context, behaviour, predictor, features, model)
        else:
            rows, found[sentence.text] = _reactions(
                context, sentence, behaviour, predictor, features, answers, clusters
            )
            if clusters is not None:
                belongs[sentence.text] = clusters[rows]
    return found, belongs


def asked_digest(context: RunContext, gate: GateAction) -> Digest:
    """The digest of what the gate asks: its declaration, the label that it asks about, and the files of cases that it names, which
    become data of the release. ``EvidenceError`` where one is not there."""
    files = case_files(context, gate)
    return value_digest([gate.question, context.model.label, [file.digest for file in files]])


def case_files(context: RunContext, gate: GateAction) -> tuple[Artifact, ...]:
    """The files of cases that the gate's sentences name; they become data of the release."""
    behaviours = [sentence.behaviour for sentence in gate.require if sentence.behaviour is not None]
    paths = dict.fromkeys(behaviour.path for behaviour in behaviours if behaviour.path is not None)
    return tuple(file for path in paths for file in _dataset(context, path))


def _reactions(
    context: RunContext,
    sentence: Sentence,
    behaviour: Behaviour,
    predictor: Predictor,
    features: Table,
    answers: Predictions,
    clusters: "np.ndarray | None",
) -> "tuple[np.ndarray, np.ndarray]":
    """The rows that were tried, and whether each was broken."""
    from assay.judge import variant_of, violated

    rows = _drawn(len(answers.prediction), _most_rows(sentence))
    variant = variant_of(
        behaviour,
        {name: values[rows] for name, values in features.items()},
        SEED,
        None if clusters is None else _numbered(clusters[rows]),
    )
    tried = rows[variant.rows]
    before = _at(answers, tried)
    if not len(variant.rows):
        return tried, variant.rows.astype(bool)
    if behaviour.kind == "missing":
        after = _answers_without(context, variant)
        return tried, variant.rows >= 0 if after is None else violated(behaviour, before, after)
    return tried, violated(behaviour, before, predictor.predict(variant.columns))


def _broken_cases(
    context: RunContext, behaviour: Behaviour, predictor: Predictor, features: Table, model: ModelSpec
) -> "np.ndarray":
    from assay.judge import case_columns, wrong_cases

    path = behaviour.path
    assert path is not None
    files = _dataset(context, path)
    cases, _ = context.workspace.tables.read([context.workspace.files.locate(file.path) for file in files])
    labels = labels_of(cases, model, path)
    reads = predictor.reads
    columns = case_columns(
        cases, {name: values for name, values in features.items() if reads is None or name in reads}, path
    )
    if not len(labels):
        return labels.astype(bool)
    return wrong_cases(labels, predictor.predict(columns).prediction, path)


def _dataset(context: RunContext, path: str) -> tuple[Artifact, ...]:
    files = find_dataset(context.workspace.files, context.workspace.environ, path).artifacts
    context.datasets += [file for file in files if file not in context.datasets]
    return files


def _answers_without(context: RunContext, variant: "Variant") -> Predictions | None:
    """The challenger's answers to rows in which something is missing; None where it answers none at all.

    It is asked in a process of its own: a model that such rows break is closed, and others are still to be asked of it.
    """
    challenger = context.challenger()
    assert challenger is not None
    with challenger_loaded(context, challenger) as predictor:
        try:
            return predictor.predict(variant.columns)
        except EvidenceError:
            return None


def _most_rows(sentence: Sentence) -> int:
    limit = sentence.right.number
    return MOST_ROWS if limit == 0 else max(MOST_ROWS, round(ROWS_BY_LIMIT / limit))


def _numbered(clusters: "np.ndarray") -> "np.ndarray":
    """The same clusters by numbers without gaps."""
    import numpy as np

    numbers: np.ndarray = np.unique(clusters, return_inverse=True)[1]
    return numbers


def _drawn(total: int, most: int) -> "np.ndarray":
    """Positions of all rows, or of so many that are drawn, in their order."""
    import numpy as np

    if total <= most:
        return np.arange(total)
    return np.sort(np.random.default_rng(SEED).choice(total, most, replace=False))


def _at(answers: Predictions, rows: "np.ndarray") -> Predictions:
    score = None if answers.score is None else answers.score[rows]
    return msgspec.structs.replace(answers, prediction=answers.prediction[rows], score=score)

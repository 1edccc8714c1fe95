"""What a gate says beside its sentences. Nothing here changes an outcome, and under a seal only what no label had a part in is said."""

import msgspec
import numpy as np

from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.verdict import Verdict
from assay.judge.disagreement import disagreement_of
from assay.judge.evidence import Evidence, LabelledRows
from assay.judge.notes import notes_of
from assay.judge.observe import Answers, UndefinedMetric, calibration
from assay.judge.weakest import find_weakest


def report_beside(gate: GateAction, evidence: Evidence, rows: LabelledRows, verdict: Verdict) -> Verdict:
    """The verdict with what must be known of its rows, with where the two models disagree and how many rows to label first; and, unless it is sealed, with the
    weakest parts of the rows and the challenger's calibration error. ``rows`` are the labelled rows of ``evidence``."""
    verdict = msgspec.structs.replace(verdict, notes=(*verdict.notes, *notes_of(gate, rows)))
    found = disagreement_of(evidence)
    if found is not None:
        to_label = int(np.count_nonzero(found.unlabelled))
        verdict = msgspec.structs.replace(verdict, disagreement=found.share, label_first=to_label)
    if "verdict" in (gate.reveal, verdict.reveal):
        return verdict
    return msgspec.structs.replace(
        verdict, weakest=find_weakest(gate, rows), calibration_error=calibration_of(gate, rows)
    )


def calibration_of(gate: GateAction, rows: LabelledRows) -> float | None:
    """The challenger's expected calibration error; None where it gives no probabilities of two classes, or the labelled rows
    are no sample of all."""
    is_chosen = rows.rest is not None and rows.rest.chosen != ""
    if is_chosen or not _may_be_probabilities(gate, rows.challenger):
        return None
    try:
        return calibration(rows.labels, rows.challenger, gate.settings, "the challenger")[1]
    except (UndefinedMetric, EvidenceError):
        return None


def _may_be_probabilities(gate: GateAction, answers: Answers) -> bool:
    """Scores that a gate asks for as such (``score``) are the user's own; predictions that are classes are no probabilities."""
    if answers.classes is None or len(answers.classes) > 2:
        return False
    if answers.score is not None:
        return all(sentence.metric != "score" for sentence in gate.require)
    values = answers.prediction
    return values.dtype.kind == "f" and bool(np.any(values != np.rint(values)))

"""What a gate is shown: one label and one prediction of each model a row, and the digests of all that they came from."""

import msgspec
import numpy as np

from assay.core.digest import Digest
from assay.core.problem import EvidenceError, Problem
from assay.judge.metrics import has_value


class Evidence(msgspec.Struct, frozen=True, eq=False):
    """The gate's rows: labels, and what the two models said of them. The arrays are equally long and in the same order."""

    labels: np.ndarray
    challenger: np.ndarray
    champion: np.ndarray | None
    """None where there is no champion yet."""
    gate_digest: Digest
    test_set_digest: Digest
    challenger_digest: Digest
    champion_digest: Digest | None = None
    champion_release: str | None = None


class LabelledRows(msgspec.Struct, frozen=True, eq=False):
    """The rows that have a label, ready to be compared."""

    labels: np.ndarray
    challenger: np.ndarray
    champion: np.ndarray | None
    unlabelled: int
    champion_name: str


def labelled_rows(evidence: Evidence) -> LabelledRows:
    """The rows with a label. ``EvidenceError`` where the arrays do not belong to the same rows."""
    _demand_same_rows(evidence)
    known = has_value(evidence.labels)
    return LabelledRows(
        evidence.labels[known],
        evidence.challenger[known],
        None if evidence.champion is None else evidence.champion[known],
        len(known) - int(known.sum()),
        evidence.champion_release or "the champion",
    )


def _demand_same_rows(evidence: Evidence) -> None:
    shapes = {"labels": evidence.labels.shape, "challenger": evidence.challenger.shape}
    if evidence.champion is not None:
        shapes["champion"] = evidence.champion.shape
    if len(set(shapes.values())) > 1 or evidence.labels.ndim != 1:
        raise EvidenceError(
            Problem(
                "rows-do-not-match",
                "the labels and the predictions are not of the same rows",
                tuple(f"{name}: {' x '.join(map(str, shape))} values" for name, shape in shapes.items()),
                "predict one value for each row, with both models on the same rows",
            )
        )

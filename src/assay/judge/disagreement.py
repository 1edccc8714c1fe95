"""Where two models answer differently: the rows whose labels tell them apart. No label is needed to count them."""

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from assay.judge.observe.values import Bools, has_value

if TYPE_CHECKING:
    from assay.judge.evidence import Evidence


def answer_differently(ours: np.ndarray, theirs: np.ndarray) -> Bools:
    """For each row, whether the two predictions differ; two that are missing are alike.

    No label has a part in it. Where labels are of more than two classes, two predictions may differ and both be wrong: so the
    share of rows on which exactly one model is right is at most the share of these.
    """
    if ours.dtype.kind != theirs.dtype.kind and not {ours.dtype.kind, theirs.dtype.kind} <= set("biuf"):
        ours, theirs = ours.astype(object), theirs.astype(object)
    are_equal = np.asarray(ours == theirs, bool)
    return ~(are_equal | (~has_value(ours) & ~has_value(theirs)))


class Disagreement(msgspec.Struct, frozen=True, eq=False):
    """Where challenger and champion answer differently."""

    share: float
    """Of all rows, labelled or not."""
    unlabelled: Bools
    """For each row, whether they differ on it and it has no label: those whose labels tell the two apart."""


def disagreement_of(evidence: "Evidence") -> Disagreement | None:
    """Where the two models of a gate disagree; None where there is no champion, or no row."""
    if evidence.champion is None or not len(evidence.labels):
        return None
    differ = answer_differently(evidence.challenger, evidence.champion)
    return Disagreement(float(np.count_nonzero(differ)) / len(differ), differ & ~has_value(evidence.labels))


def label_first_rows(evidence: "Evidence") -> npt.NDArray[np.intp]:
    """The positions of the unlabelled rows on which the two models disagree, in the order in which to label them.

    The order is drawn by lot, always the same: none of these rows tells more than another, and whoever stops early has labelled
    a sample of them, whatever order the file has. Amounts too: to label first where two amounts lie furthest apart would find the
    rows on which one model errs most, and no test could tell from those what holds for all.
    """
    found = disagreement_of(evidence)
    if found is None:
        return np.empty(0, np.intp)
    return np.random.default_rng(_LOT).permutation(np.flatnonzero(found.unlabelled))


_LOT = 20_130_101

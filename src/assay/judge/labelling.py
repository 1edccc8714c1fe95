"""Which rows have labels, beside where the two models disagree.

Two things follow. Rows on which both models answer alike are ties, whatever their label is: where every row on which the two
disagree has one, the paired test of right and wrong counts the others without theirs. And labels that were bought where the models
disagree, as they should be, are no sample of all rows: their share of disagreeing rows is too large, and models err more on them.
What rests on such a sample alone (a number, a margin, any other metric) cannot be told from it, and is not.

Labels count as bought where the labelled rows have over a tenth more disagreement than all rows and chance does not explain
it at 1 in 1,000: for classes Fisher's exact test, for amounts the rank sum of how far the two answers lie apart (Wilcoxon 1945).
A lesser excess, as of a few rows that never get a label, is let pass: it moves the share by no more than that tenth.
"""

import math

import msgspec
import numpy as np

from assay.core.table import Table
from assay.judge.disagreement import answer_differently
from assay.judge.hypergeometric import hypergeometric_sf
from assay.judge.observe import Bools, Floats
from assay.judge.question import Question
from assay.judge.slices import ByValue, by_value
from assay.judge.tails import normal_sf

CHANCE = 1e-3
MOST_EXCESS = 1.1


class Unlabelled(msgspec.Struct, frozen=True, eq=False):
    """The rows without a label, as far as both models' answers on them tell something."""

    differ: Bools
    """For each of them, whether the two models answer differently."""
    columns: Table = {}
    chosen: str = ""
    """How the labelled rows differ from these, in words; empty where they may be a sample of all."""

    @property
    def missing(self) -> int:
        """On how many of them the two models disagree."""
        return int(np.count_nonzero(self.differ))

    @property
    def why_no_sample(self) -> str:
        """Why a value on the labelled rows is not that on all rows, in words; empty where it may be."""
        return (
            f"{self.chosen}, so they are no sample of all rows: label rows that are drawn at random"
            if self.chosen
            else ""
        )

    def values_of(self, column: str) -> ByValue:
        """Which value of a column each of them has."""
        return by_value(self.columns[column])

    def at(self, which: np.ndarray | slice) -> "Unlabelled":
        """Some of them, by position, without their columns."""
        return Unlabelled(self.differ[which], {}, self.chosen)


def unlabelled_rows(known: Bools, ours: np.ndarray, theirs: np.ndarray, columns: Table) -> Unlabelled | None:
    """The rows that are not ``known`` to have a label, with their columns, from both models' answers on all rows; None where all
    have one."""
    if known.all():
        return None
    differ = answer_differently(ours, theirs)
    return Unlabelled(differ[~known], columns, _how_chosen(known, ours, theirs, differ))


def are_chosen(some: Bools, ours: np.ndarray, theirs: np.ndarray | None) -> bool:
    """These rows were chosen where two models disagree, by both models' answers on all rows: without them the others are no
    sample of all rows either."""
    if theirs is None:
        return False
    return bool(_how_chosen(some, ours, theirs, answer_differently(ours, theirs)))


def are_amounts(ours: np.ndarray, theirs: np.ndarray, differ: Bools) -> bool:
    """The answers are numbers that differ on most rows and not by whole numbers: no classes, and no two are quite the same."""
    if ours.dtype.kind != "f" or theirs.dtype.kind != "f" or 2 * np.count_nonzero(differ) <= len(differ):
        return False
    apart = (ours - theirs)[differ]
    return bool(np.any(np.isfinite(apart) & (apart != np.rint(apart))))


def why_untold(question: Question, rest: Unlabelled | None, *, is_clustered: bool) -> str:
    """Why the labelled rows cannot answer the question, in words; empty where they can."""
    if rest is None or not rest.chosen:
        return ""
    if not is_of_pairs(question) or is_clustered:
        return rest.why_no_sample
    if rest.missing and question.target != 0:
        return f"{rest.chosen}: label the other {rest.missing:,} such rows"
    return ""


def is_of_pairs(question: Question) -> bool:
    """Only rows on which the two models disagree tell its answer."""
    return question.metric in {"accuracy", "error_rate"} and question.factor == 1


def ties_beside(rest: Unlabelled, differ: Bools) -> int:
    """How many unlabelled rows count as ties beside labelled ones on which the two models disagree as ``differ`` says.

    All, where no disagreeing row lacks its label. Where labels were bought, as many as make the share of disagreeing rows that
    of all rows: the labelled ones of these are taken for a sample of them.
    """
    missing = rest.missing
    if not missing:
        return len(rest.differ)
    if not rest.chosen:
        return 0
    seen = int(np.count_nonzero(differ))
    stand_for = seen * (len(differ) + len(rest.differ)) // (seen + missing)
    return max(0, stand_for - len(differ))


def _how_chosen(known: Bools, ours: np.ndarray, theirs: np.ndarray, differ: Bools) -> str:
    if not known.any():
        return ""
    if are_amounts(ours, theirs, differ):
        with np.errstate(invalid="ignore"):
            apart = np.nan_to_num(np.abs(ours - theirs), nan=np.inf)
        return "labels were chosen where the two models lie furthest apart" if _is_higher(apart, known) else ""
    labelled, unlabelled = np.count_nonzero(known & differ), np.count_nonzero(differ & ~known)
    rows, all_labelled, all_differ = len(known), int(np.count_nonzero(known)), int(labelled + unlabelled)
    if labelled * rows <= MOST_EXCESS * all_labelled * all_differ:
        return ""
    if hypergeometric_sf(int(labelled), all_differ, all_labelled, rows) > CHANCE:
        return ""
    shares = labelled / all_differ, (all_labelled - labelled) / (rows - all_differ)
    return (
        f"labels were chosen where the two models disagree ({100 * shares[0]:.3g} % of those rows have one, "
        f"{100 * shares[1]:.3g} % of the others)"
    )


def _is_higher(values: Floats, known: Bools) -> bool:
    """The values of the rows that are known rank higher than chance explains."""
    ordered = np.sort(values)
    ranks = (np.searchsorted(ordered, values) + np.searchsorted(ordered, values, "right")) / (2 * len(values))
    mean, count = float(ranks[known].mean()), int(np.count_nonzero(known))
    error = math.sqrt((1 - count / len(values)) / (12 * count))
    return mean > MOST_EXCESS / 2 and normal_sf((mean - 0.5) / error) <= CHANCE

"""What a gate is shown: labels and what two models answered, row by row, and the digests of all that they came from."""

import msgspec
import numpy as np

from assay.core.digest import Digest
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.core.table import Table
from assay.judge.observe import Answers, classes_of, has_value, quickened


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
    challenger_score: np.ndarray | None = None
    champion_score: np.ndarray | None = None
    columns: Table = {}
    """The other columns of the rows: what slices, clusters and costs are read from."""


class LabelledRows(msgspec.Struct, frozen=True, eq=False):
    """The rows that have a label, ready to be compared."""

    labels: np.ndarray
    challenger: Answers
    champion: Answers | None
    unlabelled: int
    champion_name: str
    columns: Table = {}
    clusters: np.ndarray | None = None
    """For each row, the number of the cluster that it belongs to; None: rows are independent."""

    def at(self, which: np.ndarray) -> "LabelledRows":
        """Some of the rows, by position."""
        return LabelledRows(
            self.labels[which],
            self.challenger.at(which),
            None if self.champion is None else self.champion.at(which),
            self.unlabelled,
            self.champion_name,
            {name: values[which] for name, values in self.columns.items()},
            None if self.clusters is None else _numbered(self.clusters[which]),
        )


def labelled_rows(evidence: Evidence, clustered_by: str | None = None, *, by_day: bool = False) -> LabelledRows:
    """The rows with a label. ``EvidenceError`` where the arrays do not belong to the same rows, or the column of clusters is
    not there or has gaps. ``by_day`` takes the days of that column."""
    _demand_same_rows(evidence)
    known = has_value(evidence.labels)
    labels = quickened(evidence.labels[known])
    classes = classes_of(labels) if len(labels) else None
    columns = {name: values[known] for name, values in evidence.columns.items()}
    champion = None
    if evidence.champion is not None:
        champion = _answers(evidence.champion, evidence.champion_score, known, classes)
    return LabelledRows(
        labels,
        _answers(evidence.challenger, evidence.challenger_score, known, classes),
        champion,
        len(known) - int(known.sum()),
        evidence.champion_release or "the champion",
        columns,
        None if clustered_by is None else _clusters(column_of(columns, clustered_by), clustered_by, by_day=by_day),
    )


def column_of(columns: Table, name: str) -> np.ndarray:
    """A column by name; ``EvidenceError`` with the near miss where the rows lack it."""
    if name in columns:
        return columns[name]
    near = near_miss(name, columns)
    raise EvidenceError(
        Problem(
            "gate-column-missing",
            f"the gate's rows have no column {name!r}",
            (f"their columns are {', '.join(columns) or 'none'}",),
            f"did you mean {near!r}?" if near else "correct the sentence, or add the column to the gate's data",
        )
    )


def _answers(
    prediction: np.ndarray, score: np.ndarray | None, known: np.ndarray, classes: np.ndarray | None
) -> Answers:
    return Answers(quickened(prediction[known]), None if score is None else score[known], classes)


def _clusters(values: np.ndarray, name: str, *, by_day: bool) -> np.ndarray:
    there = has_value(values)
    if not there.all():
        row = int(np.flatnonzero(~there)[0]) + 1
        raise EvidenceError(
            Problem(
                "cluster-missing",
                f"labelled row {row:,} has no {name!r}, which says what it belongs to",
                ("rows that belong together are counted as one piece of evidence",),
                "fill it in, or leave the row out of the gate's data",
            )
        )
    if by_day:
        values = np.array([str(value)[:10] for value in values.tolist()], np.str_)
    return _numbered(quickened(values).astype(np.str_))


def _numbered(values: np.ndarray) -> np.ndarray:
    """For each row, which of the distinct values it has, from 0."""
    codes: np.ndarray = np.unique(values, return_inverse=True)[1]
    return codes


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

"""What a gate is shown: labels and what two models answered, row by row, and the digests of all that they came from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from assay.core.digest import Digest
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.core.table import Table
from assay.judge.days import days_of
from assay.judge.labelling import Unlabelled, unlabelled_rows
from assay.judge.observe import Answers, classes_of, has_value, quickened
from assay.judge.slices import ByValue, Slice, by_value


class Archived(msgspec.Struct, frozen=True, eq=False):
    """What an earlier champion said of the gate's rows."""

    release: str
    model: Digest
    prediction: np.ndarray
    score: np.ndarray | None = None

    def at(self, which: np.ndarray) -> "Archived":
        """Its answers on some of the rows."""
        score = None if self.score is None else self.score[which]
        return Archived(self.release, self.model, self.prediction[which], score)


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
    violations: dict[str, np.ndarray] = {}
    """By the text of a sentence about a behaviour: for each case that was tried, whether the challenger broke it."""
    clusters_of_cases: dict[str, np.ndarray] = {}
    """By the same text: which cluster each case belongs to; nothing where rows are independent."""
    latencies_ms: tuple[np.ndarray, np.ndarray | None] | None = None
    """Of single rows, of the challenger and of the champion; None where no sentence asks."""
    sizes_mb: tuple[float, float | None] | None = None
    """Of the models' bytes, the challenger's and the champion's, in 10^6 bytes."""
    archived: tuple[Archived, ...] = ()
    """Earlier champions, where the gate is against these too."""
    code_digest: Digest | None = None
    """Of the code that the challenger predicts with."""
    contents: Table = {}
    """The columns that say what a row holds, and do not only name it: by these copies are known. Without the label where the gate
    is sealed."""
    are_named: bool = True
    """An id says that equal rows are different ones, or nothing is known of that."""
    answers_tell: bool = False
    """What the models answered belongs to what a row holds: the table is all that there is of it."""

    def at(self, which: np.ndarray) -> "Evidence":
        """The evidence of some of the rows, by position or mask."""

        def part(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[which]

        return msgspec.structs.replace(
            self,
            labels=self.labels[which],
            challenger=self.challenger[which],
            champion=part(self.champion),
            challenger_score=part(self.challenger_score),
            champion_score=part(self.champion_score),
            columns={name: values[which] for name, values in self.columns.items()},
            contents={name: values[which] for name, values in self.contents.items()},
            archived=tuple(each.at(which) for each in self.archived),
        )


class SomeRows(Mapping[str, np.ndarray]):
    """The columns of some rows. A column is taken when it is read: of a wide table, most never are."""

    def __init__(self, columns: Table, which: np.ndarray) -> None:
        self._columns = columns
        self._which = which

    def at(self, which: np.ndarray | slice) -> "SomeRows":
        """Some of these rows."""
        return SomeRows(self._columns, self._which[which])

    def __getitem__(self, name: str) -> np.ndarray:
        values: np.ndarray = self._columns[name][self._which]
        return values

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


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
    rest: Unlabelled | None = None
    """The rows without a label, where there are any and a champion has answered them."""

    by_value: Mapping[str, tuple[ByValue, ByValue | None]] = {}
    """``values_of`` the columns that several sentences slice by."""

    @property
    def cluster_count(self) -> int | None:
        """How many clusters there are; None: rows are independent."""
        return None if self.clusters is None else int(self.clusters.max(initial=-1)) + 1

    def values_of(self, column: str) -> tuple[ByValue, ByValue | None]:
        """Which value of a column each row has, and each of ``rest``. ``EvidenceError`` with the near miss where the rows lack it."""
        if column in self.by_value:
            return self.by_value[column]
        return by_value(column_of(self.columns, column)), None if self.rest is None else self.rest.values_of(column)

    def in_slices(self, slices: Sequence[Slice]) -> list["LabelledRows"]:
        """The rows of each slice: views of the rows, which are put in the order of the slices once."""
        ordered = self.at(np.concatenate([each.rows for each in slices]), slice(None))
        ends = np.cumsum([len(each.rows) for each in slices]).tolist()
        spans = map(slice, [0, *ends[:-1]], ends)
        return [ordered.at(span, each.rest) for each, span in zip(slices, spans, strict=True)]

    def at(self, which: np.ndarray | slice, rest: np.ndarray | slice) -> "LabelledRows":
        """Some of the rows, by position; ``rest`` are the positions of those without a label that belong to them."""
        return LabelledRows(
            self.labels[which],
            self.challenger.at(which),
            None if self.champion is None else self.champion.at(which),
            self.unlabelled,
            self.champion_name,
            self.columns.at(which) if isinstance(self.columns, SomeRows) else _some(self.columns, which),
            None if self.clusters is None else _renumbered(self.clusters[which]),
            None if self.rest is None else self.rest.at(rest),
        )


def labelled_rows(
    evidence: Evidence, clustered_by: str | None = None, *, by_day: bool = False, sliced_by: Iterable[str] = ()
) -> LabelledRows:
    """The rows with a label. ``EvidenceError`` where the arrays do not belong to the same rows, or the column of clusters is
    not there or has gaps. ``by_day`` takes the days of that column; ``sliced_by`` are columns to be sliced by more than once."""
    _demand_same_rows(evidence)
    known = has_value(evidence.labels)
    labels = quickened(evidence.labels[known])
    classes = classes_of(labels) if len(labels) else None
    columns = SomeRows(evidence.columns, np.flatnonzero(known))
    champion = rest = None
    if evidence.champion is not None:
        champion = _answers(evidence.champion, evidence.champion_score, known, classes)
        others = SomeRows(evidence.columns, np.flatnonzero(~known))
        rest = unlabelled_rows(known, evidence.challenger, evidence.champion, others)
    rows = LabelledRows(
        labels,
        _answers(evidence.challenger, evidence.challenger_score, known, classes),
        champion,
        len(known) - int(known.sum()),
        evidence.champion_release or "the champion",
        columns,
        None if clustered_by is None else _numbered(clusters_of(columns, clustered_by, by_day=by_day)),
        rest,
    )
    found = {name: rows.values_of(name) for name in sliced_by if name in columns}
    return msgspec.structs.replace(rows, by_value=found)


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


def clusters_in(columns: Table, name: str, *, by_day: bool) -> np.ndarray:
    """For each row, the number of the cluster that it belongs to. ``EvidenceError`` as for ``clusters_of``."""
    return _numbered(clusters_of(columns, name, by_day=by_day))


def clusters_of(columns: Table, name: str, *, by_day: bool) -> np.ndarray:
    """What each row belongs to: its value in that column, or the day of it. ``EvidenceError`` where the column is not there or has
    gaps."""
    values = column_of(columns, name)
    there = has_value(values)
    if not there.all():
        row = int(np.flatnonzero(~there)[0]) + 1
        raise EvidenceError(
            Problem(
                "cluster-missing",
                f"row {row:,} has no {name!r}, which says what it belongs to",
                ("rows that belong together are counted as one piece of evidence",),
                "fill it in, or leave the row out of the gate's data",
            )
        )
    return days_of(values, name) if by_day else values


def _answers(
    prediction: np.ndarray, score: np.ndarray | None, known: np.ndarray, classes: np.ndarray | None
) -> Answers:
    return Answers(quickened(prediction[known]), None if score is None else score[known], classes)


def _some(columns: Table, which: np.ndarray | slice) -> Table:
    return {name: values[which] for name, values in columns.items()}


def _numbered(values: np.ndarray) -> np.ndarray:
    """For each row, which of the distinct values it has, from 0."""
    codes: np.ndarray = np.unique(quickened(values).astype(np.str_), return_inverse=True)[1]
    return codes


def _renumbered(codes: np.ndarray) -> np.ndarray:
    """The same numbers without gaps, from 0."""
    numbers = np.cumsum(np.bincount(codes) > 0) - 1
    renumbered: np.ndarray = numbers[codes]
    return renumbered


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

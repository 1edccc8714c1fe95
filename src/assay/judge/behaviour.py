"""How predictions react where rows are changed: which rows are tried, how they are changed, and which reactions are violations.

- ``invariant``: each case gets the values of another row in the named columns, and must be answered as before. The rows that
  give are not tried themselves, so half of the rows are cases, and these are independent where rows are. Values exchanged among
  the cases would tie them together: a rare value that a model leans on would be counted twice, and the binomial test of their
  share would err several times as often as it says (tests/properties/test_violation_error_rate.py).
- ``missing``: the named columns are emptied, and the answer must stay.
- ``direction``: one column is moved by its standard deviation (whole numbers by a whole one), and the answer must not move the
  wrong way.

A row that the change leaves as it was is no case. For files of ``cases`` see ``cases.py``. Pure; nothing here reads a label.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from assay.core.near import near_miss
from assay.core.ports import Predictions
from assay.core.problem import EvidenceError, Problem
from assay.core.sentence import Behaviour
from assay.core.table import Table
from assay.judge.observe import Bools, Floats, has_value

TOLERANCE = 1e-6
"""Of a number and of the mean size of such numbers: by less, a model's own rounding differs from one batch to another."""


class Variant(msgspec.Struct, frozen=True, eq=False):
    """Rows that were changed, ready to be answered once more."""

    rows: np.ndarray
    """Their positions: the cases."""
    columns: Table
    """Every column of these rows, changed where the behaviour says so."""


def variant_of(behaviour: Behaviour, columns: Table, seed: int, clusters: np.ndarray | None = None) -> Variant:
    """The rows that can be changed, as the behaviour changes them; the same for the same seed. ``clusters`` tells for each
    row which others it belongs to. ``EvidenceError`` where the
    model reads no such column, or one that has no direction."""
    for name in behaviour.columns:
        _demand_column(name, columns)
    match behaviour.kind:
        case "invariant":
            return _exchanged(behaviour.columns, columns, seed, clusters)
        case "missing":
            return _emptied(behaviour.columns, columns)
        case "direction":
            return _moved(behaviour, columns)
        case "cases":
            raise AssertionError("cases are rows of their own")


def violated(behaviour: Behaviour, before: Predictions, after: Predictions) -> Bools:
    """For each case, whether the model broke the behaviour; ``before`` and ``after`` are its answers to the same cases.

    An answer that was there and is gone is a violation of each. ``EvidenceError`` where a direction is asked of answers that
    are no numbers.
    """
    if behaviour.kind != "direction":
        return differ(before.prediction, after.prediction)
    old, new = _level_of(before), _level_of(after)
    wrong = new < old if behaviour.prediction == "up" else new > old
    is_gone = np.isnan(new) & ~np.isnan(old)
    return np.asarray((wrong & ~_are_close(old, new)) | is_gone, bool)


def differ(before: np.ndarray, after: np.ndarray) -> Bools:
    """For each row, whether the two predictions are different: other classes, or numbers that rounding does not explain."""
    was_there, is_there = has_value(before), has_value(after)
    different: Bools = was_there != is_there
    both = np.flatnonzero(was_there & is_there)
    old, new = before[both], after[both]
    if "f" in old.dtype.kind + new.dtype.kind and _are_numbers(old, new):
        different[both] = ~_are_close(old.astype(np.float64), new.astype(np.float64))
    elif _are_numbers(old, new):
        different[both] = old != new
    else:
        different[both] = np.asarray(old.astype(object) != new.astype(object), bool)
    return different


def _demand_column(name: str, columns: Table) -> None:
    if name in columns:
        return
    near = near_miss(name, columns)
    raise EvidenceError(
        Problem(
            "behaviour-column-missing",
            f"the model reads no column {name!r}, so that nothing can be changed in it",
            (f"of the gate's rows it reads {', '.join(columns) or 'none'}; label and id are kept from it",),
            f"did you mean {near!r}?" if near else "correct the sentence, or take it out",
        )
    )


def _exchanged(names: Sequence[str], columns: Table, seed: int, clusters: np.ndarray | None) -> Variant:
    total = len(columns[names[0]])
    order = np.random.default_rng(seed).permutation(total)
    tried, givers = order[: total // 2], order[total // 2 : 2 * (total // 2)]
    if clusters is not None:
        tried, givers = _paired(clusters, seed)
    is_changed = np.zeros(len(tried), bool)
    for name in names:
        is_changed |= _unequal(columns[name][tried], columns[name][givers])
    tried, givers = tried[is_changed], givers[is_changed]
    return Variant(
        tried, {name: values[givers] if name in names else values[tried] for name, values in columns.items()}
    )


def _paired(clusters: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Half of the clusters, and for each of their rows one of the cluster that is their cluster's giver: each gives to one alone,
    so that clusters stay independent."""
    number = int(clusters.max()) + 1 if len(clusters) else 0
    rows = np.split(np.argsort(clusters, kind="stable"), np.cumsum(np.bincount(clusters, minlength=number))[:-1])
    order = np.random.default_rng(seed).permutation(number).tolist()
    pairs = [
        (rows[ours], rows[theirs]) for ours, theirs in zip(order[: number // 2], order[number // 2 :], strict=False)
    ]
    nothing = np.zeros(0, np.intp)
    return (
        np.concatenate([nothing, *(ours for ours, _ in pairs)]),
        np.concatenate([nothing, *(np.resize(theirs, len(ours)) for ours, theirs in pairs)]),
    )


def _emptied(names: Sequence[str], columns: Table) -> Variant:
    is_changed = np.zeros(len(columns[names[0]]), bool)
    for name in names:
        is_changed |= has_value(columns[name])
    rows = np.flatnonzero(is_changed)
    return Variant(
        rows, {name: _nothing(values, len(rows)) if name in names else values[rows] for name, values in columns.items()}
    )


def _nothing(values: np.ndarray, rows: int) -> np.ndarray:
    """A column of NULL, as engines read one beside values of that type."""
    return np.full(rows, np.nan) if values.dtype.kind in "iuf" else np.full(rows, None, object)


def _moved(behaviour: Behaviour, columns: Table) -> Variant:
    (name,) = behaviour.columns
    values = columns[name]
    if values.dtype.kind not in "iuf":
        raise EvidenceError(
            Problem(
                "behaviour-without-direction",
                f"the column {name!r} has no up and down: its values are no numbers",
                ("it holds true and false" if values.dtype.kind == "b" else "it holds text",),
                f"name a column of numbers, or require violations(invariant {name})",
            )
        )
    rows = np.flatnonzero(np.isfinite(values))
    step = _step_of(values[rows])
    if not step:
        rows = rows[:0]
    moved = values[rows] + (step if behaviour.change == "up" else -step)
    return Variant(rows, {key: moved if key == name else column[rows] for key, column in columns.items()})


def _step_of(values: np.ndarray) -> float | int:
    """A standard deviation, 0 where all values are one."""
    deviation = float(np.std(values)) if len(values) else 0.0
    if values.dtype.kind == "f" or not deviation:
        return deviation
    return max(1, round(deviation))


def _level_of(answers: Predictions) -> Floats:
    """What goes up and down: the score where it is one a row, else the prediction."""
    score = answers.score
    level = score if score is not None and score.ndim == 1 else answers.prediction
    if level.dtype.kind in "biuf":
        return level.astype(np.float64)
    raise EvidenceError(
        Problem(
            "behaviour-without-direction",
            "the model's answers have no up and down: its predictions are no numbers",
            ("a direction is judged by the score, where it is one number a row, else by the prediction",),
            'let predict return {"prediction": ..., "score": ...} with one score a row, such as a probability',
        )
    )


def _are_numbers(*arrays: np.ndarray) -> bool:
    return all(array.dtype.kind in "biuf" for array in arrays)


def _are_close(before: Floats, after: Floats) -> Bools:
    finite = np.abs(before[np.isfinite(before)])
    size = float(finite.mean()) if len(finite) else 0.0
    with np.errstate(invalid="ignore"):
        gap = np.abs(after - before)
        return np.asarray((after == before) | (gap <= TOLERANCE * (np.minimum(np.abs(before), 1e300) + size)), bool)


def _unequal(ours: np.ndarray, theirs: np.ndarray) -> Bools:
    """Two missing values are equal."""
    return np.asarray((ours != theirs) & (has_value(ours) | has_value(theirs)), bool)

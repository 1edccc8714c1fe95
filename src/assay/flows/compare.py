"""``assay.compare``: any two models from their answers in memory, judged as ``assay gate judge`` judges a table."""

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

import numpy as np

from assay.core.digest import Digest
from assay.core.metrics import CostColumn, CostMatrix, MetricSettings
from assay.core.number_text import level_of, number_of
from assay.core.problem import EvidenceError, Problem, UsageError
from assay.core.verdict import Verdict
from assay.flows.judge import AnsweredRows, JudgeSettings, digest_of_arrays, judge_rows

Values = Iterable[Any]
Costs = Mapping[Any, Mapping[Any, float]]


def compare_answers(
    labels: Values,
    challenger: Values,
    champion: Values | None,
    *,
    require: str | Iterable[str],
    challenger_score: Values | None,
    champion_score: Values | None,
    columns: Mapping[str, Values] | None,
    detect: float | str | None,
    confidence: float | str,
    group: str | None,
    time: str | None,
    min_rows: int,
    positive: str | float | bool | None,
    quantile: float | None,
    cost: str | Costs | None,
    score_range: tuple[float, float] | None,
    decisions: int | None,
    passes: int,
) -> Verdict:
    """The verdict, as ``assay.compare`` documents it."""
    settings = JudgeSettings(
        require=(require,) if isinstance(require, str) else tuple(require),
        detect=None if detect is None else number_given("detect", detect, number_of, "0.02 or '2%'"),
        confidence=number_given("confidence", confidence, level_of, "0.99 or '99%'"),
        group=group,
        time=time,
        min_rows=min_rows,
        metrics=MetricSettings(positive, quantile, cost_of(cost), _range_of(score_range)),
        decisions=decisions,
        passes=passes,
    )
    named = _columns_of(columns)
    truth = array_of(labels, "labels")
    rows = AnsweredRows(
        digest=_digest_of_rows(truth, named),
        labels=truth,
        challenger=array_of(challenger, "challenger"),
        champion=None if champion is None else array_of(champion, "champion"),
        challenger_score=None if challenger_score is None else array_of(challenger_score, "challenger_score"),
        champion_score=None if champion_score is None else array_of(champion_score, "champion_score"),
        columns=named,
    )
    verdict = judge_rows(rows, settings, "argument")
    return ComparedVerdict(**{name: getattr(verdict, name) for name in verdict.__struct_fields__})


class ComparedVerdict(Verdict, frozen=True):
    """A verdict that prints as its report."""

    def __str__(self) -> str:
        from assay.explain.verdict import verdict_text

        return verdict_text(self)


def number_given(name: str, given: object, read: Callable[[str], float | None], example: str) -> float:
    """A number, or text of one as the command takes it; ``UsageError`` where it is neither."""
    try:
        value = read(given) if isinstance(given, str) else float(given)  # type: ignore[arg-type]  # what is none raises
    except (TypeError, ValueError):
        value = None
    if value is None:
        raise UsageError(
            Problem("bad-gate-setting", f"{name} is no number: {given!r}", (), f"give {name} as {example}")
        )
    return value


def _columns_of(columns: Any) -> dict[str, np.ndarray]:
    """Columns by name, of a mapping or a data frame; ``UsageError`` where it is neither."""
    if columns is None:
        return {}
    names = columns if isinstance(columns, Mapping) else getattr(columns, "columns", None)
    if names is None:
        what = f"columns must be columns by their names, and is a {type(columns).__name__}"
        raise UsageError(Problem("bad-gate-setting", what, (), "give columns={'city': cities}, or a data frame"))
    return {str(name): array_of(columns[name], str(name)) for name in names}


def array_of(values: Values, name: str) -> np.ndarray:
    """The values as numbers, booleans or objects; what is missing in numpy's, pandas' or polars' ways is None or NaN.

    ``EvidenceError`` where they are not a list or table of equally long rows.
    """
    if isinstance(values, np.ma.MaskedArray):
        cells = np.ma.getdata(values).astype(object)
        cells[np.ma.getmaskarray(values)] = None
        return cells
    if not hasattr(values, "__array__"):
        values = list(values)
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise _no_rows(name, str(error)) from error
    if not array.ndim:
        raise _no_rows(name, f"it is {values!r}")
    if array.dtype.kind in "biuf":
        return array
    if array.dtype.kind == "M":
        return _without_gaps(array.astype("datetime64[us]").astype(object))
    # from a list again: numpy would have made text of the numbers in it
    return _without_gaps(np.array(values, dtype=object) if isinstance(values, list) else array.astype(object))


def cost_of(cost: str | Costs | None) -> CostMatrix | CostColumn | None:
    """The name of a column, or a matrix {label: {prediction: cost}}. ``UsageError`` where a cost is no number of 0 or more."""
    if cost is None or isinstance(cost, str):
        return None if cost is None else CostColumn(cost)
    pairs = [(str(label), str(guess), amount) for label, costs in cost.items() for guess, amount in costs.items()]
    for label, guess, amount in pairs:
        if isinstance(amount, str) or not isfinite(amount) or amount < 0:
            what = f"the cost of predicting {guess!r} for {label!r} must be a number of 0 or more, and is {amount!r}"
            raise UsageError(Problem("bad-gate-setting", what, (), "give costs such as {'late': {'on time': 5}}"))
    return CostMatrix(tuple((label, guess, float(amount)) for label, guess, amount in pairs))


def _no_rows(name: str, because: str) -> EvidenceError:
    what = f"{name} is no list of values, one for each row"
    return EvidenceError(
        Problem("rows-do-not-match", what, (because,), "give a list, an array or a column of a data frame")
    )


def _range_of(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    """Two numbers; ``UsageError`` where they are none."""
    if ends is None:
        return None
    try:
        low, high = map(float, ends)
    except (TypeError, ValueError) as error:
        what = f"score_range must be two numbers, the lower first, and is {ends!r}"
        raise UsageError(Problem("bad-gate-setting", what, (), "give a range such as (0, 5)")) from error
    return low, high


def _without_gaps(cells: np.ndarray) -> np.ndarray:
    """What is not equal to itself, or cannot say (NaT, pandas' NA), is None."""
    flat = [cell if _is_there(cell) else None for cell in cells.ravel().tolist()]
    clean = np.empty(len(flat), object)
    clean[:] = flat
    return clean.reshape(cells.shape)


def _is_there(cell: Any) -> bool:
    try:
        return bool(cell == cell)  # noqa: PLR0124
    except TypeError:
        return False


def _digest_of_rows(labels: np.ndarray, columns: Mapping[str, np.ndarray]) -> Digest:
    return digest_of_arrays(np.array(list(columns), object), labels, *columns.values())

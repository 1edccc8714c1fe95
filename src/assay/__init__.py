"""Assay: CI/CD for machine learning."""

__version__ = "0.1.0"

__all__ = [
    "AssayError",
    "EvidenceError",
    "Pipeline",
    "UsageError",
    "Verdict",
    "__version__",
    "compare",
    "log_metric",
]

TYPE_CHECKING = False  # as typing has it, without its import
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from assay.core.problem import AssayError, EvidenceError, UsageError
    from assay.core.verdict import Verdict
    from assay.declare.recorder import Pipeline
del TYPE_CHECKING


def compare(
    labels: "Iterable[Any]",
    challenger: "Iterable[Any]",
    champion: "Iterable[Any] | None" = None,
    *,
    require: "str | Iterable[str]",
    challenger_score: "Iterable[Any] | None" = None,
    champion_score: "Iterable[Any] | None" = None,
    columns: "Mapping[str, Iterable[Any]] | None" = None,
    detect: "float | str | None" = None,
    confidence: "float | str" = 0.95,
    group: str | None = None,
    time: str | None = None,
    min_rows: int = 100,
    positive: str | float | bool | None = None,
    quantile: float | None = None,
    cost: "str | Mapping[Any, Mapping[Any, float]] | None" = None,
    score_range: tuple[float, float] | None = None,
    decisions: int | None = None,
    passes: int = 0,
) -> "Verdict":
    """The verdict on two models from what they answered on the same rows, as ``assay gate judge`` gives it on a table.

    >>> import assay
    >>> labels = [1] * 2000
    >>> champion = [int(row % 10 != 0) for row in range(2000)]
    >>> challenger = [int(row % 25 != 0) for row in range(2000)]
    >>> verdict = assay.compare(labels, challenger, champion, require="accuracy > champion.accuracy at 99%")
    >>> verdict.outcome
    'pass'
    >>> print(verdict.sentences[0].reason)
    6.00 points better than the champion; at least 3.61 points with 99 % confidence

    ``labels``, ``challenger`` and ``champion`` (predictions) hold a value for each of n rows: numbers, booleans or text, in
    lists, numpy arrays, or columns of pandas and polars. A row whose label is None or NaN has none and is left out, and counted.
    Without ``champion`` sentences about one do not apply. ``require`` is a sentence or several, each a test: it passes where it
    is false with a probability of at most 1 - its level.

    ``challenger_score``, ``champion_score``: scores or probabilities, n or n x k for k classes in sorted order. ``columns``:
    further columns by name, or a pandas data frame; sentences slice by them, and ``group``, ``time`` and ``cost`` name one.
    ``detect``: the smallest gain worth finding, in the metric's unit (shares 0..1); it decides between fail and undecided, and
    how many labels are asked for. ``confidence``: the level of sentences without an ``at``, .5 to 1. Both may be text: ``"2%"``. ``group``: the column whose
    rows belong together; ``time``: the column of times, of which rows of one day do. ``min_rows``: slices with fewer rows are
    pooled. ``positive``: the class that precision, recall, f1, auc and average_precision speak of; 1 or True unless told.
    ``quantile``: of quantile_loss, between 0 and 1. ``cost``: {label: {prediction: cost}}, or the column that says what a wrong
    prediction costs. ``score_range``: the lowest and highest score there can be. ``decisions``, ``passes``: judge as a ledger
    would that has seen so many decisions on these rows, and passed so many of them; without, at each level as written.

    Returns a ``Verdict``: ``outcome`` is pass, fail or undecided, ``sentences`` has the evidence one by one, and where it is
    undecided ``labels_more`` says how many more labelled rows would tell; ``notes`` say what else one must know of the rows.
    Printed, it is the report.

    Raises ``UsageError`` where a sentence does not read or a setting makes no sense, and ``EvidenceError`` where the question
    cannot be asked of these rows: lengths that differ, labels of another type than predictions, probabilities that are none, a
    column that is not there. Both are ``assay.AssayError``, whose ``problem`` says what, because, fix and code.
    """
    from importlib import import_module

    # by name, as commands are: whoever asks this package for its version must not depend on the flows by that
    verdict: Verdict = import_module("assay.flows.compare").compare_answers(
        labels,
        challenger,
        champion,
        require=require,
        challenger_score=challenger_score,
        champion_score=champion_score,
        columns=columns,
        detect=detect,
        confidence=confidence,
        group=group,
        time=time,
        min_rows=min_rows,
        positive=positive,
        quantile=quantile,
        cost=cost,
        score_range=score_range,
        decisions=decisions,
        passes=passes,
    )
    return verdict


def log_metric(name: str, value: float, step: int | None = None) -> None:
    """Make ``value`` a metric of the step that runs this script; outside a run, nothing.

    The last value of a name stands; all of them, in the order of the calls, are kept as its series. ``value`` may be
    anything that ``float()`` takes, such as numpy's and PyTorch's numbers; what ends as NaN or an infinity has no value. ``step``,
    an epoch say, is noted beside the value. ``ValueError`` or ``TypeError`` for what is no name, number or whole step; a
    full disk is no error.
    """
    import json
    import os

    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"a metric needs a name, such as 'accuracy'; this is {name!r}")
    if step is not None and not hasattr(step, "__index__"):
        raise TypeError(f"a step is a whole number; this is {step!r}")
    number = float(value)
    path = os.environ.get("ASSAY_METRICS")
    if not path:
        return
    entry = {"name": name.strip(), "value": number, "step": None if step is None else int(step)}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            os.write(descriptor, json.dumps(entry).encode() + b"\n")
        finally:
            os.close(descriptor)
    except OSError:  # a metric that cannot be noted must not end hours of training
        pass


def __getattr__(name: str) -> "Any":
    """``Pipeline``, ``Verdict`` and the errors, imported when they are asked for."""
    from importlib import import_module

    homes = {"Pipeline": "assay.declare.recorder", "Verdict": "assay.core.verdict"}
    homes |= dict.fromkeys(("AssayError", "EvidenceError", "UsageError"), "assay.core.problem")
    if name in homes:
        return getattr(import_module(homes[name]), name)
    raise AttributeError(f"module 'assay' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

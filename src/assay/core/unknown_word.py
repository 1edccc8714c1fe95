"""What to write in place of a word that opens no gate sentence: what other tools call it, the near miss, or all that is known."""

from assay.core.metrics import METRICS, REQUIRABLE
from assay.core.near import near_miss

_SENTENCE = "a sentence such as accuracy > champion.accuracy at 99%"
_METRIC = f"a metric: {', '.join(REQUIRABLE[:-1])} or {REQUIRABLE[-1]}"
_CALLS = "slice(COLUMN)., gap(COLUMN). or violations(...)"
_LATENCIES = "latency_p50_ms, latency_p95_ms, latency_p99_ms or latency_p999_ms"

_OPENERS = ("every", "no", "slice", "gap", "violations", "model_size_mb")
"""What a sentence may open with beside a metric."""
_SYNONYMS = {
    "acc": "accuracy",
    "precision_score": "precision",
    "recall_score": "recall",
    "sensitivity": "recall",
    "tpr": "recall",
    "f1_score": "f1",
    "roc_auc": "auc",
    "logloss": "log_loss",
    "cross_entropy": "log_loss",
    "brier_score": "brier",
    "mean_absolute_error": "mae",
    "mse": "rmse",
    "mean_squared_error": "rmse",
    "r2_score": "r2",
    "pinball": "quantile_loss",
    "pinball_loss": "quantile_loss",
    "ece": "calibration_error",
    "each": "every",
    "all": "every",
}
"""What other tools and other people call our words."""


def metric_instead_of(word: str, *, is_plain: bool, is_call: bool, is_first: bool) -> tuple[str, str]:
    """(what was expected where ``word`` stands, why a known word cannot stand there or nothing).

    ``is_plain``: it is a word, no number or mark. ``is_call``: a parenthesis follows. ``is_first``: the sentence begins with
    it, so that it need not be a metric.
    """
    lower = word.lower()
    meant = _SYNONYMS.get(lower, lower)
    if meant == "drift":
        return "a metric such as accuracy", f"{word!r} is not built yet"
    if meant in METRICS and meant not in REQUIRABLE:
        return "brier or log_loss, which can be tested", f"{word!r} is biased, so it is reported and not required"
    is_latency = lower.startswith("latency")
    if not is_first and (lower in _OPENERS or is_latency):
        return "a metric of rows, such as accuracy", ""
    if is_latency:
        return _LATENCIES, ""
    if lower == "champion":
        return "a metric: the champion stands on the right", ""
    near = near_miss(meant, (*REQUIRABLE, *(_OPENERS if is_first else ())))
    if near is not None:
        return near if near in _OPENERS else f"a metric; did you mean {near}?", ""
    if not is_first:
        return _METRIC, ""
    return (_CALLS if is_call else _METRIC) if is_plain else _SENTENCE, ""

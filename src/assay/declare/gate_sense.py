"""Mistakes of a gate beyond shape: keys and sentences that do not fit together."""

from collections.abc import Iterator
from typing import Any

from assay.core.detect import detect_mistake
from assay.core.metrics import METRICS, CostMatrix
from assay.core.order import touches
from assay.core.sentence import Sentence
from assay.declare.kinds import Named
from assay.declare.model_wanted import tell_model, tell_model_key
from assay.declare.plain import MERGE
from assay.declare.reading import Reading, inside

_OF_ROWS = (
    "detect",
    "confidence",
    "group",
    "time",
    "min_rows",
    "positive",
    "quantile",
    "cost",
    "score_range",
)
"""The keys that mean nothing where there are no rows."""
_POSITIVE_OR_NOT = ("0", "1", "0.0", "1.0", "true", "false")
"""How a label is written where nobody need say which class is the positive one."""


def tell_gates(steps: tuple[Named, ...], reading: Reading) -> None:
    """Tell what does not fit together within each gate, and with the model."""
    for step in steps:
        where = inside(step.where, "gate")
        if where in reading.places:
            _tell_model(where, reading)
            if "gate" in step.values:
                _tell_gate(step, where, reading)
    _tell_opened(steps, reading)


def _tell_model(where: str, reading: Reading) -> None:
    if _has_rows(where, reading):
        tell_model_key(reading, where, "label", "a gate compares predictions with the label")
    else:
        tell_model(reading, where, "a verdict is about the bytes of one model")


def _tell_gate(step: Named, where: str, reading: Reading) -> None:
    gate = step.values["gate"]
    _tell_source(where, reading)
    _tell_two_clusters(where, reading)
    if _has_rows(where, reading):
        _tell_sealed_archive(gate, where, reading)
        _tell_settings(gate, where, reading)
    else:
        _tell_rowless(gate, where, reading)


def sentences_of(gate: dict[str, Any], where: str) -> Iterator[tuple[str, Sentence]]:
    """(where, sentence) of each requirement that could be read."""
    for at, sentence in enumerate(gate.get("require") or ()):
        if sentence is not None:
            yield f"{inside(where, 'require')}[{at}]", sentence


def _has_rows(where: str, reading: Reading) -> bool:
    return reading.has(inside(where, "data")) or not reading.has(inside(where, "metrics"))


def _tell_source(where: str, reading: Reading) -> None:
    metrics = inside(where, "metrics")
    if not any(reading.has(inside(where, key)) for key in ("data", "metrics", MERGE)):
        what = f"`{where}` has neither `data` nor `metrics`"
        fix = "write `data: data/test.parquet`, or where there are no rows `metrics: metrics.json`"
        reading.tell(reading.places[where], "missing-key", what, fix=fix)
    elif metrics in reading.places and reading.has(inside(where, "data")):
        what = f"`{where}` has both `data` and `metrics`"
        because = "a gate tests on rows, or where there are none compares the numbers of a file"
        reading.tell(reading.places[metrics], "misplaced-key", what, because, fix="remove `metrics`")


def _tell_two_clusters(where: str, reading: Reading) -> None:
    group, time = inside(where, "group"), inside(where, "time")
    if group in reading.places and time in reading.places:
        what = f"`{where}` has both `group` and `time`"
        because = "rows are taken together by one column"
        reading.tell(reading.places[time], "misplaced-key", what, because, fix="remove one of them")


def _tell_sealed_archive(gate: dict[str, Any], where: str, reading: Reading) -> None:
    if gate.get("reveal") == "verdict" and "archived" in (gate.get("against") or ()):
        what = f"`{where}` is sealed by `reveal: verdict` and looks at archived releases"
        because = "a sealed gate answers one question; each archived release that is judged would answer one more"
        fix = "write `reveal: metrics`, or `against: [champion]`"
        reading.tell(reading.places[inside(where, "against")], "sealed-gate", what, because, fix=fix)


def _tell_opened(steps: tuple[Named, ...], reading: Reading) -> None:
    """What one gate seals, no other gate tells."""
    gates = [(inside(step.where, "gate"), step.values["gate"]) for step in steps if "gate" in step.values]
    sealed = [(where, gate) for where, gate in gates if gate.get("reveal") == "verdict" and "data" in gate]
    for where, gate in gates:
        if gate.get("reveal") == "verdict" or "data" not in gate:
            continue
        for other, closed in sealed:
            if touches(closed["data"], gate["data"]):
                what = f"`{where}` tells what it measures on {gate['data']}, which `{other}` seals by `reveal: verdict`"
                because = "nothing that depends on the labels of sealed rows leaves a gate but its verdict"
                fix = "write `reveal: verdict` in both, or give each its own rows"
                reading.tell(reading.places[inside(where, "data")], "sealed-gate", what, because, fix=fix)


def _tell_settings(gate: dict[str, Any], where: str, reading: Reading) -> None:
    """What a metric must be told is told."""
    first: dict[str, str] = {}
    for at, sentence in sentences_of(gate, where):
        first.setdefault(sentence.metric, at)
    too_great = detect_mistake(gate.get("detect"), (sentence for _, sentence in sentences_of(gate, where)))
    if too_great:
        what = f"`{inside(where, 'detect')}` is more than there can be"
        reading.tell(reading.places[inside(where, "detect")], "bad-detect", what, too_great, fix="write `detect: 0.02`")
    if "quantile_loss" in first and not reading.has(inside(where, "quantile")):
        what = f"`{where}` requires quantile_loss, and no `quantile` says of which quantile"
        reading.tell(
            reading.places[first["quantile_loss"]], "no-quantile", what, fix="write `quantile: 0.9` in the gate"
        )
    if "cost" in first and not reading.has(inside(where, "cost")):
        what = f"`{where}` requires cost, and no `cost` says what a prediction costs"
        fix = "write `cost: {LABEL: {PREDICTION: 5}}` or `cost: COLUMN` in the gate"
        reading.tell(reading.places[first["cost"]], "no-cost", what, fix=fix)
    if isinstance(gate.get("cost"), CostMatrix) and not reading.has(inside(where, "positive")):
        _tell_no_positive(gate["cost"], first, where, reading)


def _tell_no_positive(matrix: CostMatrix, first: dict[str, str], where: str, reading: Reading) -> None:
    """Labels stand in no file that is read here, but for those that the costs name."""
    classes = list(dict.fromkeys(label for label, _, _ in matrix.costs))
    metric = next((name for name in first if name in METRICS and METRICS[name].is_of_positives), None)
    named = [label for label in classes if label.lower() not in _POSITIVE_OR_NOT]
    if metric is not None and named:
        what = f"`{where}` requires {metric}, and no `positive` says of which class"
        because = f"the costs name the label {named[0]}: labels are not 0 and 1"
        fix = f"write `positive: {named[0]}` in the gate, or the class that it should be"
        reading.tell(reading.places[first[metric]], "no-positive-class", what, because, fix=fix)


def _tell_rowless(gate: dict[str, Any], where: str, reading: Reading) -> None:
    """Nothing is asked of a file of numbers that only rows can answer."""
    for key in _OF_ROWS:
        if inside(where, key) in reading.places:
            _tell_needs_rows(reading, inside(where, key), f"`{key}`", f"remove `{key}`")
    if gate.get("reveal") == "verdict":
        _tell_needs_rows(reading, inside(where, "reveal"), "sealing", "remove `reveal`")
    if "archived" in (gate.get("against") or ()):
        _tell_needs_rows(reading, inside(where, "against"), "judging archived releases", "remove `against`")
    for at, sentence in sentences_of(gate, where):
        if sentence.needs_rows:
            _tell_needs_rows(reading, at, sentence.needs_rows, "remove the sentence")
        elif sentence.confidence is not None:
            _tell_needs_rows(reading, at, "a level", "leave out `at`")


def _tell_needs_rows(reading: Reading, where: str, what: str, fix: str) -> None:
    because = "the numbers of a file are compared as they are: nothing is tested on rows"
    said = f"`{where}`: {what} needs rows, and the gate has only `metrics`"
    reading.tell(
        reading.places[where], "needs-rows", said, because, fix=f"write `data:` in place of `metrics:`, or {fix}"
    )

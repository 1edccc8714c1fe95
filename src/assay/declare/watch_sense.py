"""Mistakes of `watch:` beyond shape: what it needs of the model and of the gate."""

from typing import Any

from assay.core.metrics import METRICS
from assay.declare.gate_sense import sentences_of
from assay.declare.kinds import Named
from assay.declare.model_wanted import tell_model, tell_model_key
from assay.declare.reading import Reading, inside


def tell_watch(watch: dict[str, Any], steps: tuple[Named, ...], reading: Reading) -> None:
    """Tell what does not fit together within `watch:`, with the model, and with the gates."""
    if "watch" in reading.places and not tell_model(reading, "watch", "the live model scores what is watched"):
        return
    if "watch.performance" in reading.places:
        tell_model_key(reading, "watch.performance", "label", "performance is measured against the label")
    if "watch.labels" in reading.places:
        tell_model_key(reading, "watch.labels", "id", "labels that come later are joined by the id")
    _tell_retrain(watch.get("retrain", {}), reading)
    gates = {inside(step.where, "gate"): step.values["gate"] for step in steps if "gate" in step.values}
    if gates and "watch.performance" in reading.places:
        _tell_performance(watch.get("performance", {}).get("metric"), gates, reading)


def _tell_retrain(retrain: dict[str, Any], reading: Reading) -> None:
    default = () if reading.has("watch.retrain.on") else ("decay",)
    on = retrain.get("on", default)
    if "watch.retrain" in reading.places and "decay" in on and not reading.has("watch.performance"):
        what = "`watch.retrain` waits for decay, and no `watch.performance` says what decay is"
        fix = "write `performance: {metric: accuracy, decay: 15%}`, or `on: [data]`"
        reading.tell(reading.places["watch.retrain"], "no-performance", what, fix=fix)
    if "data" in on:
        tell_model_key(reading, "watch.retrain.on", "label", "data is new when its labels have come")
    for key in ("cooldown", "at_most"):
        where = f"watch.retrain.{key}"
        if where in reading.places:
            tell_model_key(reading, where, "time", f"{key} is counted on the data's clock")


def _tell_performance(metric: str | None, gates: dict[str, dict[str, Any]], reading: Reading) -> None:
    """Decay is counted from the metric's value on the gate rows: a gate has to measure it, and to tell."""
    open_gates = {where: gate for where, gate in gates.items() if gate.get("reveal") != "verdict"}
    if not open_gates:
        what = (
            "`watch.performance` counts decay from what the gate measured, and `reveal: verdict` keeps that in the gate"
        )
        because = "nothing that depends on the labels leaves a sealed gate but its verdict"
        fix = "write `reveal: metrics` in the gate, or remove `performance`"
        reading.tell(reading.places["watch.performance"], "sealed-gate", what, because, fix=fix)
    elif metric is not None and all(_is_whole(gate) for gate in open_gates.values()):
        _tell_unwatched(metric, open_gates, reading)
        _tell_positive(metric, open_gates, reading)


def _is_whole(gate: dict[str, Any]) -> bool:
    """All its sentences could be read."""
    return None not in gate.get("require", (None,))


def _tell_unwatched(metric: str, gates: dict[str, dict[str, Any]], reading: Reading) -> None:
    if any(_measures(metric, where, gate) for where, gate in gates.items()):
        return
    what = f"`watch.performance` wants {metric}, and no sentence of the gate is about it on all rows"
    because = "decay is counted from the value that the gate has measured"
    comparison = ">=" if METRICS[metric].higher_is_better else "<="
    fix = f"add `{metric} {comparison} NUMBER` to `require:` of the gate"
    reading.tell(reading.places["watch.performance.metric"], "unwatched-metric", what, because, fix=fix)


def _measures(metric: str, where: str, gate: dict[str, Any]) -> bool:
    return any(sentence.metric == metric and sentence.slice is None for _, sentence in sentences_of(gate, where))


def _tell_positive(metric: str, gates: dict[str, dict[str, Any]], reading: Reading) -> None:
    """Live rows are measured for class 1: a gate that speaks of another measures something else."""
    if not METRICS[metric].is_of_positives:
        return
    for where, gate in gates.items():
        if gate.get("positive", 1) not in (1, True) and _measures(metric, where, gate):
            what = f"`watch.performance.metric`: {metric} of a class that `positive:` names"
            fix = "let labels be 0 and 1, or watch accuracy"
            reading.tell_unbuilt(reading.places["watch.performance.metric"], what, fix)
            return

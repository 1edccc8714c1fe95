"""Values as the table reads them, made into the nouns of ``core``. They are whole: mistakes were told before."""

from collections.abc import Iterator
from typing import Any

import msgspec

from assay.core.metrics import MetricSettings
from assay.core.pipeline import (
    Action,
    CheckAction,
    DeployAction,
    GateAction,
    ModelSpec,
    ParamSelection,
    Performance,
    Pipeline,
    ReleaseAction,
    Retrain,
    RunAction,
    Step,
    WatchSpec,
)
from assay.core.rules import Rules


def make_pipeline(values: dict[str, Any], default_name: str) -> Pipeline:
    """The pipeline that a whole file declares. Keys that are not there keep the defaults of ``core``."""
    known = {key: values[key] for key in ("ledger", "store") if key in values}
    return Pipeline(
        values.get("name", default_name),
        tuple(make_step(step.values) for step in values["steps"]),
        ModelSpec(**values["model"]) if "model" in values else None,
        make_watch(values["watch"]) if "watch" in values else None,
        **known,
    )


def make_step(values: dict[str, Any]) -> Step:
    """A step with exactly one action."""
    rest = {key: values[key] for key in _KEPT if key in values}
    rest |= {"params": tuple(_selections(values["params"]))} if "params" in values else {}
    return Step(values["name"], _make_action(values), **rest, is_free=values.get("needs") == ())


_KEPT = ("inputs", "outputs", "metrics", "needs", "workdir", "shell", "runs", "clears")


def _selections(items: tuple[Any, ...]) -> Iterator[ParamSelection]:
    """One a file, its keys in the order in which they are named."""
    found: dict[str, tuple[str, ...]] = {}
    for item in items:
        for path, keys in (("params.yaml", (item,)),) if isinstance(item, str) else item:
            found[path] = found.get(path, ()) + keys
    return (ParamSelection(path, keys) for path, keys in found.items())


def make_watch(values: dict[str, Any]) -> WatchSpec:
    """What is watched."""
    performance = Performance(**values["performance"]) if "performance" in values else None
    retrain = _make_retrain(values["retrain"]) if "retrain" in values else None
    return WatchSpec(values["data"], values.get("labels"), performance, retrain)


def _make_action(values: dict[str, Any]) -> Action:
    if "run" in values:
        return RunAction(values["run"])
    if "check" in values:
        return CheckAction(tuple((path, _make_rules(rules)) for path, rules in values["check"]))
    if "gate" in values:
        return _make_gate(values["gate"])
    return ReleaseAction() if "release" in values else DeployAction()


def _make_gate(values: dict[str, Any]) -> GateAction:
    settings = {key: values[key] for key in MetricSettings.__struct_fields__ if key in values}
    rest = {key: value for key, value in values.items() if key not in settings}
    return GateAction(**{"data": None, **rest}, settings=MetricSettings(**settings))


def _make_rules(values: dict[str, Any]) -> Rules:
    named = tuple(msgspec.structs.replace(rule, column=name) for name, rule in values.get("columns", ()))
    return Rules(**{**values, "columns": named})


def _make_retrain(values: dict[str, Any]) -> Retrain:
    rest = {key: values[name] for name, key in (("on", "on"), ("cooldown", "cooldown_s")) if name in values}
    at_most, per_s = values.get("at_most", (None, None))
    return Retrain(**rest, at_most=at_most, per_s=per_s)

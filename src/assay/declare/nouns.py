"""Values as the table reads them, made into the nouns of ``core``. They are whole: mistakes were told before."""

from collections.abc import Iterable
from typing import Any

from assay.core.metrics import MetricSettings
from assay.core.pipeline import (
    Action,
    CheckAction,
    DeployAction,
    GateAction,
    ModelSpec,
    Notify,
    ParamSelection,
    Performance,
    Pipeline,
    ReleaseAction,
    Retrain,
    RunAction,
    Step,
    WatchSpec,
)
from assay.declare.dataset import make_rules
from assay.declare.kinds import Named
from assay.declare.param_keys import ParamUse


def make_pipeline(values: dict[str, Any], default_name: str) -> Pipeline:
    """The pipeline that a whole file declares. Keys that are not there keep the defaults of ``core``."""
    known = {key: values[key] for key in ("secrets", "ledger", "store") if key in values}
    steps: tuple[Named, ...] = values["steps"]
    cells = cells_by_name(steps)
    common: dict[str, Any] = {key: values[key] for key in ("env", "trace", "shell") if key in values}
    return Pipeline(
        values.get("name", default_name),
        tuple(_make_step(step, cells, common) for step in steps),
        ModelSpec(**values["model"]) if "model" in values else None,
        make_watch(values["watch"]) if "watch" in values else None,
        tuple(Notify(**each) for each in values.get("notify", ())),
        **known,
    )


def cells_by_name(steps: tuple[Named, ...]) -> dict[str, tuple[str, ...]]:
    """The names of the cells of each step that has them."""
    found: dict[str, list[str]] = {}
    for step in steps:
        if step.cell_of and "name" in step.values:
            found.setdefault(step.cell_of, []).append(step.values["name"])
    return {name: tuple(cells) for name, cells in found.items()}


def needed(needs: tuple[str, ...], cells: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The steps that are needed, each once: a step that has cells is all of them."""
    if len(needs) == 1:
        return cells.get(needs[0], needs)
    return tuple(dict.fromkeys(each for name in needs for each in cells.get(name, (name,))))


def selections(uses: Iterable[tuple[ParamUse, ...]]) -> tuple[ParamSelection, ...]:
    """What is read of each file of parameters, each file once; all of it where one use is of all."""
    keys: dict[str, dict[str | None, None]] = {}
    for use in (each for item in uses for each in item):
        keys.setdefault(use.path, {})[use.key] = None
    return tuple(
        ParamSelection(path, () if None in found else tuple(key for key in found if key is not None))
        for path, found in keys.items()
    )


_AS_THEY_ARE = (
    *("inputs", "outputs", "metrics", "secrets", "workdir", "retries", "resources", "when", "runs", "clears"),
    "keeps",
)


def _make_step(named: Named, cells: dict[str, tuple[str, ...]], common: dict[str, Any]) -> Step:
    """A step with exactly one action."""
    values = named.values
    rest = {key: values[key] for key in _AS_THEY_ARE if key in values}
    if "timeout" in values:
        rest["timeout_s"] = values["timeout"]
    if "run" in values:
        rest |= _run_settings(values, common)
    if "needs" in values:
        rest["needs"] = needed(values["needs"], cells)
        rest["is_free"] = not values["needs"]
    return Step(values["name"], make_action(values), **rest, cell_of=named.cell_of or None, cell=named.cell)


def _run_settings(values: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """What only commands have; what the whole file says stands where the step says nothing."""
    found: dict[str, Any] = {
        key: values.get(key, common.get(key)) for key in ("trace", "shell") if key in values or key in common
    }
    if "env" in values or "env" in common:
        found["env"] = tuple(sorted({**dict(common.get("env", ())), **dict(values.get("env", ()))}.items()))
    if "params" in values:
        found["params"] = selections(values["params"])
    return found


def make_watch(values: dict[str, Any]) -> WatchSpec:
    """What is watched."""
    performance = Performance(**values["performance"]) if "performance" in values else None
    retrain = _make_retrain(values["retrain"]) if "retrain" in values else None
    return WatchSpec(values["data"], values.get("labels"), performance, retrain)


def make_action(values: dict[str, Any]) -> Action:
    """The one action of a step."""
    if "run" in values:
        return RunAction(values["run"])
    if "check" in values:
        return CheckAction(tuple((path, make_rules(rules)) for path, rules in values["check"]))
    if "gate" in values:
        return _make_gate(values["gate"])
    return ReleaseAction() if "release" in values else DeployAction()


def _make_gate(values: dict[str, Any]) -> GateAction:
    settings = {key: values[key] for key in MetricSettings.__struct_fields__ if key in values}
    rest = {key: value for key, value in values.items() if key not in (*settings, "leakage")}
    may_tell = values.get("leakage", {}).get("allow", ())
    return GateAction(**{"data": None, **rest}, settings=MetricSettings(**settings), may_tell=may_tell)


def _make_retrain(values: dict[str, Any]) -> Retrain:
    rest = {key: values[name] for name, key in (("on", "on"), ("cooldown", "cooldown_s")) if name in values}
    at_most, per_s = values.get("at_most", (None, None))
    return Retrain(**rest, at_most=at_most, per_s=per_s)

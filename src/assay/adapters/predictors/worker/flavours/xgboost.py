"""XGBoost's own files: JSON and UBJSON. They know classes as 0, 1, 2, ..."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import answer, of_many, of_two
from .columns import listed, matrix, wanted
from .unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable


def load_xgboost(path: str) -> Callable[[Any], Any]:
    """Predict of a booster, up to its best iteration where training stopped early."""
    xgboost = import_module("xgboost")
    booster = xgboost.Booster()
    booster.load_model(path)
    names, types = booster.feature_names, booster.feature_types
    refuse_categories(names, types)
    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
    best = booster.attr("best_iteration")
    iterations = (0, 0 if best is None else int(best) + 1)

    def predict(columns: dict[str, np.ndarray]) -> Any:
        rows = matrix(wanted(columns, names, booster.num_features()))
        data = xgboost.DMatrix(rows, feature_names=names, feature_types=types if names else None)
        return told(objective, booster.predict(data, iteration_range=iterations))

    return predict


def refuse_categories(names: list[str] | None, types: list[str] | None) -> None:
    """Which number stood for which category is not in every version's file, so that rows could be read wrongly in silence."""
    categorical = [at for at, kind in enumerate(types or []) if kind == "c"]
    if categorical:
        which = listed(names[at] for at in categorical) if names else f"{len(categorical)} of them"
        raise Unfit("flavour-not-enough", f"it was trained with categorical columns: {which}")


def told(objective: str, values: np.ndarray) -> dict[str, Any]:
    """The answer, by what the booster was trained for."""
    if objective == "binary:logistic":
        return of_two(values)
    if objective == "binary:logitraw":
        return answer((values > 0).astype(np.int64), values)
    if objective == "multi:softprob":
        return of_many(values)
    return answer(values.astype(np.int64) if objective in ("binary:hinge", "multi:softmax") else values)

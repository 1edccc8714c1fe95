"""CatBoost's own files, which know their classes by name."""
# ruff: noqa: B905  (zip has no `strict` before Python 3.10)

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .answers import answer, scores
from .columns import listed, matrix, table, wanted
from .threads import thread_count
from .unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def load_catboost(path: str) -> Callable[[Any], Any]:
    """Predict of a classifier, or of what gives numbers."""
    catboost = import_module("catboost")
    model = catboost.CatBoost().load_model(path)
    classes, threads = list(model.classes_), thread_count()
    if not classes:
        model = catboost.CatBoostRegressor().load_model(path)  # it knows which number its loss makes of the trees' sum
    refuse_exotic(model)
    names, has_categories = list(model.feature_names_), len(model.get_cat_feature_indices()) > 0

    def predict(columns: dict[str, np.ndarray]) -> Any:
        chosen = dict(zip(names, wanted(columns, names).values()))
        rows = table(chosen) if has_categories else matrix(chosen)
        if not classes:
            return answer(model.predict(rows, thread_count=threads))
        probability = model.predict(rows, prediction_type="Probability", thread_count=threads)
        return answer(model.predict(rows, prediction_type="Class", thread_count=threads), scores(probability, classes))

    return predict


def refuse_exotic(model: Any) -> None:
    """Texts to be split into words, and embeddings, are no columns of a table."""
    for kind, ask in (("text", "get_text_feature_indices"), ("embedding", "get_embedding_feature_indices")):
        found = getattr(model, ask)() if hasattr(model, ask) else []
        if len(found):
            raise Unfit(
                "flavour-not-enough", f"it reads {kind} features: {listed(model.feature_names_[at] for at in found)}"
            )

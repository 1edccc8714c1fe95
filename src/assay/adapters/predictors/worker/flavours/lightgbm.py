"""LightGBM's own text files. They know classes as 0, 1, 2, ..."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import answer, of_many, of_two
from .columns import listed, matrix, table, wanted
from .unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def load_lightgbm(path: str) -> Callable[[Any], Any]:
    """Predict of a booster. A file that breaks off is ``Unfit``: the library would read on behind its end."""
    lightgbm = import_module("lightgbm")
    text = Path(path).read_text(encoding="utf-8")
    if "\nend of trees" not in text:
        raise Unfit("model-unloadable", 'the file breaks off: it has no line "end of trees"')
    booster = lightgbm.Booster(model_str=text)
    kind = objective(text)
    spoken = booster.feature_name()
    categories = booster.pandas_categorical or []

    def predict(columns: dict[str, np.ndarray]) -> Any:
        chosen = wanted(columns, [with_spaces(name, columns) for name in spoken])
        return told(kind, booster.predict(categorised(chosen, categories) if categories else matrix(chosen)))

    return predict


def objective(text: str) -> str:
    """What the booster was trained for, from the head of the file."""
    head = text.partition("\nTree=")[0].splitlines()
    found = [line.partition("=")[2].split()[0] for line in head if line.startswith("objective=")]
    if not found:
        raise Unfit("flavour-not-enough", "it was trained for an objective of its own, which the file does not hold")
    return found[0]


def with_spaces(name: str, columns: dict[str, np.ndarray]) -> str:
    """The column that LightGBM calls so: it writes ``_`` for a space."""
    return next((known for known in columns if known.replace(" ", "_") == name), name)


def categorised(columns: dict[str, np.ndarray], categories: Sequence[Sequence[Any]]) -> Any:
    """A DataFrame in which text is categorical. The file has the categories, in the order of the columns, but not which columns."""
    text = [name for name, values in columns.items() if values.dtype == object]
    if len(text) != len(categories):
        seen = f"it was trained with {len(categories)} categorical columns, and {len(text)} hold text: {listed(text)}"
        raise Unfit("flavour-not-enough", seen)
    return table(columns).astype(dict.fromkeys(text, "category"))


def told(kind: str, values: Any) -> dict[str, Any]:
    """The answer, by what the booster was trained for."""
    if kind == "binary":
        return of_two(values)
    return of_many(values) if kind in ("multiclass", "multiclassova") else answer(values)

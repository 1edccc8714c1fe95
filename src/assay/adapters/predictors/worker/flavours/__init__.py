"""Models of known flavours: loaded by the library that wrote them, and asked with columns by name.

Part of the worker: run by the user's Python, in which Assay is not installed; the standard library and numpy only, Python 3.8 or newer.
The library of a flavour is imported when a model of that flavour is loaded. Which flavour a file is of was decided before,
by ``recognise.py`` on Assay's side.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable

    Predict = Callable[[dict[str, Any]], Any]

__all__ = ["Taken", "Unfit", "load"]

LOADERS = {
    "sklearn": ("estimators", "load_pickle"),
    "skops": ("estimators", "load_skops"),
    "xgboost": ("xgboost", "load_xgboost"),
    "lightgbm": ("lightgbm", "load_lightgbm"),
    "catboost": ("catboost", "load_catboost"),
    "onnx": ("onnx", "load_onnx"),
}


def load(flavour: str, path: str) -> Predict:
    """What predicts with the model at ``path``: a function from columns to predictions, with scores where the model has them.

    ``Unfit`` where the file or, later, the rows do not fit; whatever else the library raises goes through.
    """
    module, function = LOADERS[flavour]
    predict: Predict = getattr(import_module("." + module, __name__), function)(path)
    return lambda columns: [] if is_empty(columns) else predict(columns)


class Taken(dict):  # type: ignore[type-arg]  # Python 3.8 cannot subscript it
    """Columns that remember which of them a flavour took by name. One that takes them as they come has taken all."""

    def __init__(self, columns: dict[str, Any]) -> None:
        super().__init__(columns)
        self.names: dict[str, None] = {}

    def __getitem__(self, name: str) -> Any:
        self.names[name] = None
        return super().__getitem__(name)

    def items(self) -> Any:
        self.names.update(dict.fromkeys(self))
        return super().items()

    def values(self) -> Any:
        self.names.update(dict.fromkeys(self))
        return super().values()


def is_empty(columns: dict[str, Any]) -> bool:
    """There are columns, and no rows in them: what most libraries refuse to predict."""
    return bool(columns) and all(len(values) == 0 for values in dict.values(columns))

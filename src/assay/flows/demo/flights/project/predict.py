"""Load the air-time model and predict minutes in the air."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

Predict = Callable[[Mapping[str, np.ndarray]], np.ndarray]


def load(path: str | Path) -> Predict:
    """The model at ``path`` as a function from columns to minutes, one a row.

    It needs hour, distance, carrier, origin and dest, and ignores other columns. A carrier or airport that the model
    never learned, or that is missing, adds nothing. A missing hour or distance makes the prediction NaN: the average
    distance would be a confident answer to a question nobody asked.
    """
    model = json.loads(Path(path).read_text(encoding="utf-8"))

    def predict(columns: Mapping[str, np.ndarray]) -> np.ndarray:
        minutes = np.array(model["intercept"])
        for name, number in model["numbers"].items():
            values = np.asarray(columns[name], dtype=float)
            minutes = minutes + number["weight"] * (values - number["mean"]) / number["std"]
        for name, weights in model["categories"].items():
            minutes = minutes + np.array([weights.get(value, 0.0) for value in columns[name]], dtype=float)
        return minutes

    return predict

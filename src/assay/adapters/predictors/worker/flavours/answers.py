"""What a model answers, as predictions and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def answer(prediction: Any, score: Any = None) -> dict[str, Any]:
    """Predictions with their scores; None where there are none."""
    return {"prediction": prediction, "score": score}


def of_two(probability: np.ndarray) -> dict[str, Any]:
    """The answer of a model of the classes 0 and 1, from the probability of 1."""
    return answer((probability > 0.5).astype(np.int64), probability)


def of_many(probabilities: np.ndarray) -> dict[str, Any]:
    """The answer of a model of the classes 0, 1, 2, ... from n rows x k probabilities."""
    return answer(np.argmax(probabilities, axis=1).astype(np.int64), probabilities)


def scores(probabilities: Any, classes: Sequence[Any] | None) -> Any:
    """The scores of a classifier: one a row where its classes are known to be 0 and 1, else one a class, in the classes' order.

    A column for each of two other classes leaves it to the gate's ``positive:`` which one counts. None where there are not as
    many columns as a classifier has: one alone, or several outputs.
    """
    if not isinstance(probabilities, np.ndarray) or probabilities.ndim != 2 or probabilities.shape[1] < 2:
        return None
    if classes is None or len(classes) != probabilities.shape[1]:
        return probabilities
    ordered = probabilities[:, in_order(list(classes))]
    return ordered[:, 1] if are_0_and_1(list(classes)) else ordered


def in_order(classes: list[Any]) -> list[int]:
    """The positions of the classes once they are sorted; as they stand where they cannot be."""
    try:
        return sorted(range(len(classes)), key=lambda at: classes[at])
    except TypeError:
        return list(range(len(classes)))


def are_0_and_1(classes: list[Any]) -> bool:
    is_text = any(isinstance(value, str) for value in classes)
    return len(classes) == 2 and not is_text and set(classes) == {0, 1}

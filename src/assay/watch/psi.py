"""The population stability index: how far the inputs have moved, as most monitoring tools say it.

PSI = sum over bins of (now - before) * ln(now / before), with the shares of rows in ten bins: tenths of the reference for
numbers, its nine commonest values and the rest for text. Below .1 is called stable, above .2 drifted, by convention and not
by any error probability: Assay reports it and never acts on it.
"""

from collections import Counter

import numpy as np

BINS = 10
FLOOR = 1e-4
"""Added to every share, so that an empty bin does not make the index infinite."""


def psi(reference: np.ndarray, values: np.ndarray) -> float:
    """The index of one column; 0 where the shares are equal. NULL in numbers is left out; either side may not be empty."""
    before, now = _shares(reference, values)
    return float(np.sum((now - before) * np.log(now / before)))


def _shares(reference: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if reference.dtype.kind in "OUS":
        common = [value for value, _ in Counter(reference.tolist()).most_common(BINS - 1)]
        return _text_shares(reference, common), _text_shares(values, common)
    known = reference[np.isfinite(reference)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)))[1:-1]
    return _number_shares(known, edges), _number_shares(values[np.isfinite(values)], edges)


def _text_shares(values: np.ndarray, common: list[object]) -> np.ndarray:
    counts = Counter(values.tolist())
    named = [counts[value] for value in common]
    return np.array([*named, len(values) - sum(named)]) / len(values) + FLOOR


def _number_shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1) / len(values) + FLOOR

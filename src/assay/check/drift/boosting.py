"""A small gradient-boosted forest for two classes, in numpy alone: enough to ask whether rows of two sides can be told apart.

Every column is cut into at most ``BINS`` bins, NaN in one of its own. Trees are of a fixed depth and grow a level at a time, each node by the split
that lowers the squared error of the logistic loss's gradients most (J. Friedman, Greedy function approximation, 2001; histograms as in
LightGBM). Each is grown on a random half of the rows. It is no model to predict with: it is small so that the answer comes within a second.
"""

import math

import msgspec
import numpy as np

from assay.check.drift.counts import Bools, Floats, Ints

BINS = 64
TREES, DEPTH, RATE = 50, 6, 0.3
LEAST_IN_LEAF = 20
_SHARE_OF_ROWS = 0.5
_RIDGE = 1.0


class Cuts(msgspec.Struct, frozen=True, eq=False):
    """The inner edges of each column's bins."""

    edges: tuple[Floats, ...]

    def place(self, rows: Floats) -> Ints:
        """Rows x columns: the bin of each value; 0 for NaN."""
        placed = np.empty(rows.shape, np.int64)
        for at, edges in enumerate(self.edges):
            placed[:, at] = np.where(np.isnan(rows[:, at]), 0, 1 + np.searchsorted(edges, rows[:, at]))
        return placed


class Tree(msgspec.Struct, frozen=True, eq=False):
    """Splits of each level, by node, and what the leaves add."""

    columns: tuple[Ints, ...]
    bins: tuple[Ints, ...]
    """A row whose bin in the node's column is greater than this goes right."""
    leaves: Floats

    def leaf_of(self, placed: Ints) -> Ints:
        node = np.zeros(len(placed), np.int64)
        for columns, bins in zip(self.columns, self.bins, strict=True):
            node = _descend(placed, node, columns, bins)
        return node


class Forest(msgspec.Struct, frozen=True, eq=False):
    """Trees, and how much each column's splits lowered the loss."""

    trees: tuple[Tree, ...]
    gains: Floats

    def scores(self, placed: Ints) -> Floats:
        """The log odds of being of the second class, up to a constant."""
        total = np.zeros(len(placed))
        for tree in self.trees:
            total += tree.leaves[tree.leaf_of(placed)]
        return total


def cuts_of(rows: Floats) -> Cuts:
    """At most ``BINS`` - 1 bins a column beside that of NaN: its values where there are few, else at its quantiles."""
    return Cuts(tuple(_edges(column[~np.isnan(column)]) for column in rows.T))


def _edges(values: Floats) -> Floats:
    distinct = np.unique(values)
    if len(distinct) > BINS - 1:
        distinct = np.unique(np.quantile(values, np.linspace(0, 1, BINS)[1:-1], method="inverted_cdf"))
    return distinct[: BINS - 2]


def grow_forest(placed: Ints, is_second: Bools, random: np.random.Generator) -> Forest:
    """A forest that tells the rows of the second class (rows x columns of bins)."""
    scores = np.zeros(len(placed))
    gains = np.zeros(placed.shape[1])
    trees = []
    for _ in range(TREES):
        odds = 1 / (1 + np.exp(-scores))
        chosen = random.random(len(placed)) < _SHARE_OF_ROWS
        tree = _grow(placed[chosen], (is_second - odds)[chosen], (odds * (1 - odds))[chosen], gains)
        scores += tree.leaves[tree.leaf_of(placed)]
        trees.append(tree)
    return Forest(tuple(trees), gains)


def _grow(placed: Ints, gradients: Floats, curvatures: Floats, gains: Floats) -> Tree:
    """One tree; adds to ``gains`` what each column's splits are worth."""
    columns = placed.shape[1]
    slots = placed + BINS * np.arange(columns)
    node = np.zeros(len(placed), np.int64)
    unit = 2.0 ** math.ceil(math.log2(2 * len(placed) + 2))
    weights = np.repeat(unit + gradients, columns)
    split_columns, split_bins = [], []
    for level in range(DEPTH):
        nodes = 2**level
        cells = (slots + (BINS * columns) * node[:, None]).ravel()
        sums, counts = _summed(cells, weights, unit, (nodes, columns, BINS))
        gain = _gain(np.cumsum(sums, axis=2), np.cumsum(counts, axis=2)).reshape(nodes, -1)
        best = np.argmax(gain, axis=1)
        value = gain[np.arange(nodes), best]
        column, bin_ = np.where(value > 0, best // BINS, 0), np.where(value > 0, best % BINS, BINS)
        np.add.at(gains, column, np.maximum(value, 0))
        split_columns.append(column)
        split_bins.append(bin_)
        node = _descend(placed, node, column, bin_)
    leaves = 2**DEPTH
    steps = np.bincount(node, gradients, leaves) / (np.bincount(node, curvatures, leaves) + _RIDGE)
    return Tree(tuple(split_columns), tuple(split_bins), RATE * steps)


def _descend(placed: Ints, node: Ints, columns: Ints, bins: Ints) -> Ints:
    """The node of each row a level deeper."""
    below: Ints = 2 * node + (placed[np.arange(len(placed)), columns[node]] > bins[node])
    return below


def _summed(cells: Ints, weights: Floats, unit: float, shape: tuple[int, int, int]) -> tuple[Floats, Floats]:
    """Gradients and rows of each cell, both in one pass: a row weighs ``unit`` plus its gradient, and all gradients together are less
    than half a unit. Their sums are exact to about 1e-6, which is enough to choose a split."""
    packed = np.bincount(cells, weights, math.prod(shape)).reshape(shape)
    counts = np.rint(packed / unit)
    return packed - unit * counts, counts


def _gain(sums: Floats, counts: Floats) -> Floats:
    """By how much a split after each bin lowers the squared error; 0 where a side would be too small."""
    left, right = counts, counts[..., -1:] - counts
    with np.errstate(all="ignore"):
        gain = sums**2 / left + (sums[..., -1:] - sums) ** 2 / right - sums[..., -1:] ** 2 / counts[..., -1:]
    return np.where((left >= LEAST_IN_LEAF) & (right >= LEAST_IN_LEAF), gain, 0.0)

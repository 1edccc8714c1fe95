"""What the approximate tests need, so that what they say can be trusted (measured: tests/properties, bench/gates.py)."""

LEAST_ROWS = 30
"""Labelled rows for a t test."""

LEAST_DELTA = 1e-4
"""The smallest error probability that a t test keeps; below it, only exact tests do."""

LEAST_OF_EACH_CLASS = 30
"""Positives, and negatives, where a metric depends on how well both are told apart."""

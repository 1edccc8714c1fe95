"""A sequence in parts."""

from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


def parts(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    """So many of the items at once, in order, and the rest; nothing of no items."""
    return [items[start : start + size] for start in range(0, len(items), size)]

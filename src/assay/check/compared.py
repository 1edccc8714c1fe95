"""By which columns the rows of two datasets are compared."""

from collections.abc import Collection

from assay.core.rules import Rules


def compared_columns(rules: Rules, here: Collection[str], there: Collection[str]) -> tuple[str, ...]:
    """The first key of ``rules.unique`` whose columns both have, else all columns that both have, in the order of ``here``."""
    for key in rules.unique:
        if all(name in here and name in there for name in key):
            return key
    return tuple(name for name in here if name in there)

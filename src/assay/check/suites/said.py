"""What one rule of a suite says: its keys, each of which has to be asked for.

A key that nobody asked for would be a condition that is silently dropped, so that ``finish`` refuses the rule for it.
"""

from collections.abc import Mapping
from typing import Any

from assay.check.suites.column_demands import bounds_of, members_of, number_of
from assay.check.suites.nouns import NotCarried
from assay.core.rules import Bounds, Scalar


class Said:
    """The keys of a rule. None is the same as not there."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        self._keys = {str(key): value for key, value in keys.items() if value is not None}
        self._taken: set[str] = set()

    def get(self, *names: str) -> Any:
        """The value under the first of these names that is there, or None."""
        self._taken.update(names)
        return next((self._keys[name] for name in names if name in self._keys), None)

    def need(self, *names: str) -> Any:
        """The same; ``NotCarried`` where it is missing."""
        found = self.get(*names)
        if found is None:
            raise NotCarried(f"it says no `{names[0]}`")
        return found

    def text(self, *names: str) -> str:
        """A text that is there."""
        found = self.need(*names)
        if not isinstance(found, str):
            raise NotCarried(f"its `{names[0]}` is no text: {found!r:.60}")
        return found

    def texts(self, *names: str) -> tuple[str, ...]:
        """A list of texts that is there."""
        found = self.need(*names)
        if not isinstance(found, list | tuple) or not found or not all(isinstance(each, str) for each in found):
            raise NotCarried(f"its `{names[0]}` is no list of texts: {found!r:.60}")
        return tuple(dict.fromkeys(found))

    def column(self, *names: str) -> str:
        """The name of a column that is there."""
        return column_name(self.need(*(names or ("column",))))

    def columns(self, name: str, least: int = 1) -> tuple[str, ...]:
        """Names of columns, each once."""
        found = self.need(name)
        if not isinstance(found, list | tuple):
            raise NotCarried(f"its `{name}` is no list of columns: {found!r:.60}")
        columns = tuple(dict.fromkeys(map(column_name, found)))
        if len(columns) < least:
            raise NotCarried(f"its `{name}` names fewer than {least} columns")
        return columns

    def flag(self, *names: str, default: bool = False) -> bool:
        """True or false."""
        found = self.get(*names)
        if found is None:
            return default
        if not isinstance(found, bool):
            raise NotCarried(f"its `{names[0]}` is neither true nor false: {found!r:.60}")
        return found

    def number(self, *names: str) -> int | float:
        """A number that is there."""
        return number_of(self.need(*names))

    def values(self, *names: str) -> tuple[Scalar, ...]:
        """The values of a set."""
        return members_of(self.need(*names))

    def range(self) -> Bounds:
        """``min_value`` and ``max_value``, either of which may be missing, with ``strict_min`` and ``strict_max``."""
        low_open, high_open = self.flag("strict_min"), self.flag("strict_max")
        return bounds_of(self.get("min_value"), self.get("max_value"), low_open=low_open, high_open=high_open)

    def finish(self) -> None:
        """``NotCarried`` where a key was never asked for."""
        if rest := sorted(set(self._keys) - self._taken):
            raise NotCarried(f"its `{rest[0]}` has no words here")


def column_name(value: Any) -> str:
    """A name that a column of a file of rules can have."""
    if not isinstance(value, str):
        raise NotCarried(f"{value!r:.60} is no name of a column")
    if not value.strip() or "\n" in value:
        raise NotCarried(f"a column called {value!r:.60} cannot be named here", "give the column a name of one line")
    return value

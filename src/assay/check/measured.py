"""What one scan of a dataset answered, and what was asked besides where rules failed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from assay.core.dataset import DataColumn
from assay.core.rules import ColumnRule


class Measured(msgspec.Struct, frozen=True):
    """Numbers of a dataset, by what they are and whose: ``("nulls", "carrier")``."""

    columns: tuple[DataColumn, ...]
    answers: Mapping[tuple[str, str], Any]

    @property
    def rows(self) -> int:
        """All rows."""
        return self.count("rows", "")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def count(self, what: str, whose: str) -> int:
        """A number of rows; 0 where it was not asked, or the engine says NULL of no rows."""
        return int(self.answers.get((what, whose)) or 0)

    def value(self, what: str, whose: str) -> Any:
        """What was answered; None where nothing was."""
        return self.answers.get((what, whose))

    def type_of(self, name: str) -> str:
        """The engine's word for what a column holds."""
        return next(column.type for column in self.columns if column.name == name)

    def is_ruled_out(self, rule: ColumnRule) -> bool:
        """The column's type admits no value of the rule's type: nothing was asked but NULLs."""
        return ("ruled out", rule.column) in self.answers

    def breaking(self, rule: ColumnRule) -> int:
        """Rows that break the rule by what they hold, each once; NULL only where the rule lets none be."""
        name, nulls = rule.column, self.count("nulls", rule.column)
        null_may_be = rule.nullable or rule.max_null_share is not None
        if self.is_ruled_out(rule):
            return self.rows - nulls if null_may_be else self.rows
        if ("broken", name) in self.answers:
            return self.count("broken", name) + self.count("strangers", name)
        others = "strangers" if ("strangers", name) in self.answers else "not_in_set"
        ways = ("wrong_type", "out_of_bounds", others, "wrong_length", "no_match")
        return (0 if null_may_be else nulls) + sum(self.count(way, name) for way in ways)

    def is_unique(self, key: Sequence[str]) -> bool:
        """No two rows have the same key, for certain. Where that is not known yet there may be two."""
        return self.rows == self.count("distinct", ", ".join(key))

    def further_repeats(self, name: str) -> int:
        """Rows that repeat an earlier value of a unique column, and break its rule in no other way."""
        return self.count("further repeats" if ("further repeats", name) in self.answers else "repeats", name)

    def filled(self, name: str) -> int:
        """Rows in which the column holds a value of its rule's type, where quantiles are asked of it."""
        return self.count("filled", name)

    def with_answers(self, more: Mapping[tuple[str, str], Any]) -> "Measured":
        """The same with what else was asked."""
        return Measured(self.columns, {**self.answers, **more})

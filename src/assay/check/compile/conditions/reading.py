"""One condition while it is read: what its columns hold, and which part of it must be what."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlglot import exp

from assay.check.compile.cells import cell
from assay.check.compile.conditions.names import resolved
from assay.check.compile.conditions.typed import KINDS, SAID, Typed, as_time, is_moment, spelt_moment
from assay.check.compile.exact import comparable, exact_column, far_digits
from assay.core.dataset import DataColumn, Dialect
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import ColumnType

Readers: TypeAlias = "Sequence[tuple[tuple[type[exp.Expr], ...], Callable[[Reading, Any], Typed]]]"
"""What reads each node; the first that fits does."""


class Reading:
    """The condition of a rule over columns. ``types`` says as what each is read."""

    def __init__(
        self,
        rule: str,
        text: str,
        columns: Mapping[str, DataColumn],
        types: Mapping[str, ColumnType],
        dialect: Dialect,
        readers: Readers,
    ) -> None:
        self.dialect = dialect
        self._rule = rule
        self._text = text
        self._columns = columns
        self._types = types
        self._readers = readers

    def typed(self, node: Any) -> Typed:
        """The node with the columns' cells in it."""
        read = next(read for kinds, read in self._readers if isinstance(node, kinds))
        return read(self, node)

    def boolean(self, node: Any) -> exp.Expr:
        """The node, which must be true or false."""
        return self._of_kind(node, ("bool", "null"), "true or false").part

    def number(self, node: Any) -> Typed:
        """The node, which must be a number."""
        return self._of_kind(node, ("int", "float", "null"), "a number")

    def text(self, node: Any) -> exp.Expr:
        """The node, which must be a text."""
        return self._of_kind(node, ("text", "null"), "a text").part

    def moment(self, node: Any) -> exp.Expr:
        """The node, which must be a day or a time, as a time."""
        return as_time(self._of_kind(node, ("date", "time"), "a day or a time")).part

    def alike(self, whole: Any, *nodes: Any) -> list[Typed]:
        """Values that are to be compared, as values of one kind. ``whole`` is where they stand."""
        found = [self.typed(node) for node in nodes]
        kinds = {each.kind for each in found} - {"null"}
        if kinds <= {"int", "float"} or len(kinds) <= 1:
            return found
        if kinds <= {"date", "time"}:
            return [as_time(each) for each in found]
        if kinds <= {"date", "time", "text"} and all(each.kind != "text" or is_moment(each.part) for each in found):
            moments = [spelt_moment(each.part) if each.kind == "text" else each for each in found]
            return moments if {each.kind for each in moments} == {"date"} else [as_time(each) for each in moments]
        odd = " and ".join(f"`{node.sql()}` is {SAID[each.kind]}" for node, each in zip(nodes, found, strict=True))
        raise self.senseless(f"in `{whole.sql()}` {odd}")

    def comparable(self, whole: Any, *nodes: Any) -> list[Typed]:
        """The same, numbers with all their digits where all of them have these."""
        found = self.alike(whole, *nodes)
        numbers = [each for each in found if each.kind != "null"]
        if all(each.exact is None for each in numbers):
            return found
        full = comparable([each.in_full for each in numbers], self.dialect)
        if full is None:
            return found
        parts = iter(full)
        return [each if each.kind == "null" else Typed(next(parts), each.kind) for each in found]

    def column(self, node: Any) -> Typed:
        """A column, as what it is read."""
        name = resolved(node.name, self._columns)
        if name is None:
            raise self._missing(node.name, is_quoted=node.this.quoted)
        column, declared = self._columns[name], self._types.get(name)
        if declared is None:
            because = f"`{name}` is {column.type}, of which a rule cannot speak"
            raise self.senseless(because, "leave the column out of it")
        found = cell(declared, column, self.dialect)
        if found.is_ruled_out:
            raise self.senseless(f"`{name}` is declared {declared} and holds {column.type}", "correct its type")
        value = found.value
        if declared == "int" and found.is_plain and self.dialect == "duckdb" and column.type != "BIGINT":
            value = exp.cast(value, "BIGINT")
        if declared != "float":
            return Typed(value, KINDS[declared])
        far = far_digits(value, column, self.dialect) if column.held in ("csv", "json") else None
        return Typed(value, "float", exact_column(column), far)

    def senseless(self, because: str, fix: str = "write a condition on values of one kind") -> EvidenceError:
        """The error to raise where the condition has no meaning."""
        what = f"the rule {self._rule} makes no sense here"
        return EvidenceError(Problem("rule-without-sense", what, (because, f"it says: {self._text}"), fix))

    def _of_kind(self, node: Any, kinds: Sequence[str], asked: str) -> Typed:
        found = self.typed(node)
        if found.kind not in kinds:
            raise self.senseless(f"`{node.sql()}` is {SAID[found.kind]} where {asked} is asked")
        return found

    def _missing(self, name: str, *, is_quoted: bool) -> EvidenceError:
        near = near_miss(name, self._columns)
        if is_quoted:
            spelt = name.replace("'", "''")
            fix = f"text stands in single quotes: '{spelt}'" + (
                f"; or did you mean the column `{near}`?" if near else ""
            )
        else:
            fix = f"did you mean `{near}`?" if near else 'a column whose name is no plain word stands in quotes: "a b"'
        what = f"the rule {self._rule} speaks of a column that is not there: `{name}`"
        return EvidenceError(Problem("no-column", what, (f"the columns are {', '.join(self._columns)}",), fix))

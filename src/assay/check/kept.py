"""Queries, compiled when they are asked for and kept under what they follow from."""

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from assay.check.compared import compared_columns
from assay.check.findings import Cause
from assay.check.own_query import own_query
from assay.check.questions import SOURCE, TRIED, Asked, Probe, Question, RowsAt, Subject, Wanted
from assay.core.canonical import value_digest
from assay.core.dataset import DataColumn, Dialect
from assay.core.ports import Cache, Opened
from assay.core.rules import ColumnType, QueryRule, Rules

if TYPE_CHECKING:
    from assay.check.compile import RuledDataset

_T = TypeVar("_T")


class Queries:
    """The queries for rules on a dataset that is open. sqlglot is imported only where one is not kept."""

    def __init__(self, rules: Rules, dialect: Dialect, opened: Opened, cache: Cache | None) -> None:
        self._rules = rules
        self.dialect = dialect
        self._opened = opened
        self._cache = cache

    def scan(self, rules: Rules) -> tuple[Question, ...]:
        """The one query that counts everything that ``rules`` ask, or as few as the engine takes."""

        def make() -> tuple[Question, ...]:
            from assay.check.compile import compile_scan, ruled_dataset

            return compile_scan(self._ruled if rules is self._rules else ruled_dataset(rules, self._subject))

        return self._kept("scan", rules, tuple[Question, ...], make)

    def details(self, subjects: tuple[str, ...]) -> tuple[Question, ...]:
        """In which ways these subjects fail, and how many rows; nothing where the scan has said it all."""

        def make() -> tuple[Question, ...]:
            from assay.check.compile import compile_details

            return compile_details(self._ruled, subjects)

        return self._kept(f"details/{value_digest(subjects)}", self._rules, tuple[Question, ...], make)

    def probe(self, cause: Cause, wanted: Wanted) -> Probe:
        """What may be asked about one cause."""

        def make() -> Probe:
            from assay.check.compile import compile_probe

            return compile_probe(self._ruled, cause.subject, cause.aspect, wanted)

        about = value_digest([cause.subject, cause.aspect, wanted])
        return self._kept(f"probe/{about}", self._rules, Probe, make)

    @cached_property
    def rows_at(self) -> RowsAt | None:
        """What asks for the rows at places; None where the data has none, and rows are asked for at once."""

        def make() -> RowsAt:
            from assay.check.compile import compile_rows_at

            return compile_rows_at(self._ruled)

        return self._kept("rows at", self._rules, RowsAt, make) if self._opened.places.get(SOURCE) else None

    @cached_property
    def data(self) -> str:
        """The query for the dataset as people know it."""

        def make() -> str:
            from assay.check.compile import compile_data

            return compile_data(self._ruled)

        return self._kept("data", self._rules, str, make)

    def keep(self, what: str, make: Callable[[], Question]) -> Question:
        """A question that follows from what was seen of the data too; ``what`` names it wholly."""
        return self._kept(what, self._rules, Question, make)

    def own(self, rule: QueryRule, text: str) -> str:
        """The user's own query, held to what it may be."""
        return self._kept(
            f"own/{value_digest(text)}", Rules(queries=(rule,)), str, lambda: own_query(rule, text, self.dialect)
        )

    @cached_property
    def _ruled(self) -> "RuledDataset":
        from assay.check.compile import ruled_dataset

        return ruled_dataset(self._rules, self._subject)

    @cached_property
    def _subject(self) -> Subject:
        columns = self._opened.columns
        others = {name: columns[f"other{place}"] for place, name in enumerate(self._rules.others)}
        return Subject(
            columns[SOURCE],
            self.dialect,
            others,
            self._tried,
            self._long,
            self._opened.has_order,
            self._opened.places.get(SOURCE, ()),
            self._opened.file.get(SOURCE, ""),
        )

    @cached_property
    def _tried(self) -> dict[str, ColumnType]:
        """As what texts are read of which no rule says it."""
        names = {name for _, name in self._counted}
        here = self._opened.columns[SOURCE]
        return {column.name: first_type(column, self._counted) for column in here if column.name in names}

    @cached_property
    def _long(self) -> tuple[str, ...]:
        """Those of them that are text only because they spell numbers beyond 64 bits."""
        counts = self._counted
        return tuple(
            name
            for name, type_ in self._tried.items()
            if type_ == "str" and counts["values", name] and counts["values", name] == counts.get(("number", name))
        )

    @cached_property
    def _counted(self) -> dict[Asked, Any]:
        """What the values of these texts are, in an extra scan of them alone."""
        declared = {rule.column for rule in self._rules.columns}
        here = self._opened.columns[SOURCE]
        texts = [c for c in here if c.held in ("csv", "json") and c.name not in declared]
        if not texts or not (self._rules.row_rules or self._rules.apart_from):
            return {}

        def make() -> Question:
            from assay.check.compile import columns_of, compile_tries

            conditions = [text for rule in self._rules.row_rules for text in (rule.holds, rule.given) if text]
            spoken = {name.lower() for text in conditions for name in columns_of(text)}
            compared = self._compared()
            asked = [column for column in texts if column.name.lower() in spoken or column.name in compared]
            return compile_tries(asked, self.dialect)

        question = self._recalled(["tries", *self._follows_from(self._rules)], Question, make)
        if not question.asked:
            return {}
        (row,) = self._opened.rows(question.query)
        return dict(zip(question.asked, row, strict=True))

    def _compared(self) -> set[str]:
        """The columns by which rows are looked for in other datasets."""
        here = [column.name for column in self._opened.columns[SOURCE]]
        found: set[str] = set()
        for name in self._rules.apart_from:
            other = self._opened.columns[f"other{self._rules.others.index(name)}"]
            found.update(compared_columns(self._rules, here, [column.name for column in other]))
        return found

    def _kept(self, what: str, rules: Rules, type_: type[_T], make: Callable[[], _T]) -> _T:
        if self._cache is None:
            return make()
        about = self._about if rules is self._rules else self._digest(rules)
        return self._recalled([what, about], type_, make)

    @cached_property
    def _about(self) -> str:
        return self._digest(self._rules)

    def _digest(self, rules: Rules) -> str:
        return value_digest([*self._follows_from(rules), self._tried, self._long])

    def _follows_from(self, rules: Rules) -> list[Any]:
        opened = self._opened
        known = [opened.has_order, dict(opened.places), dict(opened.file)]
        return [_code(), rules, dict(opened.columns), self.dialect, *known]

    def _recalled(self, from_what: list[Any], type_: type[_T], make: Callable[[], _T]) -> _T:
        if self._cache is None:
            return make()
        key = f"check/{value_digest(from_what)}"
        found = self._cache.recall(key)
        if found is not None:
            try:
                return msgspec.msgpack.decode(found, type=type_)
            except (msgspec.DecodeError, ValueError):
                pass  # a cache may hold anything
        made = make()
        self._cache.remember(key, msgspec.msgpack.encode(made))
        return made


def first_type(column: DataColumn, counts: Mapping[tuple[str, str], Any]) -> ColumnType:
    """What a text column is: the first type that all its values are instances of, else text."""
    values = counts["values", column.name]
    return next((type_ for type_ in TRIED if values and counts[type_, column.name] == values), "str")


_FORM = 8
"""Of the questions and their answers: another one, and what was kept under the last is asked for no more."""


def _code() -> tuple[str, str, int]:
    """What has compiled."""
    from assay import __version__

    return __version__, version("sqlglot"), _FORM

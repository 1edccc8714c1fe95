"""Queries, compiled when they are asked for and kept under what they follow from."""

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import version
from typing import Any, TypeVar

import msgspec

from assay.check.findings import Cause
from assay.check.questions import SOURCE, Inquiry, Probe, Question, Subject
from assay.core.canonical import value_digest
from assay.core.dataset import DataColumn, Dialect
from assay.core.ports import Cache, Opened
from assay.core.rules import ColumnType, Rules

_T = TypeVar("_T")


class Queries:
    """The queries for rules on a dataset that is open. sqlglot is imported only where one is not kept."""

    def __init__(self, rules: Rules, dialect: Dialect, opened: Opened, cache: Cache | None, sample_rows: int) -> None:
        self._rules = rules
        self._dialect = dialect
        self._opened = opened
        self._cache = cache
        self._sample_rows = sample_rows
        self._inquiries: dict[str, Inquiry] = {}

    def scan(self, rules: Rules) -> Question:
        """The one query that counts everything that ``rules`` ask."""

        def make() -> Question:
            from assay.check.compile import compile_scan

            return compile_scan(rules, self._subject)

        return self._kept("scan", rules, Question, make)

    def inquiry(self, what: str) -> Inquiry:
        """What may be asked where ``what`` fails."""

        def make() -> Inquiry:
            from assay.check.compile import compile_inquiry

            return compile_inquiry(self._rules, self._subject, what, self._sample_rows)

        if what not in self._inquiries:
            self._inquiries[what] = self._kept(f"{what}/{self._sample_rows}", self._rules, Inquiry, make)
        return self._inquiries[what]

    def probe(self, cause: Cause) -> Probe:
        """What may be asked about one cause."""
        return next(each for each in self.inquiry(cause.subject).probes if each.aspect == cause.aspect)

    @cached_property
    def data(self) -> str:
        """The query for the dataset as people know it."""

        def make() -> str:
            from assay.check.compile import compile_data

            return compile_data(self._rules, self._subject)

        return self._kept("data", self._rules, str, make)

    @cached_property
    def _subject(self) -> Subject:
        columns = self._opened.columns
        others = {name: columns[f"other{place}"] for place, name in enumerate(self._rules.others)}
        return Subject(columns[SOURCE], self._dialect, others, self._tried, self._opened.has_order)

    @cached_property
    def _tried(self) -> dict[str, ColumnType]:
        """As what texts are read of which no rule says it: what all their values are, in an extra scan of these alone."""
        conditions = [text for rule in self._rules.row_rules for text in (rule.holds, rule.given) if text]
        declared = {rule.column for rule in self._rules.columns}
        texts = [c for c in self._opened.columns[SOURCE] if c.held in ("csv", "json") and c.name not in declared]
        if not conditions or not texts:
            return {}
        from assay.check.compile import TRIED, columns_of, compile_tries

        spoken = {name.lower() for text in conditions for name in columns_of(text)}
        asked = [column for column in texts if column.name.lower() in spoken]
        if not asked:
            return {}
        question = compile_tries(asked, self._dialect)
        (row,) = self._opened.rows(question.query)
        counts = dict(zip(question.asked, row, strict=True))
        return {column.name: _first_type(column, counts, TRIED) for column in asked}

    def _kept(self, what: str, rules: Rules, type_: type[_T], make: Callable[[], _T]) -> _T:
        if self._cache is None:
            return make()
        from_what = [_code(), rules, dict(self._opened.columns), self._dialect, self._opened.has_order, self._tried]
        key = f"check/{value_digest([what, *from_what])}"
        found = self._cache.recall(key)
        if found is not None:
            try:
                return msgspec.msgpack.decode(found, type=type_)
            except (msgspec.DecodeError, ValueError):
                pass  # a cache may hold anything
        made = make()
        self._cache.remember(key, msgspec.msgpack.encode(made))
        return made


def _first_type(column: DataColumn, counts: Mapping[tuple[str, str], Any], tried: tuple[ColumnType, ...]) -> ColumnType:
    values = counts["values", column.name]
    return next((type_ for type_ in tried if values and counts[type_, column.name] == values), "str")


_FORM = 3
"""Of the questions and their answers: another one, and what was kept under the last is asked for no more."""


def _code() -> tuple[str, str, int]:
    """What has compiled."""
    from assay import __version__

    return __version__, version("sqlglot"), _FORM

"""Queries, compiled when they are asked for and kept under what they follow from."""

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import version
from typing import Any, TypeVar

import msgspec

from assay.check.findings import Cause
from assay.check.questions import SOURCE, Probe, Probes, Question, Subject
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

    def scan(self, rules: Rules) -> Question:
        """The one query that counts everything that ``rules`` ask."""

        def make() -> Question:
            from assay.check.compile import compile_scan

            return compile_scan(rules, self._subject)

        return self._kept("scan", rules, Question, make)

    @cached_property
    def probes(self) -> Probes:
        """What may be asked where rules fail."""

        def make() -> Probes:
            from assay.check.compile import compile_probes

            return compile_probes(self._rules, self._subject, self._sample_rows)

        return self._kept(f"probes/{self._sample_rows}", self._rules, Probes, make)

    def probe(self, cause: Cause) -> Probe:
        """What may be asked about one cause."""
        return next(each for each in self.probes.probes[cause.subject] if each.aspect == cause.aspect)

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
        columns = dict(self._opened.columns)
        key = f"check/{what}/{value_digest([_code(), rules, columns, self._dialect, self._opened.has_order, self._tried])}"
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


def _code() -> tuple[str, str]:
    """What has compiled."""
    from assay import __version__

    return __version__, version("sqlglot")

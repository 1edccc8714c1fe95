"""Hold a dataset against its rules: count in one scan, decide, and ask further only about what failed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from assay.check.findings import Cause, Judged, failing_subjects, judged
from assay.check.findings.row import query_finding, unanswered_finding
from assay.check.kept import Queries
from assay.check.leaks import leakage_findings
from assay.check.measured import Measured
from assay.check.own_query import counting, sampling
from assay.check.proposal import proposed
from assay.check.questions import SOURCE, Asked, Probe, Question
from assay.check.samples import Row, first_rows, rows_or_none, wanted_of
from assay.check.shown import names_within, shown_row, shown_value
from assay.core.artifact import Artifact
from assay.core.dataset import DataColumn, Files, Source
from assay.core.finding import CheckReport, Finding, KeyCount, SliceCount, ValueCount
from assay.core.ports import Cache, Engine, Opened
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import ColumnRule, QueryRule, Rules

_Rule = TypeVar("_Rule")

SAMPLE_ROWS = 10
_VALUES_TOLD = 3
_OF_ONE_RULE = ("query-failed", "no-column", "rule-without-sense")
"""Why the scan could not be made, where one condition may be to blame."""
_MANY = 3
_NOT_WHOLE = "; more of it cannot be told here: it does not fit into the memory that checks may use"
_TOLD_BY_VALUE = ("wrong_type", "not_in_set", "wrong_length", "no_match")


class Beside(msgspec.Struct, frozen=True):
    """What rules need beside the dataset itself."""

    others: Mapping[str, Source] = {}
    """The datasets that they look into, by name, as the engine can open them."""
    queries: Mapping[str, str] = {}
    """The user's own queries, by path."""
    now_s: float | None = None
    """When rows must be fresh, seconds since the epoch; None: nothing is old."""


def check(
    dataset: Artifact,
    source: Source,
    rules: Rules,
    engine: Engine,
    beside: Beside | None = None,
    *,
    cache: Cache | None = None,
    sample_rows: int = SAMPLE_ROWS,
) -> CheckReport:
    """All findings on ``dataset``, which the engine opens as ``source``, with up to ``sample_rows`` failing rows each.

    Rules that hold cost nothing beyond the one scan. ``cache`` keeps compiled queries. ``EvidenceError`` where the dataset cannot be
    read, or a condition makes no sense for what its columns hold.
    """
    beside = beside or Beside()
    relations = {f"other{place}": beside.others[name] for place, name in enumerate(rules.others)}
    with engine.open({SOURCE: source, **relations}) as opened:
        queries = Queries(rules, engine.dialect, opened, cache)
        files = names_within(source.paths) if isinstance(source, Files) else {}
        return _Checking(rules, opened, queries, beside, sample_rows, files).report(dataset)


class _Checking:
    """One dataset that is open, under its rules."""

    def __init__(
        self,
        rules: Rules,
        opened: Opened,
        queries: Queries,
        beside: Beside,
        sample_rows: int,
        files: Mapping[str, str],
    ) -> None:
        self.files = files
        self.rules = rules
        self.opened = opened
        self.queries = queries
        self.beside = beside
        self.sample_rows = sample_rows
        self.columns = opened.columns[SOURCE]
        self.types = {rule.column: rule.type for rule in rules.columns}

    def report(self, dataset: Artifact) -> CheckReport:
        measured = self._measured()
        failing = failing_subjects(self.rules, measured)
        if len(failing) >= _MANY:
            self.opened.settle(SOURCE)
        if failing:
            measured = measured.with_answers(self._answers(self.queries.details(failing)))
        found = proposed(self.rules, measured, self._with_rows(measured))
        if self.rules.leakage is not None:
            found += leakage_findings(self.rules, self.rules.leakage, self.opened, self.queries, measured)
        found += [self._by_query(rule, measured.rows) for rule in self.rules.queries]
        return CheckReport(dataset, measured.rows, tuple(found))

    def _measured(self) -> Measured:
        try:
            return Measured(self.columns, self._answers(self.queries.scan(self.rules)))
        except EvidenceError as error:
            if error.problem.code not in _OF_ONE_RULE:
                raise
            return self._measured_one_by_one()

    def _measured_one_by_one(self) -> Measured:
        """A rule that cannot be asked (it leaves 64 bits, its column is gone or of another type) is a finding of its own and hides
        no other."""
        cannot: dict[Asked, object] = {}
        columns: list[ColumnRule] = []
        for column, why in self._why_not_each(self.rules.columns, lambda some: Rules(columns=some)):
            if why is None:
                columns.append(column)
            else:  # conditions and keys still read it as its type
                cannot["cannot", f"column {column.column}"] = why
                columns.append(ColumnRule(column.column, column.type, nullable=True))
        known = tuple(columns)
        types = tuple(ColumnRule(each.column, each.type, nullable=True) for each in known)
        row_rules = []
        for rule, why in self._why_not_each(self.rules.row_rules, lambda some: Rules(columns=types, row_rules=some)):
            if why is None:
                row_rules.append(rule)
            else:
                cannot["cannot", f"row {rule.name}"] = why
        asked = msgspec.structs.replace(self.rules, columns=known, row_rules=tuple(row_rules))
        return Measured(self.columns, self._answers(self.queries.scan(asked)) | cannot)

    def _why_not_each(
        self, rules: tuple[_Rule, ...], asked: Callable[[tuple[_Rule, ...]], Rules]
    ) -> Iterator[tuple[_Rule, str | None]]:
        """For each, why it cannot be asked, or None; halves that can be are asked at once."""
        found = self._alone(asked(rules)) if rules else {}
        if isinstance(found, str) and len(rules) > 1:
            half = len(rules) // 2
            yield from self._why_not_each(rules[:half], asked)
            yield from self._why_not_each(rules[half:], asked)
        else:
            why = found if isinstance(found, str) else None
            yield from ((rule, why) for rule in rules)

    def _alone(self, rules: Rules) -> dict[Asked, object] | str:
        """What is counted, or why it cannot be."""
        try:
            return self._answers(self.queries.scan(rules))
        except EvidenceError as error:
            if error.problem.code not in _OF_ONE_RULE:
                raise
            return _why_not(error.problem)

    def _answers(self, questions: Sequence[Question]) -> dict[Asked, object]:
        answers: dict[Asked, object] = {}
        for question in questions:
            (row,) = self.opened.rows(question.query)
            answers |= zip(question.asked, row, strict=True)
        return answers

    def _with_rows(self, measured: Measured) -> Iterator[Judged]:
        """All findings, those that have failing rows with the first of them."""
        found = tuple(judged(self.rules, measured, self.beside.now_s))
        probes = {
            place: self.queries.probe(each.cause, wanted_of(each.finding, self.rules, measured, self.sample_rows))
            for place, each in enumerate(found)
            if each.cause is not None and each.cause.has_rows
        }
        if sum(probe.queries for probe in probes.values()) >= _MANY:
            self.opened.settle(SOURCE)
        samples = dict(zip(probes, first_rows(self.opened, self.queries, tuple(probes.values())), strict=True))
        for place, each in enumerate(found):
            yield self._told(each, probes[place], samples[place]) if place in probes else each

    def _told(self, each: Judged, probe: Probe, sample: Sequence[Row] | None) -> Judged:
        finding, cause = each
        assert cause is not None
        values = self._beside(probe.values)
        slices = [(name, self._beside(query)) for name, query in probe.slices]
        keys = self._beside(probe.keys)
        is_whole = None not in (sample, values, keys, *(rows for _, rows in slices))
        counts = tuple(self._values(cause, values or ()))
        told = msgspec.structs.replace(
            finding,
            sample=tuple(shown_row(self.columns, row, self.types) for row in sample or ()),
            detail=_with_values(finding.detail, cause, counts) + ("" if is_whole else _NOT_WHOLE),
            values=counts,
            slices=tuple(count for name, rows in slices for count in self._slices(name, rows or ())),
            keys=tuple(self._keys(probe.key, keys or ())),
        )
        return Judged(told, cause)

    def _beside(self, query: str | None) -> list[Row] | None:
        """Nothing where nothing is asked, and None where it does not fit into memory."""
        return [] if query is None else rows_or_none(self.opened, query)

    def _values(self, cause: Cause, rows: Sequence[Row]) -> Iterator[ValueCount]:
        for value, number in rows:
            column = self._column(cause.subject.removeprefix("column "))
            yield ValueCount(shown_value(column, value), int(number))

    def _slices(self, name: str, rows: Sequence[Row]) -> Iterator[SliceCount]:
        column = next((column for column in self.columns if column.name == name), None)
        for part, number, of_rows in rows:
            shown = self.files.get(part, part) if column is None else shown_value(column, part)
            yield SliceCount(name, shown, int(number), int(of_rows))

    def _keys(self, key: Sequence[str], rows: Sequence[Row]) -> Iterator[KeyCount]:
        columns = [self._column(name) for name in key]
        for *cells, number in rows:
            yield KeyCount(tuple(shown_row(columns, cells, self.types).values()), int(number))

    def _column(self, name: str) -> DataColumn:
        return next(column for column in self.columns if column.name == name)

    def _by_query(self, rule: QueryRule, rows: int) -> Finding:
        """What the user's own query returns, which is what fails."""
        query, data = self.queries.own(rule, self.beside.queries[rule.path]), self.queries.data
        try:
            ((failing,),) = self.opened.rows(counting(query, data))
            found = self.opened.named_rows(sampling(query, data, self.sample_rows)) if failing else []
        except EvidenceError as error:
            if error.problem.code != "query-failed":
                raise
            return unanswered_finding(rule, _why_not(error.problem), rows)
        finding, cause = query_finding(rule, int(failing), rows)
        if cause is None:
            return finding
        shown = ({name: shown_value(None, value) for name, value in row.items()} for row in found)
        return msgspec.structs.replace(finding, sample=tuple(shown))


def _with_values(detail: str, cause: Cause, values: Sequence[ValueCount]) -> str:
    if cause.aspect not in _TOLD_BY_VALUE or not values:
        return detail
    more = ", …" if len(values) > _VALUES_TOLD else ""
    return f"{detail}: {', '.join(_quoted(value.value) for value in values[:_VALUES_TOLD])}{more}"


def _why_not(problem: Problem) -> str:
    if problem.code == "no-column":
        return f"{problem.what}; {problem.fix}"
    return problem.because[0] if problem.because else problem.what


def _quoted(value: object) -> str:
    return msgspec.json.encode(value).decode()

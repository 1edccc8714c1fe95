"""Find the columns that give a label away: a look at the first rows, a scan or two of all, then questions about what was found.

``findings/leaks.py`` says what gives a label away, and why chance does not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from assay.check.findings.leaks import (
    KEY_SHARE,
    LEAST_ROWS,
    MOST_CLASSES,
    MOST_VALUES,
    Fit,
    Interval,
    are_apart,
    by_null,
    by_values,
    has_enough,
    is_line,
)
from assay.check.findings.whole import missing
from assay.check.kept import Queries
from assay.check.measured import Measured
from assay.check.questions import SOURCE, Asked, Question, Seen
from assay.check.shown import shown_value
from assay.core.canonical import value_digest
from assay.core.counted import counted, share
from assay.core.dataset import DataColumn
from assay.core.finding import Finding, ValueCount
from assay.core.parts import parts
from assay.core.ports import Opened
from assay.core.rules import Leakage, Rules

_AT_ONCE = 60
"""Columns in one question: PostgreSQL answers with at most 1,664."""
_GROUPED_AT_ONCE = 30
_TOLD_VALUES = 10
_TOLD_PAIRS = 3


def leakage_findings(
    rules: Rules, leakage: Leakage, opened: Opened, queries: Queries, measured: Measured
) -> tuple[Finding, ...]:
    """A finding for each column that gives the label away, or nearly; one that passed where none does."""
    return tuple(_Looking(rules, leakage, opened, queries, measured).findings())


class _Told(msgspec.Struct, frozen=True):
    """What was found of a column."""

    column: Seen
    how: str
    rows: int
    """That do not fit."""
    is_whole: bool
    values: tuple[ValueCount, ...] = ()


class _Class(msgspec.Struct, frozen=True):
    """The rows with one label."""

    label: Any
    rows: int
    answers: Mapping[Asked, Any]


class _Looking:
    def __init__(self, rules: Rules, leakage: Leakage, opened: Opened, queries: Queries, measured: Measured) -> None:
        self.rules = rules
        self.leakage = leakage
        self.opened = opened
        self.queries = queries
        self.measured = measured

    def findings(self) -> Iterator[Finding]:
        line = self._line()
        columns = {column.name: column for column in self.opened.columns[SOURCE]}
        if self.leakage.label not in columns:
            yield missing(line, [self.leakage.label], self.measured)
            return
        looked = self._look([each for each in columns.values() if each.name not in self.leakage.allow])
        label = looked.pop(self.leakage.label)
        if label.type is None:
            detail = f"{label.name} holds {label.column.type}, which tells no classes and is no number"
            yield Finding(line, False, "error", detail, label.name, rows=self.measured.rows)
            return
        keys = {key[0] for key in self.rules.unique if len(key) == 1}
        asked = [each for each in looked.values() if each.name not in keys and self._filled[each.name]]
        told, why_not = self._told(label, asked)
        for each in told:
            severity = "error" if each.is_whole else "warn"
            gives = "gives" if each.is_whole else "nearly gives"
            detail = f"{each.column.name} {gives} {label.name} away: {each.how}"
            name, rows = each.column.name, self.measured.rows
            yield Finding(line, False, severity, detail, name, each.rows, rows, values=each.values)  # type: ignore[arg-type]
        if not any(each.is_whole for each in told):
            yield Finding(line, True, "error", why_not, rows=self.measured.rows)

    def _line(self) -> str:
        allowed = f", allow: [{', '.join(self.leakage.allow)}]" if self.leakage.allow else ""
        return f"leakage: {{label: {self.leakage.label}{allowed}}}"

    # Questions

    def _look(self, columns: Sequence[DataColumn]) -> dict[str, Seen]:
        declared = {rule.column: rule.type for rule in self.rules.columns}
        self._kinds: dict[str, int] = {}
        self._filled: dict[str, int] = {}
        found: dict[str, Seen] = {}
        for some in parts(columns, _AT_ONCE):

            def make(some: Sequence[DataColumn] = some) -> Question:
                from assay.check.compile.giving_away import compile_look

                return compile_look(some, declared, self.queries.dialect)

            answers = self._answer(make, "look", some)
            for column in some:
                self._filled[column.name] = int(answers["values", column.name] or 0)
                self._kinds[column.name] = int(answers.get(("kinds", column.name)) or 0)
                found[column.name] = Seen(column, _type(column, answers))
        return found

    def _told(self, label: Seen, columns: Sequence[Seen]) -> tuple[list[_Told], str]:
        """What was found, in the order of the columns, each once; and why nothing may have been."""
        found: dict[str, _Told] = {}
        classes = self._classes(label, columns) if self._kinds[label.name] <= MOST_CLASSES else None
        untold = ""
        if classes is not None:
            sizes = [each.rows for each in classes]
            if has_enough(sizes):
                found |= {each.column.name: each for each in self._of_classes(label, columns, classes)}
            else:
                rest = sum(sizes) - max(sizes, default=0)
                untold = f"too few rows to tell: {counted(rest, 'row')} outside the most frequent class, {LEAST_ROWS} are needed"
        if classes is None or (label.is_number and len(classes) > 2):
            rest_of = [each for each in columns if each.name not in found]
            found |= {each.column.name: each for each in self._copies(label, rest_of)}
        return [found[each.name] for each in columns if each.name in found], untold

    def _classes(self, label: Seen, columns: Sequence[Seen]) -> list[_Class] | None:
        """Each class, the most frequent first and equally frequent ones in their order; None where there are too many of them to be
        classes."""
        merged: dict[Any, _Class] = {}
        for some in parts(columns, _AT_ONCE) or [()]:

            def make(some: Sequence[Seen] = some) -> Question:
                from assay.check.compile.giving_away import compile_classes

                return compile_classes(label, some, self.queries.dialect, MOST_CLASSES)

            question = self._question(make, "classes", label, some)
            rows = self.opened.rows(question.query)
            if len(rows) > MOST_CLASSES:
                return None
            for row in rows:
                answers = dict(zip(question.asked, row, strict=True))
                value, known = answers["class", ""], merged.get(answers["class", ""])
                before = {} if known is None else known.answers
                merged[value] = _Class(value, int(answers["rows", ""]), {**before, **answers})
        return sorted(merged.values(), key=lambda each: (-each.rows, each.label))

    def _of_classes(self, label: Seen, columns: Sequence[Seen], classes: Sequence[_Class]) -> Iterator[_Told]:
        ordered = [each for each in columns if each.has_order and self._kinds[each.name] > len(classes)]
        apart = [each for each in ordered if are_apart(_intervals(each, classes))]
        keys = self._name_rows(label, apart)
        told = {each.name for each in apart} - keys
        for each in apart:
            if each.name in told:
                yield self._by_order(label, each, classes)
        rest = [each for each in columns if each.name not in told]
        by_values = {each.column.name: each for each in self._by_values(label, rest, classes)}
        for each in rest:
            found = [by_values.get(each.name), self._by_null(label, each, classes)]
            best = min((fit for fit in found if fit is not None), key=lambda fit: fit.rows, default=None)
            if best is not None:
                yield best

    def _by_values(self, label: Seen, columns: Sequence[Seen], classes: Sequence[_Class]) -> Iterator[_Told]:
        sizes = [each.rows for each in classes]
        few = [each for each in columns if each.can_be_grouped and self._kinds[each.name] <= MOST_VALUES]
        for some in parts(few, _GROUPED_AT_ONCE):

            def make(some: Sequence[Seen] = some) -> Question:
                from assay.check.compile.giving_away import compile_values

                return Question(compile_values(label, some, self.queries.dialect), ())

            for place, kinds, _, right in self.opened.rows(self._question(make, "values", label, some).query):
                fit = by_values(sizes, int(kinds), int(right))
                if fit is not None:
                    yield self._pairs(label, some[int(place)], int(kinds), fit)

    def _pairs(self, label: Seen, column: Seen, kinds: int, fit: Fit) -> _Told:
        def make() -> Question:
            from assay.check.compile.giving_away import compile_pairs

            return Question(compile_pairs(label, column, self.queries.dialect, _TOLD_VALUES), ())

        pairs = self.opened.rows(self._question(make, "pairs", label, [column]).query)
        shown = [(shown_value(column.column, value), shown_value(label.column, of)) for value, of, _ in pairs]
        told = ", ".join(f"{_quoted(value)} is {_quoted(of)}" for value, of in shown[:_TOLD_PAIRS])
        more = ", …" if len(shown) > _TOLD_PAIRS else ""
        how = f"each of its {counted(kinds, 'value')} has one {label.name} only: {told}{more}"
        if not fit.is_whole:
            how = f"each of its {counted(kinds, 'value')} has one {label.name} in all but {counted(fit.errors, 'row')}: {told}{more}"
        values = tuple(ValueCount(value, int(rows)) for (value, _), (_, _, rows) in zip(shown, pairs, strict=True))
        return _Told(column, how, fit.errors, fit.is_whole, values)

    def _by_null(self, label: Seen, column: Seen, classes: Sequence[_Class]) -> _Told | None:
        """Of the classes that NULL tells the one that it tells best; the rarest of several."""
        sizes = [each.rows for each in classes]
        filled = [int(each.answers["filled", column.name] or 0) for each in classes]
        fits = [(fit, place) for place in range(len(classes)) if (fit := by_null(sizes, filled, place)) is not None]
        if not fits:
            return None
        fit, place = min(fits, key=lambda each: (each[0].errors, -each[1]))
        is_null = filled[place] * 2 < sizes[place]
        but = "" if fit.is_whole else f" in all but {counted(fit.errors, 'row')}"
        how = f"it is {'' if is_null else 'not '}NULL where {label.name} is {_quoted(classes[place].label)}, and there alone{but}"
        return _Told(column, how, fit.errors, fit.is_whole)

    def _by_order(self, label: Seen, column: Seen, classes: Sequence[_Class]) -> _Told:
        there = sorted((each for each in _intervals(column, classes) if each.values), key=lambda each: each.least)  # type: ignore[arg-type,return-value]
        told = ", ".join(
            f"{each.least} .. {each.greatest} where it is {_quoted(each.label)}" for each in there[:_TOLD_PAIRS]
        )
        more = ", …" if len(there) > _TOLD_PAIRS else ""
        return _Told(column, f"its values lie apart by {label.name}: {told}{more}", 0, is_whole=True)

    def _name_rows(self, label: Seen, columns: Sequence[Seen]) -> set[str]:
        """Those of whole numbers that hardly ever stand twice."""
        numbers = [each for each in columns if each.is_number]
        if not numbers:
            return set()

        def make() -> Question:
            from assay.check.compile.giving_away import compile_keys

            return compile_keys(label, numbers, self.queries.dialect)

        answers = self._answer(make, "keys", label, numbers)
        return {
            each.name
            for each in numbers
            if answers["whole", each.name] == answers["values", each.name]
            and int(answers["kinds", each.name]) >= KEY_SHARE * int(answers["values", each.name])
        }

    def _copies(self, label: Seen, columns: Sequence[Seen]) -> Iterator[_Told]:
        for some in parts([each for each in columns if each.type is not None], _AT_ONCE):

            def make(some: Sequence[Seen] = some) -> Question:
                from assay.check.compile.giving_away import compile_copies

                return compile_copies(label, some, self.queries.dialect)

            answers = self._answer(make, "copies", label, some)
            rows = int(answers["rows", ""])
            for each in some:
                if (
                    rows >= LEAST_ROWS
                    and int(answers.get(("same", each.name)) or 0) == rows
                    and self._kinds[label.name] > 1
                ):
                    yield _Told(each, "it holds the same in every row", 0, is_whole=True)
                elif self._is_line(label, each, answers):
                    pairs = int(answers["pairs", each.name])
                    how = f"they go together on a straight line (correlation {_correlation(answers, each):.7g}) in {share(pairs, rows)}"
                    yield _Told(each, how, 0, is_whole=True)

    def _is_line(self, label: Seen, column: Seen, answers: Mapping[Asked, Any]) -> bool:
        pairs = int(answers.get(("pairs", column.name)) or 0)
        if not is_line(_correlation(answers, column), pairs):
            return False

        def make() -> Question:
            from assay.check.compile.giving_away import compile_inner_correlation

            return compile_inner_correlation(label, column, self.queries.dialect)

        inner = self._answer(make, "inner correlation", label, [column])
        return is_line(_correlation(inner, column), int(inner["pairs", column.name]))

    def _question(self, make: Callable[[], Question], *what: Any) -> Question:
        return self.queries.keep(f"leakage/{value_digest(list(what))}", make)

    def _answer(self, make: Callable[[], Question], *what: Any) -> dict[Asked, Any]:
        question = self._question(make, *what)
        (row,) = self.opened.rows(question.query)
        return dict(zip(question.asked, row, strict=True))


def _type(column: DataColumn, answers: Mapping[Asked, Any]) -> Any:
    """What says the type of a column: a rule, its own, or all of its first values; else text, of what holds texts."""
    said = answers.get(("type", column.name))
    if said is not None:
        return said or None
    tried = [what for what, whose in answers if whose == column.name and what not in ("values", "kinds")]
    values = answers["values", column.name]
    return next(
        (type_ for type_ in tried if values and answers[type_, column.name] == values), "str" if tried else None
    )


def _intervals(column: Seen, classes: Sequence[_Class]) -> list[Interval]:
    return [
        Interval(
            each.label,
            int(each.answers["values", column.name] or 0),
            each.answers["least", column.name],
            each.answers["greatest", column.name],
        )
        for each in classes
    ]


def _correlation(answers: Mapping[Asked, Any], column: Seen) -> float | None:
    found = answers.get(("correlation", column.name))
    return None if found is None else float(found)


def _quoted(value: object) -> str:
    return "NULL" if value is None else msgspec.json.encode(value).decode()

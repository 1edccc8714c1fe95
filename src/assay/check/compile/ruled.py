"""A dataset under its rules, as queries speak of it: ``source``, with its columns as c0, c1, ..., beside other datasets as ``other0``, ..."""

from collections.abc import Iterable, Mapping

import msgspec
from sqlglot import exp

from assay.check.compared import compared_columns
from assay.check.compile.cells import cell
from assay.check.compile.column import RuledColumn, ruled_column
from assay.check.compile.conditions import condition
from assay.check.compile.exact import members_apart
from assay.check.compile.overlap import Overlap, overlap
from assay.check.compile.shown import told
from assay.check.compile.tree import ref, sql, tree
from assay.check.questions import OWN_TYPES, SOURCE, Asked, Question, Subject
from assay.core.dataset import DataColumn, Dialect
from assay.core.near import near_miss
from assay.core.parts import parts
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import ColumnRule, ColumnType, MembersOf, RowRule, Rules

_MOST_ENTRIES = 1664
"""Of PostgreSQL's, in a SELECT: the columns themselves, and for each number that is asked its column's value and NULL."""


class RuledDataset(msgspec.Struct, frozen=True):
    """Rules on columns that are there; those on others are left out."""

    rules: Rules
    subject: Subject
    columns: Mapping[str, DataColumn]
    types: dict[str, ColumnType]
    """As what a condition reads each column."""
    ruled: tuple[RuledColumn, ...]
    by_name: Mapping[str, RuledColumn]
    """Those of ``ruled`` whose column may hold values of their type."""
    keys: tuple[tuple[str, ...], ...]

    @property
    def dialect(self) -> Dialect:
        """Of the engine."""
        return self.subject.dialect

    @property
    def key(self) -> tuple[str, ...]:
        """What rows are named by: the first key; empty where none is declared."""
        return self.keys[0] if self.keys else ()

    def rows(self, *asked: exp.Expr) -> exp.Expr:
        """All rows, with the cells of which these expressions speak."""
        spoken = {column.name for each in asked for column in each.find_all(exp.Column)}
        projected = [each.copy() for column in self.ruled for each in column.projected if each.alias in spoken]
        if not projected:
            return exp.to_table(SOURCE)
        return (
            exp.Select()
            .select(exp.Star(), *projected, copy=False)
            .from_(SOURCE, copy=False)
            .subquery("cells", copy=False)
        )

    @property
    def values(self) -> dict[str, exp.Expr]:
        """The columns that a rule gives a type, each as its instances."""
        return {name: column.value for name, column in self.by_name.items()}

    def refs(self, names: Iterable[str]) -> list[exp.Expr]:
        """What rows are told apart by."""
        return [each for name in names for each in self.told_apart_by(name)]

    def told_apart_by(self, name: str) -> list[exp.Expr]:
        """A column's value, so that 7 and 7.0 are one, and NaN and NULL; and beside it, as it stands, what is no value of its type."""
        column, own = self.by_name.get(name), self.comparable(self.columns[name])
        if column is None and self.columns[name].held == "float":
            return [cell("float", self.columns[name], self.dialect).value.copy()]
        if column is None or column.cell.is_plain:
            return [own]
        if not column.cell.may_be_wrong:
            return [each.copy() for each in column.apart]
        wrong = tree("CASE WHEN v IS NULL AND NOT n THEN x END", v=column.value, n=column.null, x=own)
        return [*(each.copy() for each in column.apart), wrong]

    def comparable(self, column: DataColumn) -> exp.Expr:
        """What is nested is told apart by its text where engines have kinds that they cannot group."""
        x = ref(column.ref)
        return x if self.dialect == "duckdb" or column.held != "other" else told(column, x, self.dialect)

    def ruled_column(self, name: str) -> RuledColumn:
        """The rule on a column that is there."""
        return next(each for each in self.ruled if each.rule.column == name)

    def row_rule(self, name: str) -> RowRule:
        """The rule across columns of that name."""
        return next(each for each in self.rules.row_rules if each.name == name)

    def fails(self, rule: RowRule) -> exp.Expr:
        """The condition that a row breaks the rule."""
        fails = _none_of(condition(rule.name, rule.holds, self.columns, self.types, self.dialect))
        if rule.given is None:
            return fails
        given = condition(rule.name, rule.given, self.columns, self.types, self.dialect)
        return exp.and_(exp.paren(given), fails)

    def stranger(self, column: RuledColumn) -> exp.Expr:
        """The condition that the value is not among those of the other dataset."""
        assert column.rule.members is not None
        assert column.members is not None
        here, there = self.columns[column.rule.column], self._member_column(column.rule.members)
        ours, theirs = zip(*members_apart(column.rule.type, here, there, column.value, self.dialect), strict=True)
        inner = exp.select(*(exp.alias_(each.copy(), f"m{place}") for place, each in enumerate(theirs)))
        inner = inner.from_(column.members).where(tree("v IS NOT NULL", v=theirs[0]))
        value = ours[0].copy() if len(ours) == 1 else exp.Tuple(expressions=[each.copy() for each in ours])
        is_member = exp.In(this=value, query=exp.Subquery(this=inner))
        return tree("v IS NOT NULL AND NOT m", v=column.value, m=exp.paren(is_member))

    def overlap(self, dataset: str) -> Overlap:
        """The rows beside those of another dataset."""
        there = {column.name: column for column in self.subject.others[dataset]}
        names = compared_columns(self.rules, self.columns, there)
        types = self.types | {
            name: "float" for name in self.subject.long if name in names and there[name].held not in ("csv", "text")
        }
        return overlap(names, self.columns, there, types, self.dialect, _relation(self.subject, dataset))

    def count_of(self, condition_: exp.Expr) -> exp.Expr:
        """How many rows it holds for, in a query of its own: engines look members up in what they have hashed once."""
        found = exp.select(tree("count(*)")).from_(self.rows(condition_)).where(condition_.copy())
        return exp.Subquery(this=found)

    def questions(self, asked: Mapping[Asked, exp.Expr]) -> tuple[Question, ...]:
        """Numbers of the rows, in one query, or as few as the engine takes."""
        most = (_MOST_ENTRIES - len(self.columns)) // 2 if self.dialect == "postgres" else len(asked)
        return tuple(
            question(dict(some), self.rows(*(each for _, each in some)), self.dialect)
            for some in parts(tuple(asked.items()), max(most, 1))
        )

    def _member_column(self, members: MembersOf) -> DataColumn:
        columns = {each.name: each for each in self.subject.others[members.dataset]}
        if members.column in columns:
            return columns[members.column]
        near = near_miss(members.column, columns)
        fix = f"did you mean {members.dataset}:{near}?" if near else f"its columns are {', '.join(columns)}"
        what = f"{members.dataset} has no column `{members.column}`"
        raise EvidenceError(Problem("no-column", what, (f"a rule asks for members of {members}",), fix))


def ruled_dataset(rules: Rules, subject: Subject) -> RuledDataset:
    """The rules against the columns. ``EvidenceError`` for a rule that was made in Python and asks what its type cannot answer."""
    columns = {column.name: column for column in subject.columns}
    types: dict[str, ColumnType] = dict(subject.tried)
    types |= {name: own for name, each in columns.items() if (own := OWN_TYPES.get(each.held)) is not None}
    types |= {rule.column: rule.type for rule in rules.columns}
    ruled = tuple(
        ruled_column(place, rule, columns[rule.column], subject.dialect, _members_relation(rule, subject))
        for place, rule in enumerate(rules.columns)
        if rule.column in columns
    )
    keys = tuple(key for key in rules.unique if all(name in columns for name in key))
    by_name = {each.rule.column: each for each in ruled if not each.cell.is_ruled_out}
    return RuledDataset(rules, subject, columns, types, ruled, by_name, keys)


def ways(column: RuledColumn) -> dict[str, exp.Expr]:
    """In which ways a value can break the rule, by its row alone. NULL does in none; where there is but one, or none and members
    of another dataset, the scan counts it by its name, and nothing is asked again."""
    return {aspect: fails for aspect, fails in column.failing.items() if aspect != "nulls"}


def question(asked: Mapping[Asked, exp.Expr], rows: exp.Expr, dialect: Dialect) -> Question:
    """Queries within it look at the rows by themselves: only where something else is asked there is a scan beside them."""
    named = (exp.alias_(each, f"a{place}", copy=False) for place, each in enumerate(asked.values()))
    query = exp.Select().select(*named, copy=False)
    if not all(isinstance(each, exp.Subquery) for each in asked.values()):
        query.from_(rows, copy=False)
    return Question(sql(query, dialect), tuple(asked))


def _members_relation(rule: ColumnRule, subject: Subject) -> str | None:
    if rule.members is None or rule.one_of is not None:
        return None
    return _relation(subject, rule.members.dataset)


def _relation(subject: Subject, dataset: str) -> str:
    return f"other{list(subject.others).index(dataset)}"


def _none_of(holds: exp.Expr) -> exp.Expr:
    """The condition does not hold. Of ``a or b`` it is said as ``not a and not b``: the same where NULL is about, in half the time of
    DuckDB's."""
    while isinstance(holds, exp.Paren):
        holds = holds.this
    parts = list(holds.flatten()) if isinstance(holds, exp.Or) else [holds]
    return exp.and_(*(exp.not_(exp.paren(part.copy())) for part in parts))

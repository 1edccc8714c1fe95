"""Queries for a dataset's values themselves: all rows as people know them, the members of a column, and what texts may be."""

from collections.abc import Sequence

from sqlglot import exp

from assay.check.compile.cells import cell, is_instance, is_tried_as
from assay.check.compile.ruled import RuledDataset, question
from assay.check.compile.tree import count_if, ref, sql, tree
from assay.check.questions import SOURCE, TRIED, Asked, Question
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import ColumnType


def compile_data(data: RuledDataset) -> str:
    """The query for the dataset as people know it: columns under their names, each as its rule reads it."""
    values, shown = data.values, []
    for name, column in data.columns.items():
        own = data.types.get(name)
        value = values.get(name)
        if value is None:
            value = ref(column.ref) if own is None else cell(own, column, data.dialect).value
        shown.append(exp.alias_(value.copy(), exp.to_identifier(name, quoted=True)))
    return sql(exp.select(*shown).from_(data.rows(*shown)), data.dialect)


def compile_members(column: DataColumn, type_: ColumnType, dialect: Dialect, limit: int) -> str:
    """The query for the different values of a column under a type, at most so many; days and times as texts."""
    value = cell(type_, column, dialect).value
    told = tree("CAST(v AS TEXT)", v=value) if type_ in ("date", "time") else value
    found = exp.select(exp.alias_(told.copy(), "member")).distinct().from_(SOURCE).where(tree("v IS NOT NULL", v=value))
    return sql(found.limit(limit), dialect)


def compile_tries(columns: Sequence[DataColumn], dialect: Dialect) -> Question:
    """Asks for each column how many values it has, and how many of them are instances of each type, or NaN where that is NULL."""
    asked: dict[Asked, exp.Expr] = {}
    for column in columns:
        asked["values", column.name] = tree("count(v)", v=ref(column.ref))
        for type_ in TRIED:
            asked[type_, column.name] = count_if(is_tried_as(type_, column, dialect))
        if column.held == "csv":
            asked["number", column.name] = count_if(is_instance("float", column, dialect))
    return question(asked, exp.to_table(SOURCE), dialect)

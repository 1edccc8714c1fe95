"""What is asked to find columns that give a label away: aggregates by class, and how the rows of each value are labelled.

Every query speaks of the rows that have a label, and of few columns at once: engines bound how many columns an answer may have.
"""

from collections.abc import Mapping, Sequence

from sqlglot import exp

from assay.check.compile.cells import cell, is_tried_as
from assay.check.compile.shown import handed
from assay.check.compile.tree import count_if, literal, ref, sql, tree
from assay.check.questions import OWN_TYPES, SOURCE, TRIED, Asked, Question, Seen
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import ColumnType

FIRST_ROWS = 10_000
"""So many are looked at to see what the columns are like."""
_FINITE = "CASE WHEN abs(CAST(v AS DOUBLE)) < 1e100 THEN CAST(v AS DOUBLE) END"
"""Whose square is a number."""

_WHOLE = "CASE WHEN v > -9007199254740992 AND v < 9007199254740992 THEN v = floor(v) ELSE v IS NOT NULL END"
"""Beyond 2^53 every number is, and Spark's floor fails where it does not fit into 64 bits."""


def compile_look(columns: Sequence[DataColumn], declared: Mapping[str, ColumnType], dialect: Dialect) -> Question:
    """How many values and different ones the first rows have in each column and, where nothing says it, of which type they are."""
    asked: dict[Asked, exp.Expr] = {}
    for column in columns:
        asked["values", column.name] = tree("count(v)", v=ref(column.ref))
        if column.held != "other":
            asked["kinds", column.name] = tree("count(DISTINCT v)", v=ref(column.ref))
        known = declared.get(column.name) or OWN_TYPES.get(column.held)
        if known is not None:
            asked["type", column.name] = literal("" if cell(known, column, dialect).is_ruled_out else known)
        elif column.held in ("csv", "json"):
            for type_ in TRIED:
                asked[type_, column.name] = count_if(is_tried_as(type_, column, dialect))
    first = exp.select(exp.Star()).from_(SOURCE).limit(FIRST_ROWS).subquery("first_rows")
    return _question(asked, first, dialect)


def compile_classes(label: Seen, columns: Sequence[Seen], dialect: Dialect, most: int) -> Question:
    """One row for each class, one more than ``most`` at most: its value and its rows, and in each column the rows that are not NULL and
    between which ends its values lie."""
    asked: dict[Asked, exp.Expr] = {("class", ""): _told(label, ref("y")), ("rows", ""): tree("count(*)")}
    for each in columns:
        asked["filled", each.name] = tree("count(c)", c=ref(each.column.ref))
        if each.has_order:
            value = ref(_value_name(each))
            asked["values", each.name] = tree("count(v)", v=value)
            asked["least", each.name] = _told(each, tree("min(v)", v=value))
            asked["greatest", each.name] = _told(each, tree("max(v)", v=value))
    query = exp.select(*(exp.alias_(each, f"a{place}") for place, each in enumerate(asked.values())))
    query = query.from_(_labelled(label, columns, dialect)).group_by(ref("y")).limit(most + 1)
    return Question(sql(query, dialect), tuple(asked))


def compile_copies(label: Seen, columns: Sequence[Seen], dialect: Dialect) -> Question:
    """In how many rows each column holds the label itself, and how numbers go with a label that is a number."""
    asked: dict[Asked, exp.Expr] = {("rows", ""): tree("count(*)")}
    for each in columns:
        value = ref(_value_name(each))
        if each.type == label.type:
            asked["same", each.name] = count_if(tree("v = y", v=value, y=ref("y")))
        if each.is_number and label.is_number:
            pair = {"x": tree(_FINITE, v=value), "y": tree(_FINITE, v=ref("y"))}
            asked["correlation", each.name] = tree("corr(x, y)", **pair)
            asked["pairs", each.name] = count_if(tree("x IS NOT NULL AND y IS NOT NULL", **pair))
    return _question(asked, _labelled(label, columns, dialect), dialect)


def compile_inner_correlation(label: Seen, column: Seen, dialect: Dialect) -> Question:
    """The same of the rows that hold neither the least nor the greatest value of column and label: one far value makes a line
    of any two columns."""
    value = ref(_value_name(column))
    pair = {"x": tree(_FINITE, v=value), "y": tree(_FINITE, v=ref("y"))}
    pairs = exp.select(exp.alias_(pair["x"], "x"), exp.alias_(pair["y"], "y")).from_(
        _labelled(label, [column], dialect)
    )
    ends = exp.select(
        *(exp.alias_(tree(f"{end}({one})"), f"{end}_{one}") for one in ("x", "y") for end in ("min", "max"))
    ).from_(pairs.subquery("pairs"))
    inner = exp.select("x", "y").from_(pairs.subquery("pairs")).join(ends.subquery("ends"), join_type="cross")
    inner = inner.where(tree("x > min_x AND x < max_x AND y > min_y AND y < max_y"))
    asked = {("correlation", column.name): tree("corr(x, y)"), ("pairs", column.name): tree("count(*)")}
    return _question(asked, inner.subquery("inner_pairs"), dialect)


def compile_values(label: Seen, columns: Sequence[Seen], dialect: Dialect) -> str:
    """A row for each column: its place among ``columns``, how many different values it has (NULL is one), the labelled rows, and how
    many of them have the most frequent label of their value. One scan."""
    refs = [each.column.ref for each in columns]
    place = exp.Case(ifs=[exp.If(this=tree(f"GROUPING({name}) = 0"), true=literal(at)) for at, name in enumerate(refs)])
    sets = exp.GroupingSets(expressions=[exp.Tuple(expressions=[ref(name), ref("y")]) for name in refs])
    labels = exp.select(exp.alias_(place, "place"), *refs, "y", exp.alias_(tree("count(*)"), "number"))
    labels = labels.from_(_labelled(label, columns, dialect))
    labels.set("group", exp.Group(grouping_sets=[sets]))
    values = exp.select("place", exp.alias_(tree("sum(number)"), "number"), exp.alias_(tree("max(number)"), "most"))
    values = values.from_(labels.subquery("labels_of_values")).group_by("place", *refs)
    whole = exp.select("place", tree("count(*)"), tree("sum(number)"), tree("sum(most)"))
    return sql(whole.from_(values.subquery("kinds")).group_by("place").order_by("place"), dialect)


def compile_pairs(label: Seen, column: Seen, dialect: Dialect, most: int) -> str:
    """The most frequent pairs of a value and a label, with their rows; equally frequent ones in their order."""
    value, y = ref(column.column.ref), ref("y")
    shown = exp.alias_(handed(value, column.column.held, dialect), "v")
    found = exp.select(shown, exp.alias_(_told(label, y), "l"), exp.alias_(tree("count(*)"), "number"))
    found = found.from_(_labelled(label, [column], dialect)).group_by(value.copy(), y.copy())
    parts = (exp.Ordered(this=part.copy(), nulls_first=False) for part in (value, y))
    return sql(found.order_by(exp.Ordered(this=ref("number"), desc=True), *parts).limit(most), dialect)


def compile_keys(label: Seen, columns: Sequence[Seen], dialect: Dialect) -> Question:
    """How many values, different ones and ones without a fraction each column of numbers has."""
    asked: dict[Asked, exp.Expr] = {}
    for each in columns:
        value = ref(_value_name(each))
        asked["values", each.name] = tree("count(v)", v=value)
        is_exact = each.column.held in ("wide_int", "decimal")
        asked["kinds", each.name] = tree("count(DISTINCT v)", v=ref(each.column.ref) if is_exact else value)
        asked["whole", each.name] = count_if(tree(_WHOLE, v=value)) if each.is_number else literal(0)
    return _question(asked, _labelled(label, columns, dialect), dialect)


def _labelled(label: Seen, columns: Sequence[Seen], dialect: Dialect) -> exp.Expr:
    """The rows that have a label, ``y``: the columns as they are, and their values under their types."""
    assert label.type is not None
    shown = [exp.alias_(cell(label.type, label.column, dialect).value, "y")]
    for each in columns:
        shown.append(ref(each.column.ref))
        if each.type is not None:
            shown.append(exp.alias_(cell(each.type, each.column, dialect).value, _value_name(each)))
    cells = exp.select(*shown).from_(SOURCE).subquery("cells")
    return exp.select(exp.Star()).from_(cells).where(tree("y IS NOT NULL")).subquery("labelled")


def _value_name(each: Seen) -> str:
    return f"v_{each.column.ref}"


def _told(each: Seen, value: exp.Expr) -> exp.Expr:
    """As text where engines and drivers have types of their own; such texts are in the order of the times."""
    return tree("CAST(v AS TEXT)", v=value) if each.type in ("date", "time") else value


def _question(asked: Mapping[Asked, exp.Expr], rows: exp.Expr, dialect: Dialect) -> Question:
    query = exp.select(*(exp.alias_(each, f"a{place}") for place, each in enumerate(asked.values())))
    return Question(sql(query.from_(rows), dialect), tuple(asked))

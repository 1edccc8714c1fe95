"""Rules and columns to queries: one that counts everything, and for each rule those that are asked only where it fails.

Queries speak of the dataset as ``source``, its columns as c0, c1, ..., and of other datasets as ``other0``, ``other1``, ...
"""

from collections.abc import Mapping, Sequence

from sqlglot import exp

from assay.check.compared import compared_columns
from assay.check.compile.cells import as_json, cell, utc
from assay.check.compile.column import RuledColumn, asked_of_all, ruled_column
from assay.check.compile.overlap import MARK, Overlap, overlap
from assay.check.compile.row_rules import condition
from assay.check.compile.tree import count_if, literal, ref, sql, tree
from assay.check.questions import OWN_TYPES, SOURCE, TRIED, Asked, Inquiry, Probe, Question, Subject
from assay.core.dataset import DataColumn, Dialect, Held
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import ColumnRule, ColumnType, MembersOf, RowRule, Rules

SHOWN_VALUES = 10
SHOWN_SLICES = 10


def compile_scan(rules: Rules, subject: Subject) -> Question:
    """The one query that counts everything; rules on columns that are not there are left out."""
    return _Compiler(rules, subject, 0).scan()


def compile_inquiry(rules: Rules, subject: Subject, what: str, sample_rows: int) -> Inquiry:
    """What may be asked where ``what`` fails, with so many rows at most for each way to fail."""
    return _Compiler(rules, subject, sample_rows).inquiry(what)


def compile_data(rules: Rules, subject: Subject) -> str:
    """The query for the dataset as people know it: columns under their names, each as its rule reads it."""
    return _Compiler(rules, subject, 0).data()


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
            found = cell(type_, column, dialect)
            is_one = tree("x IS NOT NULL AND (n OR v IS NOT NULL)", x=ref(column.ref), n=found.null, v=found.value)
            asked[type_, column.name] = count_if(is_one)
    return _question(asked, exp.to_table(SOURCE), dialect)


class _Compiler:
    def __init__(self, rules: Rules, subject: Subject, sample_rows: int) -> None:
        self.rules = rules
        self.columns = {column.name: column for column in subject.columns}
        self.dialect = subject.dialect
        self.others = subject.others
        self.has_order = subject.has_order
        self.sample_rows = sample_rows
        self.types = self._types(subject.tried)
        self.ruled = tuple(self._ruled(place, rule) for place, rule in enumerate(rules.columns) if self._is_there(rule))
        self.keys = tuple(key for key in rules.unique if all(name in self.columns for name in key))
        self.key = self.keys[0] if self.keys else ()

    def inquiry(self, what: str) -> Inquiry:
        kind, _, name = what.partition(" ")
        if kind == "column":
            column = next(each for each in self.ruled if each.rule.column == name)
            aspects = {} if column.cell.is_ruled_out else self._aspects(column)
            details = _question(aspects, self._rows(), self.dialect) if aspects else None
            return Inquiry(details, self._column_probes(column))
        if kind == "row":
            rule = next(each for each in self.rules.row_rules if each.name == name)
            return Inquiry(None, (self._probe("row", self._fails(rule), self._rows()),))
        if kind == "apart":
            return self._inquiry_apart(name)
        key = tuple(self.columns) if what == "distinct rows" else next(k for k in self.keys if ", ".join(k) == name)
        refs = self._refs(key)
        details = _question({("repeats", what): self._repeat_count(refs)}, self._rows(), self.dialect)
        return Inquiry(details, (self._repeats(refs),))

    def data(self) -> str:
        values = {column.rule.column: column.value for column in self.ruled if not column.cell.is_ruled_out}
        shown = []
        for name, column in self.columns.items():
            own = self.types.get(name)
            value = values.get(name)
            if value is None:
                value = ref(column.ref) if own is None else cell(own, column, self.dialect).value
            shown.append(exp.alias_(value.copy(), exp.to_identifier(name, quoted=True)))
        return sql(exp.select(*shown).from_(self._rows()), self.dialect)

    def _types(self, tried: Mapping[str, ColumnType]) -> dict[str, ColumnType]:
        """As what a condition reads each column."""
        found: dict[str, ColumnType] = dict(tried)
        found |= {name: own for name, each in self.columns.items() if (own := OWN_TYPES.get(each.held)) is not None}
        return found | {rule.column: rule.type for rule in self.rules.columns}

    def _is_there(self, rule: ColumnRule) -> bool:
        return rule.column in self.columns

    def _ruled(self, place: int, rule: ColumnRule) -> RuledColumn:
        members = None
        if rule.members is not None and rule.one_of is None:
            members = f"other{self.rules.others.index(rule.members.dataset)}"
        return ruled_column(place, rule, self.columns[rule.column], self.dialect, members)

    def _refs(self, names: Sequence[str]) -> list[exp.Expr]:
        """Columns to be told apart by."""
        return [self._comparable(self.columns[name]) for name in names]

    def _comparable(self, column: DataColumn) -> exp.Expr:
        """What is nested is told apart by its text where engines have kinds that they cannot group."""
        x = ref(column.ref)
        return x if self.dialect == "duckdb" or column.held != "other" else self._told(column, x)

    # The scan

    def scan(self) -> Question:
        asked: dict[Asked, exp.Expr] = {("rows", ""): tree("count(*)")}
        for column in self.ruled:
            asked |= self._asked_of(column)
        for fresh in self.rules.fresh:
            if fresh.column in self.columns:
                asked["newest", fresh.column] = self._newest(fresh.column)
        for rule in self.rules.row_rules:
            asked["row", rule.name] = count_if(self._fails(rule))
        for key in self.keys:
            asked["distinct", ", ".join(key)] = self._distinct(self._refs(key))
        if self.rules.distinct_rows and self.columns:
            asked["distinct rows", ""] = self._distinct(self._refs(tuple(self.columns)))
        for dataset in self.rules.apart_from:
            asked |= self._asked_apart(dataset)
        return _question(asked, self._rows(), self.dialect)

    def _asked_of(self, column: RuledColumn) -> dict[Asked, exp.Expr]:
        name = column.rule.column
        nulls = count_if(column.null)
        if isinstance(column.null, exp.Is):
            nulls = tree("count(*) - count(c)", c=column.null.this)
        asked: dict[Asked, exp.Expr] = {("nulls", name): nulls}
        if column.cell.is_ruled_out:
            return asked | {("ruled out", name): exp.true()}
        ways = self._ways(column)
        if column.members is not None and not ways:
            asked["not_in_set", name] = self._count_of(self._stranger(column))
        elif column.members is not None:
            asked["strangers", name] = self._count_of(
                tree("NOT coalesce(b, false) AND s", b=column.broken, s=self._stranger(column))
            )
        if len(ways) == 1:
            asked |= {(aspect, name): count_if(fails) for aspect, fails in ways.items()}
        elif ways:
            asked["broken", name] = count_if(column.broken)
        if column.rule.is_unique:
            asked["values", name] = tree("count(v)", v=column.value)
            asked["distinct values", name] = self._distinct_values(column)
        return asked | {(what, name): each for what, each in asked_of_all(column).items()}

    def _ways(self, column: RuledColumn) -> dict[str, exp.Expr]:
        """In which ways a value can break the rule, by its row alone. NULL does in none; where there is but one, or none and members
        of another dataset, the scan counts it by its name, and nothing is asked again."""
        return {aspect: fails for aspect, fails in column.failing.items() if aspect != "nulls"}

    def _newest(self, name: str) -> exp.Expr:
        """As text: engines and their drivers have types of their own for times."""
        value = cell("time", self.columns[name], self.dialect).value
        if self.dialect in ("duckdb", "postgres"):  # they know a time after all others
            value = tree("CASE WHEN isfinite(v) THEN v END", v=value)
        return tree("CAST(max(v) AS TEXT)", v=value)

    def _count_of(self, condition_: exp.Expr) -> exp.Expr:
        found = exp.select(tree("count(*)")).from_(self._rows()).where(condition_.copy())
        return exp.Subquery(this=found)

    def _distinct(self, refs: Sequence[exp.Expr]) -> exp.Expr:
        """How many different keys there are, where NULL equals NULL. DuckDB tells apart 64 bits of each: where that gives as many
        as there are rows no two can be equal, and fewer are counted again in full."""
        if self.dialect == "duckdb":
            hashed = exp.Anonymous(this="hash", expressions=[each.copy() for each in refs])
            refs = [exp.alias_(hashed, "k")]
        else:
            refs = [exp.alias_(each.copy(), f"k{place}") for place, each in enumerate(refs)]
        inner = exp.select(*(each.copy() for each in refs)).distinct().from_(SOURCE)
        return exp.Subquery(this=exp.select(tree("count(*)")).from_(inner.subquery("keys")))

    def _distinct_values(self, column: RuledColumn) -> exp.Expr:
        value = column.value.copy()
        if self.dialect == "duckdb":
            value = exp.Anonymous(this="hash", expressions=[value])
        inner = exp.select(exp.alias_(value, "k")).distinct().from_(self._rows())
        inner = inner.where(tree("v IS NOT NULL", v=column.value))
        return exp.Subquery(this=exp.select(tree("count(*)")).from_(inner.subquery("keys")))

    def _asked_apart(self, dataset: str) -> dict[Asked, exp.Expr]:
        found = self._overlap(dataset)
        asked: dict[Asked, exp.Expr] = {
            ("compared by", dataset): literal(", ".join(found.names)),
            ("not compared", dataset): literal("; ".join(found.left_out)),
        }
        if found.names:
            asked["shared", dataset] = found.shared(SOURCE, exactly=False)
        return asked

    def _overlap(self, dataset: str) -> Overlap:
        there = {column.name: column for column in self.others[dataset]}
        names = compared_columns(self.rules, self.columns, there)
        other = f"other{self.rules.others.index(dataset)}"
        return overlap(names, self.columns, there, self.types, self.dialect, other)

    def _inquiry_apart(self, dataset: str) -> Inquiry:
        found = self._overlap(dataset)
        details = _question({("shared", dataset): found.shared(SOURCE, exactly=True)}, self._rows(), self.dialect)
        rows, order = self._placed()
        marked = found.rows(rows, SOURCE)
        return Inquiry(details, (self._probe("shared", tree(f"{MARK} IS NOT NULL"), marked, order=order),))

    def _rows(self) -> exp.Expr:
        """All rows, with the cells that the conditions speak of."""
        projected = [each.copy() for column in self.ruled for each in column.projected]
        if not projected:
            return exp.to_table(SOURCE)
        return exp.select(exp.Star(), *projected).from_(SOURCE).subquery("cells")

    def _stranger(self, column: RuledColumn) -> exp.Expr:
        """The value is not among those of the other dataset."""
        rule = column.rule
        assert rule.members is not None
        assert column.members is not None
        theirs = cell(rule.type, self._member_column(rule.members), self.dialect).value
        inner = exp.select(exp.alias_(theirs.copy(), "m")).from_(column.members).where(tree("v IS NOT NULL", v=theirs))
        return exp.not_(exp.In(this=column.value.copy(), query=exp.Subquery(this=inner)))

    def _member_column(self, members: MembersOf) -> DataColumn:
        columns = {each.name: each for each in self.others[members.dataset]}
        if members.column in columns:
            return columns[members.column]
        near = near_miss(members.column, columns)
        fix = f"did you mean {members.dataset}:{near}?" if near else f"its columns are {', '.join(columns)}"
        what = f"{members.dataset} has no column `{members.column}`"
        raise EvidenceError(Problem("no-column", what, (f"a rule asks for members of {members}",), fix))

    def _fails(self, rule: RowRule) -> exp.Expr:
        holds = condition(rule.name, rule.holds, self.columns, self.types, self.dialect)
        fails = _none_of(holds)
        if rule.given is None:
            return fails
        given = condition(rule.name, rule.given, self.columns, self.types, self.dialect)
        return exp.and_(exp.paren(given), fails)

    # What is asked where a rule fails

    def _aspects(self, column: RuledColumn) -> dict[Asked, exp.Expr]:
        name = column.rule.column
        ways = self._ways(column)
        asked: dict[Asked, exp.Expr] = {}
        if len(ways) + (column.members is not None) > 1:
            asked |= {(aspect, name): count_if(fails) for aspect, fails in ways.items()}
            if column.members is not None:
                asked["not_in_set", name] = self._count_of(self._stranger(column))
        if column.rule.bounds is not None:
            told = "CAST(x AS TEXT)" if column.rule.type in ("date", "time") else "x"
            asked["least", name] = tree(told, x=tree("min(v)", v=column.value))
            asked["greatest", name] = tree(told, x=tree("max(v)", v=column.value))
        if column.rule.is_unique:
            asked["repeats", name] = self._repeat_count([column.value], tree("v IS NOT NULL", v=column.value))
        return asked

    def _column_probes(self, column: RuledColumn) -> tuple[Probe, ...]:
        rows = self._rows()
        value = column.value
        found = [
            self._probe(aspect, each, rows, None if aspect == "nulls" else self._told_value(column, aspect))
            for aspect, each in column.failing.items()
        ]
        if column.members is not None:
            found.append(self._probe("not_in_set", self._stranger(column), rows, self._told_value(column, "")))
        for quantile in column.rule.quantiles:
            bounds = quantile.bounds
            if bounds.high is not None:
                above = tree("v >= h" if bounds.high_open else "v > h", v=value, h=literal(bounds.high))
                found.append(self._probe(f"above/{quantile.share}", above, rows))
            if bounds.low is not None:
                below = tree("v <= l" if bounds.low_open else "v < l", v=value, l=literal(bounds.low))
                found.append(self._probe(f"below/{quantile.share}", below, rows))
        if column.rule.is_unique:
            found.append(self._repeats([value], tree("v IS NOT NULL", v=value)))
        return tuple(found)

    def _told_value(self, column: RuledColumn, aspect: str) -> tuple[exp.Expr, Held]:
        """By which values failing rows are counted, and what they are."""
        if aspect == "wrong_type":
            own = self.columns[column.rule.column]
            return ref(own.ref), own.held
        as_what: dict[ColumnType, Held] = {"date": "date", "time": "time"}
        return column.value, as_what.get(column.rule.type, "int")

    def _probe(
        self,
        aspect: str,
        fails: exp.Expr,
        rows: exp.Expr,
        told: tuple[exp.Expr, Held] | None = None,
        *,
        order: Sequence[exp.Expr] = (),
    ) -> Probe:
        """``order``: where the engine would lose that of the data on its way to the rows."""
        chosen = exp.select(*self._shown()).from_(rows.copy()).where(fails.copy())
        chosen = chosen.order_by(*(each.copy() for each in order)) if order else self._ordered(chosen)
        values = None
        if told is not None:
            value, held = told
            counted = exp.select(exp.alias_(value.copy(), "part"), exp.alias_(tree("count(*)"), "number"))
            counted = counted.from_(rows.copy()).where(fails.copy()).group_by(value.copy())
            most = exp.select(exp.alias_(self._handed(ref("part"), held), "s0"), "number").from_(
                counted.subquery("counted")
            )
            most = most.order_by(exp.Ordered(this=ref("number"), desc=True), _first(ref("part")))
            values = sql(most.limit(SHOWN_VALUES), self.dialect)
        return Probe(aspect, self._limited(chosen), values, self._slices(fails, rows))

    def _slices(self, fails: exp.Expr, rows: exp.Expr) -> tuple[tuple[str, str], ...]:
        """In one pass, for each value the rows that fail and all that have it."""
        found = []
        for name in self.rules.slices:
            column = self.columns.get(name)
            if column is None:
                continue
            part = self._comparable(column)
            shown = self._told(column, ref("part")) if isinstance(part, exp.Column) else ref("part")
            failing = exp.alias_(tree("CASE WHEN f THEN 1 ELSE 0 END", f=fails), "fails")
            marked = exp.select(exp.alias_(part, "part"), failing)
            parts = exp.select(
                exp.alias_(shown, "s0"),
                exp.alias_(tree("sum(fails)"), "number"),
                exp.alias_(tree("count(*)"), "all_rows"),
            )
            parts = parts.from_(marked.from_(rows.copy()).subquery("marked")).group_by("part").having("sum(fails) > 0")
            most = exp.Ordered(this=ref("number"), desc=True)
            found.append((name, sql(parts.order_by(most, _first(ref("part"))).limit(SHOWN_SLICES), self.dialect)))
        return tuple(found)

    def _repeat_count(self, refs: Sequence[exp.Expr], there: exp.Expr | None = None) -> exp.Expr:
        inner = exp.select(exp.alias_(tree("count(*)"), "number")).from_(self._rows())
        if there is not None:
            inner = inner.where(there.copy())
        inner = inner.group_by(*(each.copy() for each in refs)).having(tree("count(*) > 1"))
        return exp.Subquery(this=exp.select(tree("coalesce(sum(number - 1), 0)")).from_(inner.subquery("keys")))

    def _repeats(self, refs: Sequence[exp.Expr], there: exp.Expr | None = None) -> Probe:
        """The rows whose key an earlier row has."""
        rows, order = self._placed()
        turn = exp.Window(
            this=exp.RowNumber(), partition_by=[each.copy() for each in refs], order=exp.Order(expressions=order)
        )
        inner = exp.select(exp.Star(), exp.alias_(turn, "turn")).from_(rows)
        if there is not None:
            inner = inner.where(there.copy())
        chosen = exp.select(*self._shown()).from_(inner.subquery("turns")).where("turn > 1")
        return Probe("repeats", self._limited(chosen.order_by(*(each.copy() for each in order))), None, ())

    def _placed(self) -> tuple[exp.Expr, list[exp.Expr]]:
        """All rows, and what keeps them in order beyond a join or a window."""
        rows = self._rows()
        if not self.has_order or self.key:
            return rows, self._order()
        placed = exp.select(exp.Star(), exp.alias_(tree("row_number() OVER ()"), "place")).from_(rows)
        return placed.subquery("placed"), [ref("place")]

    # Rows as they are shown

    def _order(self) -> list[exp.Expr]:
        """By the key where one is declared, then by all columns, so that every engine shows the same rows."""
        values = {column.rule.column: column.value for column in self.ruled if not column.cell.is_ruled_out}
        names = dict.fromkeys((*self.key, *self.columns))
        there = [self.columns[name] for name in names if self.columns[name].held != "other"]
        return [_first(values[each.name].copy() if each.name in values else ref(each.ref)) for each in there]

    def _ordered(self, query: exp.Select) -> exp.Select:
        """Without a key as the data has them, where the engine keeps that."""
        return query if self.has_order and not self.key else query.order_by(*self._order())

    def _shown(self) -> list[exp.Expr]:
        return [
            exp.alias_(self._told(column, ref(column.ref)), f"s{place}")
            for place, column in enumerate(self.columns.values())
        ]

    def _told(self, column: DataColumn, x: exp.Expr) -> exp.Expr:
        """A cell as people read it."""
        return as_json(column, x, self.dialect) or self._handed(x, column.held)

    def _handed(self, x: exp.Expr, held: Held) -> exp.Expr:
        """A value as every driver can hand it over."""
        match held:
            case "zoned":
                return tree("CAST(t AS TEXT)", t=utc(x, self.dialect))
            case "decimal":
                return tree("CAST(x AS DOUBLE)", x=x)
            case "other" if self.dialect == "bigquery":
                return exp.Anonymous(this="TO_JSON_STRING", expressions=[x])
            case "other" if self.dialect == "trino":
                return exp.Anonymous(this="JSON_FORMAT", expressions=[exp.cast(x, "JSON")])
            case "date" | "time" | "other" | "json":
                return tree("CAST(x AS TEXT)", x=x)
            case _:
                return x

    def _limited(self, query: exp.Select) -> str:
        return sql(query.limit(self.sample_rows), self.dialect)


def _none_of(holds: exp.Expr) -> exp.Expr:
    """The condition does not hold. Of ``a or b`` it is said as ``not a and not b``: the same where NULL is about, in half the time of
    DuckDB's."""
    while isinstance(holds, exp.Paren):
        holds = holds.this
    parts = list(holds.flatten()) if isinstance(holds, exp.Or) else [holds]
    return exp.and_(*(exp.not_(exp.paren(part.copy())) for part in parts))


def _first(expression: exp.Expr) -> exp.Expr:
    """Ascending, NULL last."""
    return exp.Ordered(this=expression, desc=False, nulls_first=False)


def _question(asked: Mapping[Asked, exp.Expr], rows: exp.Expr, dialect: Dialect) -> Question:
    """Queries within it look at the rows by themselves: only where something else is asked there is a scan beside them."""
    query = exp.select(*(exp.alias_(each, f"a{place}") for place, each in enumerate(asked.values())))
    if not all(isinstance(each, exp.Subquery) for each in asked.values()):
        query = query.from_(rows.copy())
    return Question(sql(query, dialect), tuple(asked))

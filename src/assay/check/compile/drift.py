"""What drift asks of a dataset: its batches, where to count, and counts by batch and bin. Each is one scan, whatever the columns.

Columns come as v0, v1, ... of ``data``, a query over the relation: numbers as doubles, all else as texts, and ``batch`` is the number of
the span of time that a row happened in. Bin i of a number holds what is over edge i - 1 and up to edge i. DuckDB's ``histogram`` counts
so, in a tenth of the time of any join or chain of CASE; PostgreSQL's ``width_bucket`` has its lower ends closed, and is asked of the
negated values; elsewhere a tree of CASE finds the bin in eight comparisons.
"""

from collections.abc import Sequence

import msgspec
from sqlglot import exp, parse_one

from assay.check.compile.cells import cell
from assay.check.compile.tree import literal, ref, sql, tree
from assay.check.drift_asked import Batching, Binned, Tallied, Valued
from assay.core.dataset import Dialect

ALL_ROWS = -1
"""The cell of all rows of a batch."""
_CELL, _ROWS = "cell", "number"
_EXACT = 2**53
"""Whole numbers below it are doubles: up to an edge that is one, a whole number is counted as its double is."""


class Scan(msgspec.Struct, frozen=True):
    """Where the rows come from: a relation of an engine, and how they fall into batches."""

    dialect: Dialect
    relation: str
    batching: Batching
    since: int | None = None
    """The first batch that counts."""

    def data(self, columns: Sequence[Tallied]) -> exp.Select:
        """The rows that have a time, as ``batch`` and v0, v1, ..."""
        values = [exp.alias_(self._value(column), f"v{place}") for place, column in enumerate(columns)]
        inner = exp.select(exp.alias_(self._batch(), "batch"), *values).from_(self.relation)
        rows = exp.select().from_(inner.subquery("data"))
        if self.batching.time is None:
            return rows
        return rows.where("batch IS NOT NULL" if self.since is None else f"batch >= {self.since}")

    def _value(self, column: Tallied) -> exp.Expr:
        if column.kind == "number" and self.dialect == "duckdb" and column.column.held == "int":
            return ref(column.column.ref)  # it counts whole numbers in four fifths of the time of doubles
        if column.kind == "number":
            return tree("CAST(v AS DOUBLE)", v=cell("float", column.column, self.dialect).value)
        value = cell(column.type, column.column, self.dialect).value
        if column.type == "bool":
            return tree("CASE WHEN v THEN 'true' WHEN NOT v THEN 'false' END", v=value)
        return value

    def _batch(self) -> exp.Expr:
        if self.batching.time is None:
            return tree("CAST(0 AS BIGINT)")
        time = cell("time", self.batching.time, self.dialect)
        seconds = _epoch(time.value, self.dialect)
        batch = tree("CAST(floor(s / b) AS BIGINT)", s=seconds, b=literal(float(self.batching.batch_s)))
        if self.batching.until_s is None:
            return batch
        return tree("CASE WHEN s <= u THEN batch END", s=seconds, u=literal(self.batching.until_s), batch=batch)


def compile_survey(columns: Sequence[Tallied], scan: Scan) -> str:
    """One row: all rows, those in a batch, the batches, the number of the last, and about how many values each column has."""
    asked = [tree("count(*)"), tree("count(batch)"), tree("count(DISTINCT batch)"), tree("max(batch)")]
    asked += [_about_distinct(ref(f"v{place}"), scan.dialect) for place in range(len(columns))]
    rows = scan.data(columns)
    rows.set("where", None)
    return _selected(rows, asked, scan)


def compile_values(columns: Sequence[Valued], scan: Scan) -> str:
    """Each value and its rows: (place of the column, number, text, rows). Of a column with a stride, every so many of its values, the
    same ones in whatever order the rows come. NULL is a value of its own, to be passed over."""
    rows = scan.data([each.tallied for each in columns])
    named = {f"v{place}": each for place, each in enumerate(columns)}
    names = tuple(named)
    kept = [exp.alias_(_strided(ref(name), each.stride, scan.dialect), name) for name, each in named.items()]
    numbers = [name for name, each in named.items() if each.tallied.kind == "number"]
    texts = [name for name, each in named.items() if each.tallied.kind == "category"]
    whose = " ".join(f"WHEN grouping({name}) = 0 THEN {place}" for place, name in enumerate(names))
    query = parse_one(
        f"SELECT CASE {whose} END AS place, {_any_of(numbers, 'DOUBLE')} AS real, {_any_of(texts, 'TEXT')} AS word,"
        f" count(*) AS {_ROWS} GROUP BY GROUPING SETS ({', '.join(f'({name})' for name in names)})",
        read="duckdb",
    )
    assert isinstance(query, exp.Select)
    return sql(query.from_(rows.select(*kept).subquery("kept")), scan.dialect)


def compile_frequent(column: Tallied, known: Sequence[str], most: int, scan: Scan) -> str:
    """The most frequent values of a text that are none of ``known``, equally frequent ones in their order: (value, rows)."""
    rows = scan.data([column]).where("v0 IS NOT NULL")
    if known:
        rows = rows.where(exp.not_(exp.In(this=ref("v0"), expressions=[literal(value) for value in known])))
    rows = rows.select("v0", exp.alias_(tree("count(*)"), _ROWS)).group_by("v0")
    return sql(rows.order_by(exp.Ordered(this=ref(_ROWS), desc=True), "v0").limit(most), scan.dialect)


def compile_counts(columns: Sequence[Binned], scan: Scan) -> str:
    """Rows by batch and bin: ``read_counts`` knows what each row of the answer says."""
    rows = scan.data([each.tallied for each in columns])
    if scan.dialect == "duckdb":
        lists = [_listed(ref(f"v{place}"), each) for place, each in enumerate(columns)]
        packed = rows.select("batch", exp.alias_(tree("count(*)"), _ROWS), *lists).group_by("batch").order_by("batch")
        return sql(packed, scan.dialect)
    starts = starts_of(columns)
    cells = [
        exp.alias_(tree(f"{start} + bin", bin=_bin(ref(f"v{place}"), each, scan.dialect)), f"k{place}")
        for place, (start, each) in enumerate(zip(starts, columns, strict=True))
    ]
    names = [f"k{place}" for place in range(len(columns))]
    sets = ", ".join(["(batch)", *(f"(batch, {name})" for name in names)])
    query = parse_one(
        f"SELECT batch, coalesce({', '.join([*names, str(ALL_ROWS)])}, {ALL_ROWS}) AS {_CELL}, count(*) AS {_ROWS}"
        f" GROUP BY GROUPING SETS ({sets})",
        read="duckdb",
    )
    assert isinstance(query, exp.Select)
    return sql(query.from_(rows.select("batch", *cells).subquery("placed")), scan.dialect)


def compile_rows(columns: Sequence[Tallied], stride: int, most: int, scan: Scan) -> str:
    """Every so many rows: (batch, values ..., how often). Rows that are equal are drawn as others are, and neither all nor none of them:
    DuckDB draws by the place of a row; engines without an order take of equal ones their share, and by what they hold one more."""
    refs = [ref("batch"), *(ref(f"v{place}") for place in range(len(columns)))]
    rows = scan.data(columns)
    if stride == 1:
        return sql(rows.select(*refs, exp.alias_(literal(1), _ROWS)).limit(most), scan.dialect)
    if scan.dialect == "duckdb":
        placed = rows.select(*refs, exp.alias_(tree("row_number() OVER ()"), "place")).subquery("placed")
        drawn = exp.select(*refs, exp.alias_(literal(1), _ROWS)).from_(placed)
        return sql(drawn.where(f"mod(hash(place), {stride}) = 0").limit(most), scan.dialect)
    counted = rows.select(*refs, exp.alias_(tree("count(*)"), "n")).group_by(*(each.copy() for each in refs))
    equal = counted.subquery("equal_rows")
    drawn_by = tree(f"mod(mod(h, {stride}) + {stride}, {stride})", h=_hash(refs, scan.dialect))
    share = tree(
        f"CAST((n - mod(n, {stride})) / {stride} AS BIGINT) + CASE WHEN h < mod(n, {stride}) THEN 1 ELSE 0 END",
        h=drawn_by,
    )
    shared = exp.select(*refs, exp.alias_(share, _ROWS)).from_(equal).subquery("shared")
    return sql(exp.select(*refs, _ROWS).from_(shared).where(f"{_ROWS} > 0").limit(most), scan.dialect)


def starts_of(columns: Sequence[Binned]) -> list[int]:
    """Where the cells of each column begin: bin after bin, and a last one for NULL."""
    starts, next_ = [], 0
    for column in columns:
        starts.append(next_)
        next_ += column.bins + 1
    return starts


def _selected(rows: exp.Select, asked: Sequence[exp.Expr], scan: Scan) -> str:
    return sql(rows.select(*(exp.alias_(each, f"a{place}") for place, each in enumerate(asked))), scan.dialect)


def _any_of(names: Sequence[str], type_: str) -> str:
    """The one of them that is not NULL."""
    return f"coalesce({', '.join(names)})" if len(names) > 1 else names[0] if names else f"CAST(NULL AS {type_})"


def _listed(value: exp.Expr, column: Binned) -> exp.Expr:
    """DuckDB's: a list of all bins; the last is left out where it is empty, and all where there is no value."""
    if column.bins == 1:
        return tree("[count(v)]", v=value)
    if column.edges is None:
        members = exp.Array(expressions=[literal(word) for word in sorted(column.kept)])
        return tree("map_values(h)", h=exp.Anonymous(this="histogram_exact", expressions=[value, members]))
    is_whole = column.tallied.column.held == "int" and all(e.is_integer() and abs(e) < _EXACT for e in column.edges)
    edges = ", ".join(str(int(edge)) if is_whole else repr(edge) for edge in column.edges)
    ends = exp.cast(exp.Literal.string(f"[{edges}]"), "BIGINT[]" if is_whole else "DOUBLE[]")
    number = tree("CAST(v AS BIGINT)" if is_whole else "CAST(v AS DOUBLE)", v=value)
    return tree("map_values(h)", h=exp.Anonymous(this="histogram", expressions=[number, ends]))


def _bin(value: exp.Expr, column: Binned, dialect: Dialect) -> exp.Expr:
    """The place of a value's bin, that of the others where it is in none, and after it that of NULL."""
    if column.edges is None:
        found: exp.Expr = literal(len(column.kept))
        if column.kept:
            same = [tree("v = w", v=value, w=literal(word)) for word in column.kept]
            found = exp.Case(
                ifs=[exp.If(this=each, true=literal(place)) for place, each in enumerate(same)], default=found
            )
    elif dialect == "postgres" and column.edges:
        negated = ", ".join(repr(-edge) for edge in reversed(column.edges))
        ends = exp.cast(exp.Literal.string(f"{{{negated}}}"), "DOUBLE[]")
        at_or_above = exp.Anonymous(this="width_bucket", expressions=[exp.Neg(this=value.copy()), ends])
        found = tree(f"{len(column.edges)} - n", n=at_or_above)
    else:
        found = _halved(value, column.edges, 0, len(column.edges))
    return tree(f"CASE WHEN v IS NULL THEN {column.bins} ELSE found END", v=value, found=found)


def _halved(value: exp.Expr, edges: Sequence[float], low: int, high: int) -> exp.Expr:
    if low == high:
        return literal(low)
    middle = (low + high) // 2
    return exp.Case(default=_halved(value, edges, middle + 1, high)).when(
        tree("v <= e", v=value, e=literal(edges[middle])), _halved(value, edges, low, middle)
    )


def _strided(value: exp.Expr, stride: int, dialect: Dialect) -> exp.Expr:
    if stride == 1:
        return value
    return tree(f"CASE WHEN mod(h, {stride}) = 0 THEN v END", h=_hash([value], dialect), v=value)


def _about_distinct(value: exp.Expr, dialect: Dialect) -> exp.Expr:
    if dialect == "postgres":
        return tree("count(DISTINCT v)", v=value)
    return exp.ApproxDistinct(this=value)


def _epoch(time: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Seconds since 1970, of a time that is told in UTC."""
    match dialect:
        case "duckdb":
            return exp.Anonymous(this="epoch", expressions=[time.copy()])
        case "spark":  # its session is in UTC
            return tree("micros / 1000000", micros=_call("UNIX_MICROS", exp.cast(time.copy(), "TIMESTAMPLTZ")))
        case "bigquery":
            return tree("micros / 1000000", micros=_call("UNIX_MICROS", _call("TIMESTAMP", time)))
        case "trino":
            return _call("TO_UNIXTIME", _call("WITH_TIMEZONE", time, literal("UTC")))
        case "postgres":  # of what is endless it is endless there, and NULL in DuckDB
            seconds = exp.Extract(this=exp.var("EPOCH"), expression=time.copy())
            return tree("CASE WHEN isfinite(t) THEN s END", t=time, s=seconds)
        case _:
            return exp.Extract(this=exp.var("EPOCH"), expression=time.copy())


def _hash(values: Sequence[exp.Expr], dialect: Dialect) -> exp.Expr:
    """A whole number that the values alone decide."""
    match dialect:
        case "duckdb" | "snowflake":
            return _call("HASH", *values)
        case "spark":
            return _call("XXHASH64", *values)
        case "bigquery":
            return _call("FARM_FINGERPRINT", _call("TO_JSON_STRING", _call("STRUCT", *values)))
        case "trino":
            texts = [tree("coalesce(CAST(v AS TEXT), '')", v=value) for value in values]
            joined = _call("CONCAT_WS", literal("|"), *texts)
            return _call("FROM_BIG_ENDIAN_64", _call("XXHASH64", _call("TO_UTF8", joined)))
        case "postgres":
            return _call("HASHTEXTEXTENDED", exp.cast(_call("ROW", *values), "TEXT"), literal(0))


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])

"""Datasets as Spark's data frames, whose columns are c0, c1, ... of types that all engines share."""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from assay.adapters.engines.spark_errors import condition_of, raised_by_spark, told
from assay.adapters.engines.table_files import refusal, table_files
from assay.core.dataset import DatabaseTable, DataColumn, Files, Held, Source, Values
from assay.core.near import near_miss
from assay.core.problem import EvidenceError

_GLOB = re.compile(r"([\[\]{}*?\\])")
_HELD: dict[str, Held] = {
    "tinyint": "int",
    "smallint": "int",
    "int": "int",
    "bigint": "int",
    "float": "float",
    "double": "float",
    "boolean": "bool",
    "date": "date",
    "timestamp": "zoned",
    "timestamp_ltz": "zoned",
    "timestamp_ntz": "time",
    "decimal": "decimal",
    "string": "text",
    "char": "text",
    "varchar": "text",
}
_UINT64 = "decimal(20,0)"
"""As what Spark reads whole numbers of 64 bits without a sign."""
_CANONICAL: dict[Held, str] = {
    "int": "bigint",
    "float": "double",
    "text": "string",
    "time": "timestamp_ntz",
    "zoned": "timestamp",
}
_FILE = "filename"
_WIDER: tuple[Held, ...] = ("int", "wide_int", "decimal", "float")
"""Numbers of files that are one dataset become the widest of their types."""


class Frame(NamedTuple):
    """A dataset that Spark can query."""

    frame: Any
    columns: tuple[DataColumn, ...]
    file: str = ""
    """The column, beside those, that says in which of several files a row stands; empty where there is one."""


def framed(session: Any, source: Source) -> Frame:
    """The dataset. ``EvidenceError`` with cause and fix for what is none, or none that Spark reads."""
    match source:
        case Files():
            return _canonical(*_of_files(session, source.paths))
        case DatabaseTable():
            return _canonical(_of_table(session, source))
        case Values():
            return _of_values(session, source.values)


def held(type_: str) -> Held:
    """What a column of a type of Spark's holds."""
    if type_ == _UINT64:
        return "wide_int"
    return _HELD.get(re.split(r"[ (<]", type_, maxsplit=1)[0], "other")


def _of_files(session: Any, paths: Sequence[Path]) -> tuple[Any, str]:
    files = table_files(paths)
    if files[0].format != "Parquet":
        because = f"{files[0].path.name} is {files[0].format}: Spark reads texts in ways of its own"
        fix = "write Parquet, or leave the check to DuckDB"
        raise refusal("not-for-this-engine", "on Spark, checks read files of Parquet alone", (because,), fix)
    with told():
        return _parquet(session, [_address(path) for path in paths])


def _address(path: Path) -> str:
    """The file as Spark names it, which reads a path as a glob."""
    return "file:" + _GLOB.sub(r"\\\1", str(path.absolute()))


def _parquet(session: Any, names: Sequence[str]) -> tuple[Any, str]:
    """The files as one frame; and the column, beside their own, that says which of several it was."""
    reader = session.read.option("recursiveFileLookup", "true")
    if len(names) == 1:
        return _looked_up(reader.parquet(*names)), ""
    try:
        frames = [_looked_up(reader.option("mergeSchema", "true").parquet(*names))]
    except raised_by_spark() as error:
        if condition_of(error)[0] != "CANNOT_MERGE_SCHEMAS":
            raise
        frames = [reader.parquet(name) for name in names]
    file = "" if any({name.lower() for name in frame.columns} & {_FILE, "_metadata"} for frame in frames) else _FILE
    told = [_with_file(frame) for frame in frames] if file else frames
    return told[0] if len(told) == 1 else _joined(told, names), file


def _with_file(frame: Any) -> Any:
    """Each row with the path of its file, which Spark tells as a URI."""
    from pyspark.sql.functions import expr

    path = "regexp_replace(url_decode(replace(_metadata.file_path, '+', '%2B')), '^file:(//)?', '')"
    return frame.select("*", expr(path).alias(_FILE))


def _looked_up(frame: Any) -> Any:
    """The frame, of which Spark Connect would otherwise ask only later whether it is there."""
    _ = frame.schema
    return frame


def _joined(frames: Sequence[Any], names: Sequence[str]) -> Any:
    """Files whose columns of one name have different types, as the widest of them."""
    types: dict[str, str] = {}
    for frame, name in zip(frames, names, strict=True):
        for column, type_ in frame.dtypes:
            types[column] = _wider(column, types.get(column, type_), type_, name)
    found = [
        frame.select(*(_named(column).cast(types[column]).alias(column) for column in frame.columns))
        for frame in frames
    ]
    joined = found[0]
    for frame in found[1:]:
        joined = joined.unionByName(frame, allowMissingColumns=True)
    return joined


def _wider(column: str, one: str, other: str, name: str) -> str:
    if one == other:
        return one
    both = held(one), held(other)
    if all(each in _WIDER for each in both):
        widest = max(both, key=_WIDER.index)
        return {"int": "bigint", "wide_int": _UINT64}.get(widest, "double")
    if set(both) == {"date", "time"}:
        return "timestamp_ntz"
    because = f"in {name.removeprefix('file:')} it is {other}, in files before {one}"
    raise refusal(
        "mixed-types", f"files of one dataset differ in the type of {column!r}", (because,), "write them alike"
    )


def _of_table(session: Any, source: DatabaseTable) -> Any:
    if source.address != "spark":
        raise refusal("not-for-this-engine", f"Spark does not read {source.address}", (), "name another engine")
    try:
        with told():
            return _looked_up(session.table(".".join(f"`{part.replace('`', '``')}`" for part in _parts(source.name))))
    except EvidenceError as error:
        if not isinstance(error.__cause__, Exception) or "NOT_FOUND" not in condition_of(error.__cause__)[0]:
            raise
        raise _no_table(session, source.name) from error.__cause__


def _parts(name: str) -> list[str]:
    """``base.flights`` by its dots; a name with a dot in it stands between backticks."""
    return [part.strip("`").replace("``", "`") for part in re.findall(r"`(?:[^`]|``)*`|[^.`]+", name)]


def _no_table(session: Any, name: str) -> EvidenceError:
    *base, table = _parts(name)
    try:
        with told():
            there = [each.name for each in session.catalog.listTables(".".join(base) or None)]
    except EvidenceError:
        there = []
        because = f"it has no database {'.'.join(base)}"
    else:
        because = (
            f"it has {', '.join(there[:5])}{', …' if len(there) > 5 else ''}" if there else "it has no table there"
        )
    near = near_miss(table, there)
    fix = f"did you mean {'.'.join((*base, near))}?" if near else "name a table that `spark.catalog.listTables()` tells"
    return refusal("no-such-table", f"Spark's catalog has no table {name}", (because,), fix)


def _of_values(session: Any, values: Sequence[Any]) -> Frame:
    is_text = any(isinstance(value, str) for value in values)
    type_ = "string" if is_text else "double" if any(isinstance(value, float) for value in values) else "bigint"
    make = {"string": str, "double": float, "bigint": int}[type_]
    rows = [(None if value is None else make(value),) for value in values]
    return Frame(session.createDataFrame(rows, f"c0 {type_}"), (DataColumn("value", type_, held(type_), "c0"),))


def _canonical(frame: Any, file: str = "") -> Frame:
    """The columns under the names that queries use, and of types that all engines share; and that of the files."""
    types = [(name, type_) for name, type_ in frame.dtypes if not file or name != file]
    columns = tuple(DataColumn(name, type_, held(type_), f"c{place}") for place, (name, type_) in enumerate(types))
    beside = [file] if file else []
    ordered = frame.select(*map(_named, [*(name for name, _ in types), *beside])) if file else frame
    renamed = ordered.toDF(*(column.ref for column in columns), *beside)
    return Frame(renamed.select(*map(_cell, columns), *map(_named, beside)), columns, file)


def _cell(column: DataColumn) -> Any:
    x = _named(column.ref)
    canonical = _CANONICAL.get(column.held)
    return x if canonical in (None, column.type) else x.cast(canonical).alias(column.ref)


def _named(column: str) -> Any:
    from pyspark.sql.functions import col

    return col(f"`{column.replace('`', '``')}`")


def plain(value: Any) -> Any:
    """A cell as Python has it everywhere."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value

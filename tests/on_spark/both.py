"""The same rules on the same files, by DuckDB and by Spark."""

from pathlib import Path

import duckdb
import msgspec

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import Beside, check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of

DATA = Artifact("data.parquet", digest_of(b"data"), "file", 4)


def written(folder, query, name="data.parquet"):
    """The answer of a query of DuckDB's, as a Parquet file."""
    path = Path(folder) / name
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 4096)")
    return path


def found(engine, paths, rules, **beside):
    """What an engine finds."""
    return check(DATA, Files(tuple(paths)), rules, engine, Beside(**beside))


def both(spark, paths, rules, **beside):
    """What both find, as plain values of which a difference is easily read."""
    reports = [found(engine, paths, rules, **beside) for engine in (DuckdbEngine(), spark)]
    return [[msgspec.to_builtins(finding) for finding in report.findings] for report in reports]


def assert_alike(spark, paths, rules, **beside):
    """Both find the very same; returned for what else is to be said of it."""
    of_duckdb, of_spark = both(spark, paths, rules, **beside)
    for one, other in zip(of_duckdb, of_spark, strict=True):
        assert other == one, one["rule"]
    return of_spark

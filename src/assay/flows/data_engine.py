"""What counts profiles and differences: DuckDB, wherever the data stands."""

from assay.core.ports import Engine
from assay.core.problem import EvidenceError, Problem
from assay.flows.data_source import NamedSource
from assay.workspace import open_engine


def open_profiler(*sources: NamedSource) -> Engine:
    """The engine that opens all of these. ``EvidenceError`` for a table of Spark, which DuckDB does not reach."""
    for source in sources:
        if source.engine == "spark":
            because = "it stands in Spark, and profiles are counted by DuckDB, which reads no table there"
            fix = "write it, or a sample of it, as Parquet and look at that"
            what = f"{source.name} cannot be looked at where it is"
            raise EvidenceError(Problem("not-for-this-engine", what, (because,), fix))
    return open_engine("duckdb")

"""What reads datasets that are looked at."""

from assay.core.ports import Engine
from assay.core.problem import EvidenceError, Problem


def demand_duckdb(engine: Engine, name: str) -> None:
    """``EvidenceError`` for an engine whose SQL profiles are not written in. Rules are checked on it all the same."""
    if engine.dialect == "duckdb":
        return
    because = f"it stands in {engine.dialect}, and profiles are counted in the SQL of DuckDB alone"
    fix = "export the table, or a sample of it, to Parquet and look at that"
    raise EvidenceError(Problem("not-for-this-engine", f"{name} cannot be looked at where it is", (because,), fix))

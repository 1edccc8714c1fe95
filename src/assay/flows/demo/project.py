"""The demo's project: written as a user would have it, in a git repository, with a world in which months arrive."""

import csv
import lzma
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

LABEL = "air_time"
ID = "flight_id"
Row = dict[str, str]


def read_flights() -> dict[int, list[Row]]:
    """Every flight of the extract by month, in order of departure."""
    months: dict[int, list[Row]] = defaultdict(list)
    with as_file(_material() / "flights.csv.xz") as path, lzma.open(path, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            months[int(row["month"])].append(row)
    return dict(months)


def write_project(folder: Path) -> None:
    """The files that a user would have written, without any data yet."""
    with as_file(_material() / "project") as source:
        for path in sorted(source.iterdir()):
            if path.is_file():
                shutil.copy(path, folder / (".gitignore" if path.name == "gitignore" else path.name))


def commit_project(folder: Path, environ: Mapping[str, str]) -> bool:
    """Put the project under version control; False where there is no git. Needs no identity, touches no settings."""
    if shutil.which("git", path=environ.get("PATH")) is None:
        return False
    author = ("-c", "user.name=Assay demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false")
    for words in (
        ("init", "--quiet"),
        ("add", "."),
        (*author, "commit", "--quiet", "-m", "Predict the time in the air"),
    ):
        subprocess.run(["git", *words], cwd=folder, env=dict(environ), check=True, capture_output=True)
    return True


def let_arrive(folder: Path, month: int, rows: Iterable[Row]) -> Path:
    """The month's flights, before anybody knows how long they were in the air."""
    return _write(folder / "data" / "arriving" / f"2013-{month:02}.csv", rows, without={LABEL})


def let_land(folder: Path, month: int, rows: Iterable[Row]) -> Path:
    """The month's labels."""
    known = ({ID: row[ID], LABEL: row[LABEL]} for row in rows)
    return _write(folder / "data" / "labels" / f"2013-{month:02}.csv", known, without=set())


def _write(path: Path, rows: Iterable[Row], without: set[str]) -> Path:
    """Written aside and renamed: a watch that looks meanwhile sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [{name: value for name, value in row.items() if name not in without} for row in rows]
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(kept[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    part.rename(path)
    return path


def _material() -> Traversable:
    return files("assay.flows.demo") / "flights"

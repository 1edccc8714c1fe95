"""Join the newest labelled month of flights with its labels, and split it into rows to train on and rows for the gate.

A month's flights arrive in data/arriving/2013-MM.csv; how long they were in the air comes later, in
data/labels/2013-MM.csv. The window is one month on purpose: winds change with the season, and older months mislead.
"""

import csv
import hashlib
import sys
from pathlib import Path

ARRIVING = Path("data/arriving")
LABELS = Path("data/labels")
LABEL = "air_time"
SEED = 0
GATE_PERCENT = 20

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def is_for_gate(flight_id: str) -> bool:
    """Whether the gate keeps this flight. Depends on its id alone, so a flight never changes sides between runs."""
    draw = hashlib.sha256(f"{SEED}:{flight_id}".encode()).digest()
    return int.from_bytes(draw[:8], "big") % 100 < GATE_PERCENT


def main() -> None:
    newest = max(LABELS.glob("*.csv"), default=None)
    if newest is None:
        sys.exit(f"No labels in {LABELS}: nothing to train on yet.")

    flights = read(ARRIVING / newest.name)
    air_time = {row["flight_id"]: row[LABEL] for row in read(newest)}
    labelled = [row | {LABEL: air_time[row["flight_id"]]} for row in flights if row["flight_id"] in air_time]
    train = [row for row in labelled if not is_for_gate(row["flight_id"])]
    gate = [row for row in labelled if is_for_gate(row["flight_id"])]
    if not train or not gate:
        sys.exit(f"Only {len(labelled)} flights of {newest.name} have a label: too few to split.")

    write(Path("data/train.csv"), train)
    write(Path("data/gate.csv"), gate)
    print(f"Newest labelled month is {newest.stem}")
    print(f"Flights without a label: {len(flights) - len(labelled)}")
    print(f"Rows to train on: {len(train)}")
    print(f"Rows for the gate: {len(gate)}")


if __name__ == "__main__":
    main()

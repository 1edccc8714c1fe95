"""Train the air-time model: ridge regression in closed form, saved as weights that a person can read.

Distance says most; carrier, origin and destination say the rest. There is nothing random here: the same rows give the
same file, byte for byte.
"""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np

TRAIN = Path("data/train.csv")
MODEL = Path("models/air_time.json")
LABEL = "air_time"
NUMBERS = ("hour", "distance")
CATEGORIES = ("carrier", "origin", "dest")
MIN_COUNT = 5  # a value seen less often gets no weight of its own
PENALTY = 1.0
DECIMALS = 6  # rounds away what differs between linear algebra libraries; a millionth of a minute is no loss


def ridge(features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights that minimise squared error + PENALTY x squared weights; the first column, the intercept, goes free."""
    penalty = PENALTY * np.eye(features.shape[1])
    penalty[0, 0] = 0.0
    return np.linalg.solve(features.T @ features + penalty, features.T @ target)


def main() -> None:
    with TRAIN.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    target = np.array([float(row[LABEL]) for row in rows])

    columns = [np.ones(len(rows))]
    scales = {}
    for name in NUMBERS:
        values = np.array([float(row[name]) for row in rows])
        mean, std = float(values.mean()), float(values.std()) or 1.0
        scales[name] = {"mean": round(mean, DECIMALS), "std": round(std, DECIMALS)}
        columns.append((values - mean) / std)
    levels = []
    for name in CATEGORIES:
        counts = Counter(row[name] for row in rows)
        for value in sorted(value for value, count in counts.items() if count >= MIN_COUNT):
            levels.append((name, value))
            columns.append(np.array([row[name] == value for row in rows], dtype=float))

    features = np.column_stack(columns)
    weights = ridge(features, target).round(DECIMALS)

    intercept, *rest = weights.tolist()
    model = {"intercept": intercept, "numbers": scales, "categories": {name: {} for name in CATEGORIES}}
    for name, weight in zip(NUMBERS, rest, strict=False):
        model["numbers"][name]["weight"] = weight
    for (name, value), weight in zip(levels, rest[len(NUMBERS) :], strict=True):
        model["categories"][name][value] = weight
    MODEL.parent.mkdir(exist_ok=True)
    MODEL.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")

    print(f"Training rows: {len(rows)}")
    print(f"Training MAE: {np.abs(features @ weights - target).mean():.2f}")
    print(f"Model saved to {MODEL.as_posix()}")


if __name__ == "__main__":
    main()

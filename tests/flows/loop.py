"""A small loop: predict y from x. The model is one number, so a test can make it better or worse at will."""

import random

ASSAY_YAML = """\
name: line
model:
  path: model.json
  label: y
  id: id
  time: day
  predict: predict.py:load
steps:
  - name: Check
    check:
      train.csv:
        rows: 10..
        unique: [id]
        columns:
          x: float 0..100
          kind: str in [a, b]
  - name: Train
    run: python train.py
    inputs: [train.csv, slope.txt]
    outputs: [model.json]
  - name: Gate
    gate:
      data: gate.csv
      require:
        - mae < champion.mae
        - mae <= 50
  - name: Release
    release: {}
  - name: Deploy
    deploy: {}
watch:
  data: arriving/*.csv
  labels: labels/*.csv
  performance: {metric: mae, decay: 50%}
  retrain: {on: [decay], cooldown: 1 day, at_most: 3 per week}
"""
TRAIN = """\
import json
slope = float(open("slope.txt").read())
json.dump({"slope": slope}, open("model.json", "w"))
print(f"Training slope: {slope}")
print("Model saved to model.json")
"""
PREDICT = """\
import json
import numpy as np

def load(path):
    slope = json.load(open(path))["slope"]
    return lambda columns: slope * np.asarray(columns["x"], dtype=float)
"""


def rows(count: int, slope: float, start: int = 0, day: str = "2024-01-01", label: bool = True) -> str:
    """A CSV of rows with y = slope * x and some noise."""
    draw = random.Random(start)
    lines = ["id,day,kind,x" + (",y" if label else "")]
    for number in range(start, start + count):
        x = draw.uniform(1, 100)
        y = slope * x + draw.gauss(0, 1)
        lines.append(f"{number},{day},{'ab'[number % 2]},{x:.3f}" + (f",{y:.3f}" if label else ""))
    return "\n".join(lines) + "\n"


def labels(count: int, slope: float, start: int = 0) -> str:
    """The labels of the rows that ``rows`` gives for the same words."""
    with_labels = [line.split(",") for line in rows(count, slope, start).splitlines()[1:]]
    return "id,y\n" + "".join(f"{cells[0]},{cells[-1]}\n" for cells in with_labels)


def write_loop(project, slope: float = 2.0, truth: float = 2.0):
    """The project, its data in place."""
    project.put("assay.yaml", ASSAY_YAML)
    project.put("train.py", TRAIN)
    project.put("predict.py", PREDICT)
    project.put("slope.txt", str(slope))
    project.put("train.csv", rows(200, truth, start=0))
    project.put("gate.csv", rows(200, truth, start=1000))
    return project

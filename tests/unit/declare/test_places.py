"""Where things stand: what later diagnosis cites."""

from assay.declare import read_declaration

TEXT = """\
model:
  path: models/m.pkl
steps:
  - name: Train
    run: python train.py
    outputs:
      - models/m.pkl
      - models/n.pkl
  - {name: Check It, check: {a.csv: {columns: {month: int}}}}
"""

PLACES = read_declaration(TEXT, "flow.yaml").places


def test_every_key_and_item_has_its_line_and_column() -> None:
    assert {where: str(place) for where, place in PLACES.items()} == {
        "model": "flow.yaml:1:1",
        "model.path": "flow.yaml:2:3",
        "steps": "flow.yaml:3:1",
        "steps.Train": "flow.yaml:4:5",
        "steps.Train.name": "flow.yaml:4:5",
        "steps.Train.run": "flow.yaml:5:5",
        "steps.Train.outputs": "flow.yaml:6:5",
        "steps.Train.outputs[0]": "flow.yaml:7:9",
        "steps.Train.outputs[1]": "flow.yaml:8:9",
        "steps.Check It": "flow.yaml:9:5",
        "steps.Check It.name": "flow.yaml:9:6",
        "steps.Check It.check": "flow.yaml:9:22",
        "steps.Check It.check.a.csv": "flow.yaml:9:30",
        "steps.Check It.check.a.csv.columns": "flow.yaml:9:38",
        "steps.Check It.check.a.csv.columns.month": "flow.yaml:9:48",
    }

"""The rule that the gate's data is for the gate has no way round it."""

import pytest
from loop import TRAIN, write_loop


def failed(answer):
    return {r["step"]: r["problem"]["code"] for r in answer.lines[-1]["results"] if r["outcome"] == "failed"}


def replace(project, path, old, new):
    text = (project.root / path).read_text()
    assert old in text
    project.put(path, text.replace(old, new))


def test_a_result_that_was_made_before_there_was_a_gate_is_not_reused_where_it_read_the_gates_rows(project):
    """The step is not executed again: what it read when it was executed counts."""
    write_loop(project).put("train.py", "open('gate.csv').read()\n" + TRAIN)
    whole = (project.root / "assay.yaml").read_text()
    begin, end = whole.index("  - name: Gate"), whole.index("watch:")
    project.put("assay.yaml", whole[:begin])
    assert project.assay("run").code == 0
    project.put("assay.yaml", whole[:end])
    assert failed(project.assay("run", "--json")) == {"Train": "gate-data-read"}


@pytest.mark.parametrize("name", ["link.csv", "copy.csv"])
def test_the_gates_rows_under_another_name_are_the_gates_rows(project, name):
    write_loop(project)
    (project.root / "link.csv").symlink_to("gate.csv")
    project.put("copy.csv", (project.root / "gate.csv").read_text())
    replace(project, "assay.yaml", "inputs: [train.csv,", f"inputs: [train.csv, {name},")
    assert failed(project.assay("run", "--json")) == {"Train": "gate-data-read"}


def test_a_glob_that_names_the_gates_rows_is_understood(project):
    write_loop(project).put("train.py", "open('gate.csv').read()\n" + TRAIN)
    replace(project, "assay.yaml", "data: gate.csv", "data: gat*.csv")
    assert failed(project.assay("run", "--json")) == {"Train": "gate-data-read"}

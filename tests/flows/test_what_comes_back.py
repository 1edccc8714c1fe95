"""What reused steps and those that count as done put back, as plan and run see it."""

import shutil

import pytest

PARTS = """\
steps:
  - {name: a, run: mkdir -p m && echo a > m/a && echo b > m/b, inputs: [seed], outputs: [m/a, m/b]}
  - {name: b, run: cat m/a m/b > out, inputs: [m], outputs: [out]}
"""
CELLS = """\
steps:
  - name: train
    matrix: {m: [a, b]}
    run: mkdir -p models && cat ${matrix.m}.txt > models/${matrix.m}
    inputs: ["${matrix.m}.txt"]
    outputs: ["models/${matrix.m}"]
  - {name: ev, run: ls models > seen, inputs: [models], outputs: [seen]}
"""


def decisions(answer):
    return {step["step"]: step["decision"] for step in answer.json["steps"]}


def outcomes(answer):
    return {result["step"]: result["outcome"] for result in answer.lines[-1]["results"]}


@pytest.mark.parametrize("lost", ["m/b", "m"])
def test_plan_counts_with_a_folder_as_it_will_be_when_parts_of_it_have_come_back(project, lost):
    project.write(assay__yaml=PARTS, seed="1")
    project.assay("run")
    place = project.root / lost
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert decisions(project.assay("plan", "--json")) == {"a": "reuse", "b": "reuse"}
    assert outcomes(project.assay("run", "--json")) == {"a": "reused", "b": "reused"}


def test_plan_counts_with_a_file_of_a_folder_that_will_come_back(project):
    project.write(
        assay__yaml="steps:\n"
        "  - {name: a, run: mkdir -p m/n && echo a > m/n/a, inputs: [seed], outputs: [m]}\n"
        "  - {name: b, run: cat m/n/a > out, inputs: [m/n/a], outputs: [out]}\n",
        seed="1",
    )
    project.assay("run")
    shutil.rmtree(project.root / "m")
    assert decisions(project.assay("plan", "--json")) == {"a": "reuse", "b": "reuse"}
    project.put("m/n/a", "other")
    (project.root / "m/n/a").unlink()
    assert decisions(project.assay("plan", "--json")) == {"a": "reuse", "b": "reuse"}
    assert outcomes(project.assay("run", "--json")) == {"a": "reused", "b": "reused"}


@pytest.fixture
def cells(project):
    project.write(assay__yaml=CELLS)
    project.write(a__txt="1", b__txt="2")
    assert project.assay("run").code == 0
    return project


def test_what_steps_that_count_as_done_have_lost_comes_back_from_the_store(cells):
    (cells.root / "models/b").unlink()
    assert decisions(cells.assay("plan", "--from", "ev", "--json")) == {"ev": "reuse"}
    answer = cells.assay("run", "--from", "ev", "--force", "--json")
    assert outcomes(answer) == {"ev": "ok"}
    assert (cells.root / "seen").read_text() == "a\nb\n"


def test_what_cannot_come_back_is_named_before_anything_runs(cells):
    (cells.root / "models/b").unlink()
    cells.put("b.txt", "3")
    answer = cells.assay("run", "--from", "ev", "--force")
    assert answer.code == 1
    assert "models/b is not there, and train@b, which makes it, counts as done" in answer.err
    assert "→" not in answer.err
    assert cells.assay("plan", "--from", "ev").code == answer.code
    assert cells.assay("run").code == 0

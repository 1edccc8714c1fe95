"""`assay diff RUN RUN`: what differs, of all that two runs recorded."""

import pytest

PIPELINE = """\
params: params.yaml
steps:
  - name: clean
    run: cp raw.csv clean.csv
    inputs: [raw.csv]
    outputs: [clean.csv]
  - name: train
    run: 'echo "accuracy: $(cat score)"; echo "rows: 3"; cp score model.bin'
    inputs: [clean.csv, score]
    outputs: [model.bin]
    params: [rate]
"""


@pytest.fixture
def runs(project):
    project.put("assay.yaml", PIPELINE)
    project.put("raw.csv", "a\n1\n")
    project.put("params.yaml", "rate: 0.1\n")
    project.put("score", "0.9\n")
    assert project.assay("run").code == 0
    return project


def test_code_data_parameters_metrics_and_outputs_side_by_side(runs):
    runs.put("raw.csv", "a\n1\n2\n3\n")
    runs.put("params.yaml", "rate: 0.2\n")
    runs.put("score", "0.75\n")
    runs.put("assay.yaml", PIPELINE.replace("cp raw.csv clean.csv", "cp -f raw.csv clean.csv"))
    assert runs.assay("run").code == 0
    said = runs.assay("diff", "1", "2").out
    assert said.startswith("run 1 -> run 2\n")
    assert "(+2 rows)" in said
    assert 'the command of step "clean": `cp raw.csv clean.csv` -> `cp -f raw.csv clean.csv`' in said
    assert "params.yaml:rate: 0.1 -> 0.2" in said
    assert " accuracy  0.9    0.75   -0.15   train\n" in said
    assert "output " in said
    assert "clean.csv" in said
    assert " · 1 metric the same\n" in said


def test_the_json_has_all_metrics_with_their_change(runs):
    runs.put("score", "0.75\n")
    runs.assay("run")
    found = runs.assay("diff", "1", "2", "--json").json
    assert found["schema"] == "assay.diff/1"
    assert [(each["name"], each["before"], each["after"]) for each in found["metrics"]] == [
        ("accuracy", 0.9, 0.75),
        ("rows", 3.0, 3.0),
    ]
    assert found["metrics"][0]["change"] == pytest.approx(-0.15)
    assert [each["path"] for each in found["outputs"]] == ["model.bin"]
    assert [change["name"] for change in found["changes"]] == ["score"]
    assert found["steps"] == []


def test_a_run_that_reused_everything_differs_in_nothing(runs):
    runs.assay("run")
    assert runs.assay("diff", "1", "2").out == "run 1 -> run 2\n · nothing that is recorded differs\n"
    assert runs.assay("diff", "2", "1").out == "run 2 -> run 1\n · nothing that is recorded differs\n"


def test_a_step_that_failed_in_one_of_them_is_told(runs):
    runs.put("assay.yaml", PIPELINE.replace("cp score model.bin", "exit 3"))
    runs.assay("run")
    assert "train: ok -> failed" in runs.assay("diff", "1", "2").out


def test_a_run_that_was_never_is_no_run(runs):
    answer = runs.assay("diff", "1", "7")
    assert answer.code != 0
    assert "there is no run 7" in answer.err

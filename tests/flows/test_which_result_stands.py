"""Going back to older content goes back to the result that was made of it, for whoever asks: gate, release, log and diff."""

import pytest

from assay.core.digest import digest_of, short

PIPELINE = """\
model: {path: model.txt, label: y}
steps:
  - name: train
    run: python train.py
    inputs: [train.py]
    outputs: [model.txt]
    metrics: [metrics.json]
  - name: smoke
    run: test -e ok
  - name: gate
    gate: {metrics: metrics.json, require: [mae <= 2]}
  - name: release
    release: {}
"""
TRAIN = """\
import json
data = open("data.csv").read()
print(f"rows_sum: {sum(map(int, data.split()))}")
open("model.txt", "w").write(data)
json.dump({"mae": 1.0}, open("metrics.json", "w"))
"""


@pytest.fixture
def went_back(project):
    """Run 1 read 1, run 2 read 22; of runs 3 and 4, which read 1 again, each finds it reused, run 4 by a glance alone."""
    project.write(assay__yaml=PIPELINE, train__py=TRAIN)
    for data in ("1", "22", "1"):
        project.put("data.csv", data)
        project.assay("run")
    project.put("ok", "")
    assert project.assay("run").code == 0
    return project


def test_a_release_names_the_data_and_the_metrics_of_the_result_that_stands(went_back):
    said = went_back.assay("release", "show", "r1").out
    assert f"data@{short(digest_of(b'1'))}" in said
    assert short(digest_of(b"22")) not in said
    assert went_back.assay("release", "show", "r1", "--json").json["bill"]["metrics"]["rows_sum"] == 1


@pytest.mark.parametrize("run", ["3", "4"])
def test_the_log_tells_the_metrics_of_the_result_that_stands(went_back, run):
    train = next(step for step in went_back.assay("log", run, "--json").json["steps"] if step["step"] == "train")
    assert [metric["value"] for metric in train["metrics"] if metric["name"] == "rows_sum"] == [1.0]


def test_runs_that_stand_on_the_same_result_do_not_differ(went_back):
    found = went_back.assay("diff", "1", "4", "--json").json
    assert [each for each in found["metrics"] if each["before"] != each["after"]] == []
    assert [each["path"] for each in found["outputs"]] == []
    assert [
        each["change"]
        for each in went_back.assay("diff", "2", "4", "--json").json["metrics"]
        if each["name"] == "rows_sum"
    ] == [-21.0]


def test_a_run_of_many_steps_that_lists_none_is_compared_by_what_it_stood_on(project):
    steps = "".join(
        f"  - {{name: s{at}, run: python s.py {at}, inputs: [s.py], outputs: [o{at}.txt]}}\n" for at in range(21)
    )
    script = (
        "import sys; data = open('data.csv').read(); print('sum:', data); open(f'o{sys.argv[1]}.txt', 'w').write(data)"
    )
    project.write(assay__yaml=f"steps:\n{steps}", s__py=script)
    for data in ("1", "22", "1", "1"):
        project.put("data.csv", data)
        assert project.assay("run").code == 0
    for run in ("3", "4"):
        found = project.assay("diff", "1", run, "--json").json
        assert {each["change"] for each in found["metrics"]} == {0.0}
        assert found["outputs"] == []

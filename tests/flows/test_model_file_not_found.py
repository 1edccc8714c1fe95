"""A failure names its cause: the step that should have written the file, what it wrote instead, and where to mend it."""

import pytest


@pytest.mark.parametrize(
    "name, step, code, said",
    [
        ("near_miss", "Deploy Model", "output-not-written", ["models/modell.pkl", "Train Model", "assay.yaml:"]),
        ("exists_only", "Deploy Model", "output-not-written", ["models/modell.pkl", "Train Model", "assay.yaml:"]),
        ("declared", "Train Model", "output-not-written", ["models/modell.pkl", "models/model.pkl", "assay.yaml:"]),
        ("cpp_style", "Deploy Model", "output-not-written", ["models/modell.bin", "Train Model", "assay.yaml:"]),
        ("wrote_nothing", "Deploy Model", "output-not-written", ["wrote nothing", "Train Model"]),
        ("never_written", "Deploy Model", "file-never-made", ["models/model.pkl"]),
        ("never_ran", "Deploy Model", "producer-did-not-run", ["models/model.pkl", "Train Model"]),
    ],
)
def test_the_cause_is_named_in_each_scene(scene, name, step, code, said):
    project = scene(name)
    answer = project.assay("run", "--json")
    assert answer.code == 1
    failed = next(result for result in answer.lines[-1]["results"] if result["outcome"] == "failed")
    problem = failed["problem"]
    assert (failed["step"], problem["code"]) == (step, code)
    whole = " ".join([problem["what"], *problem["because"], problem["fix"]])
    for words in said:
        assert words in whole
    assert problem["fix"]


def test_why_tells_it_again_later(scene):
    project = scene("near_miss")
    first = project.assay("run")
    again = project.assay("why")
    assert "model file not found: models/model.pkl" in first.err
    assert "model file not found: models/model.pkl" in again.out
    assert "models/modell.pkl" in again.out
    assert project.assay("why", "output-not-written").out.strip()


def test_a_stale_file_of_an_earlier_run_does_not_hide_a_renamed_output(scene):
    project = scene("declared")
    project.put("models/model.pkl", "from an earlier version of train.py")
    answer = project.assay("run", "--json")
    failed = answer.lines[-1]["results"][0]
    assert (failed["outcome"], failed["problem"]["code"]) == ("failed", "output-not-written")

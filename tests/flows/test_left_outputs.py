"""An output that a step left as it was: its own where it was made from the very same, else the work of other code."""

import pytest

SAVE = "from pathlib import Path\nPath('models').mkdir(exist_ok=True)\nPath('models/linear.pkl').write_text('v1')\n"
FORGOT = "print('trained')\n"
FORGETFUL = """\
steps:
  - {{name: train, run: python train.py, inputs: [train.py], outputs: [{output}]}}
  - {{name: deploy, run: cat {output}, inputs: [{output}]}}
"""


def last(answer):
    return {result["step"]: result for result in answer.lines[-1]["results"]}


def codes(result):
    return [warning["code"] for warning in result["warnings"]]


def test_a_model_that_new_code_forgot_to_save_is_not_the_old_one(project):
    project.write(assay__yaml=FORGETFUL.format(output="models/linear.pkl"), train__py=SAVE)
    assert project.assay("run").code == 0
    project.put("train.py", FORGOT)
    answer = project.assay("run")
    assert answer.code == 1
    assert "output-not-written" in answer.out + answer.err
    assert "models/linear.pkl is from before: run 1 made it" in answer.out + answer.err
    (project.root / "models/linear.pkl").unlink()
    assert project.assay("run").code == 1
    assert not (project.root / "models/linear.pkl").exists()
    project.put("train.py", SAVE)
    assert last(project.assay("run", "--json"))["train"]["outcome"] == "reused"


def test_nor_is_a_folder_in_which_nothing_was_touched(project):
    project.write(
        assay__yaml="steps:\n  - {name: t, run: python t.py, inputs: [t.py], outputs: [models]}\n", t__py=SAVE
    )
    assert project.assay("run").code == 0
    project.put("t.py", FORGOT)
    assert last(project.assay("run", "--json"))["t"]["problem"]["code"] == "output-not-written"


def test_nor_what_lay_there_before_anything_ran(project):
    project.write(assay__yaml="steps:\n  - {name: t, run: echo hi, inputs: [seed], outputs: [m]}\n", seed="1", m="old")
    problem = last(project.assay("run", "--json"))["t"]["problem"]
    assert problem["code"] == "output-not-written"
    assert "m is from before" in problem["because"]


def test_a_step_that_writes_only_what_differs_says_so(project):
    steps = "steps:\n  - {name: t, run: test -e m || echo 1 > m, inputs: [seed], outputs: [m], keeps: [m]}\n"
    project.write(assay__yaml=steps, seed="1")
    assert project.assay("run").code == 0
    project.put("seed", "2")
    result = last(project.assay("run", "--json"))["t"]
    assert (result["outcome"], codes(result)) == ("ok", ["output-not-touched"])
    assert last(project.assay("run", "--json"))["t"]["outcome"] == "reused"


def test_what_the_very_same_made_before_may_be_left(project):
    steps = "steps:\n  - {name: t, run: test -e m || echo 1 > m, inputs: [seed], outputs: [m]}\n"
    project.write(assay__yaml=steps, seed="1")
    assert project.assay("run").code == 0
    result = last(project.assay("run", "--force", "--json"))["t"]
    assert (result["outcome"], codes(result)) == ("ok", ["output-not-touched"])


@pytest.mark.parametrize("retries", ["", ", retries: {attempts: 2, backoff: 0s}"], ids=["next run", "next attempt"])
def test_a_step_goes_on_from_what_a_failed_attempt_of_the_very_same_left(project, retries):
    features = "test -e features || { echo f > features; exit 1; }"
    project.write(
        assay__yaml="steps:\n"
        f"  - {{name: t, run: '{features}; echo m > model', inputs: [seed], outputs: [features, model]{retries}}}\n",
        seed="1",
    )
    assert project.assay("run").code == (0 if retries else 1)
    assert last(project.assay("run", "--json"))["t"]["outcome"] == ("reused" if retries else "ok")


def test_a_file_deleted_below_an_output_folder_is_a_touch(project):
    steps = "steps:\n  - {name: t, run: rm out/sub/$WHICH, inputs: [seed], outputs: [out], env: {WHICH: a}}\n"
    project.write(assay__yaml=steps, seed="1", out___sub___a="1", out___sub___b="2")
    assert project.assay("run").code == 0


def test_what_dvc_persists_may_be_left_and_what_it_clears_must_be_written(project):
    stages = (
        "stages:\n  t:\n    cmd: test -e m || echo 1 > m\n    deps: [seed]\n    outs:\n      - m: {persist: true}\n"
    )
    project.write(dvc__yaml=stages, seed="1", m="0")
    answer = project.assay("run", "--json")
    assert last(answer)["t"]["outcome"] == "ok"
    assert (project.root / "m").read_text() == "0"
    project.write(dvc__yaml=stages.replace("- m: {persist: true}", "- m"), seed="2")
    assert last(project.assay("run", "--json"))["t"]["outcome"] == "ok"
    assert (project.root / "m").read_text() == "1\n"


def test_an_output_in_which_a_file_is_named_by_a_secret_is_not_kept(project):
    steps = (
        "steps:\n  - {name: t, run: mkdir -p out && echo 1 > out/$TOK, inputs: [s], outputs: [out], secrets: [TOK]}\n"
    )
    project.write(assay__yaml=steps, s="1")
    answer = project.assay("run", TOK="hush-hush-17")
    assert answer.code == 1
    assert "t names a file of its output by the value of a secret: out/*****" in answer.err
    state = project.root / ".assay"
    assert not [path for path in state.rglob("*") if path.is_file() and b"hush-hush-17" in path.read_bytes()]

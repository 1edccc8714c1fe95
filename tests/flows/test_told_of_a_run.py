"""What a run tells, and what is told of it afterwards."""

import os
import signal
import time

import pytest

ONE = "steps:\n  - {name: train, run: 'echo v > m; echo \"accuracy: 0.91\"', inputs: [seed], outputs: [m]}\n"
CELLS = """\
steps:
  - name: train
    matrix: {m: [a, b]}
    run: echo said ${matrix.m}; test ${matrix.m} = a
    inputs: [seed]
"""
LONG = """\
steps:
  - {name: quick, run: echo q > q, inputs: [seed], outputs: [q]}
  - name: long
    run: "trap '' INT; trap 'echo told to end' TERM; echo begun; while true; do sleep 0.1 || true; done"
    inputs: [q]
    outputs: [o]
"""


def report(answer):
    return answer.lines[-1]


def test_a_reused_step_is_told_whole_in_json_however_often_it_is_reused(project):
    project.write(assay__yaml=ONE, seed="1")
    project.assay("run")
    answers = [project.assay("run", "--json") for _ in range(3)]
    for answer in answers:
        (result,) = report(answer)["results"]
        assert result["outcome"] == "reused"
        assert result["exit_code"] == 0
        assert [(metric["name"], metric["value"]) for metric in result["metrics"]] == [("accuracy", 0.91)]
        assert [output["path"] for output in result["outputs"]] == ["m"]
        (done,) = [line["result"] for line in answer.lines if line["event"] == "step-done"]
        assert done == result


def test_a_step_that_never_went_well_is_not_told_to_be_new(project):
    project.write(assay__yaml="steps:\n  - {name: t, run: exit 3, inputs: [seed], outputs: [o]}\n", seed="1")
    assert "it has not run yet" in project.assay("plan").out
    project.assay("run")
    assert "it failed in run 1" in project.assay("plan").out
    assert "it failed in run 1" in project.assay("run").err
    assert "it failed in run 2" in project.assay("plan").out
    assert "it failed in run 1" in project.assay("log", "2").out


def test_a_pipeline_that_is_renamed_mixes_no_logs_and_tells_where_the_runs_are(project):
    steps = "steps:\n  - {name: train, run: echo said by NAME}\n"
    project.write(assay__yaml="name: one\n" + steps.replace("NAME", "one"))
    project.assay("run")
    project.write(assay__yaml="name: two\n" + steps.replace("NAME", "two").replace("train", "fit"))
    said = project.assay("log").out
    assert "no runs yet" in said
    assert "1 run under another name of this pipeline: `name: one`" in said
    project.assay("run")
    assert [log.name for log in (project.root / ".assay/runs/1").glob("*.log")] == ["fit.log"]
    (before,) = (project.root / ".assay/runs/1-before-1").glob("*.log")
    assert before.read_text() == "said by one\n"


def test_the_declared_name_of_a_matrix_step_is_enough_for_why_and_log(project):
    project.write(assay__yaml=CELLS, seed="1")
    project.assay("run", "-j", "1")
    assert project.assay("log", "train").out == "said b\n"
    why = project.assay("why", "train")
    assert why.out.startswith("train@b: failed with exit code 1 (run 1)")
    assert "train@a: ok: it has not run yet (run 1)" in why.out
    assert "did you mean 'train'?" in project.assay("run", "tran").err


@pytest.fixture
def going(project):
    project.write(assay__yaml=LONG, seed="1")
    process = project.start("run")
    assert process.stderr is not None
    assert any("begun" in line for line in iter(process.stderr.readline, ""))
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_ctrl_c_says_at_once_what_it_waits_for_and_a_second_one_kills(project, going):
    """A step that does not listen is told to end when the grace is over: this one is not, for it is killed before."""
    going.send_signal(signal.SIGINT)
    assert any("stopping: long (Ctrl-C again to kill)" in line for line in iter(going.stderr.readline, ""))
    going.send_signal(signal.SIGINT)
    going.communicate(timeout=60)
    assert going.returncode == 130
    assert (project.root / ".assay/runs/1/long.log").read_text() == "begun\n"


def test_a_run_that_was_killed_tells_which_step_ran_and_how_long_it_is_known_to_have_gone_on(project, going):
    going.kill()
    going.communicate()
    late_s = time.time() + 7
    os.utime(project.root / ".assay/runs/1/long.log", (late_s, late_s))
    project.assay("run", "quick")
    assert "long  interrupted  it ran when the run was killed" in project.assay("log", "1").out
    line = next(run for run in project.assay("log", "--json").json["runs"] if run["run"] == 1)
    assert 5 < line["seconds"] < 60

"""Declared inputs and outputs give order, parallelism and reuse by content."""

import time

PIPELINE = """\
steps:
  - name: Report
    run: cat model.txt > report.txt && echo ran >> report.count
    inputs: [model.txt]
    outputs: [report.txt]
  - name: Train
    run: python train.py
    inputs: [data.csv]
    outputs: [model.txt]
"""
TRAIN = "import helper, pathlib; pathlib.Path('model.txt').write_text(helper.fit(open('data.csv').read()))"


def graph(project):
    project.write(
        assay__yaml=PIPELINE,
        data__csv="1,2,3\n",
        train__py=TRAIN,
        helper__py="def fit(text): return 'sum ' + str(sum(map(int, text.split(','))))",
    )
    return project


def outcomes(answer):
    return {result["step"]: result["outcome"] for result in answer.lines[-1]["results"]}


def reasons(answer):
    return {result["step"]: result["reason"] for result in answer.lines[-1]["results"]}


def test_a_step_waits_for_whoever_writes_what_it_reads_whatever_the_order_of_the_file(project):
    report = graph(project).assay("run", "--json").lines[-1]
    assert [result["step"] for result in report["results"]] == ["Train", "Report"]
    assert (project.root / "report.txt").read_text() == "sum 6"


def test_nothing_runs_twice_and_touching_a_file_changes_nothing(project):
    graph(project).assay("run")
    later = time.time() + 100
    import os

    os.utime(project.root / "data.csv", (later, later))
    assert outcomes(project.assay("run", "--json")) == {"Train": "reused", "Report": "reused"}
    assert project.assay("plan", "--exit-code").code == 0


def test_changed_content_runs_what_depends_on_it_and_says_so(project):
    graph(project).assay("run")
    project.put("data.csv", "1,2,4\n")
    answer = project.assay("run", "--json")
    assert outcomes(answer) == {"Train": "ok", "Report": "ok"}
    assert reasons(answer)["Train"].startswith("data.csv changed: ")


def test_a_changed_input_that_gives_the_same_output_stops_the_wave(project):
    graph(project).assay("run")
    project.put("data.csv", "3,2,1\n")
    assert outcomes(project.assay("run", "--json")) == {"Train": "ok", "Report": "reused"}


def test_going_back_to_old_content_reuses_the_old_result(project):
    graph(project).assay("run")
    project.put("data.csv", "1,2,4\n")
    project.assay("run")
    project.put("data.csv", "1,2,3\n")
    answer = project.assay("run", "--json")
    assert outcomes(answer) == {"Train": "reused", "Report": "reused"}
    assert (project.root / "model.txt").read_text() == "sum 6"


def test_an_imported_helper_that_nobody_declared_is_an_input_too(project):
    graph(project).assay("run")
    project.assay("run", "--force")
    project.put("helper.py", "def fit(text): return 'max ' + str(max(map(int, text.split(','))))")
    answer = project.assay("run", "--json")
    assert outcomes(answer)["Train"] == "ok"
    assert "helper.py, which it read, changed" in reasons(answer)["Train"]


def test_a_lost_output_is_restored_and_not_made_again(project):
    graph(project).assay("run")
    (project.root / "model.txt").unlink()
    answer = project.assay("run", "--json")
    assert outcomes(answer)["Train"] == "reused"
    assert "model.txt comes back from the store" in reasons(answer)["Train"]
    assert (project.root / "model.txt").read_text() == "sum 6"


def test_a_failed_step_runs_again(project):
    graph(project).put("train.py", "raise SystemExit(3)")
    assert project.assay("run").code == 1
    project.put("train.py", TRAIN)
    assert project.assay("run").code == 0


def test_force_runs_everything(project):
    graph(project).assay("run")
    assert outcomes(project.assay("run", "--force", "--json")) == {"Train": "ok", "Report": "ok"}


def test_steps_that_do_not_need_each_other_run_at_the_same_time(project):
    meet = "for i in $(seq 200); do [ -e {other} ] && exit 0; sleep 0.05; done; exit 1"
    steps = "\n".join(
        f"  - {{name: {me}, run: 'touch {me}; {meet.format(other=other)}', inputs: [seed], outputs: [{me}]}}"
        for me, other in (("a", "b"), ("b", "a"))
    )
    project.write(assay__yaml=f"steps:\n{steps}\n", seed="x")
    assert project.assay("run", "-j", "2").code == 0


def test_a_failure_does_not_stop_what_does_not_depend_on_it(project):
    steps = (
        "steps:\n  - {name: bad, run: 'false', inputs: [seed]}\n  - {name: good, run: 'true', inputs: [seed]}\n"
        "  - {name: after, run: 'true', needs: [bad]}\n"
    )
    project.write(assay__yaml=steps, seed="x")
    assert outcomes(project.assay("run", "--json")) == {"bad": "failed", "good": "ok", "after": "held"}

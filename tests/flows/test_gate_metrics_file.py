"""A gate by a metrics file: numbers are compared as they are, and what passes by them alone is marked wherever it appears."""

import json
import sqlite3

import pytest
from loop import PREDICT, rows

ASSAY_YAML = """\
name: line
model:
  path: model.json
  label: y
  id: id
  time: day
  predict: predict.py:load
steps:
  - name: Train
    run: python train.py
    inputs: [train.py, slope.txt]
    outputs: [model.json]
    metrics: [out/metrics.json]
  - name: Gate
    gate:
      metrics: out/metrics.json
      require:
        - mae < champion.mae
        - mae <= 50
        - model_size_mb <= 1
  - name: Release
    release: {}
  - name: Deploy
    deploy: {}
watch:
  data: arriving/*.csv
  performance: {metric: mae, decay: 50%}
"""
TRAIN = """\
import json, os
slope = float(open("slope.txt").read())
json.dump({"slope": slope}, open("model.json", "w"))
os.makedirs("out", exist_ok=True)
json.dump({"mae": abs(slope - 2) * 50, "note": "on rows of its own"}, open("out/metrics.json", "w"))
"""
MARK = "unprotected: no rows"
SHOWN = "r1 [unprotected: no rows]"


def write(project, slope):
    project.put("assay.yaml", ASSAY_YAML)
    project.put("train.py", TRAIN)
    project.put("predict.py", PREDICT)
    project.put("slope.txt", str(slope))
    return project


def retrain(project, slope):
    project.put("slope.txt", str(slope))
    return project.assay("run")


def edit(project, path, *changes):
    text = (project.root / path).read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    project.put(path, text)


@pytest.fixture
def released(project):
    """A project whose first model passed by an absolute sentence about its numbers."""
    answer = write(project, 2.5).assay("run")
    assert answer.code == 0, answer.err
    return project


def judged(project):
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as ledger:
        events = ledger.execute("select event from event where kind = 'judged' order by seq").fetchall()
    return [json.loads(event)["verdict"] for (event,) in events]


def champion(project):
    return project.assay("status", "--json").json["champion"]["release"]


def test_a_first_model_passes_by_an_absolute_sentence_and_is_marked_wherever_it_appears(released):
    for words in (("status",), ("log", "1"), ("release", "show", "r1"), ("why", "r1"), ("why", "1")):
        assert SHOWN in released.assay(*words).out.replace("r1 (model", "r1").replace(") [", " ["), words
    assert MARK in released.assay("release", "ls").out
    status = released.assay("status", "--json").json
    assert [status[place]["marks"] for place in ("live", "champion", "verdict")] == [[MARK]] * 3
    assert released.assay("status", "--json").json == status
    assert released.assay("release", "ls", "--json").json["releases"][0]["marks"] == [MARK]
    assert released.assay("release", "show", "r1", "--json").json["line"]["marks"] == [MARK]
    assert released.assay("release", "verify", "r1", "--json").json["marks"] == [MARK]


def test_the_verdict_says_what_it_rests_on(released):
    (verdict,) = judged(released)
    assert (verdict["outcome"], verdict["has_rows"], verdict["rows"]) == ("pass", False, 0)
    assert [each["verdict"] for each in verdict["sentences"]] == ["not applicable", "pass", "pass"]
    assert verdict["measured"] == {"mae": 25.0}
    assert verdict.get("charge") is None
    bill = released.assay("release", "show", "r1", "--json").json["bill"]
    assert verdict["test_set"] in [data["digest"] for data in bill["data"]]


def test_a_run_ends_with_the_mark(project):
    answer = write(project, 2.5).assay("run")
    assert SHOWN in answer.out.splitlines()[-1]
    assert f"pass [{MARK}]" in answer.out
    report = project.assay("run", "--json").lines[-1]
    assert (report["release"], report["marks"]) == ("r1", [MARK])


def test_a_better_model_replaces_the_champion_and_a_worse_one_is_refused(released):
    assert retrain(released, 2.2).code == 0
    assert champion(released) == "r2"
    answer = retrain(released, 2.4)
    assert answer.code == 3
    assert "mae < champion.mae: fail: mae is 20, and r2's is 10" in answer.err
    assert champion(released) == "r2"
    assert [verdict["outcome"] for verdict in judged(released)] == ["pass", "pass", "fail"]
    assert [line["marks"] for line in released.assay("release", "ls", "--json").json["releases"]] == [[MARK]] * 2


def test_the_same_question_is_answered_once(released):
    retrain(released, 3.0)
    assert released.assay("run").code == 3
    assert len(judged(released)) == 2


def test_a_rollback_tells_the_mark(released):
    retrain(released, 2.2)
    assert f"{SHOWN} is live and champion" in released.assay("rollback").out
    assert released.assay("rollback", "r2", "--json").json["marks"] == [MARK]


def test_changed_code_with_the_same_model_and_numbers_is_nothing_to_judge(released):
    edit(released, "predict.py", ("import json", "import json  # a comment"))
    answer = released.assay("run")
    assert answer.code == 0, answer.err
    assert f"{SHOWN} is made of this model" in answer.out
    assert len(judged(released)) == 1


def test_a_number_that_is_missing_is_named_with_what_is_near(project):
    write(project, 2.5)
    edit(project, "train.py", ('{"mae"', '{"MAE_test"'))
    answer = project.assay("run")
    assert answer.code == 3
    assert "out/metrics.json has no number called mae; it has MAE_test: write it as mae" in answer.err


def test_a_number_that_is_none_decides_nothing_though_an_earlier_one_was_good(project):
    write(project, 2.5)
    edit(project, "train.py", ("abs(slope - 2) * 50", '[3.0, float("nan")]'))
    answer = project.assay("run")
    assert answer.code == 3
    assert "out/metrics.json says that mae is NaN, which cannot be compared" in answer.err


def test_a_file_that_no_step_of_this_run_wrote_is_not_believed(project):
    write(project, 2.5)
    edit(project, "assay.yaml", ("    metrics: [out/metrics.json]\n", ""))
    edit(project, "train.py", ('json.dump({"mae"', '0 and json.dump({"mae"'))
    project.put("out/metrics.json", '{"mae": 0.1}')
    answer = project.assay("run")
    assert answer.code == 1
    assert "no step of this run wrote out/metrics.json: its numbers may be of another model" in answer.err
    assert "write `metrics: [out/metrics.json]` in the step that writes it" in answer.err
    assert judged(project) == []


def test_a_promised_file_that_was_left_as_it_was_is_not_believed(released):
    edit(released, "train.py", ('json.dump({"mae"', '0 and json.dump({"mae"'), ('open("out/metrics.json", "w")', "0"))
    assert "declared output not written: out/metrics.json" in retrain(released, 9.0).err
    edit(
        released,
        "assay.yaml",
        ("    metrics: [out/metrics.json]\n", "    metrics: [out/metrics.json]\n    keeps: [out/metrics.json]\n"),
    )
    answer = released.assay("run")
    assert answer.code == 1
    assert "Train names it, ran, and left it as it was" in answer.err
    assert champion(released) == "r1"


def test_a_file_that_an_undeclared_step_was_seen_to_write_is_believed(project):
    write(project, 2.5)
    edit(
        project,
        "assay.yaml",
        ("    inputs: [train.py, slope.txt]\n    outputs: [model.json]\n    metrics: [out/metrics.json]\n", ""),
    )
    assert project.assay("run").code == 0
    assert champion(project) == "r1"


def test_a_file_that_is_not_there_is_traced_to_the_step_that_should_have_written_it(project):
    write(project, 2.5)
    edit(project, "assay.yaml", ("    metrics: [out/metrics.json]\n", ""))
    edit(project, "train.py", ('open("out/metrics.json", "w")', 'open("out/metric.json", "w")'))
    answer = project.assay("run")
    assert answer.code == 1
    assert "out/metrics.json" in answer.err
    assert "out/metric.json" in answer.err


def test_a_file_that_does_not_read_gives_no_verdict(project):
    write(project, 2.5)
    edit(project, "assay.yaml", ("    metrics: [out/metrics.json]\n", ""))
    edit(
        project,
        "train.py",
        ('open("out/metrics.json", "w"))', 'open("out/metrics.json", "w")); open("out/metrics.json", "a").write("}")'),
    )
    answer = project.assay("run")
    assert answer.code == 1
    assert "the metrics file out/metrics.json cannot be read" in answer.err


def test_a_gate_by_rows_takes_over_and_then_there_is_no_mark(released):
    edit(released, "assay.yaml", ("      metrics: out/metrics.json\n", "      data: gate.csv\n"))
    released.put("gate.csv", rows(300, 2.0, start=1000))
    answer = retrain(released, 2.1)
    assert answer.code == 0, answer.err
    lines = released.assay("release", "ls", "--json").json["releases"]
    assert [(line["release"], line["marks"]) for line in lines] == [("r2", []), ("r1", [MARK])]


def test_live_rows_are_watched_though_no_rows_were_seen_before(released):
    released.put("arriving/one.csv", rows(200, 2.0, start=5000, day="2024-02-01"))
    answer = released.assay("watch", "--once")
    assert answer.code == 0, answer.err
    assert f"200 rows predicted by {SHOWN}" in answer.out
    assert released.assay("watch", "--once", "--json").lines[-1]["marks"] == {"r1": [MARK]}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("str(abs(slope - 2) * 50)", "out/metrics.json says that mae is the text '25.0', which is no number"),
        ("slope > 2", "out/metrics.json says that mae is true, which is no number"),
        ('float("nan")', "out/metrics.json says that mae is NaN, which cannot be compared"),
    ],
)
def test_what_is_no_number_is_told_and_no_better_model_is_asked_for(project, written, said):
    write(project, 2.5)
    edit(project, "train.py", ('"mae": abs(slope - 2) * 50', f'"mae": {written}'))
    answer = project.assay("run")
    assert answer.code == 3
    assert said in answer.err
    assert "  fix      mend the numbers that are told above" in answer.err

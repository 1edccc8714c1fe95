"""Readings on what arrives, retraining where decay is shown, and silence about what was refused already."""

import pytest
from loop import labels, rows, write_loop


@pytest.fixture
def live(project):
    """r1 predicts y = 2 x, which is true so far."""
    write_loop(project, slope=2.0)
    project.put("train.py", TRAIN_ON_ARRIVED)
    project.put(
        "assay.yaml",
        (project.root / "assay.yaml").read_text().replace("[train.csv, slope.txt]", "[train.csv, slope.txt, labels]"),
    )
    (project.root / "labels").mkdir()
    assert project.assay("run").code == 0
    return project


TRAIN_ON_ARRIVED = """\
import csv, glob, json
slope = float(open("slope.txt").read())
for path in sorted(glob.glob("labels/*.csv")):
    x = {row["id"]: float(row["x"]) for row in csv.DictReader(open(path.replace("labels", "arriving")))}
    pairs = [(x[row["id"]], float(row["y"])) for row in csv.DictReader(open(path))]
    slope = sum(a * b for a, b in pairs) / sum(a * a for a, _ in pairs)
json.dump({"slope": slope}, open("model.json", "w"))
"""


def arrive(project, name: str, start: int, day: str, slope: float = 2.0) -> None:
    project.put(f"arriving/{name}.csv", rows(200, slope, start, day, label=False))


def land(project, name: str, start: int, slope: float = 2.0) -> None:
    project.put(f"labels/{name}.csv", labels(200, slope, start))


def look(project) -> dict:
    answer = project.assay("watch", "--once", "--json")
    assert answer.code == 0, answer.err + answer.out
    return answer.lines[-1]


def test_a_batch_is_predicted_when_it_arrives_and_read_when_its_labels_come(live):
    arrive(live, "one", 2000, "2024-02-01")
    report = look(live)
    assert [(batch["rows"], batch["labels_known"]) for batch in report["scored"]] == [(200, 0)]
    assert [reading["state"] for reading in report["readings"]] == ["no labels"]
    live.put("labels/one.csv", "\n".join(labels(200, 2.0, 2000).splitlines()[:101]) + "\n")
    (reading,) = look(live)["readings"]
    assert (reading["rows"], reading["labelled"], reading["state"]) == (200, 100, "ok")
    low, high = reading["interval"]
    assert low < reading["value"] < high < reading["limit"]


def test_looking_again_finds_nothing_new(live):
    arrive(live, "one", 2000, "2024-02-01")
    land(live, "one", 2000)
    assert look(live)["readings"]
    report = look(live)
    assert (report["scored"], report["readings"], report["run"]) == ([], [], None)


def decay(live, truth_at_gate: float) -> dict:
    """A batch on which the truth has changed; the gate's rows follow it or not."""
    live.put("gate.csv", rows(200, truth_at_gate, start=1000))
    arrive(live, "one", 2000, "2024-02-01", 3.0)
    look(live)
    land(live, "one", 2000, 3.0)
    return look(live)


def test_decay_retrains_and_the_gate_releases_what_is_better(live):
    report = decay(live, truth_at_gate=3.0)
    assert report["readings"][0]["state"] == "decayed"
    assert report["run"]["outcome"] == "ok"
    assert report["run"]["release"] == "r2"
    assert "decay" in live.assay("why", "r2").out
    assert look(live)["decision"] == "no reading of the live release yet"


def test_after_a_refusal_the_same_data_is_not_asked_about_again(live):
    report = decay(live, truth_at_gate=2.0)
    assert report["run"]["outcome"] == "refused"
    again = look(live)
    assert again["run"] is None
    assert "refused the model of run 2 on this data" in again["decision"]
    assert live.assay("status", "--json").json["champion"]["release"] == "r1"


def test_new_data_within_the_cooldown_waits_and_says_so(live):
    decay(live, truth_at_gate=2.0)
    arrive(live, "two", 3000, "2024-02-01T12:00:00", 3.0)
    land(live, "two", 3000, 3.0)
    report = look(live)
    assert report["run"] is None
    assert "cooldown: 0.5 days of the data's time to go" in report["decision"]
    arrive(live, "three", 4000, "2024-02-03", 3.0)
    land(live, "three", 4000, 3.0)
    assert look(live)["run"]["outcome"] == "refused"


def test_batches_that_the_release_learned_from_are_not_scored(live):
    arrive(live, "train", 0, "2024-01-01")
    live.put("arriving/copy.csv", (live.root / "train.csv").read_text())
    report = look(live)
    assert report["learned"] == ["arriving/copy.csv"]


def test_before_anything_is_live_there_is_nothing_to_read(project):
    write_loop(project)
    assert look(project)["decision"] == "nothing is live yet: assay run"


def test_a_batch_without_a_column_that_the_model_reads_is_named(live):
    live.put("arriving/one.csv", "id,day,kind\n1,2024-02-01,a\n")
    answer = live.assay("watch", "--once")
    assert answer.code == 1
    assert "arriving/one.csv has no column 'x'" in answer.err


def test_without_a_watch_section_it_says_what_to_write(project):
    project.put("assay.yaml", "name: p\nsteps:\n  - {name: a, run: 'true'}\n")
    answer = project.assay("watch", "--once")
    assert answer.code == 2
    assert "no section `watch:`" in answer.err

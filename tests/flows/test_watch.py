"""Readings on what arrives, retraining where decay is shown, and silence about what was refused already."""

import pytest
from loop import labels, rows, write_loop

from assay.core.problem import AssayError
from assay.flows.watch import watch
from assay.workspace import Workspace


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
    assert (reading["rows"], reading["labelled"], reading["state"]) == (200, 100, "provisional")
    low, high = reading["interval"]
    assert low < reading["value"] < high < reading["limit"]
    land(live, "one", 2000)
    assert [reading["state"] for reading in look(live)["readings"]] == ["ok"]


def test_looking_again_finds_nothing_new(live):
    arrive(live, "one", 2000, "2024-02-01")
    land(live, "one", 2000)
    assert look(live)["readings"]
    report = look(live)
    assert (report["scored"], report["readings"], report["run"]) == ([], [], None)


def test_what_has_not_changed_is_not_read_again(live):
    arrive(live, "one", 2000, "2024-02-01")
    (scored,) = look(live)["scored"]
    land(live, "one", 2000)
    look(live)
    name = scored["predictions"].removeprefix("b3:")
    (kept,) = (
        path
        for path in (live.root / ".assay" / "store").rglob("*")
        if path.is_file() and name.endswith(path.name[-32:])
    )
    kept.unlink()
    assert look(live)["decision"].startswith("mae ")
    (live.root / ".assay" / "cache.sqlite").unlink()
    assert live.assay("watch", "--once").code == 6


def test_labels_that_are_corrected_are_read_again(live):
    arrive(live, "one", 2000, "2024-02-01")
    land(live, "one", 2000, 3.0)
    (wrong,) = look(live)["readings"]
    land(live, "one", 2000)
    (right,) = look(live)["readings"]
    assert (wrong["state"], right["state"]) == ("decayed", "ok")


def test_labels_that_are_moved_away_take_no_reading_back(live):
    arrive(live, "one", 2000, "2024-02-01")
    land(live, "one", 2000)
    look(live)
    (live.root / "labels" / "one.csv").rename(live.root / "one.csv")
    assert look(live)["readings"] == []


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


def test_a_newer_batch_without_labels_does_not_hide_decay(live):
    live.put("gate.csv", rows(200, 3.0, start=1000))
    arrive(live, "one", 2000, "2024-02-01", 3.0)
    arrive(live, "two", 3000, "2024-03-01", 3.0)
    land(live, "one", 2000, 3.0)
    report = look(live)
    assert report["decision"].startswith("decay: ")
    assert report["run"]["release"] == "r2"


def test_decay_is_not_acted_on_before_most_labels_are_there(live):
    arrive(live, "one", 2000, "2024-02-01", 3.0)
    live.put("labels/one.csv", "\n".join(labels(200, 3.0, 2000).splitlines()[:121]) + "\n")
    report = look(live)
    assert report["decision"] == "arriving/one.csv: 60 % of the labels are there; decided at 80 %"
    assert report["run"] is None
    assert live.assay("watch", "--once", "--exit-code").code == 0
    land(live, "one", 2000, 3.0)
    answer = live.assay("watch", "--once", "--exit-code")
    assert answer.code == 5


def test_new_data_retrains_without_any_performance(project):
    write_loop(project)
    text = (project.root / "assay.yaml").read_text()
    text = text.replace("  performance: {metric: mae, decay: 50%}\n", "").replace("on: [decay]", "on: [data]")
    project.put("assay.yaml", text)
    assert project.assay("run").code == 0
    arrive(project, "one", 2000, "2024-02-01")
    assert look(project)["decision"] == "arriving/one.csv has no labels yet"
    land(project, "one", 2000)
    report = look(project)
    assert report["decision"] == "new data: arriving/one.csv, 200 labelled rows"
    assert report["run"]["outcome"] == "ok"
    arrive(project, "two", 3000, "2024-03-01")
    again = look(project)
    assert again["run"] is None
    assert again["decision"] == "run 2 on this data made the same model again: waiting for new data"


def test_labels_join_rows_whose_ids_are_written_in_another_way(live):
    arrive(live, "one", 2000, "2024-02-01")
    live.put("labels/one.csv", labels(200, 2.0, 2000) + "X1,5.0\n")
    (reading,) = look(live)["readings"]
    assert (reading["labelled"], reading["state"]) == (200, "ok")


def test_infinite_labels_and_predictions_count_as_missing(live):
    arrive(live, "one", 2000, "2024-02-01")
    live.put("arriving/one.csv", (live.root / "arriving/one.csv").read_text() + "2200,2024-02-01,a,inf\n")
    live.put("labels/one.csv", labels(200, 2.0, 2000).replace("\n2000,", "\n2000,inf\n9000,") + "2200,4.0\n")
    (reading,) = look(live)["readings"]
    assert (reading["rows"], reading["labelled"], reading["state"]) == (201, 199, "ok")


@pytest.mark.parametrize(
    "row, said",
    [
        ("2005,2024-02-01,a,5\n", "row 201 of arriving/one.csv has the 'id' of row 6: 2005"),
        (",2024-02-01,a,5\n", "row 201 of arriving/one.csv has no 'id', the id"),
        ("2300,2024-02-01\n", "arriving/one.csv has 2 cells"),
    ],
)
def test_a_batch_that_cannot_be_scored_is_told_and_stops_no_other(live, row, said):
    arrive(live, "one", 2000, "2024-02-01")
    live.put("arriving/one.csv", (live.root / "arriving/one.csv").read_text() + row)
    arrive(live, "two", 3000, "2024-03-01")
    land(live, "two", 3000)
    answer = live.assay("watch", "--once", "--json")
    report = answer.lines[-1]
    assert answer.code == 1
    assert [reading["batch"] for reading in report["readings"]] == ["arriving/two.csv"]
    (problem,) = report["problems"]
    assert said in problem["what"]
    arrive(live, "one", 2000, "2024-02-01")
    assert [batch["batch"] for batch in look(live)["scored"]] == ["arriving/one.csv"]


def test_a_label_file_that_names_an_id_twice_is_told_at_every_look_and_stops_no_other(live):
    arrive(live, "one", 2000, "2024-02-01")
    land(live, "one", 2000)
    live.put("labels/two.csv", "id,y\n2000,5.0\n2000,6.0\n")
    for readings in (1, 0):
        answer = live.assay("watch", "--once", "--json")
        report = answer.lines[-1]
        assert (answer.code, len(report["readings"])) == (1, readings)
        (problem,) = report["problems"]
        assert (problem["code"], problem["what"]) == (
            "id-repeated",
            "row 2 of labels/two.csv has the 'id' of row 1: 2000",
        )


def test_a_model_that_predicts_nothing_is_told(live):
    live.put("arriving/one.csv", "id,day,kind,x\n1,2024-02-01,a,inf\n2,2024-02-01,a,inf\n")
    answer = live.assay("watch", "--once")
    assert answer.code == 1
    assert "r1 predicts nothing for arriving/one.csv" in answer.err


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


class Patience:
    """A clock whose waiting is over at once."""

    def now_s(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        pass


def looks(project):
    """The looks of ``assay watch``, one after the other."""
    workspace = Workspace(project.root, project.environ)
    workspace.clock = Patience()
    return workspace, watch(workspace, lambda run, progress: None, 10.0, lambda report: None)


def test_a_file_that_is_half_written_is_scored_when_it_is_whole(live):
    arrive(live, "one", 2000, "2024-02-01")
    whole = (live.root / "arriving/one.csv").read_text()
    live.put("arriving/one.csv", whole[:-12])
    _, going_on = looks(live)
    first = next(going_on)
    assert [problem.code for problem in first.problems] == ["ragged-csv"]
    live.put("arriving/one.csv", whole)
    second = next(going_on)
    assert ([batch.rows for batch in second.scored], second.problems) == ([200], ())


def test_a_look_that_fails_is_told_and_the_next_one_is_tried(live):
    arrive(live, "one", 2000, "2024-02-01", 3.0)
    land(live, "one", 2000, 3.0)
    workspace, going_on = looks(live)
    with workspace.run_lock.held("another run"):
        failed = next(going_on)
    assert isinstance(failed, AssayError)
    assert "another run" in str(failed.problem)
    report = next(going_on)
    assert report.run is not None
    assert report.decision.startswith("again, because its run did not end")

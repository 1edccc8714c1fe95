"""Sentences about behaviour, latency and size, judged by real runs."""

import json

import pytest
from loop import rows, write_loop

LEANING = """\
import json
import numpy as np

def load(path):
    slope = json.load(open(path))["slope"]
    def predict(columns):
        leans = np.array([kind == "a" for kind in columns["kind"]])
        return slope * np.asarray(columns["x"], dtype=float) + 0.5 * leans
    return predict
"""
"""Its answers depend on ``kind``, which has nothing to do with the truth."""

STRICT = """\
import json
import numpy as np

def load(path):
    slope = json.load(open(path))["slope"]
    def predict(columns):
        x = np.asarray(columns["x"], dtype=float)
        if np.isnan(x).any():
            raise ValueError("x is missing")
        return slope * x
    return predict
"""
CLASSES = """\
import numpy as np

def load(path):
    return lambda columns: np.where(np.asarray(columns["x"], dtype=float) > 50, "large", "small").astype(object)
"""


def require(project, *sentences, first="mae <= 50"):
    """The loop with these sentences beside one that passes."""
    text = (project.root / "assay.yaml").read_text()
    begin, end = text.index("      require:\n"), text.index("  - name: Release")
    lines = "".join(f"        - '{sentence}'\n" for sentence in (first, *sentences))
    project.put("assay.yaml", f"{text[:begin]}      require:\n{lines}{text[end:]}")
    return project


def judged(project):
    """The newest verdict's sentences but the first, by their text."""
    verdict = project.assay("gate", "--json").json
    return {each["sentence"]: each for each in verdict["sentences"][1:]}


@pytest.fixture
def loop(project):
    """The loop; its rows are many enough to show one violation in 100 or fewer, and half of them have no label."""
    write_loop(project)
    with_labels = rows(400, 2.0, start=1000)
    without = "".join(f"{line.rsplit(',', 1)[0]},\n" for line in rows(400, 2.0, start=3000).splitlines()[1:])
    project.put("gate.csv", with_labels + without)
    return project


def test_a_model_that_leans_on_what_must_not_matter_fails(loop):
    loop.put("predict.py", LEANING)
    sentence = "violations(invariant kind) <= 1%"
    answer = require(loop, sentence).assay("run")
    assert answer.code == 3
    assert f"{sentence}: fail: shown to be false: " in answer.err
    found = judged(loop)[sentence]
    assert found["estimate"] == 1.0
    assert 150 < found["rows"] < 250


def test_a_model_that_does_not_lean_on_it_passes(loop):
    sentences = (
        "violations(invariant kind) <= 5%",
        "violations(invariant kind, day) <= 0",
        "violations(missing kind) <= 1%",
    )
    answer = require(loop, *sentences).assay("run")
    assert answer.code == 0, answer.err
    found = judged(loop)
    assert {each["verdict"] for each in found.values()} == {"pass"}
    assert found["violations(missing kind) <= 1%"]["rows"] == 800


def test_a_direction_is_kept_or_broken(loop):
    kept, broken = "violations(x up, prediction up) <= 1%", "violations(x down, prediction up) <= 1%"
    answer = require(loop, kept, broken).assay("run")
    assert answer.code == 3
    found = judged(loop)
    assert found[kept]["verdict"] == "pass"
    assert found[broken]["verdict"] == "fail"
    assert found[broken]["estimate"] == 1.0


def test_a_model_that_fails_on_missing_values_breaks_every_case_and_the_rest_is_still_judged(loop):
    loop.put("predict.py", STRICT)
    first, second = "violations(missing x) <= 1%", "violations(x up, prediction up) <= 1%"
    answer = require(loop, first, second, "latency_p99_ms <= 60000").assay("run")
    assert answer.code == 3
    found = judged(loop)
    assert "800 of 800 cases broken (100.00 %), as of a model that fails on such rows" in found[first]["reason"]
    assert found[second]["verdict"] == "pass"
    assert found["latency_p99_ms <= 60000"]["verdict"] == "pass"


@pytest.fixture
def classes(project):
    """A loop whose model tells large from small."""
    write_loop(project)
    project.put("predict.py", CLASSES)
    lines = rows(200, 2.0, start=1000).splitlines()
    cells = [line.split(",") for line in lines[1:]]
    told = [",".join([*each[:-1], "large" if float(each[3]) > 50 else "small"]) for each in cells]
    project.put("gate.csv", "\n".join([lines[0], *told]) + "\n")
    project.put("tests/cases.csv", "id,day,kind,x,y\n1,2024-01-01,a,80,large\n2,2024-01-01,b,20,small\n")
    text = (project.root / "assay.yaml").read_text().replace("  performance: {metric: mae, decay: 50%}\n", "")
    project.put("assay.yaml", text.replace("  retrain: {on: [decay], cooldown: 1 day, at_most: 3 per week}\n", ""))
    text = (project.root / "assay.yaml").read_text()  # x decides about y here, and is honest
    project.put(
        "assay.yaml", text.replace("      data: gate.csv\n", "      data: gate.csv\n      leakage: {allow: [x]}\n")
    )
    return require(project, "violations(cases tests/cases.csv) <= 0", first="accuracy >= 0.9")


def test_cases_that_are_predicted_right_pass_and_are_data_of_the_release(classes):
    answer = classes.assay("run")
    assert answer.code == 0, answer.err
    (found,) = judged(classes).values()
    assert (found["verdict"], found["reason"]) == ("pass", "none of 2 cases broken")
    data = classes.assay("release", "show", "r1", "--json").json["bill"]["data"]
    assert "tests/cases.csv" in {each["path"] for each in data}


def test_one_case_that_is_predicted_wrong_is_one_too_many(classes):
    classes.put("tests/cases.csv", "id,day,kind,x,y\n1,2024-01-01,a,80,large\n2,2024-01-01,b,20,large\n")
    answer = classes.assay("run")
    assert answer.code == 3
    assert "violations(cases tests/cases.csv) <= 0: fail: 1 of 2 cases broken (50.00 %)" in answer.err


@pytest.mark.parametrize(
    "cases, said",
    [
        (None, "data file not found: tests/cases.csv"),
        ("id,day,kind,x\n1,2024-01-01,a,80\n", "tests/cases.csv has no column 'y', the label"),
        ("id,day,kind,xx,y\n1,2024-01-01,a,80,large\n", "tests/cases.csv has no column 'x', which the model is given"),
        ("id,day,kind,x,y\n1,2024-01-01,a,80,\n", "case 1 of tests/cases.csv has no label"),
        ("id,day,kind,x,y\n1,2024-01-01,a,many,large\n", "the column 'x' of tests/cases.csv is not of the type"),
    ],
)
def test_cases_that_cannot_be_asked_give_no_verdict_and_say_why(classes, cases, said):
    if cases is None:
        (classes.root / "tests/cases.csv").unlink()
    else:
        classes.put("tests/cases.csv", cases)
    answer = classes.assay("run")
    assert answer.code == 1
    assert said in answer.err


def test_a_column_that_the_model_does_not_read_gives_no_verdict(loop):
    answer = require(loop, "violations(invariant kidn) <= 1%").assay("run")
    assert answer.code == 1
    assert "the model reads no column 'kidn'" in answer.err
    assert "did you mean 'kind'?" in answer.err
    answer = require(loop, "violations(missing y) <= 1%").assay("run")
    assert "label and id are kept from it" in answer.err


def test_a_direction_of_text_gives_no_verdict(loop):
    answer = require(loop, "violations(kind up, prediction up) <= 1%").assay("run")
    assert answer.code == 1
    assert "the column 'kind' has no up and down" in answer.err


def test_latency_is_tested_on_timed_calls(loop):
    slow, quick = "latency_p99_ms <= 0.000001", "latency_p99_ms <= 60000 at 99%"
    answer = require(loop, quick, slow).assay("run")
    assert answer.code == 3
    found = judged(loop)
    assert (found[quick]["verdict"], found[slow]["verdict"]) == ("pass", "fail")
    assert found[quick]["rows"] == found[slow]["rows"] >= 838
    assert found[slow]["reason"].startswith("shown to be false: latency_p99_ms ")


def test_sizes_are_compared_as_they_are_also_with_the_champion(loop):
    assert require(loop, "model_size_mb <= 0.0001").assay("run").code == 0
    size_mb = len(json.dumps({"slope": 2.0})) / 1e6
    assert judged(loop)["model_size_mb <= 0.0001"]["challenger"] == size_mb
    loop.put("slope.txt", "2.001")
    answer = require(loop, "model_size_mb <= champion.model_size_mb").assay("run")
    assert answer.code == 3
    assert "fail: 1.6e-05 MB, beside 1.4e-05 MB of r1; the limit is 1.4e-05 MB" in answer.err


def test_both_models_are_timed_where_one_is_held_against_the_other(loop):
    sentence = "latency_p50_ms <= champion.latency_p50_ms * 1000"
    answer = require(loop, sentence).assay("run")
    assert answer.code == 0, answer.err
    assert judged(loop)[sentence]["verdict"] == "not applicable"
    loop.put("slope.txt", "2.001")
    answer = loop.assay("run")
    assert answer.code == 0, answer.err
    found = judged(loop)[sentence]
    assert found["verdict"] == "pass"
    assert found["champion"] > 0


def test_other_cases_are_another_question(classes):
    classes.put("tests/cases.csv", "id,day,kind,x,y\n1,2024-01-01,a,80,small\n")
    assert classes.assay("run").code == 3
    classes.put("tests/cases.csv", "id,day,kind,x,y\n1,2024-01-01,a,80,large\n")
    answer = classes.assay("run")
    assert answer.code == 0, answer.err


def gate_rows(project, first, last):
    """Rows of the gate's data, with its head."""
    head, *lines = (project.root / "gate.csv").read_text().splitlines()
    return [head, *lines[first:last]]


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(lambda lines: lines, id="the same rows"),
        pytest.param(lambda lines: lines[:2], id="one row, with its id"),
        pytest.param(
            lambda lines: [lines[0], *(f"{at},{line.split(',', 1)[1]}" for at, line in enumerate(lines[1:]))],
            id="with other ids",
        ),
        pytest.param(lambda lines: [line.split(",", 1)[1] for line in lines], id="without ids"),
    ],
)
@pytest.mark.parametrize("sealed", [False, True])
def test_rows_of_the_gate_are_no_cases(classes, cases, sealed):
    classes.put("tests/cases.csv", "\n".join(cases(gate_rows(classes, 0, 5))) + "\n")
    if sealed:
        text = (classes.root / "assay.yaml").read_text()
        classes.put("assay.yaml", text.replace("data: gate.csv\n", "data: gate.csv\n      reveal: verdict\n"))
    answer = classes.assay("run")
    assert answer.code == 1
    assert "cases of tests/cases.csv are rows of gate.csv, which the gate judges on" in answer.err
    assert "cases-among-rows" in answer.err


def test_the_gates_own_file_is_no_file_of_cases(classes):
    answer = require(classes, "violations(cases gate.csv) <= 11.1%", first="accuracy >= 0.9").assay("run")
    assert (answer.code, "cases of gate.csv are rows of gate.csv" in answer.err) == (1, True)


def test_a_made_up_case_may_bear_the_id_of_a_row_and_be_like_one(classes):
    _, row = gate_rows(classes, 0, 1)
    like = ",".join(["7", *row.split(",")[1:]])
    classes.put("tests/cases.csv", f"id,day,kind,x,y\n1000,2024-01-01,a,80,large\n{like}\n8,2024-01-01,b,20,small\n")
    answer = classes.assay("run")
    assert answer.code == 0, answer.err


def test_a_sealed_gate_with_cases_does_not_call_itself_protected(classes):
    text = (classes.root / "assay.yaml").read_text()
    classes.put("assay.yaml", text.replace("data: gate.csv\n", "data: gate.csv\n      reveal: verdict\n"))
    assert classes.assay("run").code == 0
    said = " ".join(classes.assay("gate").out.split())
    assert "sealed, but not protected against tuning on its cases, which no ledger counts" in said


@pytest.mark.parametrize(
    "sentence, fix",
    [
        (
            "violations(missing x) <= 0",
            "bring a model that behaves as these sentences ask; `assay gate` has the numbers",
        ),
        ("latency_p99_ms <= 0.000001", "bring a model that answers more quickly; `assay gate` has the numbers"),
        ("model_size_mb <= 0.000001", "bring a model that is smaller; `assay gate` has the numbers"),
    ],
)
def test_what_no_label_has_a_part_in_asks_for_no_labels(loop, sentence, fix):
    loop.put("predict.py", STRICT)
    answer = require(loop, sentence).assay("run")
    assert answer.code == 3, answer.err
    assert f"  fix      {fix}\n" in answer.err

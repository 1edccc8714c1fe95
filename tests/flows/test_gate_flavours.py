"""Models of known flavours need no ``predict:``: a project from training to serving that has none."""

import random

import pytest
from test_serve import Server

ASSAY_YAML = """\
name: churn
model:
  path: model.pkl
  label: left
  id: customer
steps:
  - name: Train
    run: python train.py
    inputs: [train.csv, depth.txt, train.py]
    outputs: [model.pkl]
  - name: Gate
    gate:
      data: gate.csv
      positive: yes
      require:
        - accuracy > champion.accuracy
        - accuracy >= 0.55
        - auc >= 0.6
  - name: Release
    release: {}
  - name: Deploy
    deploy: {}
watch:
  data: arriving/*.csv
  performance: {metric: accuracy, decay: 50%}
"""
TRAIN = """\
import joblib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

rows = pd.read_csv("train.csv")
encode = make_column_transformer((OneHotEncoder(), ["plan"]), remainder="passthrough")
tree = DecisionTreeClassifier(max_depth=int(open("depth.txt").read()), random_state=1)
model = make_pipeline(encode, tree).fit(rows[["months", "plan"]], rows["left"])
joblib.dump(model, "model.pkl")
"""
OWN_PREDICT = """\
import numpy as np

def load(path):
    def predict(columns):
        months = columns["months"]
        return {"prediction": np.full(len(months), "no", dtype=object), "score": np.zeros(len(months))}
    return predict
"""


def customers(count: int, seed: int) -> str:
    """A CSV in which who pays monthly leaves early, with some noise."""
    draw = random.Random(seed)
    lines = ["customer,plan,months,left"]
    for number in range(seed, seed + count):
        plan, months = draw.choice(["monthly", "yearly"]), draw.randint(1, 48)
        leaves = plan == "monthly" and months <= 30
        lines.append(f"{number},{plan},{months},{'yes' if leaves != (draw.random() < 0.1) else 'no'}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def churn(project):
    """The project."""
    project.put("assay.yaml", ASSAY_YAML)
    project.put("train.py", TRAIN)
    project.put("depth.txt", "2")
    project.put("train.csv", customers(600, 10_000))
    project.put("gate.csv", customers(400, 20_000))
    return project


def change(project, *pairs):
    text = (project.root / "assay.yaml").read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    project.put("assay.yaml", text)


def bill(project, release):
    return project.assay("release", "show", release, "--json").json["bill"]


def test_a_pickled_pipeline_is_gated_released_served_and_watched_without_predict(churn):
    answer = churn.assay("run")
    assert answer.code == 0, answer.err
    assert bill(churn, "r1")["predict"] == "flavour:sklearn"
    churn.put("arriving/batch.csv", customers(50, 30_000))
    reading = churn.assay("watch", "--once", "--json")
    assert reading.code == 0, reading.err
    server = Server(churn)
    try:
        status, told = server.predict({"customer": 1, "plan": "monthly", "months": 3})
    finally:
        server.end()
    assert status == 200
    (one,) = told["predictions"]
    assert one["prediction"] == "yes"
    assert sum(one["score"]) == pytest.approx(1), "a share for no, and one for yes"


def test_the_score_of_the_class_that_the_gate_calls_positive_is_judged(churn):
    change(churn, ("positive: yes", "positive: no"))
    answer = churn.assay("run")
    assert answer.code == 0, answer.err
    by_sentence = {told["sentence"]: told for told in bill(churn, "r1")["verdicts"][0]["sentences"]}
    assert by_sentence["auc >= 0.6"]["verdict"] == "pass"


def test_a_champion_predicts_by_its_flavour_after_the_project_has_written_a_predict_of_its_own(churn):
    assert churn.assay("run").code == 0
    churn.put("predict.py", OWN_PREDICT)
    churn.put("train.py", "open('model.bin', 'w').write('always no')\n")
    change(churn, ("path: model.pkl", "path: model.bin\n  predict: predict.py:load"), ("[model.pkl]", "[model.bin]"))
    answer = churn.assay("run")
    assert answer.code == 3, answer.err
    assert churn.assay("status", "--json").json["champion"]["release"] == "r1"
    verdict = churn.assay("why", "--json").json["verdict"]
    judged = verdict["sentences"][0]
    assert judged["champion"] > 0.8 > judged["challenger"], "both were asked, each in its own way"


@pytest.mark.parametrize(
    ("name", "write", "code"),
    [
        ("model.bin", "open('model.bin', 'w').write('x')", "no-predict"),
        ("model.json", "open('model.json', 'w').write('{\"slope\": 2}')", "no-predict"),
        ("model.onnx", "import pickle; pickle.dump([], open('model.onnx', 'wb'))", "model-of-another-flavour"),
        ("model.pkl", "open('model.pkl', 'wb')", "model-of-another-flavour"),
        ("model.pkl", "open('model.pkl', 'w').write('version https://git-lfs.github.com/spec/v1')", "git-lfs-pointer"),
        ("model.pkl", "import pickle; pickle.dump({'model': 1}, open('model.pkl', 'wb'))", "model-without-predict"),
    ],
)
def test_a_model_that_is_not_what_its_name_says_gets_no_verdict(churn, name, write, code):
    churn.put("train.py", write + "\n")
    change(churn, ("model.pkl", name))
    answer = churn.assay("run", "--json")
    assert answer.code == 1
    assert f'"{code}"' in answer.out
    assert churn.assay("status", "--json").json["champion"] is None
    assert "nothing-judged" in churn.assay("gate").err


def test_a_metrics_file_gate_releases_a_model_of_no_known_flavour_all_the_same(churn):
    churn.put("train.py", "open('model.bin', 'w').write('x')\nopen('m.json', 'w').write('{\"accuracy\": 0.9}')\n")
    text = (churn.root / "assay.yaml").read_text().replace("model.pkl", "model.bin")
    text = text.replace("      data: gate.csv\n      positive: yes\n", "      metrics: m.json\n")
    churn.put("assay.yaml", text.replace("        - auc >= 0.6\n", "").partition("watch:")[0])
    answer = churn.assay("run")
    assert answer.code == 0, answer.err
    assert bill(churn, "r1")["predict"] is None
    refused = churn.assay("serve", "--port", "0")
    assert refused.code == 1
    assert "no-predict" in refused.err


# ---- what a model is known to read ---------------------------------------------------------------------------------------------


def with_region(text: str) -> str:
    """The rows with a column that no model is trained with."""
    header, *lines = text.splitlines()
    return "\n".join([f"{header},region", *(f"{line},north" for line in lines)]) + "\n"


@pytest.fixture
def wide(churn):
    """The gate's rows hold a column more than the model was trained with."""
    churn.put("gate.csv", with_region(customers(400, 20_000)))
    return churn


def test_a_release_reads_what_its_model_was_trained_with_and_serves_rows_with_and_without_the_rest(wide):
    answer = wide.assay("run")
    assert answer.code == 0, answer.err
    made = bill(wide, "r1")
    assert [field["name"] for field in made["input_schema"]] == ["plan", "months"]
    assert made["ignores"] == ["region"]
    row = {"plan": "monthly", "months": 3}
    server = Server(wide)
    try:
        answers = [server.predict(each)[0] for each in (row, {**row, "region": "north"}, {**row, "rigeon": "north"})]
    finally:
        server.end()
    assert answers == [200, 200, 422]


def test_cases_need_not_hold_what_the_model_does_not_read(wide):
    wide.put("cases.csv", "customer,plan,months,left\n1,monthly,3,yes\n2,yearly,40,no\n")
    change(wide, ("        - auc >= 0.6\n", "        - auc >= 0.6\n        - violations(cases cases.csv) <= 0\n"))
    answer = wide.assay("run")
    assert answer.code == 0, answer.err


def test_a_champion_that_reads_less_is_held_against_a_challenger_that_reads_more(wide):
    assert wide.assay("run").code == 0
    wide.put("train.csv", with_region(customers(600, 10_000)))
    wide.put(
        "train.py",
        TRAIN.replace('rows[["months", "plan"]]', 'rows[["months", "plan", "region"]]').replace(
            '["plan"])', '["plan", "region"])'
        ),
    )
    assert wide.assay("run").code in (0, 3)
    assert wide.assay("why", "--json").json["verdict"]["champion_release"] == "r1"

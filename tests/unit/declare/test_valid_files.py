"""Files without a mistake: what they declare, equal to the same pipeline built in Python."""

import json

import msgspec
import pytest

from assay.core.digest import digest_of
from assay.core.pipeline import (
    CheckAction,
    Declaration,
    DeployAction,
    GateAction,
    ModelSpec,
    Performance,
    Pipeline,
    ReleaseAction,
    Retrain,
    RunAction,
    Step,
    WatchSpec,
)
from assay.core.rules import Bounds, Rules, parse_column
from assay.core.sentence import parse_sentence
from assay.declare import read_declaration, read_pipeline

PLAIN_LIST = """\
steps:
  - name: Data Validation
    run: python validate_data.py
  - name: Train Model
    run: python train.py
  - name: Test Model
    run: python test_model.py
  - name: Deploy Model
    run: python deploy.py
"""

GROWN_UP = """\
# yaml-language-server: $schema=.assay/schema.json
name: delays
model:                                     # what this pipeline is about
  path: models/delay.onnx
  label: late
  id: flight_id
  time: departure
  predict: predict.py:load
steps:
  - name: Data Validation
    check:
      data/flights.parquet:
        rows: 300_000..
        unique: [time_hour, carrier, flight]
        closed: true
        columns:
          month: int 1..12
          dep_time: int? 1..2400, nulls <= 5%
          distance: int 50..5000, allow 1 row
          origin: str in [EWR, JFK, LGA]
          dest: str len 3
          air_time: float? > 0
  - name: Train
    run: python train.py --log-metrics
    inputs: [data/flights.parquet, train.py]
    outputs: [models/delay.onnx]
    metrics: [metrics.json]
    needs: [Data Validation]
  - name: Gate
    gate:
      data: data/test.parquet
      require:
        - accuracy > champion.accuracy at 99%
        - accuracy >= 0.80
      detect: 0.01
      confidence: 99%
  - name: Release
    release: {}
  - name: Deploy
    deploy:
watch:
  data: data/arriving/*.parquet
  labels: data/labels/*.parquet
  performance: {metric: accuracy, decay: 15%}
  retrain: {on: [decay, data], cooldown: 1 day, at_most: 3 per week}
ledger: .assay/ledger.sqlite
store: ../common/store
"""


def columns(**lines: str) -> tuple:
    return tuple(parse_column(name, line) for name, line in lines.items())


def test_the_plain_list_reads_unchanged() -> None:
    assert read_pipeline(PLAIN_LIST, default_name="churn") == Pipeline(
        "churn",
        (
            Step("Data Validation", RunAction("python validate_data.py")),
            Step("Train Model", RunAction("python train.py")),
            Step("Test Model", RunAction("python test_model.py")),
            Step("Deploy Model", RunAction("python deploy.py")),
        ),
    )


def test_the_grown_up_file_equals_the_pipeline_built_in_python() -> None:
    rules = Rules(
        columns(
            month="int 1..12",
            dep_time="int? 1..2400, nulls <= 5%",
            distance="int 50..5000, allow 1 row",
            origin="str in [EWR, JFK, LGA]",
            dest="str len 3",
            air_time="float? > 0",
        ),
        rows=Bounds(300_000),
        unique=(("time_hour", "carrier", "flight"),),
        closed=True,
    )
    sentences = (parse_sentence("accuracy > champion.accuracy at 99%"), parse_sentence("accuracy >= 0.80"))
    assert read_pipeline(GROWN_UP) == Pipeline(
        "delays",
        (
            Step("Data Validation", CheckAction((("data/flights.parquet", rules),))),
            Step(
                "Train",
                RunAction("python train.py --log-metrics"),
                inputs=("data/flights.parquet", "train.py"),
                outputs=("models/delay.onnx",),
                metrics=("metrics.json",),
                needs=("Data Validation",),
            ),
            Step("Gate", GateAction("data/test.parquet", sentences, detect=0.01, confidence=0.99)),
            Step("Release", ReleaseAction()),
            Step("Deploy", DeployAction()),
        ),
        ModelSpec("models/delay.onnx", "late", "flight_id", "departure", "predict.py:load"),
        WatchSpec(
            "data/arriving/*.parquet",
            "data/labels/*.parquet",
            Performance("accuracy", 0.15),
            Retrain(("decay", "data"), cooldown_s=86400.0, at_most=3, per_s=604800.0),
        ),
        ledger=".assay/ledger.sqlite",
        store="../common/store",
    )


def test_a_declaration_survives_the_cache() -> None:
    declaration = read_declaration(GROWN_UP)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(declaration), type=Declaration) == declaration
    assert msgspec.json.decode(msgspec.json.encode(declaration), type=Declaration) == declaration


def test_the_digest_is_of_the_bytes_as_they_are() -> None:
    data = b"\xef\xbb\xbf" + PLAIN_LIST.encode()
    assert read_declaration(data).digest == digest_of(data)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + GROWN_UP.replace("\n", "\r\n").encode()
    declaration = read_declaration(windows)
    assert declaration.pipeline == read_pipeline(GROWN_UP)
    assert declaration.places == read_declaration(GROWN_UP).places


def test_json_is_read_too() -> None:
    steps = [{"name": "Train", "run": "python train.py", "outputs": ["m"]}, {"name": "Ship", "deploy": None}]
    assert read_pipeline(json.dumps({"name": "x", "steps": steps})) == Pipeline(
        "x", (Step("Train", RunAction("python train.py"), outputs=("m",)), Step("Ship", DeployAction()))
    )


def test_several_commands_are_one_script() -> None:
    listed = read_pipeline("steps:\n- name: a\n  run: [cd src, make]\n")
    assert listed.steps[0].action == RunAction("cd src\nmake")
    block = read_pipeline("steps:\n- name: a\n  run: |\n    cd src\n    make\n")
    assert block.steps[0].action == RunAction("cd src\nmake\n")


@pytest.mark.parametrize("word", ["on", "yes", "no", "off", "1:30", "2013-01-01", "1_000", "0o8", "Yes"])
def test_what_yaml_1_2_reads_as_text_is_text(word: str) -> None:
    assert read_pipeline(f"steps: [{{name: {word}, run: x}}]").steps[0].name == word


def test_columns_may_be_called_anything() -> None:
    text = 'steps:\n- name: c\n  check:\n    a.csv:\n      columns: {rows: int, 2013: int, true: int, "a, b": int, ~: int}\n'
    action = read_pipeline(text).steps[0].action
    assert isinstance(action, CheckAction)
    assert [rule.column for rule in action.datasets[0][1].columns] == ["rows", "2013", "true", "a, b", "~"]


def test_several_keys_of_rows_may_be_declared() -> None:
    text = "steps:\n- name: c\n  check: {a.csv: {unique: [[a], [b, c]], rows: 12}}\n"
    action = read_pipeline(text).steps[0].action
    assert action == CheckAction((("a.csv", Rules(rows=Bounds(12, 12), unique=(("a",), ("b", "c")))),))


def test_an_alias_stands_for_a_whole_value() -> None:
    text = "steps:\n- {name: a, run: x, inputs: &files [a.csv, b.csv]}\n- {name: b, run: y, inputs: *files}\n"
    assert read_pipeline(text).steps[1].inputs == ("a.csv", "b.csv")


@pytest.mark.parametrize("empty", ["{}", "", "null", "~"])
def test_release_and_deploy_may_say_nothing(empty: str) -> None:
    steps = read_pipeline(f"steps:\n- name: r\n  release: {empty}\n- name: d\n  deploy: {empty}\n").steps
    assert [step.action for step in steps] == [ReleaseAction(), DeployAction()]


def test_paths_outside_the_project_may_be_read() -> None:
    assert read_pipeline("steps: [{name: a, run: x, inputs: [/data/raw.csv]}]").steps[0].inputs == ("/data/raw.csv",)


def test_a_share_may_be_a_number() -> None:
    text = "model: {path: m, label: y}\nsteps: [{name: a, run: x}]\nwatch: {data: d, performance: {metric: mae, decay: 0.15}}"
    watch = read_pipeline(text).watch
    assert watch is not None
    assert watch.performance == Performance("mae", 0.15)

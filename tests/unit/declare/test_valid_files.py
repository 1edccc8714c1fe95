"""Files without a mistake: what they declare, equal to the same pipeline built in Python."""

import json

import msgspec
import pytest

from assay.core.digest import digest_of
from assay.core.metrics import CostColumn, CostMatrix, MetricSettings
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
from assay.core.rules import Bounds, Fresh, Rules, Terms, Tolerance, parse_column
from assay.core.sentence import Sentence, parse_sentence
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
        - every slice(carrier).accuracy >= 0.80
        - no slice(origin="New York").accuracy < champion.accuracy - 0.05 at 99%
        - gap(carrier).recall <= 5%
        - accuracy >= 0.80
        - score >= champion.score * 1.01
      detect: 1%
      confidence: 99%
      reveal: metrics
      group: tail_number
      against: [champion, archived]
      min_rows: 50
      positive: late
      quantile: 0.9
      score_range: [0, 5]
      cost:
        late: {on time: 5}
        on time: {late: 1.5, on time: 0}
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


def sentences(*lines: str) -> tuple[Sentence, ...]:
    return tuple(parse_sentence(line) for line in lines)


def gate_of(text: str, rest: str = "") -> GateAction:
    """The gate whose keys are these, in braces."""
    action = (
        read_pipeline(f"model: {{path: m, label: y}}\nsteps: [{{name: g, gate: {{{text}}}}}]\n{rest}").steps[0].action
    )
    assert isinstance(action, GateAction)
    return action


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
    gate = GateAction(
        "data/test.parquet",
        sentences(
            "accuracy > champion.accuracy at 99%",
            "every slice(carrier).accuracy >= 0.80",
            'no slice(origin="New York").accuracy < champion.accuracy - 0.05 at 99%',
            "gap(carrier).recall <= 5%",
            "accuracy >= 0.80",
            "score >= champion.score * 1.01",
        ),
        detect=0.01,
        confidence=0.99,
        reveal="metrics",
        group="tail_number",
        against=("champion", "archived"),
        min_rows=50,
        settings=MetricSettings(
            positive="late",
            quantile=0.9,
            cost=CostMatrix((("late", "on time", 5.0), ("on time", "late", 1.5), ("on time", "on time", 0.0))),
            score_range=(0.0, 5.0),
        ),
    )
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
            Step("Gate", gate),
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


def test_rules_on_all_of_a_dataset_may_warn_and_allow_some_rows() -> None:
    text = """\
steps:
- name: c
  check:
    a.csv:
      rows: {range: 5.., severity: warn}
      unique: [{columns: [a, b], severity: warn, allow: 3 rows}, [c]]
      fresh: {t: {within: 2 days, severity: warn}, u: 1 day}
      closed: warn
      apart_from: [x.csv, {data: y.csv, allow: 1%}]
      distinct_rows: {allow: 1 row}
"""
    action = read_pipeline(text).steps[0].action
    rules = Rules(
        rows=Bounds(5),
        unique=(("a", "b"), ("c",)),
        fresh=(Fresh("t", 172800.0, "2 days", "warn"), Fresh("u", 86400.0, "1 day")),
        closed=True,
        apart_from=("x.csv", "y.csv"),
        distinct_rows=True,
        terms=(
            Terms("rows", "warn"),
            Terms("closed", "warn"),
            Terms("distinct rows", allow=Tolerance(1)),
            Terms("key a, b", "warn", Tolerance(3)),
            Terms("apart y.csv", allow=Tolerance(share=0.01)),
        ),
    )
    assert action == CheckAction((("a.csv", rules),))


@pytest.mark.parametrize(
    "line", ["rows: {range: 5..}", "unique: {columns: [a]}", "closed: error", "distinct_rows: {severity: error}"]
)
def test_terms_that_are_said_as_they_are_anyway_change_nothing(line: str) -> None:
    action = read_pipeline(f"steps: [{{name: c, check: {{a.csv: {{{line}}}}}}}]").steps[0].action
    assert isinstance(action, CheckAction)
    assert action.datasets[0][1].terms == ()


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


def test_a_gate_that_says_little_keeps_the_defaults_of_python() -> None:
    assert gate_of("data: t.csv, require: [mae < champion.mae]") == GateAction("t.csv", sentences("mae < champion.mae"))


def test_a_gate_may_say_what_is_so_anyway() -> None:
    gate = gate_of("data: t.csv, require: [mae < 3], reveal: metrics, against: [champion]")
    assert gate == GateAction("t.csv", sentences("mae < 3"))


def test_a_gate_may_compare_the_numbers_of_a_file() -> None:
    text = "model: {path: m}\nsteps:\n- {name: t, run: x, outputs: [m], metrics: [out/metrics.json]}\n"
    gate = "- {name: g, gate: {metrics: out/metrics.json, require: [accuracy >= 0.8, no mae > champion.mae, model_size_mb <= 200]}}"
    assert read_pipeline(f"{text}{gate}\n").steps[1].action == GateAction(
        None,
        sentences("accuracy >= 0.8", "no mae > champion.mae", "model_size_mb <= 200"),
        metrics="out/metrics.json",
    )


def test_a_gate_may_be_sealed() -> None:
    gate = gate_of("data: t.csv, require: [accuracy > champion.accuracy], reveal: verdict")
    assert gate == GateAction("t.csv", sentences("accuracy > champion.accuracy"), reveal="verdict")


def test_decay_may_be_watched_beside_a_sealed_gate_where_an_open_one_measures_it() -> None:
    text = (
        "model: {path: m, label: y}\nsteps:\n- {name: g, gate: {data: a.csv, require: [mae < 3], reveal: verdict}}\n"
        "- {name: h, gate: {data: b.csv, require: [mae < 3]}}\nwatch: {data: d, performance: {metric: mae, decay: 15%}}\n"
    )
    assert [step.name for step in read_pipeline(text).steps] == ["g", "h"]


def test_archived_releases_may_be_judged_too() -> None:
    gate = gate_of("data: t.csv, require: [mae < champion.mae], against: [archived, champion]")
    assert gate == GateAction("t.csv", sentences("mae < champion.mae"), against=("archived", "champion"))


DESIGNED = (
    "accuracy > champion.accuracy at 99%",
    "every slice(carrier).accuracy >= 0.80",
    "no slice(carrier).accuracy < champion.accuracy - 0.05 at 99%",
    "gap(sex).recall <= 0.05",
    "violations(invariant tail_number) <= 1%",
    "violations(missing hour, dep_delay) <= 1% at 99%",
    "violations(dep_delay up, prediction up) <= 1%",
    "violations(cases tests/cases.csv) <= 0",
    "latency_p99_ms <= 20",
    "latency_p99_ms <= champion.latency_p99_ms * 1.1",
    "model_size_mb <= 200",
    "model_size_mb <= champion.model_size_mb + 5",
)


def test_every_kind_of_sentence_that_the_design_names_is_read() -> None:
    lines = "".join(f"      - {line}\n" for line in DESIGNED)
    text = f"model: {{path: m, label: y}}\nsteps:\n- name: g\n  gate:\n    data: t.csv\n    require:\n{lines}"
    action = read_pipeline(text).steps[0].action
    assert action == GateAction("t.csv", sentences(*DESIGNED))


def test_the_rows_of_a_gate_may_be_taken_together_by_time() -> None:
    gate = gate_of("data: t.csv, require: [mae < 3], time: day")
    assert gate == GateAction("t.csv", sentences("mae < 3"), time="day")


@pytest.mark.parametrize("metric", ["accuracy", "error_rate", "precision", "recall", "f1", "mae", "rmse", "r2"])
def test_metrics_of_predictions_alone_may_be_watched(metric: str) -> None:
    gate = f"data: t.csv, require: [{metric} < champion.{metric}], positive: 1"
    assert gate_of(gate, f"watch: {{data: d, performance: {{metric: {metric}, decay: 10%}}}}").data == "t.csv"


@pytest.mark.parametrize(
    "written, positive",
    [("late", "late"), ('"1"', "1"), ("1", 1), ("0.5", 0.5), ("true", True), ("yes", "yes"), ("-1", -1)],
)
def test_the_positive_class_keeps_its_type(written: str, positive: object) -> None:
    found = gate_of(f"data: t.csv, require: [f1 > 0.5], positive: {written}").settings.positive
    assert (found, type(found)) == (positive, type(positive))


def test_costs_may_stand_in_a_column() -> None:
    gate = gate_of("data: t.csv, require: [cost < champion.cost], cost: amount")
    assert gate.settings == MetricSettings(cost=CostColumn("amount"))


def test_labels_and_predictions_of_a_cost_matrix_are_text() -> None:
    gate = gate_of("data: t.csv, require: [cost < 3], cost: {1: {0: 5}, 0: {1: 1}, true: {no: 2}}")
    costs = (("1", "0", 5.0), ("0", "1", 1.0), ("true", "no", 2.0))
    assert gate.settings == MetricSettings(cost=CostMatrix(costs))


def test_a_sentence_is_known_by_its_place_and_reads_the_same_in_quotes() -> None:
    text = """\
model: {path: m, label: y}
steps:
  - name: g
    gate:
      data: t.csv
      require: ["gap(a).recall <= 0.1 at 99.5%", 'slice(day="2013-01-01").mae < 3']
"""
    declaration = read_declaration(text)
    action = declaration.pipeline.steps[0].action
    assert isinstance(action, GateAction)
    assert action.require == sentences("gap(a).recall <= 0.1 at 99.5%", 'slice(day="2013-01-01").mae < 3')
    assert [declaration.places[f"steps.g.gate.require[{at}]"].column for at in (0, 1)] == [18, 51]


def test_when_a_step_runs_and_what_it_clears():
    text = "steps:\n  - {name: a, run: x, needs: [], runs: always}\n  - {name: b, run: y, outputs: [m], clears: [m], runs: changed}\n"
    first, second = read_pipeline(text).steps
    assert (first.runs, first.is_free, first.clears) == ("always", True, ())
    assert (second.runs, second.is_free, second.clears) == ("changed", False, ("m",))

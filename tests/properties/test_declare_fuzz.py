"""Whatever the file holds: a declaration or a list of mistakes with places, never a traceback."""

import json
import math
import re
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from assay.core.pipeline import Declaration, Pipeline, RunAction, Step
from assay.core.problem import DeclarationError, Problem, describe
from assay.core.rules import ColumnRule, RuleMistake, parse_column
from assay.declare import json_schema, read_declaration
from assay.declare.kinds import Kind
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.reading import Reading
from assay.declare.scalars import path, path_mistake
from assay.declare.values import DECAY, LEVEL
from assay.declare.yaml_syntax import parse

ACCEPTS = Draft7Validator(json_schema())

FILE = """\
name: delays
params: params.yaml
env: {SEED: 1, DATA: data}
secrets: [API_TOKEN, HOOK_KEY]
trace: warn
shell: bash
notify: [{run: ./tell.sh}, {url: "${TEAM_WEBHOOK}", secret: HOOK_KEY, on: [failed, refused]}]
model: {path: models/delay.onnx, label: late, id: flight_id, time: departure, predict: predict.py:load}
steps:
  - name: Data Validation
    check:
      data/flights.parquet:
        rows: 1000..
        unique: [time_hour, carrier]
        closed: true
        columns:
          month: int 1..12
          dep_time: int? 1..2400, nulls <= 5%
          origin: str in [EWR, JFK, LGA]
  - name: Train
    run: python train.py --log-metrics
    inputs: [data/flights.parquet, train.py]
    outputs: [models/delay.onnx]
    metrics: [metrics.json]
    needs: [Data Validation]
  - name: Fit
    run: python fit.py --model ${matrix.model} '${matrix.depth}' ${params.train.rate}
    matrix: {model: [lgbm, linear], depth: [2, 8], exclude: [{model: linear, depth: 8}]}
    outputs: ["models/${matrix.model}-${matrix.depth}.pkl"]
    params: [train, {other.json: [a.b, c]}]
    timeout: 2h
    retries: {attempts: 3, backoff: 10s, on: [oom, network, timeout]}
    resources: {cpus: 4, gpus: 1, memory: 16GB}
    env: {MODEL: "${matrix.model}", FAST: true}
    secrets: [API_TOKEN]
    when: branch == 'main' and (params.train.rate > 0.1 or not tag) and matrix.depth in [2, 8]
    trace: strict
    workdir: training
    shell: [bash, -c]
  - name: Each
    run: echo ${item.code} ${key} ${HOME}
    foreach: {east: {code: EWR}, west: {code: SFO}}
    inputs: ["raw/${key}.csv"]
    retries: 2
    needs: [Fit, "Fit@lgbm-2"]
  - name: Gate
    gate:
      data: data/test.parquet
      require:
        - accuracy > champion.accuracy at 99%
        - every slice(carrier).accuracy >= 0.80
        - "gap(carrier).recall <= 5%"
        - cost < champion.cost * 0.9
        - accuracy >= 0.80
      confidence: 95%
      reveal: metrics
      group: tail_number
      against: [champion]
      min_rows: 50
      positive: late
      quantile: 0.9
      score_range: [0, 5]
      cost: {late: {on time: 5}, on time: {late: 1}}
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
"""

WORDS = sorted(set(re.findall(r"[\w.%/*?]+|[^\w\s]", FILE)))
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        ["\n", "  ", "\t", ": ", "- ", "&a ", "*a", "<<: ", "!!int ", "'", '"', "|\n", ">", "{", "}", "[", "]", "#"]
    ),
    st.sampled_from(
        [
            "null",
            "true",
            "-1",
            "1e999",
            "0x1f",
            ".nan",
            "~",
            "..",
            "/x",
            "${a}",
            "${params.seed}",
            "${item}",
            "${matrix.model",
            "s3://b",
            "\0",
            "\ufeff",
        ]
    ),
    st.text(max_size=3),
)

BEYOND_SHAPE = {
    "bad-cell-name",
    "bad-column-rule",
    "bad-condition",
    "bad-dataset",
    "bad-path",
    "bad-rows",
    "bad-sentence",
    "cycle",
    "duplicate-key",
    "empty-list",
    "empty-range",
    "excludes-nothing",
    "glob-in-outputs",
    "input-is-output",
    "keeps-no-output",
    "merge-key",
    "needs-rows",
    "no-cost",
    "no-id",
    "no-label",
    "no-model",
    "no-performance",
    "no-params",
    "no-positive-class",
    "no-rules-file",
    "pipeline-not-read",
    "no-quantile",
    "no-single-value",
    "no-time",
    "no-timeout",
    "unwatched-metric",
    "not-built-yet",
    "same-cell",
    "same-name",
    "sealed-gate",
    "secret-in-env",
    "secret-value",
    "too-many-cells",
    "two-writers",
    "unclear-quoting",
    "unknown-param",
    "unknown-reference",
    "unknown-secret",
    "unknown-step",
}
"""Mistakes that a schema cannot see; ``not-built-yet`` also stands for words inside lines, ``bad-path`` for the name of a dataset, which may be
that of a table (of other paths see below)."""


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The valid file with a few pieces replaced, removed, doubled or put in."""
    text = FILE
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        piece = draw(st.one_of(PIECES, st.just(text[start:end] * 2), st.just("")))
        text = text[:start] + piece + text[end:]
    return text


def plain(node: Node) -> Any:
    """What an editor sees; JSON has no numbers without end."""
    match node:
        case Scalar(value=float() as value):
            return value if math.isfinite(value) else None
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.text if isinstance(key, Scalar) else str(key): plain(value) for key, value in node.pairs}


def fit_to_be_shown(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The problems, after looking at each: it has a place, a code in kebab case, and a text."""
    assert problems
    for problem in problems:
        assert problem.place is not None
        assert min(problem.place.line, problem.place.column) >= 1
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem.code)
        assert describe(problem).splitlines()[-1] == f"  code     {problem.code}"
    return problems


def read(path: str) -> bytes:
    """Files of parameters, some of which are not there."""
    if path == "params.yaml":
        return b"train: {rate: 0.2, layers: [1, 2]}\nseed: 1\n"
    if path == "other.json":
        return b'{"a": {"b": 1}, "c": null}'
    raise FileNotFoundError(path)


def outcome(text: str | bytes) -> Declaration | tuple[Problem, ...]:
    """What reading gives, after looking whether it is fit to be shown or kept."""
    try:
        declaration = read_declaration(text, read=read)
    except DeclarationError as error:
        return fit_to_be_shown(error.problems)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(declaration), type=Declaration) == declaration
    assert msgspec.json.decode(msgspec.json.encode(declaration), type=Declaration) == declaration
    return declaration


@given(st.text())
@example("\ud800")
@example("[" * 5000)
@example("? " * 5000)
@example("a: " + "9" * 5000)
@example("steps: " + "9" * 5000)
def test_any_text_is_a_declaration_or_mistakes(text: str) -> None:
    outcome(text)


@given(st.binary())
def test_any_bytes_are_a_declaration_or_mistakes(data: bytes) -> None:
    outcome(data)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_words_of_the_file_are_a_declaration_or_mistakes(text: str) -> None:
    outcome("steps:\n  - name: a\n    " + text)


@settings(max_examples=300)
@given(mutated())
def test_a_file_with_slips_is_a_declaration_or_mistakes_and_the_schema_agrees(text: str) -> None:
    found = outcome(text)
    codes = set() if isinstance(found, Declaration) else {problem.code for problem in found}
    if codes & {"not-yaml", "duplicate-key", "merge-key"}:
        return
    node = parse(text.removeprefix("\ufeff"))
    assert node is not None
    value = plain(node)
    if not codes:
        assert list(ACCEPTS.iter_errors(value)) == []
    elif ACCEPTS.is_valid(value):
        assert codes <= BEYOND_SHAPE


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=6, unique_by=lambda pair: pair[0]), NAMES)
def test_a_pipeline_written_as_json_reads_back_equal(steps: list[tuple[str, str]], name: str) -> None:
    written = {"name": name, "steps": [{"name": step, "run": command} for step, command in steps]}
    pipeline = read_declaration(json.dumps(written, ensure_ascii=False)).pipeline
    assert pipeline == Pipeline(name, tuple(Step(step, RunAction(command)) for step, command in steps))


@given(st.text(st.sampled_from("./~a\\:$ {*"), max_size=8))
def test_reader_and_schema_agree_about_paths(text: str) -> None:
    for inside_project in (True, False):
        pattern = path(inside_project=inside_project, says="").schema["pattern"]
        is_unbuilt = "${" in text or "://" in text
        accepted = not is_unbuilt and not path_mistake(text, inside_project=inside_project)
        if text.strip():
            assert bool(re.search(pattern, text)) == accepted


PERCENTAGES = st.one_of(
    st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3})? ?%", fullmatch=True),
    st.from_regex(r"0{0,3}(50|100|99|1000|0)(\.[09]{1,2}1?)?%", fullmatch=True),
    st.text("0159.% ", max_size=6),
)


@given(PERCENTAGES, st.sampled_from([DECAY, LEVEL]))
def test_reader_and_schema_agree_about_percentages(text: str, kind: Kind) -> None:
    reading = Reading("assay.yaml")
    is_read = kind.read(Scalar(text, text, 1, 1), reading, "share") is not None
    assert Draft7Validator(kind.schema).is_valid(text) == is_read


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["int", "float", "str", "bool", "?", ",", "..", "<=", ">", "in", "len", "nulls", "allow", "row"]
        ),
        st.sampled_from(["1", "5.5", "-3", "1e9", "%", "[", "]", "a", "'", '"', "mean", "~", "p95", " "]),
        st.text(max_size=2),
    ),
    max_size=12,
).map(" ".join)


@given(LINES)
def test_any_column_line_is_a_rule_or_a_mistake_inside_the_line(line: str) -> None:
    try:
        rule = parse_column("c", line)
    except RuleMistake as mistake:
        offset = mistake.offset
    else:
        offset = 0
        assert msgspec.json.decode(msgspec.json.encode(rule), type=ColumnRule) == rule
    assert 0 <= offset <= len(line)

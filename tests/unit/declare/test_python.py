"""Pipelines written in Python: equal to those in YAML, with mistakes at the lines of the calls."""

import doctest
import json
import subprocess
import sys
from pathlib import Path

import pytest

import assay
from assay.core.digest import digest_of
from assay.core.pipeline import Basis, Declaration, RunAction
from assay.core.problem import DeclarationError, Problem
from assay.declare import RECORDER, read_declaration

FULL = """\
name: delays
params: params.yaml
env: {SEED: 1, RATE: 0.5, FAST: true}
secrets: [API_TOKEN, KEY]
trace: strict
shell: [bash, -c]
model: {path: models/delay.onnx, label: late, id: flight_id, time: departure}
notify: [{run: ./tell.sh}, {url: "${HOOK}", secret: KEY, on: [failed]}]
watch:
  data: data/arriving/*.parquet
  performance: {metric: accuracy, decay: 15%}
  retrain: {on: [decay], cooldown: 1 day, at_most: 3 per week}
steps:
  - name: Data Validation
    check:
      data/flights.parquet: {rows: "1000..", unique: [a], columns: {month: "int 1..12"}}
  - name: Train
    run: python train.py ${matrix.model} ${params.rate} ${HOME}
    matrix: {model: [lgbm, it's], depth: [2, 8], exclude: [{model: lgbm, depth: 8}]}
    inputs: [data/flights.parquet, train.py]
    outputs: ["models/${matrix.model}-${matrix.depth}"]
    metrics: ["${matrix.model}-${matrix.depth}.json"]
    params: [rate, {other.toml: [a]}]
    timeout: 2h
    retries: {attempts: 3, on: [oom, network]}
    resources: {cpus: 4, gpus: 1, memory: 16GB}
    env: {MODEL: "${matrix.model}"}
    secrets: [API_TOKEN]
    when: branch == 'main' and matrix.depth > 1
    workdir: training
  - name: Each
    run: ['echo "${item.code}"', 'echo ${key}']
    foreach: {east: {code: EWR}, west: {code: SFO}}
    needs: [Train]
    retries: 2
  - name: Pick
    run: python pick.py
    needs: [Each]
    outputs: [models/delay.onnx]
  - name: Gate
    gate:
      data: data/test.parquet
      require: [accuracy > champion.accuracy at 99%, accuracy >= 0.8]
      confidence: 95%
      score_range: [0, 5.5]
    when: event != 'pull_request'
  - name: Release
    release: {}
  - name: Deploy
    deploy: {}
    when: tag
"""
FILES = {"params.yaml": b"rate: 0.1\n", "other.toml": b"a = 1\n"}


def read(path: str) -> bytes:
    if path in FILES:
        return FILES[path]
    raise FileNotFoundError(path)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def full() -> assay.Pipeline:
    p = assay.Pipeline(
        "delays",
        params="params.yaml",
        env={"SEED": 1, "RATE": 0.5, "FAST": True},
        secrets=["API_TOKEN", "KEY"],
        trace="strict",
        shell=["bash", "-c"],
        model={"path": "models/delay.onnx", "label": "late", "id": "flight_id", "time": "departure"},
        notify=[{"run": "./tell.sh"}, {"url": "${HOOK}", "secret": "KEY", "on": ["failed"]}],
        watch={
            "data": "data/arriving/*.parquet",
            "performance": {"metric": "accuracy", "decay": "15%"},
            "retrain": {"on": ["decay"], "cooldown": "1 day", "at_most": "3 per week"},
        },
    )
    p.check(
        "Data Validation",
        {"data/flights.parquet": {"rows": "1000..", "unique": ["a"], "columns": {"month": "int 1..12"}}},
    )
    p.run(
        "Train",
        "python train.py ${matrix.model} ${params.rate} ${HOME}",
        matrix={"model": ["lgbm", "it's"], "depth": (2, 8), "exclude": [{"model": "lgbm", "depth": 8}]},
        inputs=["data/flights.parquet", Path("train.py")],
        outputs=["models/${matrix.model}-${matrix.depth}"],
        metrics=["${matrix.model}-${matrix.depth}.json"],
        params=["rate", {"other.toml": ["a"]}],
        timeout="2h",
        retries={"attempts": 3, "on": ["oom", "network"]},
        resources={"cpus": 4, "gpus": 1, "memory": "16GB"},
        env={"MODEL": "${matrix.model}"},
        secrets=["API_TOKEN"],
        when="branch == 'main' and matrix.depth > 1",
        workdir="training",
    )
    p.run(
        "Each",
        ['echo "${item.code}"', "echo ${key}"],
        foreach={"east": {"code": "EWR"}, "west": {"code": "SFO"}},
        needs=["Train"],
        retries=2,
    )
    p.run("Pick", "python pick.py", needs=["Each"], outputs=["models/delay.onnx"])
    p.gate(
        "Gate",
        data="data/test.parquet",
        require=["accuracy > champion.accuracy at 99%", "accuracy >= 0.8"],
        confidence="95%",
        score_range=[0, 5.5],
        when="event != 'pull_request'",
    )
    p.release()
    p.deploy(when="tag")
    return p


def test_a_pipeline_in_python_is_equal_to_the_one_in_yaml(project: Path) -> None:
    assert full().build() == read_declaration(FULL, read=read).pipeline


def test_a_pipeline_without_a_name_gets_the_default_one() -> None:
    p = assay.Pipeline()
    p.run("a", "x")
    assert p.build("churn").name == "churn"


def test_what_cannot_stand_in_a_pipeline_is_refused_where_it_is_given() -> None:
    p = assay.Pipeline("p")
    with pytest.raises(TypeError, match=r"Train\.inputs: a set cannot stand in a pipeline"):
        p.run("Train", "x", inputs={"a"})


def test_mistakes_are_told_at_the_lines_of_the_calls() -> None:
    p = assay.Pipeline("p")
    line = sys._getframe().f_lineno + 1
    p.run("a", "x", inptus=["a"])
    p.run("b", "x", needs=["c"], timeout=2)
    with pytest.raises(DeclarationError) as caught:
        p.build()
    found = [(problem.code, problem.place.line) for problem in caught.value.problems if problem.place]
    assert found == [("unknown-key", line), ("wrong-type", line + 1), ("unknown-step", line + 1)]


# Files that the user's Python runs


def record(project: Path, text: str, *words: str, path: str = "pipeline.py") -> bytes:
    (project / path).write_text(text)
    return subprocess.run(
        [sys.executable, *words, str(RECORDER), path], cwd=project, capture_output=True, check=False
    ).stdout


def declared(project: Path, text: str, *words: str) -> Declaration:
    def read_file(path: str) -> bytes:
        return (project / path).read_bytes()

    (project / "pipeline.py").write_text(text)
    return read_declaration("python: pipeline.py\n", read=read_file, record=lambda _: record(project, text, *words))


def problem(project: Path, text: str) -> Problem:
    with pytest.raises(DeclarationError) as caught:
        declared(project, text)
    return caught.value.problems[0]


HEAD = "import assay\np = assay.Pipeline('p')\n"
WITHOUT_ASSAY = ("-S",)
"""Python that finds no installed package."""


@pytest.mark.parametrize("words", [(), WITHOUT_ASSAY])
def test_a_file_is_read_by_a_python_with_assay_or_without(project: Path, words: tuple[str, ...]) -> None:
    found = declared(project, HEAD + "print('talk')\np.run('a', 'x ${params.rate}')\n", *words)
    assert found.pipeline.steps[0].action == RunAction("x 0.1")
    assert found.digest == digest_of((project / "pipeline.py").read_bytes())
    assert str(found.places["steps.a.run"]) == "pipeline.py:4:1"


def test_it_rests_on_all_that_it_read(project: Path) -> None:
    (project / "airports.py").write_text("ALL = open('airports.txt').read().split()\n")
    (project / "airports.txt").write_text("EWR JFK\n")
    text = (
        HEAD
        + "import airports, os.path\nfor name in airports.ALL:\n    p.run(name, 'x ${params.rate}')\nopen('out.txt', 'w').close()\n"
    )
    found = declared(project, text)
    assert [step.name for step in found.pipeline.steps] == ["EWR", "JFK"]
    wanted = ("airports.py", "airports.txt", "params.yaml", "pipeline.py")
    assert found.rests_on == tuple(Basis(path, digest_of((project / path).read_bytes())) for path in wanted)


def test_what_is_looked_for_in_vain_counts_too(project: Path) -> None:
    text = HEAD + "try: open('local.txt')\nexcept OSError: p.run('a', 'x')\n"
    assert Basis("local.txt", None) in declared(project, text).rests_on


def test_main_is_left_alone(project: Path) -> None:
    text = HEAD + "p.run('a', 'x')\nif __name__ == '__main__':\n    raise SystemExit('no')\n"
    assert declared(project, text).pipeline.name == "p"


@pytest.mark.parametrize(
    "text, says, line",
    [
        (HEAD + "import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'", 3),
        (HEAD + "def f():\n    1 / 0\nf()\n", "ZeroDivisionError", 4),
        (HEAD + "p.run(\n", "SyntaxError", 3),
        (HEAD + "raise SystemExit(3)\n", "SystemExit: 3", 3),
        (HEAD + "import os\nos._exit(3)\n", "Python ended before it was through", 1),
        ("import assay\n", "", 1),
        (HEAD + "q = assay.Pipeline()\n", "", 3),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_where(project: Path, text: str, says: str, line: int) -> None:
    found = problem(project, text)
    assert (found.code, str(found.place)) == ("pipeline-not-read", f"pipeline.py:{line}:1")
    assert says in " ".join(found.because)


def test_a_mistake_in_it_stands_in_its_lines(project: Path) -> None:
    found = problem(project, HEAD + "def add(name):\n    p.run(name, 'x', timeuot='2h')\nadd('a')\n")
    assert (found.code, str(found.place)) == ("unknown-key", "pipeline.py:4:1")


def test_beside_the_name_of_the_file_nothing_is_said() -> None:
    with pytest.raises(DeclarationError) as caught:
        read_declaration("name: p\npython: pipeline.py\n")
    assert [problem.code for problem in caught.value.problems] == ["unknown-key"]
    with pytest.raises(DeclarationError, match="is not run here"):
        read_declaration("python: pipeline.py\n", read=lambda _: b"")
    with pytest.raises(DeclarationError, match=r"there is no pipeline\.py"):
        read_declaration("python: pipeline.py\n", read=read, record=lambda _: b"")


# Functions that are steps

FUNCTIONS = """\
import assay
import fitting

p = assay.Pipeline("p")
p.step(name="Fit", matrix={"model": ["it's", "007"], "n": [2]})(fitting.fit)


@p.step(inputs=["rows.txt"], outputs=["out.txt"])
def train():
    assay.log_metric("loss", 0.25)
    print("trained")


@p.step
def bare():
    print("bare")


@p.step(foreach={"east": 1.5}, workdir="sub")
def each(key, item, scale=2):
    print(key, item * scale)
"""


@pytest.fixture
def functions(project: Path) -> Declaration:
    (project / "sub").mkdir()
    (project / "fitting.py").write_text("def fit(n, model):\n    print(repr(n), repr(model))\n")
    return declared(project, FUNCTIONS)


@pytest.mark.parametrize("words", [(), WITHOUT_ASSAY])
@pytest.mark.parametrize(
    "name, wanted",
    [
        ("Fit@it's-2", '2 "it\'s"\n'),
        ("Fit@007-2", "2 '007'\n"),
        ("train", "trained\n"),
        ("bare", "bare\n"),
        ("each@east", "east 3.0\n"),
    ],
)
def test_a_function_runs_in_a_python_with_assay_or_without(
    project: Path, functions: Declaration, name: str, wanted: str, words: tuple[str, ...]
) -> None:
    step = functions.pipeline.step(name)
    assert isinstance(step.action, RunAction)
    (project / "bin").mkdir()
    python = project / "bin/python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {" ".join(words)} "$@"\n')
    python.chmod(0o755)
    environ = {"PATH": f"{project}/bin:/usr/bin:/bin", "ASSAY_METRICS": str(project / "logged")}
    done = subprocess.run(
        ["sh", "-c", step.action.command],
        cwd=project / step.workdir,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (wanted, "")
    if name == "train":
        logged = json.loads((project / "logged").read_text())
        assert logged == {"name": "loss", "value": 0.25, "step": None}


def test_the_file_of_a_function_is_an_input_where_there_are_inputs(functions: Declaration) -> None:
    assert functions.pipeline.step("train").inputs == ("rows.txt", "pipeline.py")
    assert functions.pipeline.step("bare").inputs == ()


def test_a_file_below_the_project_finds_what_stands_beside_it_and_above(project: Path) -> None:
    (project / "flows/parts").mkdir(parents=True)
    (project / "flows/beside.py").write_text("import above\ndef fit(): print(above.WORD)\n")
    (project / "flows/parts/__init__.py").write_text("def pack(): print('packed')\n")
    (project / "above.py").write_text("WORD = 'above'\n")
    (project / "flows/p.py").write_text(
        HEAD + "import beside, parts\np.step(beside.fit)\np.step(parts.pack)\n@p.step\ndef own(): beside.fit()\n"
    )
    found = read_declaration(
        "python: flows/p.py\n",
        read=lambda path: (project / path).read_bytes(),
        record=lambda path: (
            subprocess.run([sys.executable, str(RECORDER), path], cwd=project, capture_output=True, check=True).stdout
        ),
    )
    commands = [step.action.command for step in found.pipeline.steps if isinstance(step.action, RunAction)]
    environ = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    done = [
        subprocess.run(["sh", "-c", each], cwd=project, env=environ, capture_output=True, text=True, check=True).stdout
        for each in commands
    ]
    assert done == ["above\n", "packed\n", "above\n"]


def test_the_example_of_the_docstring_runs() -> None:
    (example,) = doctest.DocTestFinder(recurse=False).find(assay.Pipeline, "Pipeline")
    assert doctest.DocTestRunner().run(example).failed == 0


def test_a_function_stays_what_it_is() -> None:
    p = assay.Pipeline("p")
    assert p.step(len_of) is len_of
    assert p.step(name="again")(len_of) is len_of


def len_of() -> None:
    """A function at the top of a file; outside of the project, if the test runs elsewhere."""


def test_what_cannot_be_called_later_is_refused(project: Path) -> None:
    for text, says in (
        ("def f(x): pass\np.step(f)\n", "nothing gives x"),
        ("def make():\n    def f(): pass\n    p.step(f)\nmake()\n", "a function at the top of a file"),
        ("import textwrap\np.step(textwrap.dedent)\n", "a function at the top of a file of the project"),
    ):
        assert says in " ".join(problem(project, HEAD + text).because)

"""The gate's data is for the gate, under whatever name it is read."""

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.pipeline import GateAction, ModelSpec, ParamSelection, Pipeline, RunAction, Step
from assay.core.run import StepResult, Trace
from assay.execute.gate_data import gate_data_problem, gates_with_data, is_upstream_of_model
from assay.testing.memory import MemoryFiles

SPLIT = Step("Split", RunAction("python split.py"), inputs=("all.csv",), outputs=("train.csv", "test.csv"))
TRAIN = Step("Train", RunAction("python train.py"), inputs=("train.csv",), outputs=("model.json",))
TEST = Step("Test", RunAction("python test.py"), inputs=("model.json",))
GATE = Step("Gate", GateAction("test.csv", ()))
PIPELINE = Pipeline("p", (SPLIT, TRAIN, TEST, GATE), ModelSpec("model.json"))
FILES = MemoryFiles({"train.csv": b"1", "test.csv": b"2", "link.csv": b"2", "parts/0.csv": b"2", "parts/1.csv": b"3"})


def contents(path: str):
    return frozenset(FILES.artifact(found).digest for found in FILES.expand(path))


def artifact(path: str, content: bytes = b"x") -> Artifact:
    return Artifact(path, digest_of(content), "file", len(content))


def result(step: Step, *reads: str, inputs=(), discovered=(), writes=(), outcome="ok") -> StepResult:
    trace = Trace(traced=True, reads=reads, writes=tuple(writes))
    return StepResult(step.name, outcome, "", inputs=tuple(inputs), discovered=tuple(discovered), trace=trace)


def problem(step: Step, *reads: str, gate: str = "test.csv", **fields):
    pipeline = Pipeline("p", (SPLIT, TRAIN, TEST, Step("Gate", GateAction(gate, ()))), ModelSpec("model.json"))
    return gate_data_problem(gates_with_data(pipeline), step, result(step, *reads, **fields), contents)


def test_training_on_the_rows_of_the_gate_is_a_problem_upstream_of_the_model():
    found = problem(TRAIN, "train.csv", "test.csv")
    assert found is not None
    assert found.code == "gate-data-read"
    assert is_upstream_of_model(PIPELINE, TRAIN, ())


def test_the_step_that_writes_the_rows_may_read_them():
    assert problem(SPLIT, "test.csv") is None
    assert problem(TEST, "all.csv", "link.csv", writes=["test.csv"]) is None


def test_a_later_step_that_reads_them_is_no_part_of_the_model():
    assert problem(TEST, "test.csv") is not None
    assert not is_upstream_of_model(PIPELINE, TEST, ())


def test_an_input_counts_where_a_step_could_not_be_traced():
    assert problem(TRAIN, inputs=[artifact("test.csv")]) is not None
    assert problem(TRAIN, inputs=[artifact("./test.csv")]) is not None


def test_other_rows_are_nobodys_business():
    assert problem(TRAIN, "train.csv", inputs=[artifact("train.csv", b"1")]) is None


def test_a_reused_result_read_the_rows_when_it_was_made():
    assert problem(TRAIN, discovered=[artifact("test.csv", b"2")], outcome="reused") is not None


def test_the_gates_data_may_be_a_glob():
    assert problem(TRAIN, "test.csv", gate="te*.csv") is not None
    assert problem(TRAIN, "train.csv", gate="te*.csv") is None
    assert problem(SPLIT, "test.csv", gate="te*.csv") is None


def test_a_link_to_the_rows_or_a_copy_of_them_is_the_rows():
    found = problem(TRAIN, "link.csv")
    assert found is not None
    assert found.because[0] == "link.csv holds the same rows as test.csv"
    assert problem(TRAIN, inputs=[artifact("link.csv", b"2")]) is not None
    assert problem(TRAIN, discovered=[artifact("gone.csv", b"2")], gate="te?t.csv") is not None


def test_a_link_within_a_declared_folder_is_known_by_what_was_read():
    assert problem(TRAIN, "parts/0.csv", inputs=[artifact("parts")]) is not None
    assert problem(TRAIN, "parts/1.csv", inputs=[artifact("parts")]) is None


def test_data_of_the_gate_that_is_not_there_has_no_content():
    assert problem(TRAIN, "nowhere.csv", gate="none.csv") is None


def test_with_nothing_declared_the_writer_of_the_model_is_known_by_what_it_was_seen_to_write():
    train, test = Step("Train", RunAction("python train.py")), Step("Test", RunAction("python test.py"))
    pipeline = Pipeline("p", (train, test, GATE), ModelSpec("model.json"))
    trained = StepResult("Train", "ok", "", trace=Trace(traced=True, writes=("model.json",)))
    assert is_upstream_of_model(pipeline, train, (trained,))
    assert not is_upstream_of_model(pipeline, test, (trained,))


def test_while_nobody_has_written_the_model_every_step_counts_as_upstream():
    train = Step("Train", RunAction("python train.py"))
    pipeline = Pipeline("p", (train, GATE), ModelSpec("model.json"))
    assert is_upstream_of_model(pipeline, train, ())


def test_a_step_that_finds_the_parameters_of_the_model_is_upstream_of_it():
    tune = Step("Tune", RunAction("x"), inputs=("test.csv",), outputs=("best.json",))
    train = Step("Train", RunAction("x"), outputs=("model.json",), params=(ParamSelection("best.json", ("rate",)),))
    pipeline = Pipeline("p", (tune, train, GATE), ModelSpec("model.json"))
    assert is_upstream_of_model(pipeline, tune, ())

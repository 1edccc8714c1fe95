"""The gate's data is for the gate."""

from assay.core.pipeline import GateAction, ModelSpec, Pipeline, RunAction, Step
from assay.core.run import StepResult, Trace
from assay.execute.gate_data import gate_data_problem, is_upstream_of_model

SPLIT = Step("Split", RunAction("python split.py"), inputs=("all.csv",), outputs=("train.csv", "test.csv"))
TRAIN = Step("Train", RunAction("python train.py"), inputs=("train.csv",), outputs=("model.json",))
TEST = Step("Test", RunAction("python test.py"), inputs=("model.json",))
GATE = Step("Gate", GateAction("test.csv", ()))
PIPELINE = Pipeline("p", (SPLIT, TRAIN, TEST, GATE), ModelSpec("model.json"))


def read(*paths: str) -> Trace:
    return Trace(traced=True, reads=paths)


def test_training_on_the_rows_of_the_gate_is_a_problem_upstream_of_the_model():
    problem = gate_data_problem(PIPELINE, TRAIN, read("train.csv", "test.csv"))
    assert problem is not None
    assert problem.code == "gate-data-read"
    assert is_upstream_of_model(PIPELINE, TRAIN, ())


def test_the_step_that_writes_the_rows_may_read_them():
    assert gate_data_problem(PIPELINE, SPLIT, read("test.csv")) is None


def test_a_later_step_that_reads_them_is_no_part_of_the_model():
    assert gate_data_problem(PIPELINE, TEST, read("test.csv")) is not None
    assert not is_upstream_of_model(PIPELINE, TEST, ())


def test_a_declared_input_counts_where_a_step_could_not_be_traced():
    cheat = Step("Train", RunAction("./train"), inputs=("test.csv",), outputs=("model.json",))
    pipeline = Pipeline("p", (cheat, GATE), ModelSpec("model.json"))
    assert gate_data_problem(pipeline, cheat, Trace()) is not None


def test_other_rows_are_nobodys_business():
    assert gate_data_problem(PIPELINE, TRAIN, read("train.csv")) is None


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

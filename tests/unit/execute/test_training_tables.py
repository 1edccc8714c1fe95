"""Which tables the model was made from, and which may hold the gate's rows rightly."""

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.pipeline import GateAction, ModelSpec, ParamSelection, Pipeline, RunAction, Step
from assay.core.run import StepResult, Trace, WrittenFile
from assay.execute import TableRead, trained_on

GATE = Step("Gate", GateAction("gate.csv", ()))


def step(name: str, *outputs: str) -> Step:
    return Step(name, RunAction(f"python {name}.py"), outputs=outputs)


def folder(path: str) -> Artifact:
    return Artifact(path, digest_of(b"tree"), "folder", 1)


def file(path: str) -> Artifact:
    return Artifact(path, digest_of(path.encode()), "file", 1)


def did(name: str, reads: str = "", writes: str = "", **fields) -> StepResult:
    trace = Trace(traced=True, reads=tuple(reads.split()), writes=tuple(writes.split()))
    return StepResult(name, "ok", "", trace=trace, **fields)


def unseen(name: str, **fields) -> StepResult:
    return StepResult(name, "ok", "", **fields)


def asked(*results: StepResult, promised: tuple[Step, ...] = (), data: str = "gate.csv"):
    """What is compared where ``results`` happened, in this order."""
    declared = {each.name: each for each in promised}
    steps = tuple(declared.get(result.step, step(result.step)) for result in results)
    return trained_on(Pipeline("p", (*steps, GATE), ModelSpec("model.json")), data, results)


def paths(*results: StepResult, **fields) -> list[tuple[str, str]]:
    return [(read.step, read.path) for read in asked(*results, **fields).reads]


TRAIN = did("Train", "train.py train.csv", "model.json")


def test_what_the_training_step_read_is_compared():
    assert paths(TRAIN) == [("Train", "train.csv")]


def test_the_raw_table_that_was_split_into_training_and_gate_rows_holds_both_rightly():
    split = did("Split", "raw.csv", "train.csv gate.csv")
    assert paths(split, TRAIN) == [("Train", "train.csv")]


def test_so_does_what_the_raw_table_was_made_from():
    clean, split = did("Clean", "raw.csv", "clean.csv"), did("Split", "clean.csv", "train.csv gate.csv")
    assert paths(clean, split, TRAIN) == [("Train", "train.csv")]


def test_a_training_step_that_goes_back_to_the_raw_table_is_compared_with_it():
    split = did("Split", "raw.csv", "train.csv gate.csv")
    assert paths(split, did("Train", "raw.csv", "model.json")) == [("Train", "raw.csv")]


def test_a_step_that_only_looked_at_the_raw_table_made_nothing():
    look, split = did("Validate", "raw.csv"), did("Split", "raw.csv", "train.csv gate.csv")
    assert paths(look, split, TRAIN) == [("Train", "train.csv")]


def test_what_the_training_table_was_made_from_is_compared_where_the_gates_rows_come_from_elsewhere():
    features = did("Features", "raw.parquet", "train.csv")
    assert paths(features, TRAIN) == [("Features", "raw.parquet"), ("Train", "train.csv")]


def test_training_that_the_gates_rows_were_chosen_by_is_still_training():
    choose = did("Choose", "model.json pool.csv", "gate.csv")
    assert paths(TRAIN, choose) == [("Train", "train.csv")]


def test_one_step_that_makes_the_model_and_the_gates_rows_cannot_be_told_apart():
    found = asked(did("All", "raw.csv", "gate.csv model.json"))
    assert (found.reads, found.splitter) == ((), "All")


def test_a_step_after_the_model_is_no_part_of_it():
    assert paths(TRAIN, did("Report", "model.json other.csv", "report.html")) == [("Train", "train.csv")]


def test_the_gates_rows_themselves_are_left_to_the_rule_on_files():
    assert paths(did("Train", "gate.csv train.csv", "model.json")) == [("Train", "train.csv")]
    assert paths(did("Train", "gate/1.csv train.csv", "model.json"), data="gate/*.csv") == [("Train", "train.csv")]


def test_declared_inputs_count_where_nothing_was_traced():
    train = unseen("Train", inputs=(file("train.csv"), file("train.R")))
    found = asked(train, promised=(step("Train", "model.json"),))
    assert found.reads == (TableRead("Train", "train.csv", digest=file("train.csv").digest),)
    assert found.unseen == ()


def test_a_step_that_was_not_seen_reading_and_declares_nothing_is_named():
    found = asked(unseen("Train"), promised=(step("Train", "model.json"),))
    assert (found.reads, found.makers, found.unseen) == ((), ("Train",), ("Train",))


def test_a_split_that_was_not_seen_reading_may_come_from_any_table_before_it():
    clean = did("Clean", "raw.csv", "clean.csv")
    split = unseen("Split", written=(WrittenFile("train.csv", 1, 0.0), WrittenFile("gate.csv", 1, 0.0)))
    assert paths(clean, split, did("Train", "train.csv clean.csv", "model.json")) == [
        ("Train", "train.csv"),
        ("Train", "clean.csv"),
    ]


def test_a_declared_folder_is_known_by_what_was_read_in_it():
    read = did("Train", "parts/1.csv", "model.json", inputs=(folder("parts"),))
    assert paths(read) == [("Train", "parts/1.csv")]
    whole = did("Train", "train.py", "model.json", inputs=(folder("parts"),))
    assert asked(whole).reads == (TableRead("Train", "parts", is_folder=True),)


def test_files_within_a_promised_folder_are_what_its_maker_made():
    split = did("Split", "raw.csv", "gate.csv", inputs=(file("raw.csv"),))
    train = did("Train", "parts/a/1.csv", inputs=(folder("parts"),))
    promised = (step("Split", "parts"), step("Train", "model.json"))
    found = asked(split, train, promised=promised)
    assert [read.path for read in found.reads] == ["parts/a/1.csv"]
    assert found.makers == ("Split", "Train")


def test_what_discovered_files_were_is_known_too_and_reused_results_read_what_they_read_once():
    reused = did("Train", "train.csv.gz", "model.json", discovered=(file("train.csv.gz"),))
    assert asked(reused).reads == (TableRead("Train", "train.csv.gz", digest=file("train.csv.gz").digest),)


def test_a_table_that_two_steps_read_is_compared_once():
    features = did("Features", "train.csv", "features.npy")
    assert paths(features, did("Train", "features.npy train.csv", "model.json")) == [("Features", "train.csv")]


def test_where_no_step_is_known_to_have_made_the_model_nothing_is():
    assert asked(did("Other", "train.csv")).makers == ()


def test_a_step_that_failed_made_nothing():
    failed = StepResult("Train", "failed", "", trace=Trace(True, ("train.csv",), ("model.json",)))
    assert asked(failed).reads == ()


def test_what_the_parameters_were_found_on_is_compared_too():
    train = Step("Train", RunAction("x"), outputs=("model.json",), params=(ParamSelection("best.json", ("rate",)),))
    tune = did("Tune", "tuning.csv", "best.json")
    assert paths(tune, did("Train", "train.csv", "model.json"), promised=(train,)) == [
        ("Tune", "tuning.csv"),
        ("Train", "train.csv"),
    ]

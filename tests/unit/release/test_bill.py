"""What goes into a bill, and what does not."""

import msgspec

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.digest import digest_of
from assay.core.pipeline import ModelSpec, Pipeline, RunAction, Step
from assay.core.release import CodeVersion, Environment
from assay.core.run import Metric, StepResult, Trace, WrittenFile
from assay.release import make_bill, run_metrics, source_data


def artifact(path: str, content: str = "") -> Artifact:
    return Artifact(path, digest_of((content or path).encode()), "file", 4)


TRAIN = Step("Train", RunAction("python train.py"), inputs=("raw.csv", "train.py"), outputs=("model.json",))
PIPELINE = Pipeline("p", (TRAIN,), ModelSpec("model.json"))


def result(**fields) -> StepResult:
    return msgspec.structs.replace(StepResult("Train", "ok", ""), **fields)


def test_data_is_what_steps_read_that_no_step_wrote_and_version_control_does_not_track():
    results = [result(inputs=(artifact("raw.csv"), artifact("train.py")), outputs=(artifact("model.json"),))]
    assert [each.path for each in source_data(PIPELINE, results, frozenset({"train.py"}), ())] == ["raw.csv"]


def test_without_version_control_python_files_are_code():
    results = [result(inputs=(artifact("raw.csv"), artifact("train.py")), discovered=(artifact("helper.py"),))]
    assert [each.path for each in source_data(PIPELINE, results, None, ())] == ["raw.csv"]


def test_what_was_read_without_being_declared_is_data_too():
    results = [result(discovered=(artifact("lookup.csv"),))]
    assert [each.path for each in source_data(PIPELINE, results, None, ())] == ["lookup.csv"]


def test_neither_the_model_nor_what_a_step_was_seen_to_write_is_data():
    results = [
        result(trace=Trace(True, writes=("traced.csv",)), written=(WrittenFile("scanned.csv", 1, 0.0),)),
        result(inputs=tuple(map(artifact, ("traced.csv", "scanned.csv", "model.json")))),
    ]
    assert source_data(PIPELINE, results, None, ()) == ()


def test_what_was_checked_or_judged_on_is_named_although_a_step_wrote_it():
    assert source_data(PIPELINE, [], None, (artifact("train.csv"),)) == (artifact("train.csv"),)


def test_of_two_metrics_of_one_name_the_later_steps_stands():
    results = [result(metrics=(Metric("mae", 9.0),)), result(metrics=(Metric("mae", 7.0), Metric("rows", 10.0)))]
    assert run_metrics(results) == {"mae": 7.0, "rows": 10.0}


def bill(data, name="p"):
    return make_bill(
        msgspec.structs.replace(PIPELINE, name=name),
        CodeVersion("1.0.0"),
        artifact("code"),
        data,
        artifact("model.json"),
        Environment("3.11", "linux-x86_64"),
        (),
        (),
        (),
        (),
    )


def test_identical_ingredients_in_any_order_give_an_identical_bill():
    one, two = artifact("one.csv"), artifact("two.csv")
    assert value_digest(bill((one, two))) == value_digest(bill((two, one, two)))


def test_other_data_gives_another_bill():
    assert value_digest(bill((artifact("one.csv"),))) != value_digest(bill((artifact("one.csv", "more"),)))

"""What stood after the last run stands again while every file is as it was seen; nothing else follows from the memory."""

import msgspec
import pytest

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.pipeline import RunAction, Step
from assay.core.run import StepResult, Trace
from assay.execute.standing import Memory, Standing
from assay.testing.memory import MemoryFiles

BASIS = Digest("b3:basis")
KEY = Digest("b3:key")
STEP = Step("Train", RunAction("python train.py"), inputs=("data.csv",), outputs=("model.pkl",))
CONTENTS = {"data.csv": b"rows", "helper.py": b"code", "model.pkl": b"weights"}


def result(files: MemoryFiles, step: Step = STEP, **fields) -> StepResult:
    artifacts = {path: files.artifact(path) for path in files.contents}
    known = {
        "inputs": (artifacts["data.csv"],),
        "discovered": (artifacts["helper.py"],),
        "outputs": (artifacts["model.pkl"],),
        "key": KEY,
        "trace": Trace(traced=True, missing=("local.cfg", "/etc/x")),
    }
    return StepResult(step.name, "ok", "", **{**known, **fields})


@pytest.fixture
def files():
    return MemoryFiles(CONTENTS)


def remembered(files, step=STEP, **fields) -> Memory:
    memory = Standing(Memory(Digest("")), BASIS, files).next_memory([result(files, step, **fields)], {step.name: step})
    return msgspec.msgpack.decode(msgspec.msgpack.encode(memory), type=Memory)


def stands(files, memory, basis=BASIS) -> bool:
    return Standing(memory, basis, files).result(STEP) is not None


def test_a_step_stands_while_nothing_that_it_rests_on_has_changed(files):
    assert Standing(remembered(files), BASIS, files).result(STEP) == StepResult(
        "Train", "reused", "nothing that it reads has changed", key=KEY
    )


@pytest.mark.parametrize("path", CONTENTS)
def test_it_stands_no_more_when_a_file_has_changed_or_is_gone(files, path):
    memory = remembered(files)
    files.contents[path] = b"other"
    assert not stands(files, memory)
    del files.contents[path]
    assert not stands(files, memory)


def test_it_stands_no_more_when_something_that_it_looked_for_is_there(files):
    memory = remembered(files)
    files.contents["local.cfg"] = b""
    assert not stands(files, memory)


def test_another_pipeline_environment_or_version_forgets_everything(files):
    assert not stands(files, remembered(files), Digest("b3:other"))


@pytest.mark.parametrize(
    "fields", [{"key": None}, {"outcome": "failed"}, {"outputs": (Artifact("model.pkl", Digest("b3:x"), "file", 1),)}]
)
def test_only_a_good_result_with_a_key_whose_files_stand_is_remembered(files, fields):
    base = result(files)
    memory = Standing(Memory(Digest("")), BASIS, files).next_memory(
        [msgspec.structs.replace(base, **fields)], {"Train": STEP}
    )
    assert memory.steps == {}


def test_a_glob_and_a_folder_are_asked_anew_each_time(files):
    glob = msgspec.structs.replace(STEP, inputs=("*.csv",))
    assert remembered(files, glob).steps == {}
    files.contents["parts/0.csv"] = b"1"
    folder = msgspec.structs.replace(STEP, inputs=("parts",))
    assert remembered(files, folder, inputs=(files.artifact("parts"),)).steps == {}


def test_where_everything_stood_there_is_nothing_new_to_remember(files):
    memory = remembered(files)
    standing = Standing(memory, BASIS, files)
    given = standing.result(STEP)
    assert standing.next_memory([given], {"Train": STEP}) is None


def test_what_was_looked_at_before_a_step_ran_is_looked_at_again(files):
    standing = Standing(remembered(files), BASIS, files)
    assert standing.result(STEP) is not None
    files.contents["data.csv"] = b"written by the step before"
    standing.forget_looks()
    assert standing.result(STEP) is None
    ran = result(files, inputs=(files.artifact("data.csv"),), key=Digest("b3:another"))
    memory = standing.next_memory([ran], {"Train": STEP})
    assert memory.steps["Train"].key == "b3:another"
    assert stands(files, memory)


def test_what_stood_is_carried_over_beside_what_is_new(files):
    standing = Standing(remembered(files), BASIS, files)
    given = standing.result(STEP)
    other = msgspec.structs.replace(STEP, name="Other")
    memory = standing.next_memory([given, result(files, other)], {"Train": STEP, "Other": other})
    assert set(memory.steps) == {"Train", "Other"}
    assert [seen.path for seen in memory.seen] == ["data.csv", "helper.py", "model.pkl"]
    assert stands(files, memory)


def test_what_stands_says_in_which_entry_of_the_ledger_its_result_is_found(files):
    standing = Standing(remembered(files, entry=7), BASIS, files)
    given = standing.result(STEP)
    assert (given.key, given.entry) == (KEY, 7)
    memory = standing.next_memory(
        [given, result(files, other := msgspec.structs.replace(STEP, name="Other"), entry=9)],
        {"Train": STEP, "Other": other},
    )
    assert [step.entry for step in memory.steps.values()] == [7, 9]


def test_a_memory_from_before_entries_were_noted_is_dropped():
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode([BASIS, [], [], {"Train": [KEY, [], []]}]), type=Memory)


def test_a_step_that_never_runs_stands_always(files):
    frozen = msgspec.structs.replace(STEP, runs="never")
    standing = Standing(Memory(Digest("")), BASIS, files)
    assert standing.holds(frozen)
    assert not standing.holds(STEP)
    assert standing.result(frozen) == StepResult("Train", "reused", "it is frozen: it counts as done")

"""A step's inputs as they stand: paths, and globs of which each file is one."""

from assay.core.pipeline import RunAction, Step
from assay.core.release import Environment
from assay.core.run import StepResult
from assay.execute import Reuse, look_up, missing_input
from assay.testing.memory import MemoryFiles, MemoryStore

ENVIRONMENT = Environment("3.12", "linux")
FILES = MemoryFiles({"data/b.csv": b"2", "data/a.csv": b"1", "odd[1].csv": b"3", "train.py": b"4"})


class Nothing:
    def of_key(self, key):
        return ()

    def failed_in(self, step):
        return None

    def last_good(self, step):
        return None


class Known(Nothing):
    """The same result under every key; asked for anything else, it fails the test."""

    def of_key(self, key):
        return (StepResult("Train", "ok", "", key=key),)

    def last_good(self, step):
        raise AssertionError("decoded every result of the ledger")


def ask(*inputs, files=FILES, past=Nothing()):
    step = Step("Train", RunAction("python train.py"), inputs=inputs)
    return look_up(step, {}, files.artifact, MemoryStore(), past, ENVIRONMENT, files.expand)


def test_each_file_that_a_glob_names_is_an_input_once():
    assert [artifact.path for artifact in ask("data/*.csv", "train.py", "data/a.csv").inputs] == [
        "data/a.csv",
        "data/b.csv",
        "train.py",
    ]


def test_a_new_file_that_the_glob_names_changes_the_key():
    more = MemoryFiles({**FILES.contents, "data/c.csv": b"1"})
    assert ask("data/*.csv").key != ask("data/*.csv", files=more).key
    assert ask("data/*.csv").key == ask("data/*.csv").key


def test_a_file_of_the_very_letters_of_a_glob_is_meant():
    assert [artifact.path for artifact in ask("odd[1].csv").inputs] == ["odd[1].csv"]


def test_a_glob_that_names_nothing_is_a_missing_input():
    step = Step("Train", RunAction(""), inputs=("data/*.csv", "data/*.json", "gone"))
    assert missing_input(step, FILES.artifact, FILES.expand) == "data/*.json"


def test_a_step_that_is_reused_costs_no_search_for_its_last_good_result():
    assert isinstance(ask("train.py", past=Known()).decision, Reuse)

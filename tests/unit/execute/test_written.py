"""Which files are a step's work, where others run beside it."""

import pytest

from assay.core.pipeline import RunAction, Step
from assay.core.ports import FileState, Task
from assay.core.run import Trace, WrittenFile
from assay.execute.begun import Begun, Beside
from assay.execute.written import is_near_miss, written_files, wrote_instead

NOW_S = 1_700_000_000.0
STEP = Step("Train", RunAction("python train.py"), outputs=("models/model.pkl",))


class Files:
    """A project in which every file has changed just now, but for old ones."""

    def __init__(self, *paths, old=()):
        self.states = {path: FileState(1, 0, int((NOW_S + 1) * 1e9), 0) for path in paths}
        self.states |= {path: FileState(1, 0, 0, 0) for path in old}

    def scan(self):
        return self.states


def written(files, beside=Beside(), writes=(), before=None):
    begun = Begun(STEP, Task("Train", "", "/p", {}, "", "", ""), None, (), "", before, NOW_S, NOW_S)
    return [file.path for file in written_files(begun, Trace(True, writes=writes), beside, files)]


def instead(*paths, beside=Beside(), writes=()):
    found = tuple(WrittenFile(path, 1, NOW_S) for path in paths)
    return wrote_instead(("models/model.pkl",), found, STEP, Trace(True, writes=writes), beside)


def test_alone_everything_that_changed_is_its_work():
    assert written(Files("a.csv", "models/model.pkl", old=["b.csv"])) == ["a.csv", "models/model.pkl"]


def test_against_a_scan_before_what_is_new_or_another_counts():
    assert written(Files("a", "b"), before=Files("a").states) == ["b"]


def test_what_others_promise_or_were_seen_to_write_is_left_out():
    beside = Beside(False, frozenset({"parts", "log.txt"}))
    assert written(Files("a.csv", "parts/0.csv", "log.txt", "partsy"), beside) == ["a.csv", "partsy"]


def test_what_it_was_seen_to_write_itself_is_its_own():
    assert written(Files("log.txt"), Beside(False, frozenset({"log.txt"})), writes=("log.txt",)) == ["log.txt"]


@pytest.mark.parametrize(
    "path, other, expected",
    [
        ("models/model.pkl", "models/modell.pkl", True),
        ("models/model.pkl", "out/model.pkl", True),
        ("models/model.pkl", "models/model_v2.pkl", True),
        ("models/model.pkl", "models/modell.json", False),
        ("models/model.pkl", "cache/rows.pkl", False),
        ("a.json", "b.json", False),
        ("train.csv", "test.csv", False),
    ],
)
def test_a_near_miss_has_nearly_the_same_name(path, other, expected):
    assert is_near_miss(path, other) is expected


def test_another_file_of_the_same_kind_is_not_written_in_the_place_of_an_output():
    assert not instead("cache/features.pkl")
    assert not instead("models/model.pkl")
    assert instead("cache/features.pkl", "models/modell.pkl")


def test_beside_other_steps_only_what_it_was_seen_to_write_can_stand_in_the_place_of_an_output():
    beside = Beside(False, frozenset())
    assert not instead("models/modell.pkl", beside=beside)
    assert instead("models/modell.pkl", beside=beside, writes=("models/modell.pkl",))

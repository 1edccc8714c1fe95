"""What was seen of a step is not always enough to reuse its result."""

import time

import msgspec
import pytest

from assay.adapters.files.local import LocalFiles
from assay.core.digest import digest_of
from assay.core.pipeline import ParamSelection, RunAction, Step
from assay.core.ports import Task
from assay.core.run import StepResult, Trace
from assay.execute.begun import Begun
from assay.execute.doubt import doubts
from assay.execute.recorded import MOST_PATHS

STEP = Step("Train", RunAction("python train.py"), inputs=("data.csv",))


class Scene:
    """A step that read data.csv as declared, and helper.py; it began after both were written."""

    def __init__(self, root):
        self.root = root
        for name in ("data.csv", "helper.py"):
            (root / name).write_text("before")
        self.files = LocalFiles(root, root / ".assay" / "cache")
        self.inputs = (self.files.artifact("data.csv"),)
        began_s = max((root / name).stat().st_ctime for name in ("data.csv", "helper.py")) + 0.001
        task = Task("Train", "", str(root), {}, "", "", "")
        self.begun = Begun(STEP, task, digest_of(b"key"), self.inputs, "", None, began_s, began_s)

    def doubts(self, *, is_cut_short=False, trace=Trace()):
        discovered = (self.files.artifact("helper.py"),)
        result = StepResult("Train", "ok", "", inputs=self.inputs, discovered=discovered, trace=trace)
        return [problem.code for problem in doubts(self.begun, result, self.files, is_cut_short=is_cut_short)]

    def change(self, name, text):
        """The file is written anew, later than the step began."""
        place = self.root / name
        while place.stat().st_ctime < self.begun.started_s:
            place.write_text(text)


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_what_stood_still_is_not_doubted(scene):
    assert scene.doubts() == []


def test_a_file_of_a_later_time_of_change_was_changed_whatever_it_holds(scene):
    scene.change("helper.py", "after")
    assert scene.doubts() == ["changed-while-running"]


def test_a_file_of_parameters_that_was_written_meanwhile_is_doubted(scene):
    step = msgspec.structs.replace(STEP, params=(ParamSelection("helper.py", ("rate",)),))
    scene.begun = msgspec.structs.replace(scene.begun, step=step)
    assert scene.doubts() == []
    scene.change("helper.py", "before")
    assert scene.doubts() == ["changed-while-running"]


def test_a_file_that_changed_between_the_look_at_it_and_the_start_is_doubted(scene):
    scene.change("helper.py", "before")
    scene.begun = msgspec.structs.replace(scene.begun, started_s=time.time() + 100)
    assert scene.doubts() == ["changed-while-running"]


def test_a_declared_input_that_was_changed_and_changed_back_is_doubted(scene):
    scene.change("data.csv", "before")
    assert scene.doubts() == ["changed-while-running"]


def test_a_declared_input_of_another_content_is_doubted_whatever_its_times(scene):
    scene.begun = msgspec.structs.replace(scene.begun, looked_s=time.time() + 100)
    (scene.root / "data.csv").write_text("other")
    assert scene.doubts() == ["changed-while-running"]


def test_an_input_that_is_gone_is_doubted(scene):
    (scene.root / "data.csv").unlink()
    assert scene.doubts() == ["changed-while-running"]


def test_a_trace_that_is_cut_short_is_doubted(scene):
    assert scene.doubts(is_cut_short=True) == ["trace-cut-short"]


def test_more_files_looked_for_than_are_recorded_count_as_cut_short(scene):
    missing = tuple(f"cache/{number}" for number in range(MOST_PATHS + 1))
    assert scene.doubts(trace=Trace(True, missing=missing)) == ["trace-cut-short"]
    assert scene.doubts(trace=Trace(True, missing=missing[1:])) == []


def test_a_step_that_always_runs_is_not_warned_about(scene):
    scene.change("helper.py", "after")
    scene.begun = msgspec.structs.replace(scene.begun, key=None)
    assert scene.doubts(is_cut_short=True) == []

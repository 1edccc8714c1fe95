"""A step is never reused when something changed that it reads or looked for."""

import string

from hypothesis import given
from hypothesis import strategies as st

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.pipeline import RunAction, Step
from assay.core.release import Environment
from assay.core.run import StepResult, Trace
from assay.execute import Reuse, look_up
from assay.execute.reuse import decide
from assay.testing.memory import MemoryFiles, MemoryStore

names = st.text(string.ascii_lowercase, min_size=1, max_size=3)
projects = st.dictionaries(names, st.binary(max_size=2), min_size=1, max_size=6)
ENVIRONMENT = Environment("3.12", "linux")


def artifact(path: str, data: bytes) -> Artifact:
    return Artifact(path, digest_of(data), "file", len(data))


class Ledger:
    """One result, under its key."""

    def __init__(self, result: StepResult) -> None:
        self.result = result

    def of_key(self, key):
        return (self.result,) if self.result.key == key else ()

    def last_good(self, step):
        return self.result


@st.composite
def runs(draw):
    """A project, a step that ran in it, and the project later: which it read as declared, undeclared, or looked for."""
    before = draw(projects)
    paths = sorted(before)
    declared = draw(st.sets(st.sampled_from(paths), min_size=1))
    discovered = draw(st.sets(st.sampled_from(paths))) - declared
    missing = draw(st.sets(names, max_size=3)) - set(before)
    after = draw(st.just(before) | projects | projects.map(lambda more: more | before))
    return before, after, declared, discovered, missing


@given(runs())
def test_a_step_is_reused_if_and_only_if_all_that_it_read_and_looked_for_is_as_it_was(run):
    before, after, declared, discovered, missing = run
    step = Step("Train", RunAction("python train.py"), inputs=tuple(sorted(declared)))
    first = look_up(
        step, {}, MemoryFiles(before).artifact, MemoryStore(), Ledger(StepResult("", "ok", "")), ENVIRONMENT
    )
    found = tuple(artifact(path, before[path]) for path in sorted(discovered))
    trace = Trace(traced=True, missing=tuple(missing))
    done = StepResult("Train", "ok", "", key=first.key, inputs=first.inputs, discovered=found, trace=trace)
    same = all(after.get(path) == before.get(path) for path in declared | discovered | missing)
    again = look_up(step, {}, MemoryFiles(after).artifact, MemoryStore(), Ledger(done), ENVIRONMENT)
    assert isinstance(again.decision, Reuse) == same


@given(runs())
def test_under_the_same_key_what_was_discovered_or_looked_for_decides_alone(run):
    before, after, _, discovered, missing = run
    found = tuple(artifact(path, before[path]) for path in sorted(discovered))
    done = StepResult("Train", "ok", "", discovered=found, trace=Trace(traced=True, missing=tuple(missing)))
    same = all(after.get(path) == before.get(path) for path in discovered | missing)
    decision = decide((), (done,), lambda: None, MemoryFiles(after).artifact, lambda artifact: True)
    assert isinstance(decision, Reuse) == same


@given(projects, projects)
def test_a_step_that_reads_a_glob_is_never_reused_when_a_file_came_went_or_changed(before, after):
    step = Step("Train", RunAction("python train.py"), inputs=("*",))
    files, later = MemoryFiles(before), MemoryFiles(after)
    first = look_up(
        step, {}, files.artifact, MemoryStore(), Ledger(StepResult("", "ok", "")), ENVIRONMENT, files.expand
    )
    done = StepResult("Train", "ok", "", key=first.key, inputs=first.inputs)
    again = look_up(step, {}, later.artifact, MemoryStore(), Ledger(done), ENVIRONMENT, later.expand)
    assert isinstance(again.decision, Reuse) == (before == after)

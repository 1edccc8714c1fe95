"""A step is never reused when something changed that it reads or looked for."""

import string

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.pipeline import RunAction, Step
from assay.core.ports import Task
from assay.core.release import Environment
from assay.core.run import StepResult, Trace
from assay.execute import Memory, Reuse, Standing, look_up
from assay.execute.begun import Begun
from assay.execute.conclude import read_undeclared
from assay.execute.doubt import doubts
from assay.execute.reuse import Now, decide
from assay.execute.traces import read_trace
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
    decision = decide(
        Now(Step("Train", RunAction("")), ()), (done,), lambda: None, MemoryFiles(after).artifact, lambda artifact: True
    )
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


def edited(files: MemoryFiles, edits: dict[str, bytes | None]) -> None:
    for path, data in edits.items():
        if data is None:
            files.contents.pop(path, None)
        else:
            files.contents[path] = data


class Recorded:
    """A ledger in a list, every result that ran in an entry of its own, and a store of what they made."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.entries: list[StepResult] = []

    def append(self, result: StepResult) -> StepResult:
        self.entries.append(replace(result, entry=len(self.entries) + 1))
        return self.entries[-1]

    def of_key(self, key):
        return tuple(result for result in reversed(self.entries) if result.key == key)

    def last_good(self, step):
        return None

    def whole(self, result):
        return self.entries[result.entry - 1]

    def failed_in(self, step):
        return None

    def run_that_made(self, output):
        return None


class LaterFiles(MemoryFiles):
    """Files that tell what was written since the step began, which is all that is ever asked of their times."""

    def __init__(self, contents):
        super().__init__(contents)
        self.written: set[str] = set()

    def scan(self):
        return {
            path: replace(state, changed_ns=1 if path in self.written else 0) for path, state in super().scan().items()
        }


def run_for(files: LaterFiles, step: Step, standing: Standing, ledger: Recorded) -> StepResult:
    """What the engine does with one step: what is remembered, else what the ledger has under the key, else a run.

    A step makes its output of its input and of two files that it does not declare: ``helper``, which need not be there, and ``state``,
    which the first step counts up where it is there.
    """
    known = standing.result(step)
    if known is not None:
        return known
    found = look_up(step, {}, files.artifact, ledger.store, ledger, ENVIRONMENT)
    if isinstance(found.decision, Reuse):
        for output in found.decision.restore:
            files.contents[output.path] = ledger.store.read(output.digest)
            standing.forget_looks()
        return replace(found.decision.result, step=step.name, outcome="reused")
    (made_of,), (made,) = step.inputs, step.outputs
    noted = [f"{'r' if path in files.contents else 'm'}\t/p/{path}" for path in (made_of, "helper", "state")]
    files.contents[made] = made_from(files, made_of)
    ledger.store.add_bytes(files.contents[made])
    files.written = {made}
    noted.append(f"w\t/p/{made}")
    if step.name == "first" and "state" in files.contents:
        files.contents["state"] += b"!"
        files.written.add("state")
        noted.append("w\t/p/state")
    standing.forget_looks()
    trace = read_trace("".join(f"{line}\n" for line in ["p\t1\tpython", *noted]).encode(), "/p", "python")
    begun = Begun(step, Task(step.name, "", "/p", {}, "", "", ""), found.key, found.inputs, "", None, 1e-9, 1e-9)
    discovered = read_undeclared(begun, trace, files)
    result = StepResult(
        step.name,
        "ok",
        "",
        key=found.key,
        inputs=found.inputs,
        outputs=(files.artifact(made),),
        discovered=discovered,
        trace=trace,
    )
    key = None if doubts(begun, result, files, is_cut_short=False) else found.key
    files.written = set()
    return ledger.append(replace(result, key=key))


def made_from(files: MemoryFiles, path: str) -> bytes:
    return b"|".join(files.contents.get(name, b"") for name in (path, "helper", "state"))


edits_of_a_chain = st.dictionaries(
    st.sampled_from(["a", "b", "c", "helper", "state"]), st.sampled_from([b"0", b"1"]) | st.none(), max_size=2
)


@given(st.lists(edits_of_a_chain, max_size=8))
def test_what_is_remembered_of_a_chain_never_hides_a_change(history):
    """Whatever a person edits between runs, also to and fro, each run leaves what running everything would leave, and names the
    files that this was made from. ``b`` stands first in the file."""
    first = Step("second", RunAction("c from b"), inputs=("b",), outputs=("c",))
    steps = (first, Step("first", RunAction("b from a"), inputs=("a",), outputs=("b",)))
    files, memory, ledger = LaterFiles({"a": b"0"}), Memory(digest_of(b"basis")), Recorded()
    for edits in [{}, *history]:
        edited(files, edits)
        files.contents.setdefault("a", b"0")
        before = dict(files.contents)
        standing = Standing(memory, digest_of(b"basis"), files)
        results = [standing.result(step) for step in steps]
        if None in results:
            results = [run_for(files, step, standing, ledger) for step in reversed(steps)]
            memory = standing.next_memory(results, {step.name: step for step in steps}) or memory
        assert files.contents["b"] == made_from(MemoryFiles(before), "a")
        assert files.contents["c"] == made_from(files, "b")
        for result in results:
            told = ledger.whole(result) if result.outcome == "reused" else result
            now = [files.artifact(read.path) for read in (*told.inputs, *told.discovered, *told.outputs)]
            assert [read.digest for read in now] == [
                read.digest for read in (*told.inputs, *told.discovered, *told.outputs)
            ]

"""Earlier results, the choice of steps, and the number of a run."""

import pytest

from assay.core.artifact import Artifact
from assay.core.digest import Digest, digest_of
from assay.core.events import RunStarted, StepEnded
from assay.core.history import History
from assay.core.pipeline import Pipeline, RunAction, Step
from assay.core.plan import Plan
from assay.core.problem import Conflict, NotFound
from assay.core.release import CodeVersion
from assay.core.run import StepResult
from assay.core.watch import BY_HAND
from assay.execute import StandingStep
from assay.flows.results import LedgerPast, find_step, find_steps, select_steps
from assay.flows.running import begin_run, entries_of
from assay.testing.memory import MemoryLedger

KEY = digest_of(b"key")


def made_from(data: bytes) -> StepResult:
    """Of the same key each time: what it read was not declared."""
    read = Artifact("data.csv", digest_of(data), "file", len(data))
    return StepResult("Fit", "ok", "", key=KEY, seconds=5.0, discovered=(read,), outputs=(read,))


@pytest.fixture
def ledger():
    kept = MemoryLedger()
    for run, data in enumerate((b"1", b"22"), 1):
        kept.append("p", StepEnded(run, made_from(data)))
    return kept


def short(**fields) -> StepResult:
    return StepResult("Train", "reused", "it stands", key=KEY, **fields)


def test_a_result_told_in_short_is_the_one_in_its_entry_whatever_came_later_under_its_key(ledger):
    whole = LedgerPast(ledger, "p").whole(short(entry=1))
    assert whole.discovered == made_from(b"1").discovered
    assert (whole.step, whole.outcome, whole.reason, whole.seconds) == ("Train", "reused", "it stands", 0.0)


def test_of_one_told_before_entries_were_recorded_the_newest_under_its_key_is_meant(ledger):
    assert LedgerPast(ledger, "p").whole(short()).discovered == made_from(b"22").discovered


def test_what_ran_and_what_is_nowhere_is_left_as_it_is(ledger):
    past = LedgerPast(ledger, "p")
    for result in (made_from(b"1"), short(entry=9), StepResult("Train", "reused", "frozen")):
        assert past.whole(result) is result


def test_each_result_under_a_key_says_in_which_entry_it_was_found(ledger):
    assert [result.entry for result in LedgerPast(ledger, "p").of_key(KEY)] == [2, 1]


def test_the_last_good_result_is_the_one_that_stood(ledger):
    stood = {"Fit": StandingStep(KEY, (), (), 1, is_strict=True)}
    assert LedgerPast(ledger, "p", stood).last_good("Fit").discovered == made_from(b"1").discovered
    assert LedgerPast(ledger, "p").last_good("Fit").discovered == made_from(b"22").discovered
    gone = {"Fit": StandingStep(Digest("b3:x"), (), (), 1, is_strict=True)}
    assert LedgerPast(ledger, "p", gone).last_good("Fit").discovered == made_from(b"22").discovered


def pipeline(*names: str) -> Pipeline:
    """Steps, each of which reads what the one before it writes."""
    steps = [Step(name, RunAction("true"), inputs=(f"{at}",), outputs=(f"{at + 1}",)) for at, name in enumerate(names)]
    return Pipeline("p", tuple(steps))


def test_a_step_of_that_very_name_goes_before_one_that_differs_by_case():
    both = pipeline("Train", "train", "TEST")
    assert [find_step(both, name).name for name in ("train", "Train", "TRAIN", "test")] == [
        "train",
        "Train",
        "Train",
        "TEST",
    ]
    assert [step.name for step in find_steps(both, "train")] == ["train"]


def test_a_declared_step_of_that_very_name_goes_before_one_that_differs_by_case():
    cells = tuple(Step(f"{name}@1", RunAction("true"), cell_of=name) for name in ("Train", "train"))
    found = Pipeline("p", (*cells, Step("TRAIN", RunAction("true"))))
    assert [[step.name for step in find_steps(found, name)] for name in ("train", "Train", "TRAIN")] == [
        ["train@1"],
        ["Train@1"],
        ["TRAIN"],
    ]


def test_a_selection_that_leaves_no_step_is_told():
    assert [step.name for step in select_steps(pipeline("a", "b", "c"), ("b",), "a")] == ["a", "b"]
    with pytest.raises(NotFound, match="no step is left between b and a"):
        select_steps(pipeline("a", "b"), ("a",), "b")


class Shared(MemoryLedger):
    """A ledger on which another checkout begins a run each time that this one is about to, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def append(self, pipeline, *events, after=None, durable=True):
        if self.times:
            self.times -= 1
            last = History.fold(self.entries(pipeline)).last_run
            super().append(pipeline, started(last + 1))
        return super().append(pipeline, *events, after=after, durable=durable)


class Workspace:
    """A project on a shared ledger."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.ledger = ledger
        self.pipeline = pipeline("a")

    def history(self) -> History:
        return History.fold(self.ledger.entries("p"))


def started(number: int) -> RunStarted:
    return RunStarted(number, BY_HAND, Plan(()), CodeVersion("none"), digest_of(b"file"))


def test_a_run_whose_number_another_checkout_took_has_the_next_one():
    assert begin_run(Workspace(Shared(0)), lambda number: (started(number),)) == 1
    assert begin_run(Workspace(Shared(3)), lambda number: (started(number),)) == 4


def test_a_run_that_is_refused_for_another_reason_is_not_tried_for_ever():
    with pytest.raises(Conflict):
        begin_run(Workspace(MemoryLedger()), lambda number: (started(number + 1),))


def test_the_entries_of_a_thousand_results_in_a_row_are_one_pair():
    def at(*entries):
        return [StepResult(f"s{entry}", "reused", "", entry=entry) for entry in entries]

    assert entries_of(at(*range(2, 1002))) == ((2, 1001),)
    assert entries_of(at(9, 4, 3, 0, 5, 3)) == ((3, 5), (9, 9))
    assert entries_of([]) == ()

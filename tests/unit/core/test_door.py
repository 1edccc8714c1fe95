"""The champion moves only through a recorded pass that names it, its challenger and the moment."""

import msgspec
import pytest

from assay.core.door import admit
from assay.core.events import Deployed, Promoted
from assay.core.history import History
from assay.core.problem import Conflict, DoorError
from assay.core.verdict import Charge
from assay.testing.memory import MemoryLedger
from assay.testing.samples import (
    PIPELINE,
    champion_by_gate,
    digest,
    judged,
    released,
    run_ended,
    run_started,
    step_ended,
)


@pytest.fixture
def ledger():
    """r1 is champion, by event 3."""
    ledger = MemoryLedger()
    champion_by_gate(ledger, "r1", "model of r1")
    return ledger


def now(ledger):
    return History.fold(ledger.entries(PIPELINE))


def challenger(ledger, verdict, verdicts=(4,)):
    """r2 with a verdict as event 4."""
    ledger.append(PIPELINE, verdict, released("r2", "model of r2", verdicts))
    return now(ledger)


def test_a_pass_against_the_champion_opens_it(ledger):
    admit(Promoted("r2", 3, "release", 4), challenger(ledger, judged("model of r2", "r1", "model of r1")))


@pytest.mark.parametrize("outcome", ["fail", "undecided"])
def test_a_release_on_any_other_verdict_is_not_even_recorded(ledger, outcome):
    ledger.append(PIPELINE, judged("model of r2", "r1", "model of r1", outcome))
    with pytest.raises(DoorError, match="r2 did not pass its gate") as error:
        admit(released("r2", "model of r2", (4,)), now(ledger))
    assert error.value.problem.because == (f"event 4 says {outcome}",)


def test_the_pass_must_be_for_this_model(ledger):
    ledger.append(PIPELINE, judged("another model", "r1", "model of r1"))
    with pytest.raises(DoorError, match="for another model"):
        admit(released("r2", "model of r2", (4,)), now(ledger))


def test_the_pass_must_be_for_this_code(ledger):
    verdict = judged("model of r2", "r1", "model of r1")
    code = msgspec.structs.replace(verdict.verdict, code=digest("the code that was judged"))
    ledger.append(PIPELINE, msgspec.structs.replace(verdict, verdict=code))
    release = released("r2", "model of r2", (4,))
    admit(msgspec.structs.replace(release, code=digest("the code that was judged")), now(ledger))
    with pytest.raises(DoorError, match="for other code"):
        admit(msgspec.structs.replace(release, code=digest("changed code")), now(ledger))


def test_the_pass_must_be_one_that_the_release_names(ledger):
    history = challenger(ledger, judged("model of r2", "r1", "model of r1"), verdicts=())
    with pytest.raises(DoorError, match="no recorded verdict"):
        admit(Promoted("r2", 3, "release", 4), history)


@pytest.mark.parametrize("verdict", [0, 3, 99])
def test_a_number_that_is_no_verdict_opens_nothing(ledger, verdict):
    with pytest.raises(DoorError, match="not recorded"):
        admit(released("r2", "model of r2", (verdict,)), now(ledger))
    history = challenger(ledger, judged("model of r2", "r1", "model of r1"))
    for named in (None, verdict):
        with pytest.raises(DoorError, match="no recorded verdict"):
            admit(Promoted("r2", 3, "release", named), history)


@pytest.mark.parametrize("champion", [None, "r0"])
def test_a_pass_against_another_champion_is_a_conflict(ledger, champion):
    with pytest.raises(Conflict, match="judged against another champion"):
        admit(Promoted("r2", 3, "release", 4), challenger(ledger, judged("model of r2", champion, None)))


def test_the_pass_must_name_the_champions_own_model(ledger):
    with pytest.raises(DoorError, match="another champion's model"):
        admit(Promoted("r2", 3, "release", 4), challenger(ledger, judged("model of r2", "r1", "an imposter")))


@pytest.mark.parametrize("after", [0, 2, 4])
def test_a_decision_after_another_champion_is_a_conflict(ledger, after):
    history = challenger(ledger, judged("model of r2", "r1", "model of r1"))
    with pytest.raises(Conflict, match="the champion changed meanwhile"):
        admit(Promoted("r2", after, "release", 4), history)


def test_a_first_release_needs_a_pass_as_well():
    ledger = MemoryLedger()
    ledger.append(PIPELINE, released("r1", "model of r1"))
    with pytest.raises(DoorError):
        admit(Promoted("r1", 0, "release"), now(ledger))


def test_an_unknown_release_is_told_with_those_that_are_known(ledger):
    with pytest.raises(DoorError, match="there is no release r9") as error:
        admit(Promoted("r9", 3, "release", 1), now(ledger))
    assert error.value.problem.because == ("known: r1",)


def test_a_rollback_needs_no_new_pass_but_a_former_champion(ledger):
    history = challenger(ledger, judged("model of r2", "r1", "model of r1"))
    admit(Promoted("r1", 3, "rollback"), history)
    with pytest.raises(DoorError, match="it never was champion"):
        admit(Promoted("r2", 3, "rollback"), history)
    with pytest.raises(Conflict):
        admit(Promoted("r1", 0, "rollback"), history)


def test_what_was_rolled_back_comes_back_only_by_a_rollback_or_an_override(ledger):
    second = champion_by_gate(ledger, "r2", "model of r2", "r1", "model of r1")
    (back,) = ledger.append(PIPELINE, Promoted("r1", second.seq, "rollback"))
    with pytest.raises(DoorError, match="r2 was rolled back"):
        admit(Promoted("r2", back.seq, "release", 4), now(ledger))
    admit(Promoted("r2", back.seq, "rollback"), now(ledger))
    admit(Promoted("r2", back.seq, "release", override="it was not r2's fault"), now(ledger))


@pytest.mark.parametrize("reason", ["", " \n"])
def test_an_override_needs_a_reason_and_is_shown_with_the_release(ledger, reason):
    ledger.append(PIPELINE, released("r2", "model of r2"))
    with pytest.raises(DoorError, match="needs a reason"):
        admit(Promoted("r2", 3, "release", override=reason), now(ledger))
    ledger.append(PIPELINE, Promoted("r2", 3, "release", override="the labels were wrong"))
    assert now(ledger).release("r2").marks == ("override: the labels were wrong",)


def test_a_release_with_an_empty_override_is_refused(ledger):
    with pytest.raises(DoorError, match="needs a reason"):
        admit(released("r2", "model of r2", override=" "), now(ledger))


def test_releases_and_runs_are_numbered_without_gaps(ledger):
    for event in (released("r1", "m"), released("r3", "m"), released("first", "m"), run_started(0), run_started(2)):
        with pytest.raises(Conflict):
            admit(event, now(ledger))
    admit(released("r2", "m"), now(ledger))
    admit(run_started(1), now(ledger))


def test_only_what_was_champion_is_deployed(ledger):
    history = challenger(ledger, judged("model of r2", "r1", "model of r1"))
    admit(Deployed("r1", "deploy"), history)
    with pytest.raises(DoorError, match="it never was champion"):
        admit(Deployed("r2", "deploy"), history)


def test_a_run_ends_once(ledger):
    ledger.append(PIPELINE, run_started())
    ledger.append(PIPELINE, run_ended())
    for run in (1, 9):
        with pytest.raises(Conflict, match="has ended already"):
            admit(run_ended(run), now(ledger))


def test_everything_else_may_always_be_recorded():
    for event in (step_ended(), judged("m", "r7", "x")):
        admit(event, History())


def charged(rows, earlier=(), before=0, passes=0, outcome="fail"):
    """A verdict on these rows that counts so many decisions before it."""
    event = judged("model of r2", outcome=outcome)
    charge = Charge(digest(rows), earlier, before, passes)
    return msgspec.structs.replace(event, verdict=msgspec.structs.replace(event.verdict, charge=charge))


def test_a_verdict_that_counts_the_decisions_before_it_is_recorded(ledger):
    (first,) = ledger.append(PIPELINE, charged("rows", outcome="pass"))
    admit(charged("rows", (first.seq,), 1, 1), now(ledger))


def test_a_decision_on_the_same_rows_that_is_not_counted_is_a_conflict(ledger):
    (first,) = ledger.append(PIPELINE, charged("rows"))
    with pytest.raises(Conflict, match="same rows were judged meanwhile") as error:
        admit(charged("rows"), now(ledger))
    assert error.value.problem.because == (f"event {first.seq} decided on them, and was not counted",)


@pytest.mark.parametrize(("before", "passes"), [(0, 0), (1, 0)])
def test_a_verdict_cannot_count_fewer_decisions_or_passes_than_there_were(ledger, before, passes):
    (first,) = ledger.append(PIPELINE, charged("rows", outcome="pass"))
    with pytest.raises(DoorError, match="counts fewer decisions"):
        admit(charged("rows", (first.seq,), before, passes), now(ledger))


def test_other_rows_are_another_count(ledger):
    ledger.append(PIPELINE, charged("rows"))
    admit(charged("other rows"), now(ledger))

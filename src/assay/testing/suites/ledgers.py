"""What every ledger keeps: order, all or nothing, one chain, and the door."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from assay.core.chain import GENESIS, chained
from assay.core.events import Deployed, Judged, Promoted, Released, RunStarted, StepEnded
from assay.core.history import History
from assay.core.ports import Ledger
from assay.core.problem import Conflict, DoorError
from assay.testing.samples import (
    PIPELINE,
    champion_by_gate,
    digest,
    judged,
    one_of_each,
    released,
    run_ended,
    run_started,
    step_ended,
)


class LedgerContract:
    """Override ``open_ledger``: a function that opens the same ledger each time it is called; empty at first."""

    @pytest.fixture
    def open_ledger(self) -> Callable[[], Ledger]:
        """Opens the ledger under test."""
        raise NotImplementedError("override the fixture `open_ledger`")

    @pytest.fixture
    def ledger(self, open_ledger: Callable[[], Ledger]) -> Ledger:
        """The ledger under test."""
        return open_ledger()

    def test_an_empty_ledger_has_no_entries_and_a_sound_chain(self, ledger: Ledger) -> None:
        assert ledger.head() == (0, GENESIS)
        assert list(ledger.entries(PIPELINE)) == []
        assert ledger.verify() is None

    def test_events_come_back_in_order_as_they_were(self, ledger: Ledger, open_ledger: Callable[[], Ledger]) -> None:
        appended = ledger.append(PIPELINE, *one_of_each())
        assert [entry.seq for entry in appended] == [1, 2, 3, 4, 5, 6, 7]
        assert tuple(entry.event for entry in appended) == one_of_each()
        assert tuple(ledger.entries(PIPELINE)) == appended
        assert tuple(open_ledger().entries(PIPELINE)) == appended

    def test_each_entry_is_chained_to_the_one_before(self, ledger: Ledger) -> None:
        entries = [*ledger.append(PIPELINE, *one_of_each()), *ledger.append("other", run_started())]
        assert entries[0].previous == GENESIS
        assert all(later.previous == earlier.digest for earlier, later in pairwise(entries))
        assert entries == [
            chained(entry.seq, entry.at_s, entry.actor, entry.pipeline, entry.event, entry.previous)
            for entry in entries
        ]
        assert ledger.verify() is None

    def test_the_head_is_the_last_entry_whoever_appended_it(
        self, ledger: Ledger, open_ledger: Callable[[], Ledger]
    ) -> None:
        other = open_ledger()
        assert other.head() == (0, GENESIS)
        (entry,) = ledger.append(PIPELINE, run_started(), durable=False)
        assert ledger.head() == other.head() == (entry.seq, entry.digest)

    def test_entries_are_found_by_pipeline_kind_subject_and_number(self, ledger: Ledger) -> None:
        ledger.append(PIPELINE, *one_of_each())
        ledger.append("other", run_started(), step_ended(key=digest("key of train")))

        everywhere = [entry.seq for entry in ledger.entries(None, RunStarted, StepEnded)]
        assert everywhere == [1, 2, 8, 9]
        assert [entry.pipeline for entry in ledger.entries(None, after=7)] == ["other", "other"]

        def found(*kinds: type, **selection: int | str) -> list[int]:
            return [entry.seq for entry in ledger.entries(PIPELINE, *kinds, **selection)]  # type: ignore[arg-type]

        assert found() == [1, 2, 3, 4, 5, 6, 7]
        assert found(after=5) == [6, 7]
        assert found(RunStarted, StepEnded) == [1, 2]
        assert found(RunStarted, StepEnded, after=1) == [2]
        assert found(StepEnded, subject=digest("key of train")) == [2]
        assert found(StepEnded, subject=digest("another key")) == []
        assert found(subject="r1") == [4, 5, 6]
        assert found(subject="r1", after=4) == [5, 6]
        assert [entry.seq for entry in ledger.entries("other")] == [8, 9]
        assert list(ledger.entries("nobody's")) == []

    def test_all_events_of_an_append_are_kept_or_none(self, ledger: Ledger) -> None:
        with pytest.raises(Conflict):
            ledger.append(PIPELINE, run_started(1), step_ended(), run_started(7))
        assert ledger.head() == (0, GENESIS)
        ledger.append(PIPELINE, run_started(1), run_ended(1), run_started(2))
        assert ledger.head()[0] == 3

    def test_an_event_without_a_spelling_is_refused_and_nothing_is_kept(self, ledger: Ledger) -> None:
        nan = run_ended()
        with pytest.raises(ValueError, match="JSON"):
            ledger.append(PIPELINE, run_started(), type(nan)(1, "ok", float("nan")))
        assert ledger.head() == (0, GENESIS)

    def test_an_append_after_a_number_wants_that_to_be_the_last(
        self, ledger: Ledger, open_ledger: Callable[[], Ledger]
    ) -> None:
        ledger.append(PIPELINE, run_started(), after=0)
        open_ledger().append("other", run_started(), after=1)
        with pytest.raises(Conflict):
            ledger.append(PIPELINE, run_ended(), after=1)
        ledger.append(PIPELINE, run_ended(), after=2)
        assert ledger.head()[0] == 3

    def test_appending_while_reading_neither_blocks_nor_shows(self, ledger: Ledger) -> None:
        ledger.append(PIPELINE, run_started(), *(step_ended(f"step {number}") for number in range(1200)))
        seen = 0
        for entry in ledger.entries(PIPELINE, StepEnded):
            seen += 1
            if entry.seq % 400 == 0:
                ledger.append(PIPELINE, step_ended("late"))
        assert seen == 1200
        next(ledger.entries(PIPELINE))
        ledger.append(PIPELINE, run_ended())
        assert ledger.head()[0] == 1205

    def test_many_writers_lose_nothing(self, open_ledger: Callable[[], Ledger]) -> None:
        def write(writer: int) -> None:
            ledger = open_ledger()
            for number in range(20):
                ledger.append(f"pipeline {writer % 2}", step_ended(f"{writer}/{number}"), durable=False)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        ledger = open_ledger()
        kept = [entry for name in ("pipeline 0", "pipeline 1") for entry in ledger.entries(name, StepEnded)]
        steps = [entry.event.result.step for entry in kept if isinstance(entry.event, StepEnded)]
        assert sorted(steps) == sorted(f"{writer}/{number}" for writer in range(8) for number in range(20))
        assert [step for step in steps if step.startswith("3/")] == [f"3/{number}" for number in range(20)]
        assert ledger.head()[0] == 160
        assert ledger.verify() is None

    # The door. What it refuses is tested in full on core/door.py; here, that every ledger asks it in the same transaction.

    def test_runs_are_numbered_without_gaps_and_of_two_that_race_one_starts(
        self, ledger: Ledger, open_ledger: Callable[[], Ledger]
    ) -> None:
        ledger.append(PIPELINE, run_started(1))
        with pytest.raises(Conflict):
            open_ledger().append(PIPELINE, run_started(1))
        ledger.append("other", run_started(1))
        open_ledger().append(PIPELINE, run_started(2))

    def test_a_release_without_a_pass_does_not_become_champion(self, ledger: Ledger) -> None:
        ledger.append(PIPELINE, judged("model of r1", outcome="fail"), judged("another model"))
        for verdict in (1, 2, 3, 99):
            with pytest.raises(DoorError):
                ledger.append(PIPELINE, released("r1", "model of r1", (verdict,)))
        ledger.append(PIPELINE, released("r1", "model of r1"))
        for named in (None, 1, 2, 3, 99):
            with pytest.raises(DoorError):
                ledger.append(PIPELINE, Promoted("r1", 0, "release", named))
        assert list(ledger.entries(PIPELINE, Promoted)) == []
        assert ledger.head()[0] == 3

    def test_a_pass_in_another_pipeline_opens_no_door(self, ledger: Ledger) -> None:
        ledger.append("other", judged("model of r1"))
        with pytest.raises(DoorError):
            ledger.append(PIPELINE, released("r1", "model of r1", (1,)))

    def test_a_pass_against_a_champion_that_is_gone_is_a_conflict(self, ledger: Ledger) -> None:
        champion_by_gate(ledger, "r1", "model of r1")
        ledger.append(PIPELINE, judged("model of r3", "r1", "model of r1"))
        second = champion_by_gate(ledger, "r2", "model of r2", "r1", "model of r1")
        ledger.append(PIPELINE, released("r3", "model of r3", (4,)))
        with pytest.raises(Conflict):
            ledger.append(PIPELINE, Promoted("r3", second.seq, "release", 4))

    def test_of_two_that_race_for_the_champions_place_one_wins(
        self, ledger: Ledger, open_ledger: Callable[[], Ledger]
    ) -> None:
        first = champion_by_gate(ledger, "r1", "model of r1")
        names = [f"r{number}" for number in range(2, 10)]
        for name in names:
            (verdict,) = ledger.append(PIPELINE, judged(f"model of {name}", "r1", "model of r1"))
            ledger.append(PIPELINE, released(name, f"model of {name}", (verdict.seq,)))
        verdicts = {f"r{at}": entry.seq for at, entry in enumerate(ledger.entries(PIPELINE, Judged), start=1)}

        def promote(name: str) -> bool:
            try:
                open_ledger().append(PIPELINE, Promoted(name, first.seq, "release", verdicts[name]))
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(promote, names)) == [False] * 7 + [True]
        assert len(list(ledger.entries(PIPELINE, Promoted))) == 2
        assert ledger.verify() is None

    def test_a_decision_made_before_the_champion_went_and_came_back_is_a_conflict(self, ledger: Ledger) -> None:
        first = champion_by_gate(ledger, "r1", "model of r1")
        (verdict,) = ledger.append(PIPELINE, judged("model of r3", "r1", "model of r1"))
        second = champion_by_gate(ledger, "r2", "model of r2", "r1", "model of r1")
        (back,) = ledger.append(PIPELINE, Promoted("r1", second.seq, "rollback", reason="r2 is worse on Sundays"))
        ledger.append(PIPELINE, released("r3", "model of r3", (verdict.seq,)))
        with pytest.raises(Conflict):
            ledger.append(PIPELINE, Promoted("r3", first.seq, "release", verdict.seq))
        ledger.append(PIPELINE, Promoted("r3", back.seq, "release", verdict.seq))

    def test_an_override_wants_a_reason(self, ledger: Ledger) -> None:
        with pytest.raises(DoorError):
            ledger.append(PIPELINE, released("r1", "model of r1", override="  "))
        ledger.append(PIPELINE, released("r1", "model of r1", override="the gate's data were wrong"))
        with pytest.raises(DoorError):
            ledger.append(PIPELINE, Promoted("r1", 0, "release", override=""))
        ledger.append(PIPELINE, Promoted("r1", 0, "release", override="the gate's data were wrong"))
        assert History.fold(ledger.entries(PIPELINE)).champion == "r1"

    def test_only_past_champions_are_rolled_back_to_or_deployed(self, ledger: Ledger) -> None:
        champion = champion_by_gate(ledger, "r1", "model of r1")
        ledger.append(PIPELINE, released("r2", "model of r2"))
        for event in (
            Promoted("r2", champion.seq, "rollback"),
            Promoted("r3", champion.seq, "rollback"),
            Deployed("r2", "deploy"),
            Deployed("r3", "rollback"),
        ):
            with pytest.raises(DoorError):
                ledger.append(PIPELINE, event)
        ledger.append(PIPELINE, Deployed("r1", "deploy"), Promoted("r1", champion.seq, "rollback"))

    def test_release_names_are_given_once(self, ledger: Ledger, open_ledger: Callable[[], Ledger]) -> None:
        ledger.append(PIPELINE, released("r1", "model of r1"))
        with pytest.raises(Conflict):
            open_ledger().append(PIPELINE, released("r1", "another model"))
        assert [entry.event for entry in ledger.entries(PIPELINE, Released)] == [released("r1", "model of r1")]

"""The ledger's file: when it is made, what it refuses, and what verify finds."""

import sqlite3
from contextlib import closing

import pytest

from assay.adapters.ledgers.sqlite import SqliteLedger
from assay.core.chain import GENESIS
from assay.core.events import Promoted, StepEnded
from assay.core.problem import Conflict, StateError
from assay.testing.memory import ManualClock
from assay.testing.samples import PIPELINE, champion_by_gate, one_of_each, run_ended, run_started, step_ended


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".assay" / "ledger.sqlite"


@pytest.fixture
def clock():
    return ManualClock(1000.0)


@pytest.fixture
def ledger(path, clock):
    return SqliteLedger(path, clock, "ann@laptop")


@pytest.fixture
def kept(ledger):
    """The ledger with a short life in it."""
    ledger.append(PIPELINE, *one_of_each())
    return ledger


def tamper(path, *statements):
    with closing(sqlite3.connect(path)) as database, database:
        for trigger in ("event_is_never_changed", "event_is_never_removed", "event_follows_the_last"):
            database.execute(f"drop trigger if exists {trigger}")
        for statement in statements:
            database.execute(statement)


def test_the_file_is_made_at_the_first_append(path, ledger):
    assert ledger.head() == (0, GENESIS)
    assert ledger.verify() is None
    assert list(ledger.entries(PIPELINE)) == []
    assert not path.parent.exists()
    with pytest.raises(Conflict):
        ledger.append(PIPELINE, run_started(2))
    ledger.append(PIPELINE, run_started())
    assert sorted(found.name for found in path.parent.iterdir() if not found.name.endswith(("-wal", "-shm"))) == [
        path.name
    ]


def test_entries_carry_the_clocks_time_and_the_actor(ledger, clock):
    ledger.append(PIPELINE, run_started())
    clock.sleep(2.5)
    ledger.append(PIPELINE, run_ended())
    assert [(entry.at_s, entry.actor) for entry in ledger.entries(PIPELINE)] == [
        (1000.0, "ann@laptop"),
        (1002.5, "ann@laptop"),
    ]


def test_a_clock_that_counts_whole_seconds_chains_as_well(path):
    ledger = SqliteLedger(path, lambda: 5, "ann@laptop")
    (entry,) = ledger.append(PIPELINE, run_started())
    assert list(ledger.entries(PIPELINE)) == [entry]
    assert ledger.verify() is None


@pytest.mark.parametrize(
    "statement",
    [
        "update event set actor = 'eve' where seq = 2",
        "delete from event where seq = 7",
        "insert into event select 9, at_s, actor, pipeline, kind, subject, event, previous, digest from event where seq = 1",
        "insert or replace into event select 2, at_s, actor, pipeline, kind, subject, event, previous, digest from event where seq = 1",
    ],
)
def test_the_table_is_append_only_for_other_programs_too(path, kept, statement):
    with closing(sqlite3.connect(path)) as database, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(statement)
    assert kept.verify() is None


@pytest.mark.parametrize(
    "statement, fault",
    [
        ("update event set actor = 'eve' where seq = 2", "event 2 was altered"),
        ("update event set at_s = at_s + 1 where seq = 5", "event 5 was altered"),
        ("update event set pipeline = 'x' where seq = 7", "event 7 was altered"),
        (
            "update event set event = cast(replace(cast(event as text), 'r1', 'r2') as blob) where seq = 5",
            "event 5 was altered",
        ),
        ("delete from event where seq = 1", "event 1 is missing"),
        ("delete from event where seq = 4", "event 4 is missing"),
        ("update event set digest = previous where seq = 3", "event 3 was altered"),
        ("update event set previous = digest where seq = 3", "event 3 does not follow event 2"),
        ("update event set kind = 'checked' where seq = 5", "event 5 was altered: it is filed as checked 'r1'"),
        ("update event set subject = 'r2' where seq = 5", "event 5 was altered: it is filed as promoted 'r2'"),
    ],
)
def test_verify_finds_what_was_tampered_with(path, kept, statement, fault):
    tamper(path, statement)
    assert kept.verify() == fault


def test_verify_finds_pages_that_were_damaged(path, kept):
    kept.append(PIPELINE, *(step_ended(f"step {number}") for number in range(200)))
    tamper(path, "create table x (y)")
    del kept
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    data = bytearray(path.read_bytes())
    data[20_000:40_000] = bytes(20_000)
    path.write_bytes(bytes(data))
    assert "damaged" in SqliteLedger(path, ManualClock(), "ann@laptop").verify()


def test_a_file_that_is_not_sqlite_is_told(path, ledger):
    path.parent.mkdir()
    for content in (b"", b"not a database at all" * 100):
        path.write_bytes(content)
        for touch in (
            ledger.head,
            lambda: ledger.append(PIPELINE, run_started()),
            lambda: list(ledger.entries(PIPELINE)),
        ):
            with pytest.raises(StateError, match="is damaged") as error:
                touch()
            assert error.value.problem.code == "state-damaged"
            assert str(path) in error.value.problem.what
        assert path.read_bytes() == content


def test_somebody_elses_database_is_no_ledger(path, ledger):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table event (seq integer)")
    with pytest.raises(StateError, match="no such table: meta") as error:
        ledger.append(PIPELINE, run_started())
    assert error.value.problem.code == "state-damaged"


def test_a_ledger_of_a_newer_assay_is_left_alone(path, kept):
    tamper(path, "update meta set value = '2'")
    newer = SqliteLedger(path, ManualClock(), "ann@laptop")
    for touch in (newer.head, lambda: newer.append(PIPELINE, run_started(2)), newer.verify):
        with pytest.raises(StateError) as error:
            touch()
        assert error.value.problem.code == "state-newer"
        assert error.value.problem.what == f"{path} was written by a newer Assay (format 2; this one knows 1)"
        assert error.value.problem.fix.startswith("upgrade Assay")


def test_a_kind_from_the_future_is_passed_over_but_chained(path, kept):
    """A newer Assay of the same format may know more kinds: their place in the chain can be checked all the same."""
    tamper(
        path,
        "update event set kind = 'from-the-future', subject = 'x', event = cast('{\"type\":\"from-the-future\"}' as blob) where seq = 7",
    )
    assert [entry.seq for entry in kept.entries(PIPELINE)] == [1, 2, 3, 4, 5, 6]
    kept.append(PIPELINE, step_ended())
    assert kept.verify() == "event 7 was altered"


def test_an_event_that_cannot_be_read_is_told_by_number(path, kept):
    tamper(path, "update event set event = cast('{' as blob) where seq = 2")
    with pytest.raises(StateError, match="event 2 cannot be read"):
        list(kept.entries(PIPELINE, StepEnded))


def test_a_ledger_that_was_removed_or_put_back_is_seen(path, kept):
    backup = path.parent / "backup"
    with closing(sqlite3.connect(path)) as database, closing(sqlite3.connect(backup)) as copy:
        database.backup(copy)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    assert kept.head() == (0, GENESIS)
    kept.append(PIPELINE, run_started(1))
    assert kept.head()[0] == 1
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    backup.rename(path)
    assert kept.head()[0] == 7
    kept.append(PIPELINE, run_started(2))
    assert kept.verify() is None


def test_what_a_refused_append_had_folded_is_forgotten(kept):
    with pytest.raises(Conflict):
        kept.append(PIPELINE, run_started(2), run_ended(2), run_started(2))
    kept.append(PIPELINE, run_started(2))
    assert kept.head()[0] == 8


def test_the_door_knows_what_others_appended_meanwhile(path, ledger):
    other = SqliteLedger(path, ManualClock(), "bob@ci")
    first = champion_by_gate(ledger, "r1", "model of r1")
    second = champion_by_gate(other, "r2", "model of r2", "r1", "model of r1")
    with pytest.raises(Conflict):
        ledger.append(PIPELINE, Promoted("r1", first.seq, "rollback"))
    ledger.append(PIPELINE, Promoted("r1", second.seq, "rollback"))


def test_a_folder_stands_where_the_ledger_should(path, ledger):
    path.mkdir(parents=True)
    with pytest.raises(StateError) as error:
        ledger.append(PIPELINE, run_started())
    assert str(path) in error.value.problem.what

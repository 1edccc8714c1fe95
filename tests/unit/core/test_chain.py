"""The chain shows every change to what was recorded."""

import msgspec
import pytest

from assay.core.chain import GENESIS, broken_link, chained, event_bytes
from assay.core.events import decode_event
from assay.testing.samples import digest, one_of_each, run_started

EVENTS = one_of_each()


def chain():
    rows, previous = [], GENESIS
    for seq, event in enumerate(EVENTS, start=1):
        entry = chained(seq, 1.7e9 + seq, "ann@laptop", "delays", event, previous)
        rows.append((seq, entry.at_s, entry.actor, entry.pipeline, event_bytes(event), previous, entry.digest))
        previous = entry.digest
    return rows


def test_an_unbroken_chain_has_nothing_wrong():
    assert broken_link([]) is None
    assert broken_link(chain()) is None


def test_a_chain_cut_at_its_end_looks_whole():
    """A chain alone cannot show this: that is why a release's record names the head."""
    assert broken_link(chain()[:-1]) is None


@pytest.mark.parametrize(
    "column, value", [(1, 0.0), (2, "eve@laptop"), (3, "arrivals"), (4, event_bytes(run_started(9)))]
)
def test_every_column_is_bound(column, value):
    rows = chain()
    rows[2] = (*rows[2][:column], value, *rows[2][column + 1 :])
    assert broken_link(rows) == "event 3 was altered"


def test_an_entry_that_is_taken_out_is_missed():
    assert broken_link(chain()[1:]) == "event 1 is missing"
    assert broken_link(chain()[:3] + chain()[4:]) == "event 4 is missing"


def test_entries_that_change_places_are_seen():
    rows = chain()
    assert broken_link([rows[0], rows[2], rows[1], *rows[3:]]) == "event 2 is missing"
    renumbered = [rows[0], (2, *rows[2][1:]), (3, *rows[1][1:]), *rows[3:]]
    assert broken_link(renumbered) == "event 2 does not follow event 1"


def test_an_entry_rechained_by_a_forger_no_longer_carries_those_after_it():
    rows = chain()
    forged = chained(3, rows[2][1], "ann@laptop", "delays", run_started(9), rows[2][5])
    rows[2] = (3, forged.at_s, forged.actor, forged.pipeline, event_bytes(forged.event), forged.previous, forged.digest)
    assert broken_link(rows) == "event 4 does not follow event 3"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_reads_back_from_its_bytes(event):
    assert decode_event(event_bytes(event)) == event


def test_bytes_of_an_unknown_kind_are_no_event():
    with pytest.raises(msgspec.ValidationError):
        decode_event(b'{"type":"from-the-future"}')


def test_text_cannot_move_from_one_column_into_the_next():
    one = chained(1, 0.0, "ann", "x", run_started(), GENESIS)
    other = chained(1, 0.0, "an", "nx", run_started(), GENESIS)
    assert one.digest != other.digest
    assert chained(1, 0.0, "ann", "x", run_started(), digest("y")).digest != one.digest

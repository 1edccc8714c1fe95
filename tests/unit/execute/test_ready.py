"""What may start: in file order, when nothing is waited for any more, and never after what it cannot do without has failed."""

import graphlib

from hypothesis import given
from hypothesis import strategies as st

from assay.execute.ready import ReadyQueue

CHAIN = {"a": (), "b": ("a",), "c": ("b",), "d": ()}


def queue(waits=CHAIN, steps=None, held_by=None):
    return ReadyQueue(steps or waits, waits, held_by or waits)


def everything(_):
    return True


def test_what_waits_for_nothing_comes_first_in_file_order():
    found = queue()
    assert [found.take_first(everything), found.take_first(everything), found.take_first(everything)] == [
        "a",
        "d",
        None,
    ]
    assert not found.is_empty


def test_what_ended_well_lets_its_followers_start():
    found = queue()
    found.take_first(everything)
    found.ended_well("a")
    assert [found.take_first(everything), found.take_first(everything)] == ["b", "d"]


def test_what_was_not_given_counts_as_done():
    found = queue(steps=("b", "c"))
    assert found.take_first(everything) == "b"


def test_a_failure_holds_all_that_waits_for_it_and_nothing_else():
    found = queue()
    found.take_first(everything)
    assert found.ended_badly("a") == ("b", "c")
    assert found.take_first(everything) == "d"
    assert found.is_empty


def test_a_failure_passes_only_along_what_cannot_be_done_without():
    found = queue(held_by={"a": (), "b": (), "c": ("b",), "d": ()})
    found.take_first(everything)
    assert found.ended_badly("a") == ()
    assert found.take_first(everything) == "b"


def test_what_does_not_fit_lets_others_pass_and_stays():
    found = queue()
    assert found.take_first(lambda step: step != "a") == "d"
    assert found.take_first(lambda step: step != "a") is None
    assert found.take_first(everything) == "a"


@given(st.data())
def test_any_order_of_ends_runs_every_step_once_and_after_what_it_waits_for(data):
    names = [f"s{at}" for at in range(data.draw(st.integers(1, 12)))]
    waits = {
        name: tuple(sorted(data.draw(st.sets(st.sampled_from(names[:at] or [name]))) - {name}))
        for at, name in enumerate(names)
    }
    found, running, done = queue(waits), [], []
    while not found.is_empty or running:
        step = found.take_first(everything)
        if step is not None and data.draw(st.booleans()) | (not running):
            running.append(step)
            continue
        if step is not None:
            running.append(step)
        ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
        assert set(waits[ended]) <= set(done)
        done.append(ended)
        found.ended_well(ended)
    assert sorted(done) == sorted(names)
    assert list(graphlib.TopologicalSorter(waits).static_order())

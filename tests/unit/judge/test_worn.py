"""Rows remember what they were asked, whatever file, order or company they come in."""

import math

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.core.wear import Wear
from assay.judge import (
    AskedRows,
    Decision,
    Seen,
    content_keys,
    packed,
    parts_by_age,
    row_keys,
    smallest_shown,
    unpacked,
    value_keys,
    wear_of_rows,
)


def keys(*ids):
    return row_keys({"id": np.array(ids)}, ["id"])


def known(seq, rows, decisions=1, passes=0):
    return Decision(seq, decisions, passes, Seen(unpacked(packed(rows))))


def wear(rows, decisions):
    return wear_of_rows(AskedRows(rows), decisions)


def test_one_shared_row_inherits_every_decision():
    worn = wear(keys(1, 2, 3), [known(4, keys(3, 9), 2, 1), known(7, keys(8, 9)), known(9, keys(1))])
    assert (worn.earlier, worn.decisions, worn.passes) == ((4, 9), 3, 1)
    assert worn.fresh.tolist() == [False, True, False]


def test_taking_a_row_out_resets_nothing():
    whole = keys(*range(100))
    assert wear(whole[1:], [known(1, whole)]).decisions == 1


def test_a_decision_whose_rows_are_lost_has_seen_every_row():
    worn = wear(keys(1, 2), [Decision(5, 1, 0, None)])
    assert worn.earlier == (5,)
    assert not worn.fresh.any()


def test_rows_that_nobody_asked_are_fresh():
    worn = wear(keys(1, 2), [])
    assert (worn.earlier, worn.decisions, worn.fresh.all()) == ((), 0, True)


def gate(*require, **more):
    return GateAction("gate.csv", tuple(map(parse_sentence, require)), **more)


EXACT, BY_T = gate("accuracy > champion.accuracy"), gate("mae < champion.mae")


@pytest.mark.parametrize(
    ("fresh", "rows", "wear", "expected"), [(900, 1000, Wear(1), True), (500, 1000, Wear(2), False)]
)
def test_fresh_rows_are_asked_alone_where_they_show_more(fresh, rows, wear, expected):
    assert (smallest_shown(EXACT, fresh, Wear()) < smallest_shown(EXACT, rows, wear)) is expected


def test_a_long_history_makes_few_fresh_rows_worth_more_than_many_old_ones():
    assert smallest_shown(EXACT, 500, Wear()) < smallest_shown(EXACT, 1000, Wear(200, 40))


def test_rows_that_have_nothing_left_show_nothing():
    assert smallest_shown(EXACT, 10_000, Wear(3000, 1500)) == math.inf


def test_what_only_a_t_test_tells_is_shown_by_no_rows_that_have_too_little_left_for_one():
    assert smallest_shown(BY_T, 10_000, Wear(5, 2)) == math.inf
    assert smallest_shown(BY_T, 29, Wear()) == math.inf
    assert smallest_shown(BY_T, 30, Wear()) < math.inf
    assert smallest_shown(gate("mae < champion.mae", "accuracy > 0.8"), 10_000, Wear(5, 2)) == math.inf
    assert smallest_shown(gate("no mae > champion.mae"), 10_000, Wear(5, 2)) < math.inf
    assert smallest_shown(gate("accuracy > champion.accuracy", group="who"), 10_000, Wear(5, 2)) == math.inf


def test_each_part_is_what_older_decisions_have_not_seen_with_what_it_has_been_through():
    first, second, third = keys(*range(100)), keys(*range(100, 300)), keys(*range(300, 350))
    both = np.concatenate([first, second])
    parts = parts_by_age(
        AskedRows(np.concatenate([both, third])), [known(4, first, 1, 1), known(6, first), known(9, both)]
    )
    assert [int(part.which.sum()) for part in parts] == [350, 250, 50]
    assert [(part.earlier, part.decisions, part.passes) for part in parts] == [
        ((4, 6, 9), 3, 1),
        ((9,), 1, 0),
        ((), 0, 0),
    ]
    assert all((part.fresh == parts[-1].which).all() for part in parts)


def test_where_nothing_is_left_that_older_decisions_have_not_seen_there_is_no_part():
    rows = keys(*range(100))
    (part,) = parts_by_age(AskedRows(rows), [known(4, rows), known(6, rows[:50])])
    assert (part.decisions, part.which.all(), part.fresh.any()) == (2, True, False)


def test_decisions_that_told_more_than_their_verdict_are_counted_apart():
    worn = wear(keys(1, 2), [Decision(3, 2, 0, Seen(keys(1)), is_open=True), known(4, keys(2))])
    assert (worn.decisions, worn.open) == (3, 2)


# ---- contents: who numbers rows anew makes no others of them ---------------------------------------------------------------


FEATURES = ("km", "kind")


def drawn(rng, count, kinds=None):
    """Rows with features of their own, or of so many kinds."""
    km = rng.normal(size=count) if kinds is None else rng.integers(0, kinds, count)
    return {"km": km, "kind": rng.choice(np.array(["a", "b"], object), count)}


def asked(columns, first=0, **more):
    """The rows under ids from ``first`` on."""
    count = len(columns["km"])
    contents = content_keys(columns, FEATURES)
    return AskedRows(keys(*range(first, first + count)), columns, FEATURES, contents, **more)


def decided(rows, seq=1):
    """A decision on all of them."""
    everything = np.ones(len(rows.keys), bool)
    return Decision(seq, 1, 0, Seen(unpacked(packed(rows.keys)), rows.marks(everything)))


def some(columns, which):
    return {name: values[which] for name, values in columns.items()}


@pytest.mark.parametrize("kinds", [None, 300, 40, 5])
def test_the_same_rows_under_new_ids_inherit_however_many_of_them_are_alike(kinds):
    old = drawn(np.random.default_rng(1), 400, kinds)
    worn = wear_of_rows(asked(old, first=9000), [decided(asked(old))])
    assert worn.decisions == 1
    assert not worn.fresh.any()


@pytest.mark.parametrize("kinds", [None, 300, 40])
@pytest.mark.parametrize("kept", [399, 200])
def test_leaving_rows_out_as_well_resets_nothing(kinds, kept):
    old = drawn(np.random.default_rng(2), 400, kinds)
    part = some(old, np.random.default_rng(3).permutation(400)[:kept])
    assert wear_of_rows(asked(part, first=9000), [decided(asked(old))]).decisions == 1


def test_of_rows_with_contents_of_their_own_those_that_came_again_are_seen_and_the_others_fresh():
    rng = np.random.default_rng(4)
    old, new = drawn(rng, 100), drawn(rng, 300)
    both = {name: np.concatenate((old[name], new[name])) for name in old}
    worn = wear_of_rows(asked(both, first=9000), [decided(asked(old))])
    assert worn.decisions == 1
    assert worn.fresh.tolist() == [False] * 100 + [True] * 300


@pytest.mark.parametrize("kinds", [None, 300, 40, 5, 2])
def test_fresh_rows_that_are_alike_by_chance_are_fresh(kinds):
    rng = np.random.default_rng(5)
    old = asked(drawn(rng, 400, kinds))
    seen = [wear_of_rows(asked(drawn(rng, 250, kinds), first=9000), [decided(old)]).decisions for _ in range(300)]
    assert sum(seen) <= 5


def test_rows_that_are_known_by_their_names_do_not_make_fresh_ones_beside_them_look_alike():
    rng = np.random.default_rng(6)
    old, new = drawn(rng, 400, 40), drawn(rng, 400, 40)
    both = {name: np.concatenate((old[name], new[name])) for name in old}
    assert wear_of_rows(asked(both), [decided(asked(old))]).fresh.sum() == 400


def test_fresh_rows_beside_renamed_ones_are_fresh_once_the_new_names_are_known():
    rng = np.random.default_rng(9)
    old, new = drawn(rng, 400, 40), drawn(rng, 400, 40)
    history = [decided(asked(old)), decided(asked(old, first=9000), seq=2)]
    both = {name: np.concatenate((old[name], new[name])) for name in old}
    worn = wear_of_rows(asked(both, first=9000), history)
    assert worn.decisions == 2
    assert worn.fresh.sum() == 400


def test_two_copies_of_each_row_under_new_names_are_both_seen():
    old = drawn(np.random.default_rng(10), 400, 40)
    twice = {name: np.concatenate((values, values)) for name, values in old.items()}
    assert not wear_of_rows(asked(twice, first=9000), [decided(asked(old))]).fresh.any()


def test_a_column_more_makes_no_other_rows_but_a_column_less_does():
    old = drawn(np.random.default_rng(7), 100)
    more = old | {"noise": np.arange(100)}
    wider = AskedRows(keys(*range(9000, 9100)), more, (*FEATURES, "noise"), content_keys(more, [*FEATURES, "noise"]))
    assert wear_of_rows(wider, [decided(asked(old))]).decisions == 1
    narrow = {"km": old["km"]}
    narrower = AskedRows(keys(*range(9000, 9100)), narrow, ("km",), content_keys(narrow, ["km"]))
    assert wear_of_rows(narrower, [decided(asked(old))]).decisions == 0


def test_a_ledger_from_before_contents_were_kept_still_counts_by_names():
    old = asked(drawn(np.random.default_rng(8), 100))
    before = Decision(1, 1, 0, Seen(old.keys))
    assert wear_of_rows(old, [before]).decisions == 1
    assert wear_of_rows(asked(old.columns, first=9000), [before]).decisions == 0


# ---- groups and days -------------------------------------------------------------------------------------------------------


def of_customers(*customers, first=0, by="customer"):
    count = len(customers)
    rng = np.random.default_rng(first)
    return asked(drawn(rng, count), first, clusters=value_keys(np.array(customers)), clustered_by=by)


def test_new_rows_of_a_customer_that_was_asked_about_are_not_fresh():
    worn = wear_of_rows(of_customers(1, 2, 3, 3, first=50), [decided(of_customers(3, 4))])
    assert worn.decisions == 1
    assert worn.fresh.tolist() == [True, True, False, False]


def test_groups_of_another_column_are_other_groups():
    assert wear_of_rows(of_customers(3, 4, first=50, by="shop"), [decided(of_customers(3, 4))]).decisions == 0


def test_of_a_decision_that_knew_no_groups_the_rows_that_came_again_tell_them():
    before = Decision(1, 1, 0, Seen(keys(50)))
    assert wear_of_rows(of_customers(7, 7, 8, first=50), [before]).fresh.tolist() == [False, False, True]


def test_rows_that_go_together_are_one_piece_of_evidence():
    rows = of_customers(1, 1, 1, 2)
    assert rows.units(np.ones(4, bool)) == 2
    assert asked(rows.columns).units(np.ones(4, bool)) == 4

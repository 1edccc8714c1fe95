"""References: a name and the way from there."""

import pytest

from assay.core.reference import (
    UNKNOWN,
    Reference,
    ReferenceMistake,
    find,
    find_below,
    is_recordable,
    parse_reference,
    path_of,
    spell,
)

ROOTS = {"params": {"train": {"rate": 0.1, "layers": [64, {"units": 8}]}, "empty": None}, "matrix": {"model": "lgbm"}}


def found(text: str) -> object:
    reference = parse_reference(text)
    assert reference is not None
    return find(reference, ROOTS)


def mistake(text: str) -> ReferenceMistake:
    with pytest.raises(ReferenceMistake) as caught:
        found(text)
    return caught.value


def test_a_reference_is_a_name_and_a_way() -> None:
    assert parse_reference("params.train.layers[0]") == Reference(
        "params", ("train", "layers", 0), "params.train.layers[0]"
    )


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", "a b", "a:-b", "a[", "a[x]", "0a", "a.b ", "[0]", "a[-1]"])
def test_what_is_spelt_otherwise_is_none(text: str) -> None:
    assert parse_reference(text) is None


def test_values_are_found_in_keys_and_lists() -> None:
    assert found("params.train.rate") == 0.1
    assert found("params.train.layers[1].units") == 8
    assert found("matrix.model") == "lgbm"
    assert found("params.empty") is None


@pytest.mark.parametrize(
    "text, near",
    [
        ("params.trian.rate", "params.train.rate"),
        ("params.train.layer[1].units", "params.train.layers[1].units"),
        ("metrix.model", "matrix.model"),
        ("params.zzz", ""),
    ],
)
def test_the_near_miss_is_the_whole_reference(text: str, near: str) -> None:
    assert mistake(text).near == near


@pytest.mark.parametrize(
    "text, what",
    [
        ("params.train.layers[2]", "`params.train.layers` has 2 values, and [2] is none of them"),
        ("params.train[0]", "`params.train` is keys with values: it has no `[0]`"),
        ("params.train.layers.a", "`params.train.layers` is a list: it has no `a`"),
        ("matrix.model.a", "`matrix.model` is a single value: it has no `a`"),
    ],
)
def test_a_way_that_leads_nowhere_says_where_it_ends(text: str, what: str) -> None:
    assert mistake(text).what == what


def test_what_is_hidden_by_another_mistake_has_everything() -> None:
    assert find_below(UNKNOWN, ("a", 0), "matrix") is UNKNOWN


def test_a_way_is_spelt_as_it_was_written() -> None:
    assert spell(path_of("a.b-c[0][1].d")) == "a.b-c[0][1].d"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64, [1, {"a": -(2**70)}]])
def test_some_numbers_cannot_be_recorded(value: object) -> None:
    assert not is_recordable(value)


def test_everything_else_can() -> None:
    assert is_recordable({"a": [1, 2.5, "x", True, None]})

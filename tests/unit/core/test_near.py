import pytest

from assay.core.near import near_miss


def test_a_slip_of_the_pen_finds_the_word() -> None:
    assert near_miss("rnu", ["run", "check", "gate"]) == "run"


def test_upper_and_lower_case_count_alike() -> None:
    assert near_miss("train model", ["Train Model"]) == "Train Model"


def test_a_word_far_from_all_finds_none() -> None:
    assert near_miss("banana", ["run", "check"]) is None


@pytest.mark.parametrize(
    ("word", "known"), [("zone", "joined"), ("Queens", "fares"), ("tip", "trip_id"), ("late", "plane"), ("id", "day")]
)
def test_a_word_with_some_letters_in_common_is_not_near(word: str, known: str) -> None:
    assert near_miss(word, [known]) is None


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("carier", "carrier"),
        ("hours", "hour"),
        ("carier_name", "carrier_names"),
        ("tpi", "tip"),
        ("dep_dely", "dep_delay"),
    ],
)
def test_slips_are_near(word: str, known: str) -> None:
    assert near_miss(word, ["joined", known]) == known


def test_the_second_nearest_is_meant_where_the_first_has_only_letters_in_common() -> None:
    assert near_miss("rnu", ["unrun", "run"]) == "run"

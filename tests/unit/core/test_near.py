from assay.core.near import near_miss


def test_a_slip_of_the_pen_finds_the_word() -> None:
    assert near_miss("rnu", ["run", "check", "gate"]) == "run"


def test_upper_and_lower_case_count_alike() -> None:
    assert near_miss("train model", ["Train Model"]) == "Train Model"


def test_a_word_far_from_all_finds_none() -> None:
    assert near_miss("banana", ["run", "check"]) is None

import pytest

from assay.core.expected import what_to_write


@pytest.mark.parametrize(
    "expected, fix",
    [
        ("a metric; did you mean mae?", "write mae"),
        ("a metric: mae, rmse or r2", "write a metric"),
        ("the end, or a level such as at 99%", 'take out "and mae < 3"'),
        ("one of > >= < <=", "write one of > >= < <="),
    ],
)
def test_what_was_expected_says_what_to_write(expected: str, fix: str) -> None:
    assert what_to_write(expected, "and mae < 3") == fix

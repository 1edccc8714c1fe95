"""Equal values have one spelling, and what has none is refused."""

import msgspec
import pytest

from assay.core.canonical import canonical_bytes, value_digest
from assay.core.digest import digest_of


class Point(msgspec.Struct, frozen=True):
    y: float
    x: int
    name: str | None = None


@pytest.mark.parametrize(
    "value, spelling",
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        (Point(0.1, 2), '{"name":null,"x":2,"y":0.1}'),
        ((Point(1e-7, 2), 1e22), '[{"name":null,"x":2,"y":1e-07},1e+22]'),
        ("\N{SNOWMAN}\n", '"\N{SNOWMAN}\\n"'),
        ({1: "a"}, '{"1":"a"}'),
    ],
)
def test_a_value_is_spelled_as_sorted_json_without_spaces(value, spelling):
    assert canonical_bytes(value) == spelling.encode()
    assert value_digest(value) == digest_of(spelling.encode())


def test_the_order_in_which_a_dict_was_made_does_not_matter():
    assert value_digest({"a": 1, "b": {"c": 2, "d": 3}}) == value_digest({"b": {"d": 3, "c": 2}, "a": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"loss": -float("inf")}, Point(float("nan"), 1)])
def test_numbers_without_a_spelling_are_refused(value):
    with pytest.raises(ValueError, match="JSON"):
        canonical_bytes(value)

"""A line is written anew where its rule has changed, and stays in its author's words everywhere else."""

from typing import Any

import pytest
from msgspec.structs import replace

from assay.core.rules import Bounds, ColumnRule, QuantileBounds, parse_column
from assay.core.rules.respelling import respelt


@pytest.mark.parametrize(
    ("line", "changes", "becomes"),
    [
        ("float 0..5 p95 <= 36,warn", {"bounds": Bounds(0, 7)}, "float 0..7 p95 <= 36,warn"),
        ("float  p95 <= 36", {"quantiles": (QuantileBounds(0.95, Bounds(None, 40)),)}, "float  p95 <= 40"),
        ("int median 3..9", {"quantiles": (QuantileBounds(0.5, Bounds(3, 12)),)}, "int median 3..12"),
        ("int > 0 < 5, unique", {"bounds": Bounds(0, 9)}, "int >= 0 <= 9, unique"),
        ("str in ['EWR',JFK], len 3", {"one_of": ("EWR", "JFK", "LGA")}, "str in [EWR, JFK, LGA], len 3"),
        ("float mean > 5 < 20", {"mean": Bounds(5, 30, low_open=True)}, "float mean > 5 <= 30"),
        ("int", {"nullable": True, "max_null_share": 0.1}, "int?, nulls <= 10%"),
        ("int? nulls <= 5%, warn", {"max_null_share": 0.1}, "int? nulls <= 10%, warn"),
        (
            "int 0.., allow 1 row, warn",
            {"nullable": True, "max_null_share": 0.1},
            "int? 0.., nulls <= 10%, allow 1 row, warn",
        ),
    ],
)
def test_only_the_clause_that_changed_is_written_anew(line: str, changes: dict[str, Any], becomes: str) -> None:
    changed = replace(parse_column("c", line), **changes)
    assert respelt(changed) == becomes
    assert replace(parse_column("c", becomes), text=line) == changed


def test_what_cannot_be_kept_is_spelt_whole() -> None:
    changed = replace(parse_column("c", "int 0..5"), is_unique=True)
    assert respelt(changed) == "int 0..5, unique"
    assert respelt(ColumnRule("c", "int", bounds=Bounds(0, 5))) == "int 0..5"
    assert respelt(ColumnRule("c", "int", bounds=Bounds(0, 2**70))) is None
    assert respelt(ColumnRule("c", "float", bounds=Bounds(0.0, 1.3e308))) == "float 0.0..1.3e+308"

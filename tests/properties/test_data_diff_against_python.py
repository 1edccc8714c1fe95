"""What a diff by key says of two random tables is what dicts in Python say, also where one is a CSV and the other Parquet."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_frames import Frame, write

from assay.flows.data_diff import diff

TYPES = {"id": "BIGINT", "n": "BIGINT", "x": "DOUBLE", "t": "VARCHAR", "b": "BOOLEAN"}
ROW = st.tuples(
    st.none() | st.integers(-3, 40),
    st.none() | st.integers(0, 3),
    st.none() | st.sampled_from([1.0, 2.0, 2.5, 1e20]),
    st.none() | st.sampled_from(["EWR", "a,b", "ü", "'"]),
    st.none() | st.booleans(),
)
TABLE = st.lists(ROW, max_size=25, unique_by=lambda row: row[0])


def frame(rows: list[tuple[Any, ...]]) -> Frame:
    return Frame({name: [row[at] for row in rows] for at, name in enumerate(TYPES)}, TYPES)


@pytest.mark.parametrize(("before", "after"), [("a.parquet", "b.parquet"), ("a.csv", "b.parquet"), ("a.csv", "b.csv")])
def test_rows_by_key_are_those_of_dicts(before: str, after: str, tmp_path: Path) -> None:
    @given(TABLE, TABLE, st.data())
    @settings(max_examples=12, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    def holds(one: list[Any], other: list[Any], data: st.DataObject) -> None:
        kept = data.draw(st.lists(st.sampled_from(one), unique_by=lambda row: row[0])) if one else []
        known = {row[0] for row in kept}
        other = kept + [row for row in other if row[0] not in known]
        write(frame(one), tmp_path / before)
        write(frame(other), tmp_path / after)
        found = diff(tmp_path, {}, before, after, ["id"])
        left, right = {row[0]: row for row in one}, {row[0]: row for row in other}
        changed = [key for key in left.keys() & right.keys() if left[key] != right[key]]
        assert found.by_key is not None
        assert (found.by_key.added, found.by_key.removed) == (len(right.keys() - left), len(left.keys() - right))
        assert found.by_key.changed == len(changed)
        assert {each.name: each.rows for each in found.by_key.columns} == {
            name: number
            for at, name in enumerate(TYPES)
            if (number := sum(left[key][at] != right[key][at] for key in changed))
        }
        assert [row["id"] for row in found.by_key.first_added] == in_order(right.keys() - left)
        assert [row["id"] for row in found.by_key.first_removed] == in_order(left.keys() - right)
        assert [row.key["id"] for row in found.by_key.first_changed] == in_order(changed)
        assert found.is_equal == (left == right)
        assert diff(tmp_path, {}, before, after).is_equal == (left == right)

    holds()


def in_order(keys: Any) -> list[Any]:
    return sorted(keys, key=lambda key: (key is None, key))[:10]

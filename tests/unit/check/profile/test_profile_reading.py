"""What is read without sqlglot is read as sqlglot would write it."""

import pytest

from assay.check.compile.cells import cell
from assay.check.compile.tree import sql
from assay.check.profile.reading import reading, types_of
from assay.core.dataset import DataColumn

HELD = ("int", "float", "text", "bool", "date", "time")


@pytest.mark.parametrize("held", HELD)
def test_a_column_of_its_own_type_is_read_as_rules_read_it(held):
    column = DataColumn("x", "-", held, "c7")
    (type_,) = types_of(column)
    found, rule = reading(column, type_, "duckdb"), cell(type_, column, "duckdb")
    assert found.value == sql(rule.value, "duckdb")
    assert found.null == sql(rule.null, "duckdb")

"""The program that the user's own Python runs: what it tells of schemas, of a small stand-in for pandera, and of mistakes.

What it told of real pandera is kept in fixtures/pandera-*-program.json.
"""

import json
import subprocess
import sys

import pytest

from assay.check.suites import PANDERA_PROGRAM, read_suite

PANDERA = """
__version__ = "0.99"
class Check:
    @classmethod
    def greater_than(cls, value): ...
    def __init__(self, name, statistics=None, **keys):
        self.name, self.statistics = name, statistics or {}
        self.__dict__.update(keys)
class Column:
    def __init__(self, dtype=None, checks=(), **keys):
        self.dtype, self.checks, self.nullable = dtype, list(checks), False
        self.__dict__.update(keys)
class DataFrameSchema:
    def __init__(self, columns, checks=(), strict=False, **keys):
        self.columns, self.checks, self.strict = columns, list(checks), strict
        self.__dict__.update(keys)
    def validate(self, frame): ...
class DataFrameModel:
    @classmethod
    def to_schema(cls): return DataFrameSchema({"x": Column("int64")}, strict=True)
"""
SCHEMAS = """
import json  # the standard library, though a file of that name stands in our folder
import datetime, decimal
from pandera import Check, Column, DataFrameModel, DataFrameSchema
print("loading")
over = Check("greater_than", {"min_value": datetime.datetime(2013, 1, 1, 5)})
own = Check("is_even", {"of": {2, 1}, "infinite": float("inf"), "d": decimal.Decimal("1.5")})
flights = DataFrameSchema({"x": Column("int64", [Check("greater_than", {"min_value": 5}), own]), ("a", 1): Column(None, [over])})
class Weather(DataFrameModel): pass
"""


@pytest.fixture
def told(tmp_path):
    (tmp_path / "pandera.py").write_text(PANDERA)

    def tell(text, *names):
        (tmp_path / "schemas.py").write_text(text)
        command = [sys.executable, PANDERA_PROGRAM, "schemas.py", *names]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return tell


def test_a_schema_is_told_with_checks_of_ones_own(told):
    schema = told(SCHEMAS, "flights")["schema"]
    found = read_suite(schema)
    assert [(each.column, each.line) for each in found.columns] == [
        ("x", "int > 5"),
        ("('a', 1)", "time > 2013-01-01 05:00:00"),
    ]
    assert [left.rule for left in found.left] == ['x: is_even {"of":[1,2],"infinite":"inf","d":"1.5"}']


def test_a_model_is_a_schema_too(told):
    found = read_suite(told(SCHEMAS, "Weather")["schema"])
    assert found.closed
    assert found.origin == 'a schema of pandera "Weather", version 0.99'


def test_where_there_are_several_they_are_named(told):
    assert told(SCHEMAS) == {"names": ["Weather", "flights"]}
    assert told(SCHEMAS, "flight") == {"names": ["Weather", "flights"]}
    assert told("x = 5") == {"names": []}


def test_where_there_is_one_it_needs_no_name(told):
    assert "schema" in told("from pandera import *\none = DataFrameSchema({'x': Column('str')})\n")


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("x = 1\nimport nowhere", "ModuleNotFoundError: No module named 'nowhere'", 2),
        ("\n\nx = (", "SyntaxError", 3),
        ("\nraise SystemExit(3)", "SystemExit: 3", 2),
    ],
)
def test_what_the_file_raises_is_told_with_its_line(told, text, error, line):
    found = told(text)
    assert found["error"].startswith(error)
    assert found["line"] == line

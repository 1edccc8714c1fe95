"""Suites of other tools, read as Assay's rules: Great Expectations' JSON, and pandera's YAML, JSON and Python.

``read_suite`` takes the values of a suite's file and gives the rules as they are written in a file, and beside them each rule that
could not be carried over. Nothing is read, run or guessed here: a rule is carried over where Assay's asks the same, or more and
says so; else it is named. Readers (``great_expectations.py``, ``pandera.py``) say what a suite asks in the words of
``demands.py``; ``compose.py`` makes one line a column of it.
"""

from pathlib import Path

from assay.check.suites.nouns import Carried, ColumnLine, Imported, Left, NotASuite, WrittenRule
from assay.check.suites.reading import read_suite

PANDERA_PROGRAM = Path(__file__).with_name("pandera_schema.py")
"""The program that imports a Python file and says what a pandera schema in it asks; it needs pandera and no Assay."""

__all__ = [
    "PANDERA_PROGRAM",
    "Carried",
    "ColumnLine",
    "Imported",
    "Left",
    "NotASuite",
    "WrittenRule",
    "read_suite",
]

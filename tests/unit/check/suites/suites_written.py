"""Suites that the real tools wrote, and what became of a suite in the words that tests compare."""

import json
from pathlib import Path

from assay.declare.plain import plain
from assay.declare.yaml_syntax import decode, parse

FIXTURES = Path(__file__).parent / "fixtures"
WRITTEN = sorted(path.name for path in FIXTURES.iterdir() if path.suffix in {".json", ".yaml"})


def values_of(name):
    """The values of a file that a real tool wrote."""
    data = (FIXTURES / name).read_bytes()
    said = json.loads(data) if name.endswith(".json") else plain(parse(decode(data)))
    return said["schema"] if name.endswith("-program.json") else said


class Expected:
    """What became of a suite, in the words that tests compare."""

    def __init__(self, found):
        self.found = found
        self.lines = {each.column: each.line for each in found.columns}
        self.rules = {each.name: each for each in found.rules}
        self.left = {each.number: each for each in found.left}

    def because(self, number=1):
        return self.left[number].because


def read_back(text):
    """The YAML of imported rules, as Assay's reader has it; texts alone, as they read."""
    root = parse(text)
    return {} if root is None else plain(root)

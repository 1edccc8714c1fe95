"""The JSON Schema: it says what the reader says, and both come from one table."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft7Validator

from assay.core.problem import DeclarationError
from assay.declare import json_schema, read_declaration
from assay.declare.kinds import Key, Kind, section
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.reading import Reading
from assay.declare.table import FILE
from assay.declare.yaml_syntax import parse

SCHEMA = json_schema()
ACCEPTS = Draft7Validator(SCHEMA)


def plain(node: Node | None) -> Any:
    """What an editor sees: dicts, lists and values."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.text: plain(value) for key, value in node.pairs if isinstance(key, Scalar)}
        case None:
            return None


def keys_of(kind: Kind, where: str = "") -> Iterator[tuple[str, Key]]:
    """Every key of the table, with the path to it."""
    for key in kind.keys:
        yield f"{where}{key.name}", key
        if key.kind is not None:
            yield from keys_of(key.kind, f"{where}{key.name}.")
    if kind.item is not None:
        yield from keys_of(kind.item, where)


TABLE = dict(keys_of(FILE))


def read_alone(key: Key) -> tuple[Any, tuple[str, ...], Node]:
    """The key's example, read as the only key of a section: (value, codes of mistakes, the node)."""
    reading = Reading("assay.yaml")
    node = parse(key.example)
    assert node is not None
    values = section(msgspec.structs.replace(key, goes_with=None)).read(node, reading, "")
    return values.get(key.name), tuple(problem.code for problem in reading.problems), node


@pytest.mark.parametrize("where", [where for where, key in TABLE.items() if key.kind is not None])
def test_the_example_of_a_built_key_is_accepted_by_reader_and_schema(where: str) -> None:
    key = TABLE[where]
    assert key.kind is not None
    value, codes, node = read_alone(key)
    assert (value is not None, codes) == (True, ())
    assert Draft7Validator(key.kind.schema).is_valid(plain(node)[key.name])


@pytest.mark.parametrize("where", [where for where, key in TABLE.items() if key.kind is None])
def test_the_example_of_a_key_that_is_not_built_is_refused_by_reader_and_schema(where: str) -> None:
    key = TABLE[where]
    value, codes, node = read_alone(key)
    assert (value, codes) == (None, ("misplaced-key" if key.instead else "not-built-yet",))
    assert not Draft7Validator(section(key).schema).is_valid(plain(node))


def test_the_schema_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_every_key_of_the_table_is_in_the_schema_with_its_line() -> None:
    found = str(SCHEMA)
    for where, key in TABLE.items():
        assert f"'{key.name}': {{'description': " in found, where
        assert key.doc in found or repr(key.doc)[1:-1] in found, where


GATE = "steps: [{name: g, gate: {require: [mae < 3], "

REFUSED = {
    "unknown key": "steps: [{name: a, run: x}]\nnmae: x\n",
    "no steps": "name: x\n",
    "no action": "steps: [{name: a}]\n",
    "two actions": "steps: [{name: a, run: x, deploy: {}}]\n",
    "outputs without run": "steps: [{name: a, deploy: {}, outputs: [x]}]\n",
    "text for a list": "steps: [{name: a, run: x, inputs: a.csv}]\n",
    "number for text": "steps: [{name: 5, run: x}]\n",
    "path outside": "steps: [{name: a, run: x, outputs: [/tmp/x]}]\n",
    "path upwards": "steps: [{name: a, run: x, outputs: [a/../../x]}]\n",
    "no duration": "steps: [{name: a, run: x}]\nwatch: {data: d, retrain: {cooldown: 1 month}}\n",
    "no percentage": "steps: [{name: a, run: x}]\nwatch: {data: d, performance: {metric: mae, decay: 15}}\n",
    "unknown metric": "steps: [{name: a, run: x}]\nwatch: {data: d, performance: {metric: foo, decay: 15%}}\n",
    "unknown type": "steps: [{name: a, check: {a.csv: {columns: {a: integer}}}}]\n",
    "gate by nothing": GATE + "confidence: 95%}}]",
    "gate by two things": GATE + "data: t.csv, metrics: m.json}}]",
    "rows together by two columns": GATE + "data: t.csv, group: a, time: b}}]",
    "behaviour as a key": GATE + "data: t.csv, behaviour: []}}]",
    "unknown word to reveal": GATE + "data: t.csv, reveal: all}}]",
    "no champion to beat": GATE + "data: t.csv, against: [archived]}}]",
    "champion twice": GATE + "data: t.csv, against: [champion, champion]}}]",
    "no rows in a slice": GATE + "data: t.csv, min_rows: 0}}]",
    "half a row": GATE + "data: t.csv, min_rows: 1.5}}]",
    "more rows than can be counted": GATE + "data: t.csv, min_rows: 99999999999999999999}}]",
    "quantile of everything": GATE + "data: t.csv, quantile: 1}}]",
    "no class": GATE + "data: t.csv, positive: null}}]",
    "three ends of a range": GATE + "data: t.csv, score_range: [0, 1, 2]}}]",
    "negative cost": GATE + "data: t.csv, cost: {a: {b: -1}}}}]",
    "cost as a number": GATE + "data: t.csv, cost: 5}}]",
    "metric that is not watched": "steps: [{name: a, run: x}]\nwatch: {data: d, performance: {metric: auc, decay: 15%}}\n",
    "python beside other keys": "python: pipeline.py\nname: p\n",
    "python that is none": "python: pipeline.yaml\n",
    "an axis without values": "steps: [{name: a, run: x, matrix: {m: 5}}]\n",
    "a matrix of nothing": "steps: [{name: a, run: x, matrix: {}}]\n",
    "an excluded axis without a value": "steps: [{name: a, run: x, matrix: {m: [1, 2], exclude: [{m: }]}}]\n",
    "no time at all": "steps: [{name: a, run: x, timeout: 0s}]\n",
    "memory without a unit": "steps: [{name: a, run: x, resources: {memory: 16}}]\n",
    "a hundred and one attempts": "steps: [{name: a, run: x, retries: {attempts: 101}}]\n",
    "the value of a secret": "steps: [{name: a, run: x, secrets: ['hunter2!']}]\n",
    "variables of others": "steps: [{name: a, run: x, env: {ASSAY_X: 1}}]\n",
    "settings without a command": "steps: [{name: a, release: {}, timeout: 2h}]\n",
    "nobody to tell": "steps: [{name: a, run: x}]\nnotify: [{on: [failed]}]\n",
    "remote ledger": "steps: [{name: a, run: x}]\nledger: postgresql://host/db\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_the_wrong_shape_is_refused_by_both(case: str) -> None:
    assert not ACCEPTS.is_valid(plain(parse(REFUSED[case])))
    with pytest.raises(DeclarationError):
        read_declaration(REFUSED[case])

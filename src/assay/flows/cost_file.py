"""``--cost``: what mistakes cost, from a file {label: {prediction: cost}} or a column of the table."""

from pathlib import Path

from assay.core.metrics import CostColumn, CostMatrix
from assay.core.problem import DeclarationError, Place, Problem, UsageError
from assay.declare.gate import COST
from assay.declare.nodes import Mapping
from assay.declare.reading import Reading
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse

ENDINGS = (".json", ".yaml", ".yml")


def read_cost(said: str) -> CostMatrix | CostColumn:
    """A file where the name ends in .json, .yaml or .yml, read as ``cost:`` of a gate; else the name of a column.

    ``UsageError`` where the file cannot be read, ``DeclarationError`` with every mistake in it.
    """
    return _read_matrix(Path(said)) if said.lower().endswith(ENDINGS) else CostColumn(said)


def _read_matrix(path: Path) -> CostMatrix:
    try:
        node = parse(decode(path.read_bytes()))
    except OSError as error:
        because = error.strerror or str(error)
        fix = "correct --cost: it names a file, or a column of the table"
        raise UsageError(Problem("bad-cost-file", f"the file cannot be read: {path}", (because,), fix)) from error
    except SyntaxMistake as mistake:
        place = Place(str(path), mistake.line, mistake.column)
        because = mistake.because
        raise UsageError(
            Problem("bad-cost-file", mistake.what, (because,) if because else (), mistake.fix, place)
        ) from mistake
    reading = Reading(str(path))
    cost = COST.read(node, reading, "cost") if isinstance(node, Mapping) else None
    if reading.mistakes:
        raise DeclarationError(reading.problems)
    if not isinstance(cost, CostMatrix):
        fix = 'write labels with predictions and costs, such as {"late": {"on time": 5}}'
        raise UsageError(Problem("bad-cost-file", f"{path} holds no cost matrix", (), fix))
    return cost

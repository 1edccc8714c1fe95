"""What tests, benches and tools import of Assay is there, also in those that run elsewhere: beside DVC, on Ray or Spark, by hand."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[3]
FILES = sorted(path for folder in ("tests", "bench", "tools") for path in (ROOT / folder).rglob("*.py"))


def names_asked_for(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "assay":
            yield from ((node.module, alias.name) for alias in node.names)


def is_there(module, name):
    return hasattr(import_module(module), name) or find_spec(f"{module}.{name}") is not None


def test_names_asked_for_are_there():
    missing = {
        str(path.relative_to(ROOT)): f"{module}.{name}"
        for path in FILES
        for module, name in names_asked_for(path)
        if not is_there(module, name)
    }
    assert missing == {}

"""assay.yaml to a Declaration, or every mistake in it."""

from assay.core.digest import digest_of
from assay.core.pipeline import Declaration, Pipeline
from assay.core.problem import DeclarationError, Place, Problem
from assay.declare.params import ReadFile
from assay.declare.python_file import Record, read_python
from assay.declare.reading import Reading
from assay.declare.steps import value_under
from assay.declare.tree import read_node
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse


def read_declaration(
    data: bytes | str,
    file: str = "assay.yaml",
    default_name: str = "pipeline",
    *,
    read: ReadFile | None = None,
    record: Record | None = None,
) -> Declaration:
    """What a file declares, and where; ``DeclarationError`` with every mistake in it, in file order.

    ``data`` is the file's bytes, or its text. ``file`` is what places call it; ``default_name`` is the pipeline's name
    where the file gives none. ``read`` gives the bytes of files of parameters; without it they are not looked into, and nothing
    that rests on one can be told or known. ``record`` runs the Python file that the file names in its place. A file that is not YAML has one mistake: the first at which the parser stopped.
    """
    as_bytes = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    try:
        node = parse(decode(as_bytes) if isinstance(data, bytes) else data.removeprefix("\ufeff"))
    except SyntaxMistake as mistake:
        raise DeclarationError((_problem(mistake, file),)) from mistake
    reading = Reading(file, read)
    if node is not None and value_under(node, "python") is not None:
        return read_python(node, reading, default_name, record)
    return read_node(node, reading, default_name, digest_of(as_bytes))


def read_pipeline(data: bytes | str, file: str = "assay.yaml", default_name: str = "pipeline") -> Pipeline:
    """The pipeline of ``read_declaration``, without its places."""
    return read_declaration(data, file, default_name).pipeline


def _problem(mistake: SyntaxMistake, file: str) -> Problem:
    because = (mistake.because,) if mistake.because else ()
    return Problem("not-yaml", mistake.what, because, mistake.fix, Place(file, mistake.line, mistake.column))

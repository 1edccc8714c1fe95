"""assay.yaml to a Declaration, or every mistake in it."""

from assay.core.digest import digest_of
from assay.core.pipeline import Declaration, Pipeline
from assay.core.problem import DeclarationError, Place, Problem
from assay.declare.nodes import Mapping, Node, Scalar, Sequence, saw
from assay.declare.nouns import make_pipeline
from assay.declare.reading import Reading
from assay.declare.sense import tell_what_does_not_fit
from assay.declare.table import FILE
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse


def read_declaration(data: bytes | str, file: str = "assay.yaml", default_name: str = "pipeline") -> Declaration:
    """What a file declares, and where; ``DeclarationError`` with every mistake in it, in file order.

    ``data`` is the file's bytes, or its text. ``file`` is what places call it; ``default_name`` is the pipeline's name
    where the file gives none. A file that is not YAML has one mistake: the first at which the parser stopped.
    """
    as_bytes = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    try:
        node = parse(decode(as_bytes) if isinstance(data, bytes) else data.removeprefix("\ufeff"))
    except SyntaxMistake as mistake:
        raise DeclarationError((_problem(mistake, file),)) from mistake
    reading = Reading(file)
    if not isinstance(node, Mapping):
        _tell_no_keys(node, reading)
        raise DeclarationError(reading.problems)
    values = FILE.read(node, reading, "")
    tell_what_does_not_fit(values, reading)
    if reading.mistakes:
        raise DeclarationError(reading.problems)
    return Declaration(make_pipeline(values, default_name), reading.places, digest_of(as_bytes))


def read_pipeline(data: bytes | str, file: str = "assay.yaml", default_name: str = "pipeline") -> Pipeline:
    """The pipeline of ``read_declaration``, without its places."""
    return read_declaration(data, file, default_name).pipeline


def _tell_no_keys(node: Node | None, reading: Reading) -> None:
    if node is None or (isinstance(node, Scalar) and node.value is None):
        fix = "write `steps:` and below it `- name: Train` with `run: python train.py`"
        reading.tell(Place(reading.file, 1), "empty-file", "the file declares nothing", fix=fix)
        return
    fix = "write `steps:` above the list" if isinstance(node, Sequence) else "write `steps:` and the steps below it"
    reading.tell(node, "wrong-type", f"expected keys such as `steps:`, got {saw(node)}", fix=fix)


def _problem(mistake: SyntaxMistake, file: str) -> Problem:
    because = (mistake.because,) if mistake.because else ()
    return Problem("not-yaml", mistake.what, because, mistake.fix, Place(file, mistake.line, mistake.column))

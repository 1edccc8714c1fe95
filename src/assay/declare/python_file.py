"""assay.yaml that names a Python file in its place: what the file declared when the user's own Python ran it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from assay.core.digest import digest_of
from assay.core.pipeline import Basis, Declaration
from assay.core.problem import DeclarationError, Place, Problem
from assay.declare import recorder
from assay.declare.nodes import Node, excerpt
from assay.declare.reading import Reading
from assay.declare.table import PYTHON_FILE
from assay.declare.written import read_written

RECORDER = Path(recorder.__file__)
"""The program that runs a Python file and says what it declares; it needs no Assay."""

Record: TypeAlias = Callable[[str], bytes]
"""What that program says of a file, as the user's Python runs it in the project's folder."""


class _Recorded(msgspec.Struct):
    reads: list[str]
    pipelines: list[dict[str, Any]] = []
    error: str = ""
    line: int = 1


def read_python(node: Node, reading: Reading, default_name: str, record: Record | None) -> Declaration:
    """What the named file declares; ``DeclarationError`` with every mistake, at the lines of that file."""
    values = PYTHON_FILE.read(node, reading, "")
    if reading.mistakes:
        raise DeclarationError(reading.problems)
    path, place = values["python"], reading.places["python"]
    data = reading.files.bytes_of(path)
    if record is None or data is None:
        what = f"there is no {path}" if record else f"{path} is not run here"
        raise _refusal(what, (), f"write {path}, or name the right file", place)
    recorded = _decoded(record(path), path)
    declaration = read_written(
        recorded.pipelines[0], default_name, file=path, read=reading.files.read, digest=digest_of(data)
    )
    rests_on = {basis.path: basis for basis in declaration.rests_on}
    for each in {path, *recorded.reads} - set(rests_on):
        found = reading.files.bytes_of(each)
        rests_on[each] = Basis(each, None if found is None else digest_of(found))
    bases = tuple(rests_on[each] for each in sorted(rests_on))
    return msgspec.structs.replace(declaration, rests_on=bases)


def _decoded(answer: bytes, path: str) -> _Recorded:
    """The one pipeline in what the recorder said."""
    try:
        recorded = msgspec.json.decode(answer, type=_Recorded)
    except msgspec.DecodeError as error:
        because = ("Python ended before it was through",)
        raise _refusal(f"{path} could not be run", because, f"try `python {path}`", Place(path, 1)) from error
    if recorded.error:
        because = (excerpt(recorded.error, 300),)
        raise _refusal(f"{path} could not be run", because, "correct the line", Place(path, recorded.line))
    if not recorded.pipelines:
        fix = 'write `pipeline = assay.Pipeline("NAME")` and its steps'
        raise _refusal(f"{path} makes no assay.Pipeline", (), fix, Place(path, 1))
    if len(recorded.pipelines) > 1:
        place = Place(path, recorded.pipelines[1]["line"])
        raise _refusal(f"{path} makes a second assay.Pipeline", (), "make one: a project has one pipeline", place)
    return recorded


def _refusal(what: str, because: tuple[str, ...], fix: str, place: Place) -> DeclarationError:
    return DeclarationError((Problem("pipeline-not-read", what, because, fix, place),))

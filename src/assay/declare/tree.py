"""A tree of values to a Declaration, or every mistake in it, whatever the tree comes from."""

from assay.core.digest import Digest
from assay.core.pipeline import Basis, Declaration
from assay.core.problem import DeclarationError, Place
from assay.declare.nodes import Mapping, Node, Scalar, Sequence, saw
from assay.declare.nouns import make_pipeline
from assay.declare.params import DEFAULT_PARAMS, ParamFiles
from assay.declare.reading import Reading
from assay.declare.scope import Scope
from assay.declare.sense import tell_what_does_not_fit
from assay.declare.steps import is_posix, value_under
from assay.declare.table import FILE


def read_node(node: Node | None, reading: Reading, default_name: str, digest: Digest) -> Declaration:
    """What a tree of values declares, wherever it comes from."""
    if not isinstance(node, Mapping):
        _tell_no_keys(node, reading)
        raise DeclarationError(reading.problems)
    reading.scope = _scope_of(node, reading.files)
    values = FILE.read(node, reading, "")
    params = tell_what_does_not_fit(values, reading)
    if reading.mistakes or reading.files.problems:
        raise DeclarationError(reading.problems)
    rests_on = tuple(Basis(path, found) for path, found in sorted(reading.files.digests.items()))
    return Declaration(make_pipeline(values, default_name), reading.places, digest, rests_on, params)


def _scope_of(node: Mapping, files: ParamFiles) -> Scope:
    """What holds everywhere in the file: keys that steps rest on may stand below them."""
    params = value_under(node, "params")
    path = params.text if isinstance(params, Scalar) and params.text else DEFAULT_PARAMS
    return Scope(files, path, is_posix=is_posix(value_under(node, "shell"), otherwise=True))


def _tell_no_keys(node: Node | None, reading: Reading) -> None:
    if node is None or (isinstance(node, Scalar) and node.value is None):
        fix = "write `steps:` and below it `- name: Train` with `run: python train.py`"
        reading.tell(Place(reading.file, 1), "empty-file", "the file declares nothing", fix=fix)
        return
    fix = "write `steps:` above the list" if isinstance(node, Sequence) else "write `steps:` and the steps below it"
    reading.tell(node, "wrong-type", f"expected keys such as `steps:`, got {saw(node)}", fix=fix)

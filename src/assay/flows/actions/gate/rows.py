"""The rows of a gate, as they were read once."""

from typing import TYPE_CHECKING

import msgspec

from assay.core.artifact import Artifact
from assay.core.pipeline import GateAction
from assay.core.table import Table
from assay.flows.actions.context import RunContext
from assay.flows.datasets import find_dataset
from assay.flows.tables import features_of, keys_of, labels_of

if TYPE_CHECKING:
    import numpy as np


class GateRows(msgspec.Struct, frozen=True, eq=False):
    """Rows with labels, and the files that they come from."""

    files: tuple[Artifact, ...]
    test_set: Artifact
    """All of the files as one."""
    table: Table
    features: Table
    """The columns that the challenger may read."""
    labels: "np.ndarray"


def read_rows(context: RunContext, gate: GateAction) -> GateRows:
    """The gate's rows; ``EvidenceError`` where an id is missing or stands twice. They become data of the release."""
    assert gate.data is not None
    workspace = context.workspace
    found = find_dataset(workspace.files, workspace.environ, gate.data)
    files = found.artifacts
    context.datasets += files
    table, schema = workspace.tables.read([workspace.files.locate(file.path) for file in files])
    features, context.input_schema = features_of(table, schema, context.model)
    if context.model.id is not None:
        keys_of(table, context.model.id, gate.data)
    test_set = found.as_one
    return GateRows(files, test_set, table, features, labels_of(table, context.model, test_set.path))

"""The labels of live rows: from the label files, which may come days later and be corrected, else from the batches themselves.

A label file that cannot be read, or has rows without an id or with the same one, is left out and told of; the others count.
Where two files name the same id the one whose path sorts later has the word.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.digest import Digest
from assay.core.pipeline import ModelSpec, WatchSpec
from assay.core.problem import EvidenceError, Problem
from assay.core.table import Table
from assay.flows.tables import column_of, is_missing, keys_of
from assay.workspace import Workspace


class LiveLabels:
    """The labels that are known, by id. Files are read when the first label is asked for."""

    def __init__(self, workspace: Workspace, spec: WatchSpec, model: ModelSpec) -> None:
        self.pattern = spec.labels
        self.problems: list[Problem] = []
        """What is wrong with label files, as far as they were read."""
        self._files = find_artifacts(workspace, spec.labels) if spec.labels else ()
        self._workspace = workspace
        self._model = model

    @property
    def digest(self) -> Digest:
        """Equal where every label is the same; reads nothing."""
        return value_digest([[file.path, file.digest] for file in self._files])

    def of(self, table: Callable[[], Table], keys: Sequence[str]) -> list[Any]:
        """The label of each row, None where it has not come. ``table`` gives the batch, where it is needed."""
        if self._files:
            return [self._by_key.get(key) for key in keys]
        column = table().get(self._model.label or "")
        return [None] * len(keys) if column is None else [_label(value) for value in column.tolist()]

    @cached_property
    def _by_key(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for file in self._files:
            try:
                found |= self._read(file)
            except EvidenceError as error:
                self.problems.append(error.problem)
        return found

    def _read(self, file: Artifact) -> dict[str, Any]:
        id_, label = self._model.id or "", self._model.label or ""
        table, _ = self._workspace.tables.read([self._workspace.files.locate(file.path)], [id_, label])
        values = column_of(table, label, file.path, "label").tolist()
        labels = zip(keys_of(table, id_, file.path), values, strict=True)
        return {key: value for key, value in labels if not is_missing(value)}


def find_artifacts(workspace: Workspace, pattern: str) -> tuple[Artifact, ...]:
    """The files that a path or glob names now, in the order of their paths."""
    found = (workspace.files.artifact(path) for path in workspace.files.expand(pattern))
    return tuple(artifact for artifact in found if artifact is not None)


def _label(value: Any) -> Any:
    return None if is_missing(value) else value

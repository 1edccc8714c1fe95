"""Which batches a release has learned from: told by content, so that a copy under another name counts too.

A batch that carries its labels was learned from if its bytes are part of the release's data. Where labels come apart, its
bytes are not enough: it may have lain there unlabelled. Then the labels that the release had must name some of its rows.
"""

from collections.abc import Iterable
from pathlib import Path

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.order import overlaps
from assay.core.pipeline import ModelSpec
from assay.core.release import Bill
from assay.flows.releases import placed
from assay.flows.tables import column_of
from assay.workspace import Workspace


def batches_learned(
    workspace: Workspace, bill: Bill, batches: Iterable[Artifact], labels: str | None, model: ModelSpec
) -> list[str]:
    """The paths of those batches that the release learned from. ``labels`` is the pattern of the label files, if any."""
    known = {digest for artifact in bill.data for digest in _files_of(workspace, artifact)}
    candidates = [batch for batch in batches if batch.digest in known]
    if labels is None or model.id is None or not candidates:
        return [batch.path for batch in candidates]
    labelled = _ids_labelled(workspace, bill, labels, model.id)
    places = {batch.path: workspace.files.locate(batch.path) for batch in candidates}
    return [
        path
        for path, place in places.items()
        if _carries(workspace, place, model.label) or labelled & _ids(workspace, [place], model.id)
    ]


def _carries(workspace: Workspace, place: Path, label: str | None) -> bool:
    return any(name == label for name, _ in workspace.engine.schema([place]))


def _ids_labelled(workspace: Workspace, bill: Bill, labels: str, column: str) -> set[object]:
    """The ids in the label files of the release's own data."""
    suffix = Path(labels).suffix
    found: set[object] = set()
    for artifact in bill.data:
        if overlaps(artifact.path, labels) or overlaps(artifact.path, str(Path(labels).parent)):
            place = placed(workspace, artifact)
            files = [place] if place.is_file() else sorted(place.rglob(f"*{suffix}"))
            found |= _ids(workspace, files, column)
    return found


def _ids(workspace: Workspace, files: list[Path], column: str) -> set[object]:
    if not files:
        return set()
    table, _ = workspace.engine.read(files, [column])
    return set(column_of(table, column, files[0].name, "id").tolist())


def _files_of(workspace: Workspace, artifact: Artifact) -> set[Digest]:
    """The digests of all files of a dataset."""
    if artifact.kind == "file":
        return {artifact.digest}
    pending, found = [artifact.digest], set[Digest]()
    while pending:
        for entry in workspace.store.entries(pending.pop()):
            if entry.mode == "folder":
                pending.append(entry.digest)
            else:
                found.add(entry.digest)
    return found

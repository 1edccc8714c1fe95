"""Which batches a release has learned from: told by content, so that a copy under another name counts too.

A batch that carries its labels was learned from if its bytes are part of the release's data. Where labels come apart, its
bytes are not enough: it may have lain there unlabelled. Then the labels that the release had must name some of its rows. Where
these labels cannot be read any more, the batch counts as learned from: a score on it might flatter the model.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from assay import __version__
from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.digest import Digest
from assay.core.order import overlaps
from assay.core.pipeline import ModelSpec
from assay.core.problem import EvidenceError
from assay.core.release import Bill
from assay.flows.releases import placed
from assay.flows.tables import column_of, is_missing
from assay.watch import join_key
from assay.workspace import Workspace

_NOTHING = msgspec.msgpack.encode({})


def batches_learned(
    workspace: Workspace, bill: Bill, batches: Sequence[Artifact], labels: str | None, model: ModelSpec
) -> list[str]:
    """The paths of those batches that the release learned from. ``labels`` is the pattern of the label files, if any.

    The answer for a batch never changes, so each is asked about once, as far as the cache remembers.
    """
    key = f"learned/{__version__}/{value_digest([bill, labels, model])}"
    kept = msgspec.msgpack.decode(workspace.cache.recall(key) or _NOTHING, type=dict[Digest, bool])
    new = [batch for batch in batches if batch.digest not in kept]
    if new:
        kept |= _learned(workspace, bill, new, labels, model)
        workspace.cache.remember(key, msgspec.msgpack.encode(kept))
    return [batch.path for batch in batches if kept[batch.digest]]


def _learned(
    workspace: Workspace, bill: Bill, batches: Sequence[Artifact], labels: str | None, model: ModelSpec
) -> dict[Digest, bool]:
    """Whether the release learned from each of the batches."""
    known = {digest for artifact in bill.data for digest in _files_of(workspace, artifact)}
    are_known = {batch.digest: batch.digest in known for batch in batches}
    if labels is None or model.id is None or not any(are_known.values()):
        return are_known
    try:
        labelled = _ids_labelled(workspace, bill, labels, model.id)
    except EvidenceError:
        return are_known
    return {
        batch.digest: are_known[batch.digest] and _is_labelled(workspace, batch, model, labelled) for batch in batches
    }


def _is_labelled(workspace: Workspace, batch: Artifact, model: ModelSpec, labelled: set[str]) -> bool:
    """The batch carries its labels, or the release had some of them. One that cannot be read is told of by its scoring."""
    assert model.id is not None
    place = workspace.files.locate(batch.path)
    try:
        return _carries(workspace, place, model.label) or bool(labelled & _ids(workspace, [place], model.id))
    except EvidenceError:
        return False


def _carries(workspace: Workspace, place: Path, label: str | None) -> bool:
    return any(name == label for name, _ in workspace.tables.schema([place]))


def _ids_labelled(workspace: Workspace, bill: Bill, labels: str, column: str) -> set[str]:
    """The ids in the label files of the release's own data."""
    suffix = Path(labels).suffix
    found: set[str] = set()
    for artifact in bill.data:
        if overlaps(artifact.path, labels) or overlaps(artifact.path, str(Path(labels).parent)):
            place = placed(workspace, artifact)
            files = [place] if place.is_file() else sorted(place.rglob(f"*{suffix}"))
            found |= _ids(workspace, files, column)
    return found


def _ids(workspace: Workspace, files: list[Path], column: str) -> set[str]:
    if not files:
        return set()
    table, _ = workspace.tables.read(files, [column])
    ids = column_of(table, column, files[0].name, "id").tolist()
    return {join_key(value) for value in ids if not is_missing(value)}


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

"""Which batches a release has learned from: told by content, so that a copy under another name counts too."""

from collections.abc import Iterable

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.release import Bill
from assay.workspace import Workspace


def batches_learned(workspace: Workspace, bill: Bill, batches: Iterable[Artifact]) -> list[str]:
    """The paths of those batches whose bytes are part of the data that the bill names."""
    known = {digest for artifact in bill.data for digest in _files_of(workspace, artifact)}
    return [batch.path for batch in batches if batch.digest in known]


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

"""What the steps' Python has installed: kept in the store as a list, so that two runs can be told apart by it."""

from collections.abc import Mapping

from assay.core.digest import Digest
from assay.core.problem import AssayError
from assay.workspace import Workspace


def keep_packages(workspace: Workspace) -> Digest:
    """The digest of the list as it is now; the list is in the store when this returns. A message may need it, and nothing else."""
    return workspace.store.add_bytes("\n".join(workspace.interpreter.packages()).encode(), durable=False)


def packages_now(workspace: Workspace) -> Mapping[str, str]:
    """name -> version."""
    return _parsed("\n".join(workspace.interpreter.packages()))


def packages_of(workspace: Workspace, digest: Digest | None) -> Mapping[str, str] | None:
    """The list under that digest; None where none was kept, or it is gone."""
    if digest is None:
        return None
    try:
        return _parsed(workspace.store.read(digest).decode())
    except (AssayError, UnicodeDecodeError):  # it helps a message, and is not worth another failure
        return None


def _parsed(lines: str) -> Mapping[str, str]:
    pairs = (line.partition("==") for line in lines.splitlines())
    return {name: version for name, _, version in pairs}

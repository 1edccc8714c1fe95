"""What stood after the last run, kept in the cache; losing it costs time and nothing else."""

import msgspec

from assay import __version__
from assay.core.canonical import value_digest
from assay.core.digest import Digest
from assay.execute import KEY_SCHEMA, Memory, Standing
from assay.workspace import Workspace


def open_memory(workspace: Workspace) -> Memory:
    """What is remembered, of whatever it was about."""
    kept = workspace.cache.recall(_name(workspace))
    if kept is not None:
        try:
            return msgspec.msgpack.decode(kept, type=Memory)
        except (msgspec.DecodeError, ValueError):
            pass  # a cache may hold anything
    return Memory(Digest(""))


def open_standing(workspace: Workspace, memory: Memory) -> Standing:
    """The memory, as far as it is about this pipeline, its parameters and this environment."""
    declaration = workspace.declaration
    basis = value_digest([__version__, KEY_SCHEMA, declaration.digest, declaration.rests_on, workspace.environment])
    return Standing(memory, basis, workspace.files)


def keep_memory(workspace: Workspace, memory: Memory) -> None:
    """Remember this instead."""
    workspace.cache.remember(_name(workspace), msgspec.msgpack.encode(memory))


def _name(workspace: Workspace) -> str:
    return f"standing/{workspace.pipeline.name}"

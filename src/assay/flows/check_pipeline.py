"""``assay plan --check``: slips in the pipeline, found before anything runs."""

from functools import partial

import msgspec

from assay.core.problem import Problem
from assay.explain.lint import Sources, lint
from assay.workspace import Workspace

MOST_BYTES = 1_000_000
"""A script beyond that is none that a person wrote."""


class PipelineCheck(msgspec.Struct, frozen=True):
    """What should be looked at; empty where nothing."""

    problems: tuple[Problem, ...]


def check_pipeline(workspace: Workspace) -> PipelineCheck:
    """Hold what assay.yaml declares against the project's files. Runs nothing, and reads scripts only."""
    sources = Sources(partial(_read, workspace), workspace.files.is_there)
    if not lint(workspace.declaration, sources):  # without places, which only messages need
        return PipelineCheck(())
    return PipelineCheck(lint(msgspec.structs.replace(workspace.declaration, places=dict(workspace.places)), sources))


def _read(workspace: Workspace, path: str) -> bytes | None:
    state = workspace.files.state(path)
    return workspace.files.read(path) if state is not None and state.size_bytes <= MOST_BYTES else None

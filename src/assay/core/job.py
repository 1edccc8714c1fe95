"""A task as it is carried to another machine, and what comes back: what ``assay exec-step`` reads and writes, as JSON."""

from typing import Literal

import msgspec

from assay.core.artifact import Artifact
from assay.core.ports import Ended, Task

SCHEMA: Literal["assay.job/1"] = "assay.job/1"

SPEC, RECORD, STOP = "spec.json", "record.json", "stop"
"""The files of a job's folder. The spec goes when the job is taken; the other two are empty until there is something to say."""


class ProjectCopy(msgspec.Struct, frozen=True):
    """The project, for a machine that does not see it."""

    store: str
    """The store's folder, which that machine does see."""
    home: str
    """Where the project stands on the machine that asks."""
    files: tuple[Artifact, ...]
    """In the store."""
    has_folder: bool
    """The task's folder is there, though perhaps without a file in it."""


class Job(msgspec.Struct, frozen=True):
    """All that a machine needs to run one task."""

    assay_version: str
    task: Task
    """With the paths of the machine that asks."""
    copy: ProjectCopy | None = None
    """None: the project stands at the same path there, and the task works in it."""
    schema: Literal["assay.job/1"] = SCHEMA


class JobRecord(msgspec.Struct, frozen=True):
    """How a job ended."""

    ended: Ended
    host: str
    made: tuple[Artifact, ...] = ()
    """What it changed in its copy of the project; in the store."""
    removed: tuple[str, ...] = ()
    """What it removed there."""
    schema: Literal["assay.job/1"] = SCHEMA

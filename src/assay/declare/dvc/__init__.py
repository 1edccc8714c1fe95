"""dvc.yaml to a Pipeline, or every mistake in it with its place; dvc.lock and ``.dvc`` files to what they have recorded.

Read by parsers of our own: DVC need not be installed. Nothing is ever written to DVC's files.
"""

from assay.declare.dvc.config import Config, read_config
from assay.declare.dvc.lock import LockedStage, Recorded, read_lock, read_tracked
from assay.declare.dvc.project import read_project
from assay.declare.dvc.sources import Sources
from assay.declare.dvc.stage import commands_of, script

__all__ = [
    "Config",
    "LockedStage",
    "Recorded",
    "Sources",
    "commands_of",
    "read_config",
    "read_lock",
    "read_project",
    "read_tracked",
    "script",
]

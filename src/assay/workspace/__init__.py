"""Open the ports that a project's settings name: the only place where parts are joined.

A ``Workspace`` opens nothing until it is asked; what a command does not use is not even imported.
"""

from assay.workspace.roots import DVC_FILE, FILE, STATE
from assay.workspace.workspace import HERE, Workspace, open_engine, open_files, open_runner, open_tables

__all__ = ["DVC_FILE", "FILE", "HERE", "STATE", "Workspace", "open_engine", "open_files", "open_runner", "open_tables"]

"""The project that a command is about."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.workspace import Workspace


def here() -> "Workspace":
    """The project that the current folder lies in."""
    from assay.workspace import Workspace

    return Workspace.find(Path.cwd(), os.environ)

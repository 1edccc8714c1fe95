"""The project that a command is about."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.workspace import Workspace


def here(on: str | None = None) -> "Workspace":
    """The project that the current folder lies in; ``on``: where its steps run."""
    from assay.workspace import Workspace

    return Workspace.find(Path.cwd(), os.environ, on)

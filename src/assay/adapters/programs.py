"""Programs on PATH: ``shutil.which``, whose module also knows of archives, and takes as long to import as a small run."""

# For each step that is started: a Path costs ten times as much.
# ruff: noqa: PTH116

import os
import stat


def program_on(path: str, name: str) -> tuple[str, os.stat_result] | None:
    """Where a program stands on ``path`` now, by a call of the system a folder; None where it does not."""
    for folder in path.split(os.pathsep):
        place = f"{folder or '.'}/{name}"
        if os.access(place, os.X_OK) and stat.S_ISREG((status := os.stat(place)).st_mode):
            return place, status
    return None

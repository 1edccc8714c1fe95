"""Putting a finished file or folder in the place of another, so that one of the two stands there at every moment."""

import ctypes
import os
import shutil
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def put_in_place(made: Path, to: Path) -> None:
    """Rename ``made`` to ``to``, a sibling; what stood at ``to`` is gone afterwards."""
    if not os.path.lexists(to) or not (_is_folder(made) or _is_folder(to)):
        made.replace(to)
        return
    if not _exchange(made, to):
        _exchange_in_steps(made, to)
    remove(made)


def remove(place: Path) -> None:
    """Remove a file, link or folder with all below it; nothing happens where nothing stands."""
    if _is_folder(place):
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step; False where the system cannot (Linux can, on nearly every file system)."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    result: int = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return result == 0


def _exchange_in_steps(made: Path, to: Path) -> None:
    aside = made.with_name(f"{made.name}-old")
    to.rename(aside)
    try:
        made.rename(to)
    except OSError:
        aside.rename(to)
        raise
    aside.rename(made)


def _is_folder(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink()

"""``assay status --json`` again, while nothing has happened since: for prompts and scripts that ask all the time.

An answer is kept in .assay/status.json with the signatures (inode, size, time of change) of every file that it rests on:
assay.yaml, the ledger, the run lock. While these are the same, the answer is; a file that has only just changed is not
trusted, because clocks of files tick coarsely. The file may be deleted or garbage at any time. Imports next to nothing.
"""

import json
import os

FILE = "assay.yaml"
KEPT = os.path.join(".assay", "status.json")
SETTLED_NS = 100_000_000
"""A file that changed this shortly before could change again without showing it."""

Signature = list[int] | None


def kept_status(folder: str) -> str | None:
    """The kept answer for the project that ``folder`` lies in, as it was printed; None where there is none that holds."""
    root = _root(folder)
    if root is None:
        return None
    try:
        with open(os.path.join(root, KEPT), encoding="utf-8") as file:
            kept = json.load(file)
        holds = all(signature(os.path.join(root, path)) == seen for path, seen in kept["files"].items())
        return str(kept["answer"]) if holds else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep_status(root: str, paths: tuple[str, ...], answer: str, now_ns: int) -> None:
    """Keep an answer that rests on these files and on nothing else; where one has only just changed, or the disk does
    not take it, nothing is kept."""
    files = {path: signature(os.path.join(root, path)) for path in paths}
    if any(seen is not None and now_ns - max(seen[2:]) < SETTLED_NS for seen in files.values()):
        return
    place = os.path.join(root, KEPT)
    part = f"{place}.{os.getpid()}"
    try:
        with open(part, "w", encoding="utf-8") as file:
            json.dump({"files": files, "answer": answer}, file)
        os.replace(part, place)
    except OSError:
        return


def signature(path: str) -> Signature:
    """Inode, size and both times of a file; None where there is none, or an empty one (a log that SQLite has just made)."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    if status.st_size == 0:
        return None
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _root(folder: str) -> str | None:
    while not os.path.isfile(os.path.join(folder, FILE)):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder

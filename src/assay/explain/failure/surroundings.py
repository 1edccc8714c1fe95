"""What the machine looks like after a failure: disks, files and their owners, ports, libraries, names of variables.

Gathered by the flow before any rule is asked, and only as far as the log and the step give reason to (``questions.py``), in
bounded time. An empty field says that nothing was looked at, or that nothing was found; rules rest on what is here alone.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec


class PathState(msgspec.Struct, frozen=True):
    """A path that the log or the step names, as it stands."""

    kind: Literal["file", "folder", "nothing", "link to nothing"]
    owner: str = ""
    """The user's name, else the number."""
    mode: int = 0
    size_bytes: int = 0
    head: bytes = b""
    """The first bytes of a file that may be read."""
    is_readable: bool = True
    is_writable: bool = True
    """By whoever runs the steps."""
    target: str = ""
    """Where a link to nothing leads."""


class Disk(msgspec.Struct, frozen=True):
    """A file system that a step writes to."""

    path: str
    free_bytes: int
    total_bytes: int
    free_files: int = 1
    """Files that could still be made."""
    is_read_only: bool = False


class Listener(msgspec.Struct, frozen=True):
    """A process that listens at a port."""

    pid: int
    command: str


class Surroundings(msgspec.Struct, frozen=True):
    """All that was looked at."""

    user: str = ""
    paths: Mapping[str, PathState] = {}
    disks: tuple[Disk, ...] = ()
    written_to: Disk | None = None
    """That of the file for which there was no room, as far as it is known which; only where a disk is full."""
    biggest: tuple[tuple[str, int], ...] = ()
    """(folder, bytes) of the project, the largest first; only where a disk is full."""
    listeners: Mapping[int, Listener | None] = {}
    """By port, the likeliest first; None: somebody listens there, and who is not to be seen."""
    lacking: Mapping[str, tuple[str, ...]] = {}
    """library file -> the libraries that the loader does not find for it."""
    unset: frozenset[str] = frozenset()
    """Of the variables and secrets that the step declares: those that are not set, or empty."""
    printed_secrets: tuple[str, ...] = ()
    """Names of declared secrets whose values stand in the log."""
    is_ci: bool = False
    is_shallow: bool = False
    """The checkout has only the last commits of its history."""
    memory_bytes: int = 0
    """Of the machine, or of the container; 0: not known."""
    on_path: frozenset[str] = frozenset()
    """Of the programs that were asked for, those that are installed under that or a near name."""
    rows: Mapping[str, int] = {}
    """Of the tables that the step and those before it read or wrote, by path."""
    columns: Mapping[str, tuple[str, ...]] = {}
    nulls: Mapping[str, int] = {}
    """Empty cells of those that the step itself read."""
    packages: Mapping[str, str] = {}
    """name -> version of what the steps' Python has installed."""
    declared_packages: frozenset[str] = frozenset()
    """Names in the lock or the requirements of the project."""
    tracked: frozenset[str] | None = None
    """Files under version control; None where there is none."""

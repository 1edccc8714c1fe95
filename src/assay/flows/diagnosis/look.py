"""Look at the machine after a failure: what the questions ask for, and what costs next to nothing. Bounded in time and size,
and nothing that cannot be looked at is worth another failure.
"""

import os
import pwd
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assay.core.pipeline import Step
from assay.core.problem import AssayError
from assay.core.release import LOCK_FILES
from assay.explain.failure import Disk, PathState, Questions, Surroundings
from assay.flows.diagnosis.listening import find_listeners
from assay.flows.diagnosis.tables import Tables
from assay.flows.packages import packages_now
from assay.workspace import Workspace

HEAD_BYTES = 512
MOST_SECONDS = 2.0
"""That measuring folders may take."""
LDD_SECONDS = 5.0
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - looked at, not written to
REQUIREMENTS = (*LOCK_FILES, "pyproject.toml", "environment.yml", "setup.cfg", "setup.py", "Pipfile")


def look_around(workspace: Workspace, step: Step, questions: Questions, tables: Tables) -> Surroundings:
    """What the machine looks like now."""
    packages = packages_now(workspace)
    return Surroundings(
        user=_name_of(os.getuid()),
        paths=_paths(workspace, questions),
        disks=tuple(_disks(workspace)),
        written_to=next(_written_to(workspace, questions), None),
        biggest=_biggest(workspace.root) if questions.sizes else (),
        listeners=find_listeners(questions.ports),
        lacking=_lacking(questions),
        unset=_unset(workspace, step),
        is_ci=bool(workspace.environ.get("CI")),
        is_shallow=(workspace.root / ".git" / "shallow").exists(),
        memory_bytes=_memory_bytes(workspace),
        rows=tables.rows,
        columns=tables.columns,
        nulls=tables.nulls,
        packages=packages,
        declared_packages=_declared(workspace, packages),
        tracked=workspace.repository.tracked(),
    )


def _paths(workspace: Workspace, questions: Questions) -> Mapping[str, PathState]:
    """By the name that the project has for it."""
    found = {}
    for path in questions.paths:
        place = Path(os.path.normpath(workspace.root / os.path.expanduser(path)))  # noqa: PTH111 - in one go
        name = str(place.relative_to(workspace.root)) if place.is_relative_to(workspace.root) else str(place)
        if name not in found:
            found[name] = _state(place)
    return found


def _state(place: Path) -> PathState:
    try:
        told = place.stat()
    except (OSError, ValueError):
        return _no_file(place)
    is_file = stat.S_ISREG(told.st_mode)
    return PathState(
        "folder" if stat.S_ISDIR(told.st_mode) else "file",
        _name_of(told.st_uid),
        stat.S_IMODE(told.st_mode),
        told.st_size,
        _head(place) if is_file else b"",
        os.access(place, os.R_OK),
        os.access(place, os.W_OK),
    )


def _no_file(place: Path) -> PathState:
    try:
        return PathState("link to nothing", target=os.readlink(place))  # noqa: PTH115 - as it is written
    except (OSError, ValueError):
        return PathState("nothing")


def _head(place: Path) -> bytes:
    try:
        with place.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _disks(workspace: Workspace) -> Iterator[Disk]:
    """The file systems that a step writes to: the project's, the temporary one, shared memory, the home."""
    seen = set()
    for path in (str(workspace.root), *_mounts_below(workspace.root), tempfile.gettempdir(), SHARED_MEMORY):
        try:
            disk, device = _disk(path), os.stat(path).st_dev  # noqa: PTH116 - as a text
        except OSError:
            continue
        if device not in seen:
            seen.add(device)
            yield disk


def _disk(path: str) -> Disk:
    told = os.statvfs(path)
    is_read_only = bool(told.f_flag & os.ST_RDONLY)
    free_files = told.f_favail if told.f_files else 1
    return Disk(path, told.f_bavail * told.f_frsize, told.f_blocks * told.f_frsize, free_files, is_read_only)


def _written_to(workspace: Workspace, questions: Questions) -> Iterator[Disk]:
    """The file systems of what was written when there was no room, each by the folder where it is mounted."""
    for path in questions.no_room_for:
        place = os.path.realpath(workspace.root / os.path.expanduser(path))  # noqa: PTH111 - in one go
        while not os.path.ismount(place) and place != "/":
            place = os.path.dirname(place)  # noqa: PTH120 - as a text
        try:
            yield _disk(place)
        except OSError:
            continue


def _mounts_below(root: Path) -> Iterator[str]:
    """Folders of the project that are disks of their own."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in mounts.splitlines():
        place = line.split(" ")[1].replace("\\040", " ")
        if place.startswith(f"{root}/"):
            yield place


def _biggest(root: Path) -> tuple[tuple[str, int], ...]:
    """Folders right below the project, as far as they could be measured in time."""
    until_s = time.monotonic() + MOST_SECONDS
    held = {}
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            held[entry.name] = sum(_sizes(entry, until_s))
    return tuple(sorted(held.items(), key=lambda each: -each[1])[:3])


def _sizes(folder: Path, until_s: float) -> Iterator[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - the walk is over texts
            except OSError:
                continue
        if time.monotonic() > until_s:
            return


def _lacking(questions: Questions) -> Mapping[str, tuple[str, ...]]:
    """What the loader does not find; by ldd, which runs nothing of a library's own."""
    found = {}
    for library in questions.libraries:
        try:
            told = subprocess.run(["ldd", library], capture_output=True, text=True, timeout=LDD_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        found[library] = tuple(line.split()[0] for line in told.stdout.splitlines() if "not found" in line)
    return found


def _unset(workspace: Workspace, step: Step) -> frozenset[str]:
    given = dict(step.env)
    return frozenset(name for name in (*step.secrets, *given) if not given.get(name, workspace.environ.get(name, "")))


def _memory_bytes(workspace: Workspace) -> int:
    """Of the container where it is bounded, else of the machine."""
    for place in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limit = int(Path(place).read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        return min(limit, workspace.machine.memory_bytes)
    return workspace.machine.memory_bytes


def _declared(workspace: Workspace, packages: Iterable[str]) -> frozenset[str]:
    """Those of the installed packages that the project's lock or requirements name."""
    texts = []
    for name in REQUIREMENTS:
        try:
            data = workspace.files.read(name) or b""
        except AssayError:
            continue
        texts.append(data.decode("utf-8", "replace").lower().replace("_", "-"))
    words = set(re.findall(r"[a-z0-9][a-z0-9-]*", "\n".join(texts)))
    return frozenset(packages) & words

"""A copy of the project for one task, where the machine that runs it does not see the project.

The asking machine names the files and puts them into the store, the other lays them out, runs the task and puts what has changed into
the store, and the asking machine brings that back. Files go through the store alone.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from assay.core.artifact import Artifact
from assay.core.job import Carried, JobRecord, ProjectCopy
from assay.core.order import touches
from assay.core.ports import FileState, ProjectFiles, Store, Task


def copy_for(task: Task, files: ProjectFiles, store: Store, store_folder: Path) -> ProjectCopy:
    """What the copy holds: all of the project but what only other steps read or write. It is in the store when this returns."""
    carried = tuple(each for path in files.scan() if _is_for(task, path) for each in _stored(path, files, store))
    home = str(files.locate("").absolute())
    return ProjectCopy(str(store_folder), home, carried, has_folder=Path(task.folder).is_dir())


def lay_out(copy: ProjectCopy, store: Store, project: Path) -> None:
    """Make the folder ``project`` and put the files of the copy into it."""
    project.mkdir()
    for carried in copy.files:
        _put(carried, store, project / carried.artifact.path)


def changed(
    before: Mapping[str, FileState], files: ProjectFiles, store: Store
) -> tuple[tuple[Carried, ...], tuple[str, ...]]:
    """What the task made since ``before``, now in the store, and the paths that it removed."""
    after = files.scan()
    places = ((path, files.locate(path)) for path, state in after.items() if state != before.get(path))
    made = tuple(Carried(store.add(place, path), os.access(place, os.X_OK)) for path, place in places)
    return made, tuple(path for path in before if path not in after)


def bring_back(record: JobRecord, files: ProjectFiles, store: Store) -> None:
    """Do in the project what the task did in its copy."""
    for carried in record.made:
        _put(carried, store, files.locate(carried.artifact.path))
    for path in record.removed:
        files.remove(path)


def _put(carried: Carried, store: Store, to: Path) -> None:
    store.restore(carried.artifact, to)
    if carried.is_executable:
        to.chmod(0o755)


def _stored(path: str, files: ProjectFiles, store: Store) -> Iterator[Carried]:
    """Nothing for a file that has gone since."""
    artifact = files.artifact(path)
    if artifact is None:
        return
    place = files.locate(path)
    artifact = Artifact(path, artifact.digest, artifact.kind, artifact.size_bytes, artifact.files)
    if not store.has(artifact):
        artifact = store.add(place, path)
    yield Carried(artifact, bool(place.stat().st_mode & 0o100))


def _is_for(task: Task, path: str) -> bool:
    return any(touches(known, path) for known in task.inputs) or not any(touches(other, path) for other in task.foreign)

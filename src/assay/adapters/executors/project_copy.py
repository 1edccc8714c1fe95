"""A copy of the project for one task, where the machine that runs it does not see the project.

The asking machine names the files and puts them into the store, the other lays them out, runs the task and puts what has changed into
the store, and the asking machine brings that back. Files go through the store alone.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from assay.core.artifact import Artifact
from assay.core.job import JobRecord, ProjectCopy
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
    for artifact in copy.files:
        store.restore(artifact, project / artifact.path)


def changed(
    before: Mapping[str, FileState], files: ProjectFiles, store: Store
) -> tuple[tuple[Artifact, ...], tuple[str, ...]]:
    """What the task made since ``before``, now in the store, and the paths that it removed."""
    after = files.scan()
    places = ((path, files.locate(path)) for path, state in after.items() if state != before.get(path))
    made = tuple(store.add(place, path) for path, place in places)
    return made, tuple(path for path in before if path not in after)


def bring_back(record: JobRecord, files: ProjectFiles, store: Store) -> None:
    """Do in the project what the task did in its copy."""
    for artifact in record.made:
        store.restore(artifact, files.locate(artifact.path))
    for path in record.removed:
        files.remove(path)


def _stored(path: str, files: ProjectFiles, store: Store) -> Iterator[Artifact]:
    """Nothing for a file that has gone since."""
    artifact = files.artifact(path)
    if artifact is None:
        return
    artifact = msgspec.structs.replace(artifact, path=path)
    yield artifact if store.has(artifact) else store.add(files.locate(path), path)


def _is_for(task: Task, path: str) -> bool:
    return any(touches(known, path) for known in task.inputs) or not any(touches(other, path) for other in task.foreign)

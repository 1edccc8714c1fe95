"""Which files a step wrote, which it left as they were, and what it wrote in their place.

Where several steps run at once, a file that another of them promises or was seen to write is never this one's.
"""

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path, PurePosixPath

from assay.core.order import overlaps
from assay.core.pipeline import Step
from assay.core.ports import FileState, ProjectFiles
from assay.core.run import Trace, WrittenFile
from assay.execute.begun import Begun, Beside
from assay.execute.masks import Mask

TRUST_MARGIN_NS = 20_000_000
"""Clocks of files tick coarsely: a file changed this shortly before a step began may still be its."""
NEAR = 0.75
"""From this likeness of two names on (difflib's ratio) one may have been written in the place of the other."""


def since_ns(started_s: float) -> int:
    """What changed from then on may be the work of a step that started then."""
    return int(started_s * 1e9) - TRUST_MARGIN_NS


def stale_outputs(step: Step, started_s: float, files: ProjectFiles, writes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The promised files and folders that are there, but in which nothing has been touched since the step began: they are from
    before it. What it was seen to write is not, whatever the clock of a file server says."""
    since = since_ns(started_s)
    stale = tuple(path for path in step.promised if _is_stale(path, since, files))
    return tuple(path for path in stale if not any(overlaps(path, wrote) for wrote in writes))


def _is_stale(path: str, since: int, files: ProjectFiles) -> bool:
    state = files.state(path)
    if state is not None:
        return state.changed_ns < since
    changes = changes_ns(files.locate(path))
    first = next(changes, None)
    return first is not None and first < since and all(changed < since for changed in changes)


def changes_ns(place: Path) -> Iterator[int]:
    """When a file, or a folder and all that is below it, were last changed; of a link also when it was set. None where nothing is."""
    below = (Path(folder, name) for folder, folders, names in os.walk(place) for name in (*folders, *names))
    for path in chain((place,), below):
        for stat in (path.stat, path.lstat):
            try:
                yield stat().st_ctime_ns
            except OSError:
                continue


def secret_names(step: Step, mask: Mask, files: ProjectFiles) -> tuple[str, ...]:
    """The paths within its outputs that hold the value of a secret, with stars in its place. Nothing is read."""
    places = [files.locate(path) for path in step.promised]
    below = (Path(at, name) for place in places for at, folders, names in os.walk(place) for name in (*folders, *names))
    found = (str(path) for path in below if mask.text(path.name) != path.name)
    root = f"{files.locate('.')}/"
    return tuple(sorted({mask.text(path.removeprefix(root)) for path in found}))


def written_files(begun: Begun, trace: Trace, beside: Beside, files: ProjectFiles) -> tuple[WrittenFile, ...]:
    """Files that appeared or changed: against the scan before, else by their time of change."""
    since = since_ns(begun.started_s)
    own = {*trace.writes, *begun.step.promised}

    def is_new(path: str, state: FileState) -> bool:
        if begun.before is not None:
            return begun.before.get(path) != state
        return state.changed_ns >= since

    return tuple(
        WrittenFile(path, state.size_bytes, state.modified_ns / 1e9)
        for path, state in sorted(files.scan().items())
        if is_new(path, state) and (path in own or not _is_taken(path, beside.taken))
    )


def wrote_instead(
    stale: tuple[str, ...], written: tuple[WrittenFile, ...], step: Step, trace: Trace, beside: Beside
) -> bool:
    """It wrote a file that nearly has the name of an output which it left as it was. Where it did not, it may have found
    its output good as it is."""
    candidates = {file.path for file in written} - set(step.promised)
    if not beside.is_empty:
        candidates &= set(trace.writes)  # what appeared while others ran may be anybody's
    return any(is_near_miss(path, candidate) for path in stale for candidate in candidates)


def is_near_miss(path: str, other: str) -> bool:
    """Two names of one kind that differ by a slip: ``models/model.pkl`` and ``models/modell.pkl``, or ``out/model.pkl``."""
    from difflib import SequenceMatcher  # only needed when something is wrong

    one, two = PurePosixPath(path), PurePosixPath(other)
    if one.name == two.name:
        return True
    return one.suffix == two.suffix and SequenceMatcher(None, one.stem, two.stem).ratio() >= NEAR


def _is_taken(path: str, taken: frozenset[str]) -> bool:
    """It is one of those paths, or lies below one."""
    return path in taken or any(str(parent) in taken for parent in PurePosixPath(path).parents)

"""In what order steps run.

Steps run in file order; a step that declares files or ``needs`` waits only for what it names; a step that declares nothing
waits for all before it and holds all after it. Two additions: a ``check`` holds every later step that reads what it checks,
and ``gate``, ``release`` and ``deploy`` wait for everything before them.
"""

from pathlib import PurePosixPath

from assay.core.pipeline import CheckAction, GateAction, Pipeline, Step


def waits_for(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """For every step, in file order, the steps that it waits for directly, in file order: they must end well before it
    starts, and so must all that those wait for.

    Names in ``needs`` that no step has are passed over: they are mistakes of the file and reported there.
    """
    position = {step.name: at for at, step in enumerate(pipeline.steps)}
    makers, checks = _PathIndex(), _PathIndex()
    for step in pipeline.steps:
        makers.add(step.promised, step.name)
    waits: dict[str, tuple[str, ...]] = {}
    since_barrier: list[str] = []
    barrier: set[str] = set()
    for step in pipeline.steps:
        found = barrier | {name for name in step.needs if name in position}
        found |= (makers.touching(reads(step)) - {step.name}) | checks.touching(reads(step))
        if _declares(step):
            since_barrier.append(step.name)
        else:
            found |= set(since_barrier)
            since_barrier, barrier = [], {step.name}
        if step.kind == "check":
            checks.add(reads(step), step.name)
        waits[step.name] = tuple(sorted(found, key=position.__getitem__))
    return waits


def find_cycle(waits: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Steps that wait for each other in a ring, the first one again at the end; empty where there is no ring."""
    done: set[str] = set()
    for start, first in waits.items():
        pending = [(start, iter(first))] if start not in done else []
        path = [name for name, _ in pending]
        while pending:
            name, rest = pending[-1]
            following = next((other for other in rest if other not in done), None)
            if following is None:
                done.add(name)
                pending.pop()
                path.pop()
            elif following in path:
                return (*path[path.index(following) :], following)
            else:
                pending.append((following, iter(waits.get(following, ()))))
                path.append(following)
    return ()


def producer_of(path: str, pipeline: Pipeline) -> Step | None:
    """The step that has promised to write ``path``, or a folder above or a file below it."""
    return next((step for step in pipeline.steps if any(overlaps(path, made) for made in step.promised)), None)


def reads(step: Step) -> tuple[str, ...]:
    """Every path that a step is declared to read: its inputs, and the data of its check or gate."""
    match step.action:
        case CheckAction(datasets=datasets):
            return step.inputs + tuple(path for path, _ in datasets)
        case GateAction(data=data):
            return (*step.inputs, data)
        case _:
            return step.inputs


def overlaps(one: str, other: str) -> bool:
    """Both name the same place, or one lies below the other."""
    a, b = PurePosixPath(one), PurePosixPath(other)
    return a == b or a in b.parents or b in a.parents


def _declares(step: Step) -> bool:
    return step.kind == "check" or (step.kind == "run" and bool(step.inputs or step.promised or step.needs))


class _PathIndex:
    """Which steps name a path: found by the path itself, by a folder above it, or by a path below it."""

    def __init__(self) -> None:
        self._at: dict[PurePosixPath, set[str]] = {}
        self._below: dict[PurePosixPath, set[str]] = {}

    def add(self, paths: tuple[str, ...], step: str) -> None:
        for path in map(PurePosixPath, paths):
            self._at.setdefault(path, set()).add(step)
            for parent in path.parents:
                self._below.setdefault(parent, set()).add(step)

    def touching(self, paths: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for path in map(PurePosixPath, paths):
            found |= self._at.get(path, set()) | self._below.get(path, set())
            found = found.union(*(self._at.get(parent, ()) for parent in path.parents))
        return found

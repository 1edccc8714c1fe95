"""In what order steps run.

Steps run in file order; a step that declares files or ``needs`` waits only for what it names; a step that declares nothing
waits for all before it and holds all after it. Two additions: a ``check`` holds every later step that reads what it checks,
and ``gate``, ``release`` and ``deploy`` wait for everything before them. A step waits for whoever makes the folder in which it runs.
What is read may be a glob. A step that never runs waits for
nothing.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import PurePosixPath
from posixpath import normpath
from typing import NamedTuple

from assay.core.dataset import parse_dataset
from assay.core.pipeline import CheckAction, GateAction, Pipeline, Step
from assay.core.rules import Rules


def waits_for(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """For every step, in file order, the steps that it waits for directly, in file order: they must end well before it
    starts, and so must all that those wait for.

    Names in ``needs`` that no step has are passed over: they are mistakes of the file and reported there.
    """
    return _waits(pipeline, is_by_place=True)


def needs_of(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """For every step those that it waits for and cannot do without: whose files it reads, whom it names, whose checks hold it. A
    ``gate``, ``release`` or ``deploy`` can do without none before it."""
    return _waits(pipeline, is_by_place=False)


def _waits(pipeline: Pipeline, *, is_by_place: bool) -> dict[str, tuple[str, ...]]:
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
        if step.workdir != ".":
            found |= makers.holding(step.workdir) - {step.name}
        if _declares(step) or (step.kind == "run" and not is_by_place):
            since_barrier.append(step.name)
        else:
            found |= set(since_barrier)
            since_barrier, barrier = [], {step.name}
        if step.runs == "never":
            found = set()
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


def reads(step: Step) -> tuple[str, ...]:
    """Every path that a step is declared to read: its inputs, the files of which it selects parameters, the data of its check, what its
    gate judges by."""
    if step.params:
        return (*step.inputs, *(selection.path for selection in step.params))
    match step.action:
        case CheckAction(datasets=datasets):
            return step.inputs + tuple(path for name, rules in datasets for path in _checked(name, rules))
        case GateAction(data=data, metrics=metrics, require=require):
            cases = (sentence.behaviour.path for sentence in require if sentence.behaviour is not None)
            return (*step.inputs, *(path for path in (data, metrics, *cases) if path is not None))
        case _:
            return step.inputs


def _checked(name: str, rules: Rules) -> Iterator[str]:
    """The files that are read where a dataset is held against its rules."""
    yield from (parse_dataset(each).place for each in (name, *rules.others) if parse_dataset(each).is_local)
    yield from rules.files


def overlaps(one: str, other: str) -> bool:
    """Both name the same place, or one lies below the other. Globs are taken by their letters."""
    a, b = normpath(one), normpath(other)
    return a == b or _lies_below(a, b) or _lies_below(b, a)


def _lies_below(path: str, folder: str) -> bool:
    if folder == ".":
        return not path.startswith(("/", "..")) and path != "."
    return path.startswith(folder if folder == "/" else folder + "/")


def touches(pattern: str, path: str) -> bool:
    """``path`` is what a path or glob names, or lies below it or above it.

    A glob names files: below one that matches lies nothing. Where ``path`` is a glob too, False is certain and True is not.
    """
    if overlaps(pattern, path):
        return True
    if not is_glob(pattern) and is_glob(path):
        pattern, path = path, pattern
    return is_glob(pattern) and _meet(_plain(pattern).parts, _plain(path).parts)


def is_glob(path: str) -> bool:
    """It has letters that mean others: ``*``, ``?``, ``[``."""
    return any(letter in path for letter in _WILD)


_WILD = "*?["


def _declares(step: Step) -> bool:
    if step.kind != "run":
        return step.kind == "check"
    return step.is_free or bool(step.inputs or step.promised or step.needs)


def _plain(path: str) -> PurePosixPath:
    return PurePosixPath(normpath(path))


def _meet(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Part by part, the pattern can name the path or something below it."""
    if not path:
        return True
    if not pattern:
        return False
    if "**" in (pattern[0], path[0]):
        any_depth, other = (pattern, path) if pattern[0] == "**" else (path, pattern)
        return any(_meet(any_depth[1:], other[at:]) for at in range(len(other) + 1))
    return _parts_meet(pattern[0], path[0]) and _meet(pattern[1:], path[1:])


def _parts_meet(pattern: str, part: str) -> bool:
    if not is_glob(part):
        return fnmatchcase(part, pattern)
    if not is_glob(pattern):
        return fnmatchcase(pattern, part)
    heads = (_until_wild(pattern), _until_wild(part))
    tails = (_until_wild(pattern[::-1], "*?]"), _until_wild(part[::-1], "*?]"))
    return all(one.startswith(other) or other.startswith(one) for one, other in (heads, tails))


def _until_wild(text: str, wild: str = _WILD) -> str:
    return text[: next((at for at, letter in enumerate(text) if letter in wild), len(text))]


class _Named(NamedTuple):
    step: str
    path: str
    is_glob: bool


class _PathIndex:
    """Which steps name a path: found by the path itself, by a folder above it, or by a path below it.

    A glob stands at the folder that its letters lead to, and is then held against the path itself.
    """

    def __init__(self) -> None:
        self._at: dict[str, list[_Named]] = {}
        self._below: dict[str, list[_Named]] = {}

    def add(self, paths: tuple[str, ...], step: str) -> None:
        for path in paths:
            head, is_wild = _head(path)
            named = _Named(step, path, is_wild)
            self._at.setdefault(head, []).append(named)
            for above in _folders_above(head):
                self._below.setdefault(above, []).append(named)

    def touching(self, paths: tuple[str, ...]) -> set[str]:
        return {step for path in paths for step in self._touching(path)}

    def holding(self, folder: str) -> set[str]:
        """Those who name this very folder, or one above it."""
        plain = normpath(folder)
        places = (self._at.get(plain), *map(self._at.get, _folders_above(plain)))
        return {named.step for named in chain.from_iterable(filter(None, places)) if not named.is_glob}

    def _touching(self, path: str) -> Iterator[str]:
        head, asks_glob = _head(path)
        places = (self._at.get(head), self._below.get(head), *map(self._at.get, _folders_above(head)))
        for named in chain.from_iterable(place for place in places if place):
            if not (asks_glob or named.is_glob) or touches(named.path, path):
                yield named.step


def _head(path: str) -> tuple[str, bool]:
    """The path in plain spelling; of a glob the folder below which all that it names lies. And whether it is a glob."""
    plain = normpath(path)
    if not is_glob(plain):
        return plain, False
    parts = plain.split("/")
    wild = next(at for at, part in enumerate(parts) if is_glob(part))
    return "/".join(parts[:wild]) or ("/" if plain.startswith("/") else "."), True


def _folders_above(path: str) -> Iterator[str]:
    """``data/parts`` and ``data`` and ``.`` for ``data/parts/0.csv``."""
    while (at := path.rfind("/")) > 0:
        path = path[:at]
        yield path
    if path not in (".", "/"):
        yield "/" if path.startswith("/") else "."

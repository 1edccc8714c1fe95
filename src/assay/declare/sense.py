"""Mistakes beyond shape: values that are well written and do not fit together.

Every check looks at what could be read, so that one mistake does not hide another; a step that could not be read wholly is
held to declare nothing, which can hide a ring but never invent one.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from assay.core.near import near_miss
from assay.core.order import find_cycle, overlaps, reads, waits_for
from assay.core.pipeline import ACTION_NAMES, ParamSelection, Pipeline, RunAction, Step
from assay.core.problem import Place
from assay.declare.check_sense import tell_checks
from assay.declare.gate_sense import tell_gates
from assay.declare.kinds import Named
from assay.declare.nodes import Mapping
from assay.declare.nouns import cells_by_name, make_action, needed, selections
from assay.declare.plain import MERGE
from assay.declare.reading import Reading, inside
from assay.declare.settings_sense import tell_params, tell_settings
from assay.declare.watch_sense import tell_watch

MOST_NEAR = 50
"""So many unknown steps are held against all that are known: with ten thousand of each it would take minutes."""
MOST_RINGS = 50
"""So many rings are told of one file, for the same reason."""
MOST_WAITS = 1_000_000
"""So many steps may all `needs` of a file name together."""


def tell_what_does_not_fit(values: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Tell every mistake that shows only when parts of the file are held together. The selected parameters that are known."""
    steps: tuple[Named, ...] = values.get("steps", ())
    for check in (_tell_names, _tell_actions, _tell_needs, tell_files_that_do_not_fit):
        check(steps, reading)
    tell_gates(steps, reading)
    tell_checks(steps, values.get("model", {}).get("time"), reading)
    tell_watch(values.get("watch", {}), steps, reading)
    tell_settings(values, steps, reading)
    return tell_params(steps, reading)


def tell_files_that_do_not_fit(steps: tuple[Named, ...], reading: Reading) -> None:
    """Tell what is wrong with what steps read and write, held together."""
    for check in (_tell_patterns, _tell_own_inputs, _tell_kept, _tell_writers, _tell_rings):
        check(steps, reading)


def _tell_names(steps: tuple[Named, ...], reading: Reading) -> None:
    """No two steps have one name. What has cells is known by its own name too, as `needs` may say it."""
    first: dict[str, Named] = {}
    for step in steps:
        name = step.values.get("name")
        other = first.get(step.cell_of or name or "") or first.get(name or "")
        if other is not None and other.declared != step.declared:
            place = reading.places[other.where]
            name = name if name in first else step.cell_of
            what = f'two steps are called "{name}"'
            at = reading.places[inside(step.where, "name")]
            reading.tell(
                at, "same-name", what, f"the first stands in line {place.line}", fix="give each step its own name"
            )
        elif name is not None:
            first[name] = first[step.cell_of or name] = step


def _tell_actions(steps: tuple[Named, ...], reading: Reading) -> None:
    names = tuple(ACTION_NAMES.values())
    for step in steps:
        found = [name for name in names if reading.has(inside(step.where, name))]
        if not found and isinstance(step.node, Mapping) and not reading.has(inside(step.where, MERGE)):
            what = f"{_title(step)} does nothing"
            reading.tell(
                step.node, "no-action", what, f"a step is one of {', '.join(names)}", fix="write `run: COMMAND`"
            )
        elif len(found) > 1:
            second = reading.places.get(inside(step.where, found[-1])) or reading.place_of(step.node)
            what = f"{_title(step)} does two things: {' and '.join(found)}"
            reading.tell(second, "two-actions", what, f"a step is one of {', '.join(names)}", fix="make it two steps")


def _tell_needs(steps: tuple[Named, ...], reading: Reading) -> None:
    cells = cells_by_name(steps)
    names = {step.values["name"] for step in steps if "name" in step.values} | set(cells)
    waits, unknown = 0, 0
    for step in steps:
        waits += _tell_many_waits(step, cells, waits, reading)
        for where, name in _items(step, "needs"):
            if name not in names:
                unknown += 1
                near = near_miss(name, names) if unknown <= MOST_NEAR else None
                hint = f"; did you mean {near}?" if near else ""
                what = f'{_title(step)} needs "{name}", and no step is called so{hint}'
                fix = f"write {near}" if near else "remove it, or add the step"
                reading.tell(reading.places[where], "unknown-step", what, fix=fix)


def _tell_many_waits(step: Named, cells: dict[str, tuple[str, ...]], before: int, reading: Reading) -> int:
    """How many steps it needs; told where that makes too many of all."""
    count = _needed_count(step, cells)
    if before <= MOST_WAITS < before + count:
        what = f"{_title(step)} needs {count} steps, and with the steps before it the file {before + count}"
        because = f"a file may name {MOST_WAITS} by `needs`; a step that has cells is all of them"
        fix = 'need one cell, such as "train@${matrix.model}", or put a step between that needs all'
        reading.tell(reading.places[inside(step.where, "needs")], "too-many-cells", what, because, fix=fix)
    return count


def _needed_count(step: Named, cells: dict[str, tuple[str, ...]]) -> int:
    return sum(len(cells.get(name, (name,))) for name in step.values.get("needs", ()) if name is not None)


def _tell_patterns(steps: tuple[Named, ...], reading: Reading) -> None:
    """What a step promises is named, so that it can be missed: a glob promises nothing."""
    for step in steps:
        for where, made in _promises(step):
            if "*" in made or "?" in made:
                fix = (
                    "name each file"
                    if made in step.values.get("metrics", ())
                    else f"{_folder_for(made)}; or name each file"
                )
                what = f'{_title(step)} promises "{made}", and what a step writes may not be a glob'
                because = (
                    "it would not be known which of the files should be there; a folder counts with all that lies in it"
                )
                reading.tell(reading.places[where], "glob-in-outputs", what, because, fix=fix)


def _folder_for(made: str) -> str:
    folder = str(PurePosixPath(made).parent)
    return f"write the folder, {folder}" if folder != "." else "let it write into a folder, and write that, such as out"


def _tell_own_inputs(steps: tuple[Named, ...], reading: Reading) -> None:
    for step in steps:
        read = [path for _, path in _items(step, "inputs")] + [each.path for each in _selected(step)]
        for where, made in _promises(step):
            same = next((path for path in read if overlaps(path, made)), None)
            if same is not None:
                what = f'{_title(step)} reads "{same}" and writes "{made}"'
                because = "an input that its own step changes is never the same twice, so nothing could be reused"
                reading.tell(reading.places[where], "input-is-output", what, because, fix="write to another path")


def _tell_kept(steps: tuple[Named, ...], reading: Reading) -> None:
    """What a step may leave as it was is one of its outputs, as these are written."""
    for step in steps:
        promised = {normpath(path): path for _, path in _promises(step)}
        for where, path in _items(step, "keeps"):
            if normpath(path) not in promised:
                near = near_miss(path, promised.values())
                what = f'{_title(step)} keeps "{path}", which is none of its outputs'
                fix = f"write {near}" if near else "name it in `outputs:` too, or take it out"
                reading.tell(reading.places[where], "keeps-no-output", what, fix=fix)


def _tell_writers(steps: tuple[Named, ...], reading: Reading) -> None:
    """One path has one writer. A folder counts for all that lies below it."""
    writers: dict[PurePosixPath, Named] = {}
    above: dict[PurePosixPath, Named] = {}
    for step in steps:
        for where, made in _promises(step):
            path = PurePosixPath(made)
            holders = (writers.get(path), above.get(path), *(writers.get(parent) for parent in path.parents))
            other = next((holder for holder in holders if holder is not None and holder is not step), None)
            if other is not None:
                _tell_two_writers(other, step, made, reading.places[where], reading)
            writers.setdefault(path, step)
            for parent in path.parents:
                above.setdefault(parent, step)


def _tell_two_writers(other: Named, step: Named, made: str, place: Place, reading: Reading) -> None:
    if other.declared != step.declared:
        what = f'{_title(other)} and {_title(step)} both write "{made}"'
        reading.tell(place, "two-writers", what, fix="let each step write a path of its own")
        return
    key = "item" if any(axis == "item" for axis, _ in step.cell) else f"matrix.{step.cell[0][0]}"
    what = f'steps of "{step.cell_of}" that differ in their values write the same "{made}"'
    fix = f"let the path name what they differ in, such as ${{{key}}}"
    reading.tell(place, "two-writers", what, fix=fix)


def _tell_rings(steps: tuple[Named, ...], reading: Reading) -> None:
    cells = cells_by_name(steps)
    if sum(_needed_count(step, cells) for step in steps) > MOST_WAITS:
        return
    known = {step.where: _as_step(step, cells) for step in steps}
    waits = waits_for(Pipeline("", tuple(known.values())))
    order = {name: at for at, name in enumerate(waits)}
    for _ in range(MOST_RINGS):
        ring = find_cycle(waits)
        if not ring:
            break
        first = min(range(len(ring) - 1), key=lambda at: order[ring[at]])
        turned = (*ring[first:-1], *ring[: first + 1])
        drawn = " -> ".join(name.removeprefix("steps.") for name in turned)
        because = (_why(known[one], known[other]) for one, other in pairwise(turned))
        at = reading.places[turned[0]]
        reading.tell(at, "cycle", f"steps wait for each other: {drawn}", *because, fix="take one of these away")
        waits = {name: waiting for name, waiting in waits.items() if name not in ring}
        waits = {name: tuple(other for other in waiting if other in waits) for name, waiting in waits.items()}


def _as_step(named: Named, cells: dict[str, tuple[str, ...]]) -> Step:
    """The step under its ``where``, which is unique; one that reads nothing known where it is not whole."""
    actions = [name for name in ACTION_NAMES.values() if name in named.values]
    if not named.is_whole or len(actions) != 1:
        return Step(named.where, RunAction(""), inputs=("\0",))
    values = named.values
    needs = tuple(f"steps.{name}" for name in needed(values.get("needs", ()), cells))
    rest = {key: values[key] for key in ("inputs", "outputs", "metrics", "runs", "workdir") if key in values}
    params = _selected(named)
    return Step(named.where, make_action(values), **rest, needs=needs, params=params, is_free=values.get("needs") == ())


def _why(one: Step, other: Step) -> str:
    """Why ``one`` waits for ``other``."""
    name, before = one.name.removeprefix("steps."), other.name.removeprefix("steps.")
    if other.name in one.needs:
        return f'"{name}" needs "{before}"'
    for path in reads(one):
        if any(overlaps(path, made) for made in other.promised):
            return f'"{name}" reads {path}, which "{before}" writes'
    if other.kind == "check":
        return f'"{name}" reads what "{before}" checks'
    if one.inputs or one.promised or one.needs:
        return f'"{before}" declares no files, so it holds all after it'
    return f'"{name}" declares no files, so it waits for all before it'


def _items(step: Named, key: str) -> Iterator[tuple[str, str]]:
    """(where, text) of each item of a list that could be read."""
    for at, item in enumerate(step.values.get(key, ())):
        if item is not None:
            yield f"{inside(step.where, key)}[{at}]", item


def _selected(step: Named) -> tuple[ParamSelection, ...]:
    """The parameters that it selects, as far as they could be read."""
    return selections(item for item in step.values.get("params", ()) if item is not None)


def _promises(step: Named) -> Iterator[tuple[str, str]]:
    yield from _items(step, "outputs")
    yield from _items(step, "metrics")


def _title(step: Named) -> str:
    name = step.values.get("name")
    return f'step "{name}"' if name else f"`{step.where}`"

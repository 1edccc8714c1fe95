"""One stage of dvc.yaml: its keys read with the variables put in place, and the step that it is.

A stage is read once for each of its cells. Where the variables are not known (``foreach`` itself did not read) its shape is
still held to the rules, so that one mistake does not hide the others.
"""

from collections.abc import Iterator
from posixpath import join, normpath
from typing import Any

import msgspec

from assay.core.pipeline import ParamSelection, RunAction, Step
from assay.declare.dvc.scope import Scope, load_variables
from assay.declare.dvc.variables import DEFAULT_FILE, Variables
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.plain import plain
from assay.declare.reading import inside

OWN_SHELL = ("$SHELL",)
KEYS = ("cmd", "wdir", "deps", "params", "vars", "outs", "metrics", "plots", "frozen", "always_changed", "desc", "meta")
_OTHER_NAMES = {
    "command": "cmd",
    "run": "cmd",
    "inputs": "deps",
    "outputs": "outs",
    "workdir": "wdir",
    "parameters": "params",
}
_REMOVED = {
    "live": "declare what it writes in `outs:` or `metrics:`",
    "locked": "write `frozen:`",
}
_FLAGS = ("cache", "persist", "push", "remote", "checkpoint", "desc", "type", "labels", "meta")
_LOOKS = ("template", "x", "y", "x_label", "y_label", "title", "header")
_NUMBERS = (".json", ".yaml", ".yml", ".csv")
"""What Assay reads metrics from; other metrics files are plain outputs."""


class Found(msgspec.Struct):
    """What was found of a stage: each path with the node that names it."""

    name: str
    node: Mapping
    commands: tuple[str, ...] = ()
    workdir: str = "."
    deps: dict[str, Node] = {}
    outs: dict[str, Node] = {}
    metrics: dict[str, Node] = {}
    persisted: set[str] = set()
    params: tuple[ParamSelection, ...] = ()
    frozen: bool = False
    always_changed: bool = False

    def step(self, cell_of: str | None, cell: tuple[tuple[str, Any], ...]) -> Step:
        """The step that the stage is."""
        reads_nothing = not self.deps and not self.params
        is_callback = reads_nothing and not self.outs and not self.metrics
        runs: Any = "never" if self.frozen else "always" if self.always_changed or is_callback else None
        written = (*self.outs, *self.metrics)
        return Step(
            self.name,
            RunAction(script(self.commands)),
            inputs=tuple(self.deps),
            outputs=tuple(self.outs),
            metrics=tuple(self.metrics),
            params=self.params,
            workdir=self.workdir,
            shell=OWN_SHELL,
            runs=runs or ("changed" if reads_nothing else None),
            is_free=reads_nothing and not written,
            clears=tuple(path for path in written if path not in self.persisted),
            keeps=tuple(path for path in written if path in self.persisted),
            cell_of=cell_of,
            cell=cell,
        )


def script(commands: tuple[str, ...]) -> str:
    """One script that runs each command by itself, as DVC does: what one sets or enters ends with it, and a failure ends all."""
    return commands[0] if len(commands) == 1 else " && ".join(f"(\n{command}\n)" for command in commands)


def commands_of(cmd: str | list[str]) -> tuple[str, ...]:
    """The commands of ``cmd``: the lines of a text, the items of a list."""
    lines = cmd.splitlines() if isinstance(cmd, str) else cmd
    return tuple(line for line in lines if line.strip())


def read_stage(node: Mapping, name: str, scope: Scope) -> Found:
    """What the stage's keys say; every mistake in them is told."""
    values = dict(_values(node, scope))
    found = Found(name, node)
    found.workdir = _workdir(values.get("wdir"), scope)
    scope = msgspec.structs.replace(scope, variables=_own_variables(values.get("vars"), found.workdir, scope))
    found.commands = tuple(_commands(values.get("cmd"), node, scope))
    found.deps = dict(_paths(values.get("deps"), "deps", found.workdir, scope))
    found.outs = dict(_written(values, "outs", found, scope)) | dict(_written(values, "plots", found, scope))
    metrics = dict(_written(values, "metrics", found, scope))
    found.metrics = {path: each for path, each in metrics.items() if path.lower().endswith(_NUMBERS)}
    found.outs |= {path: each for path, each in metrics.items() if path not in found.metrics}
    found.metrics = {path: each for path, each in found.metrics.items() if path not in found.outs}
    found.params = tuple(_params(values.get("params"), found.workdir, scope))
    found.frozen = _flag(values.get("frozen"), "frozen", scope)
    found.always_changed = _flag(values.get("always_changed"), "always_changed", scope)
    return found


def _values(node: Mapping, scope: Scope) -> Iterator[tuple[str, Node]]:
    for name, key, value in scope.reading.entries(node, scope.where):
        if name in KEYS:
            yield name, value
        elif name in _REMOVED:
            what = f"`{inside(scope.where, name)}`: DVC has removed this key"
            scope.reading.tell(key, "removed-key", what, fix=_REMOVED[name])
        else:
            scope.reading.tell_unknown(key, scope.where, list(KEYS), _OTHER_NAMES)


def _workdir(node: Node | None, scope: Scope) -> str:
    told = scope.text(node, inside(scope.where, "wdir")) if node is not None else None
    return normpath(join(scope.folder, told or "."))


def _own_variables(node: Node | None, workdir: str, scope: Scope) -> Variables | None:
    if node is None or scope.variables is None:
        return scope.variables
    variables = scope.variables.copy()
    load_variables(node, inside(scope.where, "vars"), workdir, msgspec.structs.replace(scope, variables=variables))
    return variables


def _commands(node: Node | None, stage: Mapping, scope: Scope) -> Iterator[str]:
    where = inside(scope.where, "cmd")
    if node is None:
        scope.reading.tell_missing(stage, scope.where, "cmd", "write `cmd: python train.py`")
        return
    if isinstance(node, Scalar):
        yield from commands_of(scope.text(node, where, scope.flags) or "")
        return
    for at, item in enumerate(_items(node, where, "a command, or a list of commands", scope)):
        command = scope.text(item, f"{where}[{at}]", scope.flags)
        if command and command.strip():
            yield command


def _items(node: Node | None, where: str, says: str, scope: Scope) -> tuple[Node, ...]:
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return ()
    if isinstance(node, Sequence):
        return node.items
    scope.reading.tell_type(node, where, says)
    return ()


def _paths(node: Node | None, key: str, workdir: str, scope: Scope) -> Iterator[tuple[str, Node]]:
    where = inside(scope.where, key)
    for at, item in enumerate(_items(node, where, "a list of paths", scope)):
        path = _path(item, f"{where}[{at}]", workdir, scope)
        if path is not None:
            yield path, item


def _path(node: Node, where: str, workdir: str, scope: Scope) -> str | None:
    told = scope.text(node, where)
    if told is None:
        return None
    if "://" in told:
        scope.reading.tell_unbuilt(
            node, f"`{where}`: data that is not a file here", "bring it here first, and name the file"
        )
        return None
    if not told.strip():
        scope.reading.tell(node, "wrong-type", f"`{where}`: expected a path, got nothing")
        return None
    return normpath(join(workdir, told))


def _written(values: dict[str, Node], key: str, found: Found, scope: Scope) -> Iterator[tuple[str, Node]]:
    where = inside(scope.where, key)
    for at, item in enumerate(_items(values.get(key), where, "a list of paths", scope)):
        here = f"{where}[{at}]"
        for name, flags in _detailed(item, here, scope):
            path = _path(name, here, found.workdir, scope)
            if path is None:
                continue
            if path.startswith(("/", "../")) or path in (".", ".."):
                scope.reading.tell_unbuilt(
                    name, f"`{here}`: an output outside the project", "write it below the project"
                )
                continue
            if flags is not None and _persists(flags, here, is_plot=key == "plots", scope=scope):
                found.persisted.add(path)
            yield path, name


def _detailed(node: Node, where: str, scope: Scope) -> Iterator[tuple[Node, Node | None]]:
    """(path, what is told of it): a path alone, or a mapping with the path as its key."""
    if not isinstance(node, Mapping):
        yield node, None
        return
    for _, key, value in scope.reading.entries(node, where):
        yield msgspec.structs.replace(key, value=key.text), value


def _persists(node: Node, where: str, *, is_plot: bool, scope: Scope) -> bool:
    if is_plot and isinstance(node, Sequence):
        return True in [_persists(item, where, is_plot=True, scope=scope) for item in node.items]
    if not isinstance(node, Mapping):
        scope.reading.tell_type(node, where, "keys such as `cache: false`")
        return False
    known = (*_FLAGS, *_LOOKS) if is_plot else _FLAGS
    persists = False
    for name, key, value in scope.reading.entries(node, where):
        if name not in known:
            scope.reading.tell_unknown(key, where, list(known), {})
        elif name in ("cache", "persist", "push") and not _is_flag(value):
            scope.reading.tell_type(value, inside(where, name), "true or false")
        elif name == "persist":
            persists = plain(value) is True
    return persists


def _params(node: Node | None, workdir: str, scope: Scope) -> Iterator[ParamSelection]:
    """The keys of each file, the whole file where one item asks for all of it; files in the order in which they are named."""
    where = inside(scope.where, "params")
    wanted: dict[str, list[str] | None] = {}
    for at, item in enumerate(_items(node, where, "a list of keys, or of files with keys", scope)):
        for path, keys in _selected(item, f"{where}[{at}]", workdir, scope):
            before = wanted.get(path, [])
            wanted[path] = None if not keys or before is None else [*before, *keys]
    for path, selected in wanted.items():
        yield ParamSelection(path, tuple(dict.fromkeys(selected or ())))


def _selected(node: Node, where: str, workdir: str, scope: Scope) -> Iterator[tuple[str, list[str]]]:
    if not isinstance(node, Mapping):
        key = scope.text(node, where)
        if key is not None:
            yield normpath(join(workdir, DEFAULT_FILE)), [key]
        return
    for _, name, value in scope.reading.entries(node, where):
        path = _path(msgspec.structs.replace(name, value=name.text), where, workdir, scope)
        keys = [scope.text(each, where) for each in _items(value, where, "a list of keys", scope)]
        if path is not None and None not in keys:
            yield path, [key for key in keys if key is not None]


def _flag(node: Node | None, key: str, scope: Scope) -> bool:
    if node is None:
        return False
    if not _is_flag(node):
        scope.reading.tell_type(node, inside(scope.where, key), "true or false")
    return plain(node) is True


def _is_flag(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, bool)

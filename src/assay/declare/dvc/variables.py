"""The variables that dvc.yaml may name: params.yaml first, then ``vars``; none may be told twice."""

from copy import deepcopy
from posixpath import join, normpath
from typing import Any

from assay.core.near import near_miss
from assay.declare.dvc.interpolation import Unresolved, path_of, spelt
from assay.declare.dvc.sources import Read
from assay.declare.params import parse_params

DEFAULT_FILE = "params.yaml"


class Variables:
    """Values by dotted path, each with where it came from."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._values: dict[str, Any] = {}
        self._sources: dict[str, str] = {}
        self._loaded: dict[str, tuple[str, ...]] = {}
        """Keys by file; none: the whole of it."""

    def copy(self) -> "Variables":
        """The same, to add to without changing these."""
        other = Variables(self._read)
        other._values, other._sources = deepcopy(self._values), dict(self._sources)
        other._loaded = dict(self._loaded)
        return other

    def load_default(self, folder: str) -> None:
        """Take up the params.yaml of a folder, where there is one."""
        if self._read(_at(folder, DEFAULT_FILE)) is not None:
            self.load(DEFAULT_FILE, folder)

    def load(self, item: str, folder: str) -> None:
        """Take up a file, or some of its keys (``config.json:train,test``); ``Unresolved`` where it cannot be."""
        name, _, wanted = item.partition(":")
        path, keys = _at(folder, name), tuple(filter(None, wanted.split(",")))
        before = self._loaded.get(path)
        if before is not None:
            if not keys and not before:
                return
            if not keys or not before or set(keys) & set(before):
                what = f'"{item}" is loaded already, as a whole or in part'
                raise Unresolved("variable-redefined", what, "remove it")
        values = self._values_of(path)
        absent = next((key for key in keys if key not in values), None)
        if absent is not None:
            near = near_miss(absent, [str(name) for name in values])
            raise Unresolved("unknown-variable", f'{path} has no "{absent}"', f"write {near}" if near else "remove it")
        self._loaded[path] = (before or ()) + keys
        self.add({key: values[key] for key in keys} if keys else values, path)

    def add(self, values: dict[str, Any], source: str) -> None:
        """Take up values; ``Unresolved`` where one of them is there already."""
        self._merge(self._values, values, source, "")

    def look_up(self, expression: str) -> Any:
        """The value of ``a.b[0]``; ``Unresolved`` with the near miss where there is none."""
        value: Any = self._values
        told = ""
        for part in path_of(expression):
            value = _within(value, part, told, expression)
            told = f"{told}.{part}" if told else part
        return value

    def with_cell(self, values: dict[str, Any]) -> "Variables":
        """These, and ``item`` and ``key`` of one cell, which go before what was called so."""
        other = Variables(self._read)
        other._values = {**self._values, **values}
        other._sources = {**self._sources, **dict.fromkeys(values, "the cell")}
        other._loaded = dict(self._loaded)
        return other

    def _values_of(self, path: str) -> dict[str, Any]:
        data = self._read(path)
        if data is None:
            fix = f"write {path}, or correct the path"
            raise Unresolved("no-params-file", f"there is no {path}", fix, "`vars` names it")
        values, problems = parse_params(data, path)
        if problems:
            because = (f"{problem.place}: {problem.what}" for problem in problems)
            raise Unresolved("params-not-readable", f"{path} does not read", f"correct {path}", *because)
        return values

    def _merge(self, into: dict[str, Any], values: dict[str, Any], source: str, above: str) -> None:
        for name, value in values.items():
            path = f"{above}{name}"
            if isinstance(into.get(name), dict) and isinstance(value, dict):
                self._merge(into[name], value, source, f"{path}.")
            elif name in into:
                first = self._sources.get(path) or self._sources.get(path.split(".", maxsplit=1)[0], "an earlier file")
                what = f"`{path}` of {source} is told already"
                raise Unresolved("variable-redefined", what, "give it another name", f"it stands in {first}")
            else:
                into[name] = deepcopy(value)
                self._sources[path] = source


def _at(folder: str, path: str) -> str:
    return normpath(join(folder, path))


def _within(value: Any, part: str, above: str, expression: str) -> Any:
    if isinstance(value, dict):
        if part in value:
            return value[part]
        near = near_miss(part, [name for name in value if isinstance(name, str)])
        meant = f"{above}.{near}" if above else near
        hint = f"; did you mean ${{{meant}}}?" if near else ""
        where = f" below `{above}`" if above else ""
        what = f"`${{{expression}}}`: there is no `{part}`{where}{hint}"
        raise Unresolved(
            "unknown-variable", what, f"write ${{{meant}}}" if near else "add it to params.yaml or to `vars`"
        )
    if isinstance(value, list):
        if part.isdecimal() and int(part) < len(value):
            return value[int(part)]
        what = f"`${{{expression}}}`: `{above}` is a list of {len(value)}, and has no [{part}]"
        raise Unresolved("unknown-variable", what, "name an item that is there; the first is [0]")
    what = f'`${{{expression}}}`: `{above}` is "{spelt(value)}", in which there is no `{part}`'
    raise Unresolved("unknown-variable", what, f"write ${{{above}}}")

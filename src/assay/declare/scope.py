"""What ``${...}`` may name at one place of the file, and how its commands are read."""

from collections.abc import Mapping
from typing import Any

import msgspec

from assay.core.reference import ROOTS, UNKNOWN, Reference, ReferenceMistake, find, find_below, is_recordable
from assay.declare.params import DEFAULT_PARAMS, ParamFiles

_KEY_OF = {"matrix": "matrix", "item": "foreach", "key": "foreach"}


class Scope(msgspec.Struct, frozen=True):
    """The values of one cell, and the parameters."""

    files: ParamFiles
    params_path: str = DEFAULT_PARAMS
    cell: Mapping[str, Any] = {}
    """``matrix``, or ``item`` and ``key``."""
    is_posix: bool = True
    """Commands go to a shell of sh's family."""

    @property
    def own(self) -> frozenset[str]:
        """Names that are ours in a command though they have no dot."""
        return frozenset(self.cell) - {"matrix"}

    def within(self, cell: Mapping[str, Any], *, is_posix: bool) -> "Scope":
        """The scope of one cell."""
        return msgspec.structs.replace(self, cell=cell, is_posix=is_posix)

    def look_up(self, reference: Reference) -> Any:
        """What the reference names; ``ReferenceMistake`` where nothing is there."""
        if reference.root == "params":
            return self._param(reference)
        if reference.root in _KEY_OF and reference.root not in self.cell:
            near = f"matrix{reference.text[4:]}" if reference.root == "item" and "matrix" in self.cell else ""
            raise ReferenceMistake(*self._why_not(reference.root), near if reference.path else "")
        roots = {**self.cell, "params": None}
        self._refuse_bare_axis(reference)
        return find(reference, {name: roots[name] for name in ROOTS if name in roots})

    def _refuse_bare_axis(self, reference: Reference) -> None:
        """What is `${matrix.model}` is easily written `${model}`."""
        axes = self.cell.get("matrix")
        if reference.root not in ROOTS and isinstance(axes, dict) and reference.root in axes:
            near = f"matrix.{reference.text}"
            raise ReferenceMistake(f"`{reference.root}` is an axis of the matrix", "", near)

    def _why_not(self, root: str) -> tuple[str, str]:
        if root == "key" and "item" in self.cell:
            return (
                "the items of a list have no `key`",
                "`foreach` has a list here; with `foreach: {KEY: VALUE}` they do",
            )
        return f"there is no `{root}` here", f"no `{_KEY_OF[root]}` belongs to it"

    def _param(self, reference: Reference) -> Any:
        values = self.files.values(self.params_path)
        if values is not None:
            return _recordable(find_below(values, reference.path, "params"), reference.text)
        if not self.files.are_known or self.files.is_there(self.params_path):
            return UNKNOWN
        fix = f"bring {self.params_path} back, or name the file of parameters in `params:` at the top"
        raise ReferenceMistake(f"there is no {self.params_path}", "`params:` names the file of parameters", fix=fix)


def _recordable(value: Any, name: str) -> Any:
    if is_recordable(value):
        return value
    raise ReferenceMistake(f"`{name}` holds NaN, an infinity, or a whole number of more than 64 bits")

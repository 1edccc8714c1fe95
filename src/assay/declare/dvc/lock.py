"""dvc.lock and ``.dvc`` files: what DVC has recorded of stages and of data."""

import re
from typing import Any, Literal

import msgspec

from assay.declare.plain import plain, unmerged
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse

_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?\Z")

HashName = Literal["md5", "md5-dos2unix"]


class Recorded(msgspec.Struct, frozen=True):
    """A file or folder as DVC saw it. The path is as written: relative to the stage's ``wdir``, or to the ``.dvc`` file."""

    path: str
    digest: str
    """Hex digits; of a folder they end in ``.dir``."""
    hash: HashName = "md5"
    """``md5-dos2unix``: as DVC 2 took it, over text with its line ends made one."""
    size_bytes: int | None = None
    is_executable: bool = False

    @property
    def name(self) -> str:
        """The name under which a cache keeps it: ``md5:22a1...``."""
        return f"{self.hash}:{self.digest}"


class LockedStage(msgspec.Struct, frozen=True):
    """A stage as it was when DVC last ran it."""

    cmd: str | list[str]
    deps: tuple[Recorded, ...] = ()
    outs: tuple[Recorded, ...] = ()
    params: dict[str, dict[str, Any]] = {}
    is_whole: bool = True
    """False: something is recorded in a way that is not known here, such as an etag; the stage then counts as out of date."""


def read_lock(data: bytes) -> dict[str, LockedStage]:
    """The stages of a dvc.lock by name. What does not read as one is left out: a stage that is not here just runs."""
    root = _mapping(data)
    stages = root.get("stages", root)
    found = {}
    for name, stage in stages.items() if isinstance(stages, dict) else ():
        if isinstance(stage, dict) and isinstance(stage.get("cmd"), str | list):
            found[str(name)] = _stage(stage)
    return found


def read_tracked(data: bytes) -> tuple[Recorded, ...]:
    """The data that a ``.dvc`` file stands for; empty where it does not read."""
    outs = _mapping(data).get("outs")
    found = [_recorded(out) for out in outs] if isinstance(outs, list) else []
    return tuple(each for each in found if each is not None)


def _stage(stage: dict[str, Any]) -> LockedStage:
    lists = [stage.get(key) or [] for key in ("deps", "outs")]
    deps, outs = ([_recorded(item) for item in items] if isinstance(items, list) else [None] for items in lists)
    params = stage.get("params") or {}
    is_whole = None not in deps and None not in outs and isinstance(params, dict)
    return LockedStage(
        stage["cmd"],
        tuple(each for each in deps if each is not None),
        tuple(each for each in outs if each is not None),
        params if is_whole else {},
        is_whole,
    )


def _recorded(item: Any) -> Recorded | None:
    if not isinstance(item, dict) or not isinstance(item.get("path"), str) or not _MD5.match(str(item.get("md5"))):
        return None
    size = item.get("size")
    kind: HashName = "md5" if item.get("hash") == "md5" else "md5-dos2unix"
    size = size if isinstance(size, int) else None
    return Recorded(item["path"], str(item["md5"]), kind, size, item.get("isexec") is True)


def _mapping(data: bytes) -> dict[str, Any]:
    try:
        node = parse(decode(data))
    except SyntaxMistake:
        return {}
    value = None if node is None else plain(unmerged(node))
    return value if isinstance(value, dict) else {}

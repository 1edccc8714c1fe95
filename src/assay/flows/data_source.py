"""A dataset that a command line names: a path on disk, a glob, a folder or a table, in a project or outside of one."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from assay.core.dataset import DatabaseTable, Files, Source
from assay.core.ports import ProjectFiles
from assay.core.problem import EvidenceError, Problem, UsageError
from assay.core.table import is_table_name
from assay.flows.datasets import find_dataset, named_dataset, table_paths
from assay.flows.versions import find_version, is_version, rows_of
from assay.workspace import Workspace, open_files


class NamedSource(msgspec.Struct, frozen=True):
    """What an engine opens, found without reading it: nothing is hashed."""

    name: str
    """As it was named."""
    engine: str
    source: Source
    size_bytes: int = 0
    """Of its files; 0 for a table of a server."""
    files: int = 0


def find_source(folder: Path, environ: Mapping[str, str], name: str) -> NamedSource:
    """The dataset that ``name`` says from ``folder``, else from the project that it lies in, or a version of data that the project
    knows. ``EvidenceError`` where there is none, ``UsageError`` where that is no name of one."""
    parsed = named_dataset(name)
    if not parsed.is_local:
        found = find_dataset(open_files(folder), environ, name)
        return NamedSource(name, found.engine, found.source)
    for files in _places(folder, environ):
        paths = tuple(files.locate(path) for path in table_paths(files, parsed.place))
        if paths:
            size_bytes = sum(path.stat().st_size for path in paths)
            source: Source = Files(paths)
            if parsed.table is not None:
                source = DatabaseTable(str(paths[0]), parsed.table)
            return NamedSource(name, parsed.engine, source, size_bytes, len(paths))
    if is_version(name):
        return _of_version(folder, environ, name)
    raise EvidenceError(_not_found(folder, parsed.place))


def _of_version(folder: Path, environ: Mapping[str, str], name: str) -> NamedSource:
    """``flights@9c41e0d2``, of the project that the folder lies in."""
    workspace = Workspace.find(folder, environ)
    version = find_version(workspace, name)
    if version is None:
        fix = "`assay log` lists runs, and each check names its version"
        because = ("no check has seen it, no release names it, and no step has read or written it",)
        raise EvidenceError(Problem("no-such-version", f"no data of {workspace.root} is {name}", because, fix))
    source = rows_of(workspace, version.parts, None)
    if not isinstance(source, Files):
        because = (f"{version.data.path} holds other bytes now, and the store has no copy of these",)
        fix = "put the old file beside the new one and name both; the store keeps what steps write and what releases rest on"
        raise EvidenceError(Problem("version-not-kept", f"the rows of {name} are not at hand", because, fix))
    return NamedSource(name, "duckdb", source, version.data.size_bytes, len(source.paths))


def _places(folder: Path, environ: Mapping[str, str]) -> tuple[ProjectFiles, ...]:
    here = open_files(folder)
    try:
        root = Workspace.find(folder, environ).root
    except UsageError:
        return (here,)
    return (here,) if root == folder else (here, open_files(root))


def _not_found(folder: Path, place: str) -> Problem:
    path = folder / place
    if path.is_dir():
        held = sorted(os.listdir(path))  # noqa: PTH208 - names alone
        listed = f"it holds {', '.join(held[:5]) or 'nothing'}{', …' if len(held) > 5 else ''}"
        return Problem(
            "data-not-found",
            f"the folder {place} holds no table",
            (listed,),
            "name a folder with Parquet, CSV or JSON Lines",
        )
    from assay.core.near import near_miss

    try:
        names = [name for name in os.listdir(path.parent) if is_table_name(name)]  # noqa: PTH208
    except OSError:
        names = []
    near = near_miss(path.name, names)
    fix = f"did you mean {Path(place).with_name(near)}?" if near else "correct the path"
    return Problem("data-not-found", f"there is no data at {place}", ("no file has this name",), fix)

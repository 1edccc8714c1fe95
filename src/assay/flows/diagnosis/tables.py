"""Rows, columns and empty cells of tables, then and now. The bytes of then are in the store, if at all."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.problem import AssayError
from assay.core.run import StepResult
from assay.explain.failure import Circumstances, Since, find_changes
from assay.workspace import Workspace

SUFFIXES = {".csv", ".tsv", ".parquet", ".jsonl"}
MOST_BYTES = 64 * 1024 * 1024
"""A larger table is not counted: the message may not keep anyone waiting."""
MOST_TABLES = 6


class Tables(msgspec.Struct, frozen=True):
    """What was counted, by path."""

    rows: Mapping[str, int] = {}
    columns: Mapping[str, tuple[str, ...]] = {}
    nulls: Mapping[str, int] = {}


class _Counted(msgspec.Struct, frozen=True):
    rows: int
    columns: tuple[str, ...]
    nulls: int


def count_tables(workspace: Workspace, failed: StepResult, earlier: tuple[StepResult, ...]) -> Tables:
    """The tables that the step read, then those that steps before it read or wrote."""
    paths = dict.fromkeys(path for result in (failed, *reversed(earlier)) for path in _touched(result))
    places = ((path, workspace.files.locate(path)) for path in paths if _is_table(path))
    small = [(path, place) for path, place in places if place.is_file() and place.stat().st_size <= MOST_BYTES]
    return _as_tables({path: _count(workspace, place) for path, place in small[:MOST_TABLES]})


def compare_tables(workspace: Workspace, since: Since) -> Since:
    """The same, with rows and columns of the tables that have changed, and the changes told with them."""
    before, now = since.before, since.now
    pairs = ((before.files[path], new) for path, new in now.files.items() if path in before.files and _is_table(path))
    changed = [(old, new) for old, new in pairs if old.digest != new.digest and new.size_bytes <= MOST_BYTES]
    then = _as_tables({old.path: _count_kept(workspace, old) for old, _ in changed[:MOST_TABLES]})
    here = _as_tables(
        {new.path: _count(workspace, workspace.files.locate(new.path)) for _, new in changed[:MOST_TABLES]}
    )
    before, now = _with(before, then), _with(now, here)
    return msgspec.structs.replace(since, before=before, now=now, changes=find_changes(before, now))


def _touched(result: StepResult) -> Iterable[str]:
    artifacts = (artifact.path for artifact in (*result.inputs, *result.discovered, *result.outputs))
    return (*result.trace.reads, *artifacts, *result.trace.writes, *(file.path for file in result.written))


def _is_table(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def _as_tables(counted: Mapping[str, _Counted | None]) -> Tables:
    known = {path: each for path, each in counted.items() if each is not None}
    return Tables(
        {path: each.rows for path, each in known.items()},
        {path: each.columns for path, each in known.items()},
        {path: each.nulls for path, each in known.items()},
    )


def _with(what: Circumstances, tables: Tables) -> Circumstances:
    return msgspec.structs.replace(what, rows={**what.rows, **tables.rows}, columns=tables.columns)


def _count(workspace: Workspace, path: Path) -> _Counted | None:
    try:
        with workspace.engine("duckdb").open({"counted": Files((path,))}) as opened:
            columns = opened.columns["counted"]
            filled = " + ".join(f"count({column.ref})" for column in columns)
            ((rows, cells),) = opened.rows(f"SELECT count(*), {filled} FROM counted")  # noqa: S608 -- c0, c1, ...
            return _Counted(rows, tuple(column.name for column in columns), rows * len(columns) - cells)
    except AssayError:  # no table, or a broken one: other rules tell of that
        return None


def _count_kept(workspace: Workspace, artifact: Artifact) -> _Counted | None:
    return next((_count(workspace, path) for path in _restored(workspace, artifact)), None)


def _restored(workspace: Workspace, artifact: Artifact) -> Iterator[Path]:
    """The file as it was, in a folder of its own; nothing where the store does not have it."""
    if artifact.size_bytes > MOST_BYTES or not workspace.store.has(artifact):
        return
    with tempfile.TemporaryDirectory(prefix="assay-then-") as folder:
        place = Path(folder) / PurePosixPath(artifact.path).name
        try:
            place.write_bytes(workspace.store.read(artifact.digest))
        except (AssayError, OSError):
            return
        yield place

"""The tables that a model was made from, as they stand now, and which files of them are compared together.

Each file is a table of its own, until so many lie beside each other that they are the parts of one: a training folder of
thousands of files is read once.
"""

from collections.abc import Iterator, Sequence
from glob import escape
from pathlib import Path, PurePosixPath

import msgspec

from assay.core.ports import ProjectFiles
from assay.core.table import is_table_name
from assay.execute import TableRead

PARTS = 20
"""More files than these, in one folder and of one format, are one table."""


class TrainedTable(msgspec.Struct, frozen=True):
    """Files that a step read, as one table."""

    step: str
    names: tuple[str, ...]
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """What to call it."""
        return self.names[0] if len(self.names) == 1 else f"{len(self.names)} files beside {self.names[0]}"

    @property
    def parts(self) -> tuple["TrainedTable", ...]:
        """Each file as a table of its own."""
        return tuple(
            TrainedTable(self.step, (name,), (path,)) for name, path in zip(self.names, self.paths, strict=True)
        )


def trained_tables(
    files: ProjectFiles, reads: Sequence[TableRead], own: frozenset[str]
) -> tuple[tuple[TrainedTable, ...], tuple[str, ...]]:
    """What to compare, without the files ``own``; and in words, what is not any more what the step read."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    lost = []
    for read in reads:
        change = _change(files, read)
        if change:
            lost.append(f'"{read.step}" read {read.path}, which {change}')
            continue
        for name in _names(files, read):
            if name not in own:
                groups.setdefault((read.step, str(PurePosixPath(name).parent), _format(name)), []).append(name)
    joined = (
        TrainedTable(step, tuple(names), tuple(map(files.locate, names))) for (step, _, _), names in groups.items()
    )
    tables = tuple(table for group in joined for table in ((group,) if len(group.names) > PARTS else group.parts))
    return tables, tuple(lost)


def _change(files: ProjectFiles, read: TableRead) -> str:
    """What happened to the file since it was read; of a folder's the digest says nothing about its tables alone."""
    now = files.artifact(read.path)
    if now is None:
        return "is gone"
    return "has changed since" if not read.is_folder and read.digest not in (None, now.digest) else ""


def _names(files: ProjectFiles, read: TableRead) -> Iterator[str]:
    if not read.is_folder:
        return iter((read.path,))
    return (name for name in files.expand(f"{escape(read.path)}/**/*") if is_table_name(name))


def _format(name: str) -> str:
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix

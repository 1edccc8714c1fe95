"""Versions of data by their names, ``flights@9c41e0d2``: which data that was, and where its rows are now, if anywhere."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from assay.core.artifact import Artifact
from assay.core.dataset import DatabaseTable, Files, Source, parse_dataset
from assay.core.digest import Digest, hex_of
from assay.core.events import Checked, StepEnded
from assay.core.finding import CheckReport
from assay.flows.datasets import as_dataset, table_paths
from assay.flows.releases import placed
from assay.workspace import Workspace

_VERSION = re.compile(r"([^@\s]+)@([0-9a-f]{4,64})")


class Version(msgspec.Struct, frozen=True):
    """Data that was seen once."""

    data: Artifact
    parts: tuple[Artifact, ...]
    """Its files, as far as they are known by themselves."""
    profile: Digest | None = None
    """Its stored counts, where a check with a drift rule saw it."""


def is_version(text: str) -> bool:
    """It is written like the name of a version."""
    return _VERSION.fullmatch(text) is not None


def find_version(workspace: Workspace, text: str) -> Version | None:
    """What a check saw, a release names or a step read or wrote, the newest first; None where nothing recorded is that."""
    match = _VERSION.fullmatch(text)
    assert match is not None
    name, digits = match[1], match[2]
    versions = (*_checked(workspace), *_released(workspace), *_of_steps(workspace))
    known = [each for each in versions if each.data.name == name and hex_of(each.data.digest).startswith(digits)]
    return next((each for each in known if each.profile), known[0] if known else None)


def rows_of(workspace: Workspace, parts: tuple[Artifact, ...], table: str | None) -> Source | None:
    """Where the bytes stand; None where any of them are gone."""
    paths = []
    for part in parts:
        standing = table_paths(workspace.files, part.path)
        if _is_as_it_was(workspace, part, standing):
            paths += [workspace.files.locate(path) for path in standing]
        elif workspace.store.has(part):
            place = str(placed(workspace, part))
            paths += [workspace.files.locate(path) for path in table_paths(workspace.files, place)]
        else:
            return None
    if not paths:
        return None
    return Files(tuple(paths)) if table is None else DatabaseTable(str(paths[0]), table)


def reports(workspace: Workspace, run: int | None = None) -> Iterator[CheckReport]:
    """What checks found, the newest first; of one run, where that is named."""
    subject = None if run is None else str(run)
    entries = list(workspace.ledger.entries(workspace.pipeline.name, Checked, subject=subject))
    return (entry.event.report for entry in reversed(entries) if isinstance(entry.event, Checked))


def _is_as_it_was(workspace: Workspace, part: Artifact, paths: Iterable[str]) -> bool:
    found = tuple(artifact for path in paths if (artifact := workspace.files.artifact(path)) is not None)
    return bool(found) and as_dataset(part.path, found).digest == part.digest


def _checked(workspace: Workspace) -> Iterator[Version]:
    for report in reports(workspace):
        data = report.dataset
        is_whole = data.kind == "file" and not ("#" in data.path and parse_dataset(data.path).table)
        yield Version(data, (data,) if is_whole or data.kind == "folder" else (), report.profile)


def _released(workspace: Workspace) -> Iterator[Version]:
    for release in reversed(workspace.history().releases):
        yield from (Version(data, (data,)) for data in release.released.data)


def _of_steps(workspace: Workspace) -> Iterator[Version]:
    entries = list(workspace.ledger.entries(workspace.pipeline.name, StepEnded))
    for entry in reversed(entries):
        if isinstance(entry.event, StepEnded):
            result = entry.event.result
            yield from (Version(data, (data,)) for data in (*result.outputs, *result.inputs, *result.discovered))

"""Datasets by the names that files call them: what engines open, and the artifacts that their bytes are."""

import os
import re
from collections.abc import Mapping

import msgspec

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.dataset import DatabaseTable, DatasetName, Files, Source, parse_dataset, without_password
from assay.core.order import is_glob
from assay.core.ports import ProjectFiles
from assay.core.problem import EvidenceError, Problem, UsageError
from assay.core.rules import Rules
from assay.core.table import is_table_name
from assay.core.tree import files_digest

_WILD = re.compile(r"[*?[]")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class FoundDataset(msgspec.Struct, frozen=True):
    """A dataset, found."""

    name: str
    engine: str
    source: Source
    artifacts: tuple[Artifact, ...]
    """Its files, or the database's; none of a table of a server."""

    @property
    def as_one(self) -> Artifact:
        """All of it as one artifact."""
        return as_dataset(self.name, self.artifacts)


def as_dataset(name: str, artifacts: tuple[Artifact, ...]) -> Artifact:
    """These files as the one artifact that a dataset of that name is. Of a folder, and of a glob in one, it has the digest of the folder
    that holds just them, which is the folder's own where nothing else stands there."""
    if not artifacts:
        return Artifact(name, value_digest(["table", name]), "table", 0, 0)
    place = parse_dataset(name).place.removeprefix("./").rstrip("/")
    is_folder = all(each.path.startswith(f"{place}/") for each in artifacts)
    if len(artifacts) == 1 and not is_folder and (artifacts[0].path == place or not is_glob(place)):
        return artifacts[0] if "#" not in name else msgspec.structs.replace(artifacts[0], path=name)
    folder = place if is_folder else fixed_folder(place)
    digest = files_digest({each.path.removeprefix(f"{folder}/").lstrip("/"): each for each in artifacts})
    size_bytes = sum(artifact.size_bytes for artifact in artifacts)
    return Artifact(name.rstrip("/"), digest, "folder", size_bytes, len(artifacts))


def fixed_folder(place: str) -> str:
    """The part of a glob that names a folder; of a folder itself all of it."""
    parts = place.split("/")
    fixed = next((at for at, part in enumerate(parts) if is_glob(part)), len(parts))
    return "/".join(parts[:fixed])


def named_dataset(text: str) -> DatasetName:
    """What a person named; ``UsageError`` where that is no dataset."""
    try:
        return parse_dataset(text)
    except ValueError as error:
        what = f'"{without_password(text)}" names no dataset'
        fix = "write a path such as data/flights.csv, or a table such as warehouse.duckdb#flights"
        raise UsageError(Problem("bad-dataset", what, (str(error),), fix)) from error


def find_dataset(files: ProjectFiles, environ: Mapping[str, str], text: str, engine: str | None = None) -> FoundDataset:
    """The dataset of that name; ``EvidenceError`` where there is none. ``engine``: what is to read it, where that is said."""
    name = named_dataset(text)
    if name.is_local:
        place = name.place
        artifacts = tuple(a for path in table_paths(files, place) if (a := files.artifact(path)) is not None)
        if not artifacts:
            raise EvidenceError(_not_found(files, place))
        paths = tuple(files.locate(artifact.path) for artifact in artifacts)
        source: Source = Files(paths) if name.table is None else DatabaseTable(str(paths[0]), name.table)
        return FoundDataset(text, engine or name.engine, source, artifacts)
    assert name.table is not None
    address = _filled(name, environ)
    return FoundDataset(text, engine or name.engine, DatabaseTable(address, name.table), ())


def find_beside(
    files: ProjectFiles, environ: Mapping[str, str], rules: Rules
) -> tuple[dict[str, FoundDataset], dict[str, Artifact]]:
    """What the rules look into beside their dataset: other datasets and the files of queries, by the names that the rules call them."""
    others = {name: find_dataset(files, environ, name) for name in rules.others}
    queries = {}
    for path in rules.files:
        artifact = files.artifact(path)
        if artifact is None:
            raise EvidenceError(
                Problem(
                    "query-not-found",
                    f"there is no query {path}",
                    ("a rule names it",),
                    "write it, or correct the path",
                )
            )
        queries[path] = artifact
    return others, queries


def table_paths(files: ProjectFiles, pattern: str) -> tuple[str, ...]:
    """The files of a path, of a glob, or of a folder: there all that are tables, in the order of their paths."""
    found = files.expand(pattern)
    if found or not files.locate(pattern).is_dir():
        return found
    folder = _WILD.sub(r"[\g<0>]", pattern.rstrip("/"))  # its name is itself, whatever it would match
    return tuple(path for path in files.expand(f"{folder}/**") if is_table_name(path))


def _filled(name: DatasetName, environ: Mapping[str, str]) -> str:
    """The address, with variables filled in."""

    def value(match: re.Match[str]) -> str:
        found = environ.get(match[1])
        if found is None:
            what = f"the variable {match[1]} is not set, which says where {name.table} is"
            raise UsageError(Problem("no-variable", what, (), f"set {match[1]} to the database's address"))
        return found

    return _VARIABLE.sub(value, name.place)


def _not_found(files: ProjectFiles, place: str) -> Problem:
    folder = files.locate(place)
    if folder.is_dir():
        held = sorted(os.listdir(folder))  # noqa: PTH208 - names alone
        listed = f"it holds {', '.join(held[:5]) or 'nothing'}{', …' if len(held) > 5 else ''}"
        fix = "write Parquet, CSV or JSON Lines there, or name the files"
        return Problem("data-not-found", f"the folder {place} holds no table", (listed,), fix)
    return Problem(
        "data-not-found",
        f"data file not found: {place}",
        ("no file of the project has this name",),
        "put the data there, or correct the path",
    )

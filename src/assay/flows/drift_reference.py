"""``since:`` of a drift rule: from what the file says to a reference, or to why there is none.

A reference is found in the ledger, by the report of the check that saw its data: this names the stored profile. Where there is none,
or beside it, the bytes are looked for: in the project if they stand there unchanged, else in the store.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

import msgspec

from assay.check.drift_asked import Since
from assay.core.artifact import Artifact
from assay.core.dataset import Source, parse_dataset
from assay.core.digest import Digest
from assay.core.ports import ProjectFiles
from assay.core.problem import IntegrityError, NotFound
from assay.core.reference_profile import ReferenceProfile, decode_profile
from assay.core.release import Bill
from assay.core.rules import DriftRule
from assay.flows.datasets import as_dataset, find_dataset
from assay.flows.releases import find_release, read_bill
from assay.flows.versions import find_version, is_version, reports, rows_of
from assay.workspace import Workspace

CHAMPION = "champion"
_RELEASE = re.compile(r"r[1-9][0-9]*")


class Reference(msgspec.Struct, frozen=True):
    """What a rule's ``since`` names, before anything of it is read."""

    told: str
    """``champion (flights@9c41e0d2)``."""
    data: Artifact | None = None
    """All of it as one; None where there is none."""
    parts: tuple[Artifact, ...] = ()
    """Its files."""
    table: str | None = None
    """In them, where they are a database."""
    profile: Digest | None = None
    """The stored counts."""
    source: Source | None = None
    """Where it stands, for data that a path names or a server holds."""
    missing: str = ""
    """Why there is none."""

    @property
    def standing(self) -> tuple[Artifact, ...]:
        """The files that are read where they stand."""
        return self.parts if self.source is not None else ()

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """What decides about findings: a check of the same data is another one when its reference is."""
        if self.data is None:
            return ()
        return (self.data,) if self.profile is None else (self.data, Artifact(self.told, self.profile, "file", 0))


def find_reference(workspace: Workspace, rule: DriftRule, dataset: str, engine: str) -> Reference:
    """What ``since`` names for the dataset of that name. No data is read. ``NotFound`` for a release that there is not, and
    ``EvidenceError`` for a path at which nothing stands."""
    since = rule.since.strip()
    if since == CHAMPION:
        champion = workspace.history().champion
        if champion is None:
            return Reference(since, missing="there is no champion yet")
        return _of_release(workspace, champion, dataset, CHAMPION)
    if _RELEASE.fullmatch(since):
        return _of_release(workspace, since, dataset, since)
    if is_version(since) and not workspace.files.expand(since):
        return _of_version(workspace, since)
    return find_standing(workspace.files, workspace.environ, since, engine)


def find_standing(files: ProjectFiles, environ: Mapping[str, str], since: str, engine: str) -> Reference:
    """The data at a path or in a table. ``EvidenceError`` where nothing stands there."""
    found = find_dataset(files, environ, since, engine if parse_dataset(since).table else None)
    told = found.as_one.label if found.artifacts else since
    return Reference(told if told == since else f"{since} ({told})", found.as_one, found.artifacts, source=found.source)


def is_of_a_project(since: str, files: ProjectFiles) -> bool:
    """``since`` names what only a project knows: its champion, a release, or a version of data."""
    if since == CHAMPION or _RELEASE.fullmatch(since):
        return True
    return is_version(since) and not files.expand(since)


def open_standing(reference: Reference) -> Since:
    """The reference with its rows."""
    return Since(reference.told, reference.data.digest if reference.data else None, None, reference.source)


def open_reference(workspace: Workspace, reference: Reference) -> Since:
    """The reference with its counts, and with its rows where they are at hand."""
    profile = None if reference.profile is None else _read_profile(workspace, reference.profile)
    source = reference.source or rows_of(workspace, reference.parts, reference.table)
    missing = reference.missing
    if not missing and profile is None and source is None:
        missing = f"no profile is kept of {reference.told}, and its bytes are neither in the project nor in the store"
    digest = None if reference.data is None else reference.data.digest
    return Since(reference.told, digest, profile, source, missing)


def _of_release(workspace: Workspace, name: str, dataset: str, told: str) -> Reference:
    """The data that a release was trained on, as far as it is this dataset's."""
    release = find_release(workspace, name)
    bill = read_bill(workspace, release)
    parts = _of_dataset(bill, dataset)
    table = parse_dataset(dataset).table
    if parts:
        data = as_dataset(dataset, parts)
        return Reference(f"{told} ({data.label})", data, parts, table, _profile_of(workspace, data.digest))
    for report in reports(workspace, release.released.run):  # a table of a server is no part of a bill
        if table is not None and report.profile and report.dataset.path == dataset:
            return Reference(f"{told} ({report.dataset.label})", report.dataset, (), table, report.profile)
    held = ", ".join(artifact.label for artifact in bill.data) or "none"
    who = name if told == name else f"{told} {name}"
    return Reference(told, missing=f"the data of {who} is {held}, and nothing of it is {dataset}")


def _of_dataset(bill: Bill, dataset: str) -> tuple[Artifact, ...]:
    """The files of a bill that the name of a dataset stands for: a path, a glob, a folder, or a table's database."""
    place = parse_dataset(dataset).place.removeprefix("./").rstrip("/")
    below = tuple(each for each in bill.data if each.path.startswith(f"{place}/"))
    return below or tuple(each for each in bill.data if each.path == place or _is_matched(each.path, place))


def _is_matched(path: str, pattern: str) -> bool:
    """As files are expanded: ``**`` is any number of folders, and other marks stay within a name."""
    return _parts_match(path.split("/"), pattern.split("/"))


def _parts_match(path: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_parts_match(path[skipped:], pattern[1:]) for skipped in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _parts_match(path[1:], pattern[1:])


def _of_version(workspace: Workspace, text: str) -> Reference:
    """Data that was seen once."""
    version = find_version(workspace, text)
    if version is None:
        return Reference(text, missing=f"no check, release or step has seen {text}")
    return Reference(text, version.data, version.parts, None, version.profile)


def _profile_of(workspace: Workspace, digest: Digest) -> Digest | None:
    """The newest profile of that data."""
    return next(
        (report.profile for report in reports(workspace) if report.dataset.digest == digest and report.profile), None
    )


def _read_profile(workspace: Workspace, digest: Digest) -> ReferenceProfile | None:
    try:
        return decode_profile(workspace.store.read(digest))
    except (NotFound, IntegrityError):
        return None  # it can be made again, where the data is at hand

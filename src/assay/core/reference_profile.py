"""Profiles: what is kept of a dataset so that later data can be held against it when its bytes are gone.

Counts at edges of its own, batch by batch, and never a row. A year of days with 19 columns, 336,776 flights, is 297 kB; ten times
as many rows take about twice that, as counts are kept whole. The same data gives the same profile under the same code.
"""

import msgspec

from assay.core.digest import Digest
from assay.core.drift import ColumnKind

PROFILE_SCHEMA = "assay.reference/1"


class ProfiledColumn(msgspec.Struct, frozen=True):
    """One column's counts. Arrays are packed: little-endian numbers, compressed; ``check/drift/profile.py`` knows how."""

    name: str
    kind: ColumnKind
    edges: bytes
    """Of a number; empty for a category."""
    kept: tuple[str, ...]
    """Of a category: the values that are counted one by one."""
    bins: bytes
    """Bins x batches: rows that are not NULL."""
    nulls: bytes
    """Batches: rows that are NULL."""


class ReferenceProfile(msgspec.Struct, frozen=True):
    """A dataset as counts of its batches."""

    dataset: str
    """As people know it: ``flights@9c41e0d2``."""
    digest: Digest
    """Of the data."""
    rows: int
    """Those in a batch; a row that has no time is in none."""
    undated: int
    """Rows that have no time."""
    batch_s: float | None
    """How long a batch is; None: each file is one."""
    numbers: bytes
    """Packed: the number of each batch, the oldest first: spans of ``batch_s`` since 1970, or files from 0."""
    batches: int
    columns: tuple[ProfiledColumn, ...]
    code_version: str
    """Of Assay, which counted."""
    time: str | None = None
    """The column that says which batch a row is in."""
    schema: str = PROFILE_SCHEMA


def encode_profile(profile: ReferenceProfile) -> bytes:
    """The bytes under whose digest a profile is kept."""
    return msgspec.msgpack.encode(profile)


def decode_profile(data: bytes) -> ReferenceProfile | None:
    """The profile that these bytes spell; None for another version of it, which may be made again from the data."""
    try:
        profile = msgspec.msgpack.decode(data, type=ReferenceProfile)
    except (msgspec.DecodeError, ValueError):
        return None
    return profile if profile.schema == PROFILE_SCHEMA else None

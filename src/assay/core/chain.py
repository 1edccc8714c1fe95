"""The hash chain of the ledger: every entry's digest is taken over its content and the digest before it.

Altering, removing or reordering an entry breaks every later link. A chain alone cannot show that its end was cut off: for
that its head is copied elsewhere (a release's record names it).
"""

from collections.abc import Iterable

from assay.core.canonical import canonical_bytes
from assay.core.digest import PREFIX, Digest, digest_of
from assay.core.events import Entry, Event

GENESIS = Digest(PREFIX + "0" * 64)
"""What the first entry follows."""


def event_bytes(event: Event) -> bytes:
    """The bytes under which an event is kept and chained."""
    return canonical_bytes(event)


def link(seq: int, at_s: float, actor: str, pipeline: str, event: bytes, previous: Digest) -> Digest:
    """The digest of an entry. It takes the event's bytes as kept, so that entries of newer kinds can be verified too."""
    head = canonical_bytes([seq, at_s, actor, pipeline, previous])
    return digest_of(head + b"\0" + event)


def chained(
    seq: int, at_s: float, actor: str, pipeline: str, event: Event, previous: Digest, data: bytes | None = None
) -> Entry:
    """The entry that follows ``previous``. ``data`` are the event's bytes, where they are known already."""
    digest = link(seq, at_s, actor, pipeline, event_bytes(event) if data is None else data, previous)
    return Entry(seq, at_s, actor, pipeline, event, previous, digest)


def broken_link(rows: Iterable[tuple[int, float, str, str, bytes, Digest, Digest]]) -> str | None:
    """What is wrong with a chain, in words, or None.

    ``rows`` are all entries in order: (seq, at_s, actor, pipeline, event bytes, previous, digest).
    """
    expected_seq, expected_previous = 1, GENESIS
    for seq, at_s, actor, pipeline, event, previous, digest in rows:
        if seq != expected_seq:
            return f"event {expected_seq} is missing"
        if previous != expected_previous:
            return f"event {seq} does not follow event {seq - 1}"
        if link(seq, at_s, actor, pipeline, event, previous) != digest:
            return f"event {seq} was altered"
        expected_seq, expected_previous = seq + 1, digest
    return None

"""Digests: the names of bytes.

A file's digest is ``b3:`` and the 64 hex digits of its plain BLAKE3 (``b3sum`` prints the same). A folder's digest is
made in ``tree.py`` under a key of its own, so that no crafted file can pose as a folder.
"""

from typing import NewType

from blake3 import blake3

Digest = NewType("Digest", str)

PREFIX = "b3:"
SHORT_DIGITS = 8


def digest_of(data: bytes) -> Digest:
    """The digest of these bytes, as a file that holds them would have."""
    return Digest(PREFIX + blake3(data).hexdigest())


def hex_of(digest: Digest) -> str:
    """The 64 hex digits, without the prefix: the name of an object in a store."""
    return digest[len(PREFIX) :]


def short(digest: Digest) -> str:
    """The first eight hex digits, as people see them: ``9c41e0d2``."""
    return hex_of(digest)[:SHORT_DIGITS]

"""Folders as trees: one node a folder, its digest taken over its sorted entries.

The encoding is NUL-framed and hashed under a key of its own (BLAKE3 ``derive_key``), so that no file's bytes can pose as a
folder and no name can forge an entry. Times, owners and hosts never enter. A tree from elsewhere is not trusted: decoding
refuses names that would leave the folder.
"""

import struct
from collections.abc import Mapping
from typing import Literal

import msgspec
from blake3 import blake3

from assay.core.artifact import Artifact
from assay.core.digest import PREFIX, Digest, hex_of

EntryMode = Literal["file", "executable", "folder"]

_CONTEXT = "assay tree v1"
_MODES: dict[EntryMode, bytes] = {"file": b"f", "executable": b"x", "folder": b"d"}
_MODE_NAMES: dict[bytes, EntryMode] = {letter: mode for mode, letter in _MODES.items()}
_HEAD = struct.Struct(">cQ32s")


class TreeEntry(msgspec.Struct, frozen=True):
    """One name in a folder: a file's size and digest, or a subfolder's total size and tree digest."""

    name: str
    mode: EntryMode
    size_bytes: int
    digest: Digest


def tree_digest(encoded: bytes) -> Digest:
    """The digest of a folder, from its encoded entries."""
    return Digest(PREFIX + blake3(encoded, derive_key_context=_CONTEXT).hexdigest())


def encode_tree(entries: tuple[TreeEntry, ...]) -> bytes:
    """The bytes of a folder's node. The order of ``entries`` does not matter; names must be unique and plain."""
    ordered = sorted(((_name_bytes(entry.name), entry) for entry in entries), key=lambda pair: pair[0])
    names = [name for name, _ in ordered]
    if len(set(names)) != len(names):
        raise ValueError("a folder holds each name once")
    return b"".join(
        _HEAD.pack(_MODES[entry.mode], entry.size_bytes, bytes.fromhex(hex_of(entry.digest))) + name + b"\0"
        for name, entry in ordered
    )


def files_digest(files: Mapping[str, Artifact]) -> Digest:
    """The digest of the folder that holds just these files, by their paths in it."""
    entries = []
    below: dict[str, dict[str, Artifact]] = {}
    for path, file in files.items():
        name, _, rest = path.partition("/")
        if rest:
            below.setdefault(name, {})[rest] = file
        else:
            entries.append(
                TreeEntry(name, "executable" if file.is_executable else "file", file.size_bytes, file.digest)
            )
    for name, inner in below.items():
        size_bytes = sum(file.size_bytes for file in inner.values())
        entries.append(TreeEntry(name, "folder", size_bytes, files_digest(inner)))
    return tree_digest(encode_tree(tuple(entries)))


def decode_tree(encoded: bytes) -> tuple[TreeEntry, ...]:
    """The entries of a folder's node, sorted by name. ``ValueError`` where the bytes are not a well-formed node."""
    entries = []
    at = 0
    while at < len(encoded):
        end = encoded.find(b"\0", at + _HEAD.size)
        if end < 0:
            raise ValueError("a tree node ends in the middle of an entry")
        letter, size_bytes, digest = _HEAD.unpack_from(encoded, at)
        if letter not in _MODE_NAMES:
            raise ValueError(f"a tree node holds an entry of unknown mode {letter!r}")
        name = encoded[at + _HEAD.size : end].decode("utf-8", "surrogateescape")
        entries.append(TreeEntry(name, _MODE_NAMES[letter], size_bytes, Digest(PREFIX + digest.hex())))
        at = end + 1
    decoded = tuple(entries)
    if encode_tree(decoded) != encoded:
        raise ValueError("a tree node is not in its one canonical order")
    return decoded


def _name_bytes(name: str) -> bytes:
    encoded = name.encode("utf-8", "surrogateescape")
    if encoded in (b"", b".", b"..") or b"/" in encoded or b"\0" in encoded:
        raise ValueError(f"not a plain name in a folder: {name!r}")
    return encoded

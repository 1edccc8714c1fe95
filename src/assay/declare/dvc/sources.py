"""The files that a DVC project is read from, each read once: what was read decides whether a compiled pipeline still stands."""

from collections.abc import Callable
from typing import TypeAlias

from assay.core.canonical import value_digest
from assay.core.digest import Digest, digest_of
from assay.core.pipeline import Basis

Read: TypeAlias = Callable[[str], bytes | None]
"""The bytes of a file of the project by its path; None where it is not there."""


class Sources:
    """Reads files, and remembers what they held."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._seen: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, as they were when it was first asked for."""
        if path not in self._seen:
            self._seen[path] = self._read(path)
        return self._seen[path]

    @property
    def seen(self) -> tuple[Basis, ...]:
        """Everything that was asked for, also what was not there."""
        return tuple(
            Basis(path, None if data is None else digest_of(data)) for path, data in sorted(self._seen.items())
        )

    @property
    def digest(self) -> Digest:
        """Over the path and content of everything that was asked for."""
        return value_digest(self.seen)

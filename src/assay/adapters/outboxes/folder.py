"""The outbox as a folder: a file for each letter, and one that says up to where the ledger was read."""

import os
from pathlib import Path

import msgspec

from assay.adapters.disk import disk_errors, make_folder, sync_folder, write_all
from assay.core.notice import Letter

READ_UP_TO = "read-up-to"


class FolderOutbox:
    """Whole files or none, each on disk before anyone is told that it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_up_to(self) -> int | None:
        """The last entry of the ledger whose notices are here or were delivered; None before the first."""
        try:
            return int((self._folder / READ_UP_TO).read_text())
        except (OSError, ValueError):
            return None

    def keep(self, letters: tuple[Letter, ...], read_up_to: int) -> None:
        """Keep new letters, then how far the ledger was read: killed between the two, the same letters are kept again."""
        for letter in letters:
            self.put(letter)
        self._write(READ_UP_TO, str(read_up_to).encode())

    def letters(self) -> tuple[Letter, ...]:
        """Every letter, the oldest first. A file that is none is passed over."""
        found = (_decoded(path) for path in sorted(self._folder.glob("*.json")))
        return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.written_s, each.name)))

    def put(self, letter: Letter) -> None:
        """Keep a letter in place of the one of its name."""
        self._write(f"{letter.name}.json", msgspec.json.encode(letter))

    def remove(self, letter: Letter) -> None:
        """Forget a letter."""
        with disk_errors("cannot take a letter out of the outbox", self._folder):
            (self._folder / f"{letter.name}.json").unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        place, part = self._folder / name, self._folder / f"{name}.{os.getpid()}.part"
        with disk_errors("cannot keep a letter in the outbox", place, len(data)):
            make_folder(self._folder)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                write_all(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(place)
            sync_folder(self._folder)


def _decoded(path: Path) -> Letter | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Letter)
    except (OSError, msgspec.DecodeError):
        return None

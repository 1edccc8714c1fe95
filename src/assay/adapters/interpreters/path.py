"""The Python that steps and models run with: the caller's ``python``, else Assay's own."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from assay.adapters.programs import program_on
from assay.core.ports import Cache

_ASK = (
    "import json, sys; print(json.dumps(['%d.%d' % sys.version_info[:2], "
    "[each for each in sys.path if each.endswith(('site-packages', 'dist-packages'))]]))"
)


class _Told(msgspec.Struct, frozen=True, array_like=True):
    """What an interpreter says of itself."""

    version: str
    folders: tuple[str, ...]
    """Where packages are installed, in the order in which it looks."""


class PathInterpreter:
    """``python`` as the caller's PATH finds it; Assay's own bin folder is appended for those who have none."""

    def __init__(self, environ: Mapping[str, str], cache: Cache) -> None:
        own = str(Path(sys.executable).parent)
        self.environ = {**environ, "PATH": f"{environ.get('PATH', os.defpath)}{os.pathsep}{own}"}
        found = program_on(self.environ["PATH"], "python")
        self.python = sys.executable if found is None else found[0]
        self._cache = cache
        self._told: _Told | None = None

    def version(self) -> str:
        """Its version, as ``3.11``."""
        return self._ask().version

    def packages(self) -> tuple[str, ...]:
        """The names of the metadata folders, which hold name and version; the first of a name is what is imported."""
        found: dict[str, str] = {}
        for folder in self._ask().folders:
            for name, version in _installed(folder):
                found.setdefault(name, version)
        return tuple(sorted(f"{name}=={version}" for name, version in found.items()))

    def answer(self, words: Sequence[str], folder: Path) -> bytes:
        """What it prints when it is given these words in a folder."""
        import subprocess  # hardly ever needed: answers are kept

        return subprocess.run(
            [self.python, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=self.environ,
            check=False,
        ).stdout

    def _ask(self) -> _Told:
        """A process is started only for an interpreter, or a PYTHONPATH, that was not asked before."""
        if self._told is None:
            key = f"interpreter/{self.python}/{self._changed_ns()}/{self.environ.get('PYTHONPATH', '')}"
            kept = _decoded(self._cache.recall(key))
            if kept is None:
                answer = self.answer(("-c", _ASK), Path())
                kept = _decoded(answer)
                if kept is not None:
                    self._cache.remember(key, answer)
            self._told = kept or _Told("unknown", ())
        return self._told

    def _changed_ns(self) -> tuple[int, ...]:
        """When the interpreter, and the environment that it belongs to, were last made."""
        about = (Path(self.python), Path(self.python).parent.parent / "pyvenv.cfg")
        return tuple(path.stat().st_mtime_ns for path in about if path.exists())


def _decoded(answer: bytes | None) -> _Told | None:
    try:
        return msgspec.json.decode(answer or b"", type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):  # a cache may hold anything, and so may a program called python
        return None


def _installed(folder: str) -> Iterator[tuple[str, str]]:
    """(name, version) of what is installed in a folder; nothing where it is not there."""
    try:
        entries = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        stem, dot, kind = entry.rpartition(".")
        name, dash, rest = stem.partition("-")
        if dot and dash and kind in {"dist-info", "egg-info"}:
            yield name.lower().replace("_", "-").replace(".", "-"), rest.split("-py")[0]

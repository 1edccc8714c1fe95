"""What a project declares, kept in the cache until its file changes, or one that it rests on."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from assay.core.canonical import value_digest
from assay.core.digest import Digest, digest_of
from assay.core.pipeline import Declaration
from assay.core.ports import Cache, Interpreter, ProjectFiles
from assay.core.problem import Place, Problem, UsageError
from assay.workspace.roots import FILE, default_name, dvc_files


class Declared:
    """The declaration of the project at ``root``: by assay.yaml, or by its dvc.yaml files where ``is_dvc``. ``files`` and ``interpreter`` are
    opened only where something must be read anew."""

    def __init__(
        self,
        root: Path,
        cache: Cache,
        files: Callable[[], ProjectFiles],
        interpreter: Callable[[], Interpreter],
        *,
        is_dvc: bool,
    ) -> None:
        self._root = root
        self._cache = cache
        self._files = files
        self._interpreter = interpreter
        self._is_dvc = is_dvc
        self._name = default_name(root)

    def declaration(self) -> Declaration:
        """All but ``places``. ``DeclarationError`` with every mistake at once."""
        return msgspec.structs.replace(self._kept() or self._read_anew(), places={})

    def places(self) -> Mapping[str, Place]:
        """Where in the file things stand, as ``Declaration.places`` has them. Only messages need them: they are kept apart."""
        kept = self._cache.recall(f"{self._key}/places")
        if kept is not None and self._kept() is not None:
            try:
                return msgspec.msgpack.decode(kept, type=dict[str, Place])
            except (msgspec.DecodeError, ValueError):
                pass  # a cache may hold anything
        return self._read_anew().places

    @cached_property
    def _key(self) -> str:
        from assay import __version__

        origin = f"dvc/{value_digest(self._dvc_files)}" if self._is_dvc else digest_of(self._file)
        return f"declaration/{__version__}/{self._name}/{origin}"

    @cached_property
    def _file(self) -> bytes:
        try:
            return self._read(FILE)
        except OSError as error:
            problem = Problem("no-assay-yaml", f"cannot read {FILE}", (str(error),), f"make {FILE} readable")
            raise UsageError(problem) from error

    @cached_property
    def _dvc_files(self) -> tuple[str, ...]:
        return dvc_files(self._files())

    def _kept(self) -> Declaration | None:
        """The declaration that was kept, if it still means the same."""
        kept = self._cache.recall(self._key)
        if kept is None:
            return None
        try:
            declaration = msgspec.msgpack.decode(kept, type=Declaration)
        except (msgspec.DecodeError, ValueError):
            return None  # a cache may hold anything
        is_so = all(self._digest_of(basis.path) == basis.digest for basis in declaration.rests_on)
        return declaration if is_so else None

    def _read_anew(self) -> Declaration:
        declaration = self._read_dvc() if self._is_dvc else self._read_assay_yaml()
        without_places = msgspec.structs.replace(declaration, places={})
        self._cache.remember(f"{self._key}/places", msgspec.msgpack.encode(declaration.places))
        self._cache.remember(self._key, msgspec.msgpack.encode(without_places))
        return declaration

    def _read_assay_yaml(self) -> Declaration:
        from assay.declare import read_declaration

        return read_declaration(self._file, FILE, self._name, read=self._read, record=self._record)

    def _read_dvc(self) -> Declaration:
        from assay.declare.dvc import Sources, read_project

        return read_project(self._dvc_files, Sources(self._files().read), self._name)

    def _read(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def _record(self, path: str) -> bytes:
        from assay.declare import RECORDER

        return self._interpreter().answer((str(RECORDER), path), self._root)

    def _digest_of(self, path: str) -> Digest | None:
        try:
            return digest_of(self._read(path))
        except OSError:
            return None

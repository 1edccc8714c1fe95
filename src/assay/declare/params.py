"""Files of parameters: read once for a declaration, kept in mind with their digests."""

import json
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from assay.core.digest import Digest, digest_of
from assay.core.problem import Place, Problem
from assay.core.text import recordable
from assay.declare.nodes import Mapping, Node, Scalar, Sequence, excerpt, saw
from assay.declare.plain import is_merge, plain, unmerged
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse

DEFAULT_PARAMS = "params.yaml"

ReadFile: TypeAlias = Callable[[str], bytes]
"""The bytes of a file of the project, by its path; raises ``OSError`` where there is none."""


class ParamFiles:
    """The files that a declaration looked into. Without a way to read them, nothing is known of any."""

    def __init__(self, read: ReadFile | None) -> None:
        self.read = read
        self._values: dict[str, dict[str, Any] | None] = {}
        self.digests: dict[str, Digest | None] = {}
        """Of every file that was asked for, by path; None where there was none."""
        self.problems: list[Problem] = []

    @property
    def are_known(self) -> bool:
        """They can be looked into."""
        return self.read is not None

    def is_there(self, path: str) -> bool:
        """There is such a file."""
        self.values(path)
        return self.digests[path] is not None

    def values(self, path: str) -> dict[str, Any] | None:
        """What a file holds; None where it is not there, or wrong (``problems`` says how)."""
        if path not in self._values:
            self._values[path] = self._open(path)
        return self._values[path]

    def bytes_of(self, path: str) -> bytes | None:
        """What a file holds, as it is; None where there is none that can be read."""
        try:
            return None if self.read is None else self.read(path)
        except OSError:
            return None

    def beside(self, path: str) -> bytes | None:
        """The same of a file on which the meaning of this one rests: its digest is kept in mind."""
        data = self.bytes_of(path)
        self.digests[path] = None if data is None else digest_of(data)
        return data

    def _open(self, path: str) -> dict[str, Any] | None:
        self.digests[path] = None
        if self.read is None:
            return None
        try:
            data = self.read(path)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            fix = f"make {path} readable"
            self.problems.append(
                Problem("no-params", f"cannot read {path}", (str(error.strerror),), fix, Place(path, 1))
            )
            return None
        self.digests[path] = digest_of(data)
        values, problems = parse_params(data, path)
        self.problems += problems
        return None if problems else values


def parse_params(data: bytes, path: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """(what a file of parameters holds, every mistake in it). JSON, TOML and Python by the file's name, else YAML; an empty file
    holds nothing."""
    read = _BY_SUFFIX.get(PurePosixPath(path).suffix.lower(), _yaml)
    try:
        values, problems = read(data, path)
        return (recordable(values) if _can_hold_halves(data) else values), problems
    except SyntaxMistake as mistake:
        place = Place(path, mistake.line, mistake.column)
        because = (mistake.because,) if mistake.because else ()
        return {}, (Problem("not-yaml", mistake.what, because, mistake.fix, place),)


def _can_hold_halves(data: bytes) -> bool:
    """Half a character can only be written by an escape: these are UTF-8."""
    return b"\\u" in data or b"\\U" in data


def _yaml(data: bytes, path: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    node = parse(decode(data))
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return {}, ()
    if not isinstance(node, Mapping):
        what = f"expected keys with values, got {saw(node)}"
        return {}, (Problem("wrong-type", what, fix="write `KEY: VALUE`", place=Place(path, node.line, node.column)),)
    whole = unmerged(node)
    return plain(whole), tuple(_mistakes(whole, path))


def _json(data: bytes, path: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Not as YAML, which knows no tabs before what stands in a line."""
    try:
        values = json.loads(decode(data))
    except json.JSONDecodeError as error:
        place = Place(path, error.lineno, error.colno)
        return {}, (Problem("params-not-readable", f"not JSON: {excerpt(error.msg)}", place=place),)
    except RecursionError:
        return {}, (Problem("params-not-readable", "not JSON: nested too deeply", place=Place(path, 1)),)
    if not isinstance(values, dict):
        what = f"expected keys with values, got {type(values).__name__}"
        return {}, (Problem("wrong-type", what, fix='write {"KEY": VALUE}', place=Place(path, 1)),)
    return values, ()


def _toml(data: bytes, path: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    import tomllib  # its parser takes as long to import as reading a file

    try:
        return _plain_toml(tomllib.loads(decode(data))), ()
    except tomllib.TOMLDecodeError as error:
        return {}, (Problem("not-toml", f"not TOML: {excerpt(str(error))}", place=Place(path, 1)),)


def _python(data: bytes, path: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    from assay.declare.python_params import python_params  # its parser is loaded for such files alone

    try:
        return python_params(data), ()
    except SyntaxError as error:
        place = Place(path, error.lineno or 1, error.offset or 1)
        return {}, (Problem("params-not-readable", f"not Python: {error.msg}", place=place),)
    except (ValueError, RecursionError) as error:
        return {}, (Problem("params-not-readable", f"not Python: {excerpt(str(error))}", place=Place(path, 1)),)


_BY_SUFFIX = {".json": _json, ".toml": _toml, ".py": _python}


def _mistakes(node: Node, path: str) -> Iterator[Problem]:
    """Keys that are no text or come twice, and merges of what is no mapping."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _mistakes(item, path)
    if isinstance(node, Mapping):
        seen = set[str]()
        for key, value in node.pairs:
            yield from _key_mistakes(key, seen, path)
            yield from _mistakes(value, path)


def _key_mistakes(key: Node, seen: set[str], path: str) -> Iterator[Problem]:
    place = Place(path, key.line, key.column)
    if not isinstance(key, Scalar):
        yield Problem("wrong-type", f"a key must be text, got {saw(key)}", place=place)
        return
    if is_merge(key):
        yield Problem("merge-key", "`<<` merges mappings, and this is none", (), "write the keys out", place)
    elif key.text in seen:
        yield Problem("duplicate-key", f"`{excerpt(key.text)}` stands twice", (), "remove one", place)
    seen.add(key.text)


def _plain_toml(value: Any) -> Any:
    """Dates and times become text, as YAML has them."""
    if isinstance(value, dict):
        return {key: _plain_toml(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain_toml(each) for each in value]
    return value if isinstance(value, str | int | float) else str(value)

"""Files of parameters: read once for a declaration, kept in mind with their digests."""

import tomllib
from collections.abc import Callable
from typing import Any, TypeAlias

from assay.core.digest import Digest, digest_of
from assay.core.problem import Place, Problem
from assay.declare.nodes import Mapping, Node, Scalar, Sequence, excerpt, saw
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
    """(what a file of parameters holds, every mistake in it). YAML and JSON, or TOML by the file's name; an empty file holds nothing."""
    try:
        if path.endswith(".toml"):
            return _plain_toml(tomllib.loads(decode(data))), ()
        node = parse(decode(data))
    except SyntaxMistake as mistake:
        place = Place(path, mistake.line, mistake.column)
        because = (mistake.because,) if mistake.because else ()
        return {}, (Problem("not-yaml", mistake.what, because, mistake.fix, place),)
    except tomllib.TOMLDecodeError as error:
        return {}, (Problem("not-toml", f"not TOML: {excerpt(str(error))}", place=Place(path, 1)),)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return {}, ()
    if not isinstance(node, Mapping):
        what = f"expected keys with values, got {saw(node)}"
        return {}, (Problem("wrong-type", what, fix="write `KEY: VALUE`", place=Place(path, node.line, node.column)),)
    problems: list[Problem] = []
    return plain_of(node, path, problems), tuple(problems)


def plain_of(node: Node, path: str, problems: list[Problem]) -> Any:
    """The node as dicts, lists and values; keys that are no text or come twice are added to the problems."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain_of(item, path, problems) for item in node.items]
    found: dict[str, Any] = {}
    for key, value in node.pairs:
        wrong = _key_mistake(key, found)
        if wrong or not isinstance(key, Scalar):
            code, what = wrong or ("wrong-type", f"a key must be text, got {saw(key)}")
            fix = {"merge-key": "write the keys out", "duplicate-key": "remove one"}.get(code, "")
            problems.append(Problem(code, what, (), fix, Place(path, key.line, key.column)))
        else:
            found[key.text] = plain_of(value, path, problems)
    return found


def _key_mistake(key: Node, found: dict[str, Any]) -> tuple[str, str] | None:
    if not isinstance(key, Scalar):
        return None
    if key.text == "<<":
        return "merge-key", "merge keys (`<<`) are not part of YAML 1.2"
    return ("duplicate-key", f"`{excerpt(key.text)}` stands twice") if key.text in found else None


def _plain_toml(value: Any) -> Any:
    """Dates and times become text, as YAML has them."""
    if isinstance(value, dict):
        return {key: _plain_toml(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain_toml(each) for each in value]
    return value if isinstance(value, str | int | float) else str(value)

"""The ``ml:`` section of an ease.ml/ci file, such as ``.easeml.yml`` or ``.travis.yml``.

    ml:
      - script: ./test_model.py
      - condition: n - o > 0.02 +/- 0.01
      - reliability: 0.9999
      - mode: fp-free
      - adaptivity: full
      - steps: 32

It is read with the parser of assay.yaml, so it is bounded in depth, and nothing in it is evaluated.
"""

from pathlib import Path
from typing import get_args

import msgspec

from assay.core.near import near_miss
from assay.core.problem import DeclarationError, Place, Problem, UsageError
from assay.declare.nodes import Mapping, Node, Scalar, Sequence, saw
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse
from assay.flows.easeml import EasemlSettings, unreadable
from assay.judge.easeml import Adaptivity, ConditionMistake, Mode, parse_condition


def read_settings(path: Path) -> EasemlSettings:
    """What the ``ml:`` section of an ease.ml/ci file says; the rest of the file is of no concern.

    ``DeclarationError`` with every mistake in the section. ``estimator`` and ``variance_bound`` are not in such a file.
    """
    try:
        root = parse(decode(path.read_bytes()))
    except OSError as error:
        what = f"the file cannot be read: {path}"
        raise UsageError(Problem("bad-easeml-file", what, (error.strerror or str(error),), "correct --file")) from error
    except SyntaxMistake as mistake:
        place = Place(str(path), mistake.line, mistake.column)
        because = (mistake.because,) if mistake.because else ()
        raise UsageError(Problem("bad-easeml-file", mistake.what, because, mistake.fix, place)) from mistake
    section = _Section(str(path))
    section.read(root)
    if section.problems:
        raise DeclarationError(tuple(section.problems))
    return msgspec.convert(section.values, EasemlSettings)


_OF_OTHERS = ("script", "data_mode", "email")
"""Keys that say how ease.ml/ci runs."""
_WORDS: dict[str, tuple[str, ...]] = {"mode": get_args(Mode), "adaptivity": get_args(Adaptivity)}
_NUMBERS = ("reliability", "steps")
_KEYS = ("condition", *_WORDS, *_NUMBERS, *_OF_OTHERS)


class _Section:
    """Reads ``ml:``: a list of single keys, as ease.ml/ci writes it, or a mapping."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[str, str | float] = {}
        self.problems: list[Problem] = []

    def read(self, root: Node | None) -> None:
        top = dict(_pairs(root)).get("ml") if isinstance(root, Mapping) else None
        items = top.items if isinstance(top, Sequence) else (top,)
        if not all(isinstance(item, Mapping) for item in items):
            fix = "write `ml:` and below it `- condition: n - o > 0.02 +/- 0.01`"
            self._tell(root, "the file has no list `ml:` of keys with values", fix)
            return
        seen = set()
        for key, value in (pair for item in items for pair in _pairs(item)):
            if key in seen:
                self._tell(value, f"`{key}` stands there twice", "remove one of the two")
            seen.add(key)
            self._take(key, value)
        if "condition" not in seen:
            self._tell(top, "there is no condition", "add `- condition: n - o > 0.02 +/- 0.01`")

    def _take(self, key: str, value: Node) -> None:
        if key not in _KEYS:
            near = near_miss(key, _KEYS)
            hint = f"did you mean {near}? " if near else ""
            self._tell(value, f"`{key}` is not known in `ml:`", f"{hint}known: {', '.join(_KEYS)}")
        elif key in _OF_OTHERS:
            return
        elif not isinstance(value, Scalar) or value.value is None:
            self._tell(value, f"`{key}` wants one value, got {saw(value)}", f"write it as `- {key}: ...`")
        elif key in _NUMBERS:
            self._number(key, value)
        elif key == "condition":
            self._condition(value)
        else:
            self._word(key, value)

    def _number(self, key: str, value: Scalar) -> None:
        number = value.value
        is_right = isinstance(number, int if key == "steps" else int | float) and not isinstance(number, bool)
        if not is_right:
            kind = "a whole number, such as 32" if key == "steps" else "a number, such as 0.9999"
            self._tell(value, f"`{key}` wants {kind}, got {saw(value)}", f"write {kind}")
        elif isinstance(number, int | float):
            self.values[key] = number

    def _condition(self, value: Scalar) -> None:
        try:
            parse_condition(value.text)
        except ConditionMistake as mistake:
            place = Place(self.file, value.line, value.column_of(mistake.offset))
            self.problems.append(unreadable(mistake, place))
        self.values["condition"] = value.text

    def _word(self, key: str, value: Scalar) -> None:
        word = value.text.partition("->")[0].strip()  # `none -> team@example.com` names who is told the result
        word = "firstChange" if (key, word) == ("adaptivity", "hybrid") else word  # so the published code calls it
        if word in _WORDS[key]:
            self.values[key] = word
            return
        near = near_miss(word, _WORDS[key])
        hint = f"did you mean {near}? " if near else ""
        self._tell(value, f"`{key}` cannot be {value.text!r}", f"{hint}it is one of {', '.join(_WORDS[key])}")

    def _tell(self, node: Node | None, what: str, fix: str) -> None:
        line, column = (1, 1) if node is None else (node.line, node.column)
        self.problems.append(Problem("bad-easeml-file", what, (), fix, Place(self.file, line, column)))


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    pairs = node.pairs if isinstance(node, Mapping) else ()
    return [(key.text if isinstance(key, Scalar) else saw(key), value) for key, value in pairs]

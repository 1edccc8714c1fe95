# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""Texts of one shape, such as tail numbers: ``N14228`` is a letter, digits, perhaps letters.

A pattern is proposed where the shape is evident: digits among other things, the same runs of characters in the same order in
every text, but for the last run, which may be missing. It is read off some texts; whether all fit is asked of all.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from assay.check.profile.reading import reading
from assay.check.profile.sample import drawn
from assay.core.dataset import DataColumn, Dialect
from assay.core.ports import Opened

_LONGEST, _MOST_RUNS, _ENOUGH, _SAMPLE = 40, 7, 50, 2000
_CLASSES = {"digit": "[0-9]", "upper": "[A-Z]", "lower": "[a-z]"}
_MARKS = frozenset("-_:/#. ")


class _Run(NamedTuple):
    kind: str
    text: str


def sample_texts(
    opened: Opened, columns: Sequence[DataColumn], dialect: Dialect, relation: str
) -> dict[str, tuple[str, ...]]:
    """Some different texts of each of the columns."""
    if not columns:
        return {}
    values = ", ".join(f"list(DISTINCT left({reading(c, 'str', dialect).value}, {_LONGEST + 1}))" for c in columns)
    (row,) = opened.rows(f"SELECT {values} FROM {drawn(relation, _SAMPLE)}")
    return {
        column.name: tuple(sorted(text for text in found or () if text is not None))
        for column, found in zip(columns, row, strict=True)
    }


def patterns(texts: Sequence[str]) -> tuple[str, ...]:
    """Patterns that all the texts have, the narrowest first; none where no shape is evident."""
    if len(set(texts)) < _ENOUGH or any(not text or len(text) > _LONGEST for text in texts):
        return ()
    runs = [_runs(text) for text in texts]
    shapes = {tuple(run.kind for run in each) for each in runs}
    whole = max(shapes, key=len)
    is_evident = (
        2 <= len(whole) <= _MOST_RUNS
        and "digit" in whole
        and all(kind in _CLASSES or kind in _MARKS for kind in whole)
        and shapes <= {whole, whole[:-1]}
    )
    if not is_evident:
        return ()
    places = [[each[place].text for each in runs if place < len(each)] for place in range(len(whole))]
    is_optional = len(shapes) > 1
    found = [
        "".join(
            _part(kind, at, are_fixed=are_fixed, is_optional=is_optional and place == len(whole) - 1)
            for place, (kind, at) in enumerate(zip(whole, places, strict=True))
        )
        for are_fixed in (True, False)
    ]
    return tuple(dict.fromkeys(f"^{pattern}$" for pattern in found))


def _runs(text: str) -> tuple[_Run, ...]:
    return tuple(_Run(kind, "".join(letters)) for kind, letters in groupby(text, _kind))


def _kind(letter: str) -> str:
    if letter.isascii() and letter.isalnum():
        return "digit" if letter.isdigit() else "upper" if letter.isupper() else "lower"
    return letter


def _part(kind: str, texts: Sequence[str], *, are_fixed: bool, is_optional: bool) -> str:
    if kind not in _CLASSES:
        lengths = {len(text) for text in texts}
        mark = kind if kind in "_ " else f"\\{kind}"
        return mark * min(lengths) if len(lengths) == 1 and not is_optional else f"{mark}*"
    if are_fixed and len(set(texts)) == 1 and not is_optional and kind != "digit":
        return texts[0]
    least, most = min(map(len, texts)), max(map(len, texts))
    if least == most and not is_optional:
        return _CLASSES[kind] if least == 1 else f"{_CLASSES[kind]}{{{least}}}"
    return f"{_CLASSES[kind]}{{{0 if is_optional else 1},{most + (least < most)}}}"

"""Inferred rules as a file that people review: every line with what it was inferred from behind it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assay.check.infer import FoundKey, ProposedColumn, ProposedRules
from assay.declare.nodes import plain_value

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LINE = re.compile(r"[A-Za-z][A-Za-z0-9_ .,<>=?%()\[\]+'~^${}*\\/|-]*\Z")
_WIDEST, _FEW = 60, 3


class NamedBatch(NamedTuple):
    """A batch as it was named, and of how many files it is."""

    name: str
    files: int


def rules_text(proposed: ProposedRules, key: FoundKey, batches: Sequence[NamedBatch]) -> str:
    """The file; its rules hold for the data that they were inferred from."""
    names = [each.name for each in batches]
    shown = " ".join(_commented(name) for name in (names if len(names) <= _FEW else (*names[:_FEW], "...")))
    lines = [
        f"# Inferred by `assay data infer {shown}`, for review: what is here is what the data was, with some slack,",
        "# and not yet what it must be. Correct it, then name this file in a check step of assay.yaml.",
    ]
    if len(batches) > 1:
        lines += [
            f"# Each of the {len(batches)} that were named is one batch, and the rules hold for one of them. For rules of all of them",
            "# as one dataset name a folder, or a glob in quotes: assay data infer 'data/*.parquet'.",
        ]
    pairs = list(_pairs(proposed, key, batches))
    width = min(_WIDEST, max((len(text) for text, seen in pairs if seen and len(text) <= _WIDEST), default=0))
    lines += [f"{text.ljust(width)}  # {seen}" if seen else text for text, seen in pairs]
    return "\n".join((*lines, ""))


def _pairs(proposed: ProposedRules, key: FoundKey, batches: Sequence[NamedBatch]) -> Iterator[tuple[str, str]]:
    """Each line, and what is said behind it."""
    if proposed.rows:
        yield f"rows: {proposed.rows}", f"{_of_what(batches)}{proposed.rows_seen}"
    if key.columns:
        text = f"unique: [{', '.join(map(spelt, key.columns))}]"
        of_batch = " of a batch" if len(batches) > 1 else ""
        if key.repeats:
            rows = f"{key.repeats:,} row{'' if key.repeats == 1 else 's'}"
            yield (
                f"# {text}",
                f"{_commented(key.columns[0])} is unique but for {rows}{' of all batches' if of_batch else ''}",
            )
        else:
            yield text, f"no two rows{of_batch} are the same in this"
    for name, newest in proposed.fresh:
        yield f"# fresh: {{{spelt(name)}: 2 days}}", f"newest {newest}; say how old it may be"
    told = [column for column in proposed.columns if column.type]
    if told:
        yield "columns:", ""
    for column in proposed.columns:
        yield _column_text(column), _commented(column.seen)


def _of_what(batches: Sequence[NamedBatch]) -> str:
    """Of what the number of rows is, where one might take it for that of something else."""
    if len(batches) > 1:
        return "of each batch alone: " if all(each.files > 1 for each in batches) else "of each file alone: "
    return f"of all {batches[0].files:,} files together: " if batches[0].files > 1 else ""


def _column_text(column: ProposedColumn) -> str:
    if not column.type:
        return f"  # {_commented(column.name)}"
    line = column.line
    is_plain = _LINE.match(line) and not re.search(r": | #|\s\Z", line) and isinstance(plain_value(line), str)
    return f"  {spelt(column.name)}: {line if is_plain else quoted(line)}"


def spelt(name: str) -> str:
    """A name in YAML: as it is where that is safe, else in double quotes."""
    return name if _WORD.match(name) and isinstance(plain_value(name), str) else quoted(name)


def quoted(text: str) -> str:
    """The text in YAML's double quotes."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _commented(text: str) -> str:
    """Text that may stand in a comment."""
    return "".join(letter if letter.isprintable() else " " for letter in text)

"""Inferred rules as a file that people review: every line with what it was inferred from behind it."""

import re
from collections.abc import Iterator, Sequence

from assay.check.infer import ProposedColumn, ProposedRules
from assay.declare.nodes import plain_value

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LINE = re.compile(r"[A-Za-z][A-Za-z0-9_ .,<>=?%()\[\]+'~^${}*\\/|-]*\Z")
_WIDEST, _FEW = 60, 3


def rules_text(proposed: ProposedRules, key: Sequence[str], names: Sequence[str]) -> str:
    """The file; its rules hold for the data that they were inferred from."""
    shown = " ".join(_commented(name) for name in (names if len(names) <= _FEW else (*names[:_FEW], "...")))
    lines = [
        f"# Inferred by `assay data infer {shown}`, for review: what is here is what the data was, with some slack,",
        "# and not yet what it must be. Correct it, then name this file in a check step of assay.yaml.",
    ]
    pairs = list(_pairs(proposed, key))
    width = min(_WIDEST, max((len(text) for text, seen in pairs if seen and len(text) <= _WIDEST), default=0))
    lines += [f"{text.ljust(width)}  # {seen}" if seen else text for text, seen in pairs]
    return "\n".join((*lines, ""))


def _pairs(proposed: ProposedRules, key: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each line, and what is said behind it."""
    if proposed.rows:
        yield f"rows: {proposed.rows}", proposed.rows_seen
    if key:
        yield f"unique: [{', '.join(map(spelt, key))}]", "no two rows are the same in this"
    for name, newest in proposed.fresh:
        yield f"# fresh: {{{spelt(name)}: 2 days}}", f"newest {newest}; say how old it may be"
    told = [column for column in proposed.columns if column.type]
    if told:
        yield "columns:", ""
    for column in proposed.columns:
        yield _column_text(column), _commented(column.seen)


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

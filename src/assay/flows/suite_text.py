"""Imported rules as YAML: what stands below a dataset's path under ``check:``, or in a file of its own.

What was not carried over stands at its end as comments, so that it is not lost with the terminal's lines.
"""

import json
import re
from collections.abc import Iterable, Iterator

from assay.check.suites import Carried, Imported, Left, WrittenRule

_BARE = re.compile(r"[A-Za-z_][\x20-\x7e]*")
_BARE_IN_LIST = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"))
_ESCAPED = re.compile("[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def as_yaml(found: Imported, path: str) -> str:
    """The rules of a suite that was read from ``path``."""
    return "\n".join((*_head(found, path), *_rules(found), *_left(found.left))) + "\n"


def plain(text: str) -> str:
    """A text that has the rest of its line to itself, as YAML reads it back: bare where that is certain, else in quotes."""
    is_odd = ": " in text or " #" in text or text.endswith((":", " ")) or text.lower() in _WORDS
    return text if _BARE.fullmatch(text) and not is_odd else _quoted(text)


def in_words(left: Left) -> str:
    """What was left, on one line: ``in part: RULE: because; instead``."""
    said = f"{'in part: ' if left.is_in_part else ''}{left.rule}: {left.because}"
    return _on_a_line(f"{said}; {left.instead}" if left.instead else said)


def changed(found: Imported) -> Iterator[str]:
    """What is asked otherwise than the suite asked it, a line each."""
    yield from map(_on_a_line, found.notes)
    yield from (_on_a_line(f"{each.to}: {each.note} ({each.rule})") for each in _noted(found.carried))


def _noted(carried: Iterable[Carried]) -> Iterator[Carried]:
    return (each for each in carried if each.note)


def _head(found: Imported, path: str) -> Iterator[str]:
    yield f"# {_on_a_line(f'Written by `assay data import {path}` from {found.origin}.')}"
    numbers = {each.number for each in found.left}
    whole = found.rules_in_suite - len(numbers)
    yield f"# {whole:,} of its {found.rules_in_suite:,} rules are carried over whole."
    yield from (f"# note: {line}" for line in changed(found))


def _rules(found: Imported) -> Iterator[str]:
    if found.rows:
        is_warned = "rows" in found.warned
        yield f"rows: {{range: {found.rows}, severity: warn}}" if is_warned else f"rows: {found.rows}"
    if found.unique:
        keys = ", ".join(_key_of_rows(key, found.warned) for key in found.unique)
        yield f"unique: {keys}" if len(found.unique) == 1 else f"unique: [{keys}]"
    if found.closed:
        yield f"closed: {'warn' if 'closed' in found.warned else 'true'}"
    if found.columns:
        yield "columns:"
        yield from (f"  {_key(each.column)}: {plain(each.line)}" for each in found.columns)
    if found.rules:
        yield "rules:"
        for rule in found.rules:
            yield from _rule(rule)


def _key_of_rows(columns: tuple[str, ...], warned: tuple[str, ...]) -> str:
    listed = f"[{', '.join(map(_in_list, columns))}]"
    is_warned = f"key {', '.join(columns)}" in warned
    return f"{{columns: {listed}, severity: warn}}" if is_warned else listed


def _rule(rule: WrittenRule) -> Iterator[str]:
    if not (rule.given or rule.allow or rule.severity == "warn"):
        yield f"  {_key(rule.name)}: {plain(rule.holds)}"
        return
    yield f"  {_key(rule.name)}:"
    if rule.given:
        yield f"    if: {plain(rule.given)}"
    yield f"    then: {plain(rule.holds)}"
    if rule.allow:
        yield f"    allow: {rule.allow}"
    if rule.severity == "warn":
        yield "    severity: warn"


def _left(left: tuple[Left, ...]) -> Iterator[str]:
    yield from (f"# not carried over: {in_words(each)}" for each in left)


def _key(text: str) -> str:
    return plain(text) if len(text) <= 100 and ":" not in text else _quoted(text)


def _in_list(text: str) -> str:
    return text if _BARE_IN_LIST.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


def _quoted(text: str) -> str:
    """In single quotes where they save escapes, else in double quotes with what cannot stand in YAML spelled out."""
    if _ESCAPED.search(text) is None and "\t" not in text and ('"' in text or "\\" in text):
        return "'" + text.replace("'", "''") + "'"
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _on_a_line(text: str) -> str:
    return " ".join(_ESCAPED.sub(" ", text).split())

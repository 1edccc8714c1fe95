"""The lines of a log that say why a program ended: the only ones on which a rule may rest.

What a program printed and survived proves nothing. So where Python raised something that nobody caught, only that counts,
with the exceptions that it was raised from and what was printed after it; else the last few lines.
"""

import re

import msgspec

from assay.explain.failure.log import Log, Raised, read_log

LAST_LINES = 12
"""Without an exception, this many lines from the end may be about the failure."""

_SURVIVED = re.compile(
    r"\bretry|\bretries\b|\bwarn(ing)?s?\b|\bignor(ed|ing)\b|\bskip|\bfall(ing|s)? ?back|\bcontinuing\b|\bdebug\b|\binfo\b",
    re.IGNORECASE,
)
_GAVE_UP = re.compile(r"max retries exceeded|retries exhausted|giving up|after \d+ (retries|attempts)", re.IGNORECASE)


class Said(msgspec.Struct, frozen=True):
    """A line that matched, and what of it did."""

    line: str
    groups: tuple[str, ...]
    """The groups of the pattern; empty text for one that took no part."""
    raised: Raised | None = None
    """The exception of which the line is the message."""


def last_words(log: Log) -> tuple[tuple[str, Raised | None], ...]:
    """(line, the exception that it belongs to) of what may say why it ended, the most telling first.

    An exception counts with those before it only where it was raised on purpose, to tell of them; a slip of the code in a
    handler is a failure of its own.
    """
    last = log.last
    if last is None:
        lines = log.lines[-LAST_LINES:]
        return tuple((line.strip(), None) for line in reversed(lines) if not was_survived(line))
    chain = log.chain if last.is_deliberate else (last,)
    told = [(line, raised) for raised in reversed(chain) for line in raised.text.splitlines()]
    after = [(line.strip(), None) for line in log.lines[log.end :] if not was_survived(line)]
    return (*told, *after)


def last_match(pattern: re.Pattern[str], log_tail: str) -> Said | None:
    """The most telling of the last words that the pattern finds; None where none of them does."""
    for line, raised in last_words(read_log(log_tail)):
        found = pattern.search(line)
        if found:
            return Said(line, tuple(group or "" for group in found.groups()), raised)
    return None


def was_survived(line: str) -> bool:
    """The line tells of something that the program went on from."""
    return bool(_SURVIVED.search(line)) and not _GAVE_UP.search(line)

"""The calls in a report of strace: who called what, with which paths, and how it went."""

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE = re.compile(r"(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)")
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)")
_RESULT = re.compile(r"\) += (?P<value>-?\d+|\?)(?:<.*>)?(?: (?P<error>E\w+))?")


class Call(NamedTuple):
    """A system call that has returned. ``error`` is the name of its error, empty where it did what it was asked."""

    pid: str
    name: str
    arguments: str
    value: int
    error: str

    @property
    def is_missing(self) -> bool:
        """What it named is not there."""
        return self.error in ("ENOENT", "ENOTDIR")


def read_calls(lines: Iterator[str]) -> Iterator[Call]:
    """The calls of a report (its bytes read as Latin-1), in the order of their return; what cannot be read is passed over."""
    for pid, name, rest in _whole(lines):
        results = tuple(_RESULT.finditer(rest))
        if results and results[-1]["value"] != "?":
            value = int(results[-1]["value"])
            yield Call(pid, name, rest[: results[-1].start()], value, results[-1]["error"] or "" if value < 0 else "")


def plain(quoted: str) -> str:
    """A string that strace wrote as C does, as a path."""
    data = quoted.encode("latin-1")
    return os.fsdecode(data.decode("unicode_escape").encode("latin-1") if b"\\" in data else data)


def _whole(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """(pid, call, arguments and result), those put together that other processes interrupted."""
    begun: dict[str, tuple[str, str]] = {}
    for raw in lines:
        line = raw.rstrip("\n")
        if match := _RESUMED.match(line):
            call, start = begun.pop(match["pid"], ("", ""))
            if call == match["call"]:
                yield match["pid"], call, start + match["rest"]
        elif match := _LINE.match(line):
            if line.endswith(_UNFINISHED):
                begun[match["pid"]] = (match["call"], match["rest"].removesuffix(_UNFINISHED))
            else:
                yield match["pid"], match["call"], match["rest"]

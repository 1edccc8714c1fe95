"""Read what traced processes reported.

The lines are written by ``adapters/executors/tracer/sitecustomize.py``, which lists their modes, and by the executor. Several processes append to
one file, each whole lines; a last line without its end was cut off by a kill or a full disk, and is passed over.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Literal, NamedTuple

from assay.core.ports import Tracing
from assay.core.run import Trace, Watching

MOST_PATHS = 50_000
"""So many paths are taken of each kind. Every process notes as many, and a step may have any number of processes."""


class Noted(NamedTuple):
    """What was noted, and whether that is all."""

    trace: Trace
    is_cut_short: bool
    """The step touched more files than a process may note, or than are taken here: what it read is not fully known, so reuse must not
    rest on it."""


def read_trace(data: bytes, root: str, how: Tracing | Literal[""] = "", *, is_watched: bool = False) -> Trace:
    """The same of a trace that is held in memory, without the word whether it is whole."""
    return read_noted(BytesIO(data), root, how, is_watched=is_watched).trace


def read_noted(
    lines: Iterable[bytes], root: str, how: Tracing | Literal[""] = "", *, is_watched: bool = False
) -> Noted:
    """What the processes of one step touched, by the lines of its trace, each with its end. ``root`` is the project's absolute path, as the tracer was given it. ``how`` and
    ``is_watched`` are what its task asked for: a trace that says nothing of watched files tells that nothing opened them.

    Paths below ``root`` are relative to it with ``/``, others absolute; each stands once, in the order of first touch. Bytes
    that are no UTF-8 are spelt ``\\xff``, as ``core/text.py`` has them: a ledger could not hold them, and the file is found by that.

    - ``reads`` are files that were opened for reading and were there; listed folders are not among them.
    - ``writes`` are files opened for writing and targets of renames and links, without what the step removed or renamed
      away again. The attempt is what was seen: a write may have failed, and a file written by another language is not here.
    - ``updates`` are those of the writes that the step had read before it first wrote them: what it read there, it had not made.
    - ``missing`` are paths that were opened or asked for and that this step never found or made: one that it looked for,
      then wrote, is no evidence of anything.
    - ``native`` are watched files that something opened, and that are neither among the reads nor the writes.
    """
    traced = is_cut_short = False
    noted: dict[str, dict[str, None]] = {"r": {}, "w": {}, "m": {}, "n": {}}
    reads, writes = noted["r"], noted["w"]
    came_to_be: set[str] = set()
    first: dict[str, str] = {}
    watching: Watching = "alone" if is_watched and how != "off" else ""
    for mode, path in _bounded(_fields(lines, root)):
        match mode:
            case "o":
                is_cut_short = True
            case "p":
                traced = True
            case "r" | "w" | "m" | "n":
                noted[mode].setdefault(path)
                first.setdefault(path, mode)
            case "u":
                watching = "shared" if path == "shared" else "unavailable"
            case "x" if path.endswith("/"):
                for written in [written for written in writes if (written + "/").startswith(path)]:
                    del writes[written]
            case "x":
                writes.pop(path, None)
        if mode in ("r", "w", "c", "d"):
            came_to_be.add(path)
    still_missing = tuple(path for path in noted["m"] if path not in came_to_be)
    native = tuple(path for path in noted["n"] if path not in reads and path not in came_to_be)
    trace = Trace(
        traced,
        tuple(reads),
        tuple(writes),
        still_missing,
        native,
        how,
        watching,
        updates=tuple(path for path in writes if first[path] == "r"),
    )
    return Noted(trace, is_cut_short)


def _bounded(fields: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same up to the bound of each mode, and then what a process tells that has reached its own."""
    taken: dict[str, set[str]] = {mode: set() for mode in "rwmn"}
    for mode, path in fields:
        paths = taken.get(mode)
        if paths is None or path in paths or len(paths) < MOST_PATHS:
            yield mode, path
            if paths is not None:
                paths.add(path)
        else:
            yield "o", mode


def _fields(lines: Iterable[bytes], root: str) -> Iterator[tuple[str, str]]:
    below = root.rstrip("/") + "/"
    for line in lines:
        if not line.endswith(b"\n"):
            continue
        mode, _, rest = line[:-1].decode("utf-8", "backslashreplace").partition("\t")
        path = rest if mode == "p" else _unescaped(rest)
        if path:
            yield mode, path.removeprefix(below)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    pieces = text.split("\\\\")
    return "\\".join(piece.replace("\\t", "\t").replace("\\n", "\n") for piece in pieces)

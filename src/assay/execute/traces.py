"""Read what traced processes reported.

The lines are written by ``adapters/executors/tracer/sitecustomize.py``, which lists their modes, and by the executor. Several processes append to
one file, each whole lines; a last line without its end was cut off by a kill or a full disk, and is passed over.
"""

from collections.abc import Iterator
from typing import Literal

from assay.core.ports import Tracing
from assay.core.run import Trace, Watching


def read_trace(data: bytes, root: str, how: Tracing | Literal[""] = "", *, is_watched: bool = False) -> Trace:
    """What the processes of one step touched. ``root`` is the project's absolute path, as the tracer was given it. ``how`` and
    ``is_watched`` are what its task asked for: a trace that says nothing of watched files tells that nothing opened them.

    Paths below ``root`` are relative to it with ``/``, others absolute; each stands once, in the order of first touch. Bytes
    that are no UTF-8 are replaced, for a ledger could not hold them.

    - ``reads`` are files that were opened for reading and were there; listed folders are not among them.
    - ``writes`` are files opened for writing and targets of renames and links, without what the step removed or renamed
      away again. The attempt is what was seen: a write may have failed, and a file written by another language is not here.
    - ``updates`` are those of the writes that the step had read before it first wrote them: what it read there, it had not made.
    - ``missing`` are paths that were opened or asked for and that this step never found or made: one that it looked for,
      then wrote, is no evidence of anything.
    - ``native`` are watched files that something opened, and that are neither among the reads nor the writes.
    """
    traced = False
    noted: dict[str, dict[str, None]] = {"r": {}, "w": {}, "m": {}, "n": {}}
    reads, writes = noted["r"], noted["w"]
    came_to_be: set[str] = set()
    first: dict[str, str] = {}
    watching: Watching = "alone" if is_watched and how != "off" else ""
    for mode, path in _lines(data, root):
        match mode:
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
    return Trace(
        traced,
        tuple(reads),
        tuple(writes),
        still_missing,
        native,
        how,
        watching,
        updates=tuple(path for path in writes if first[path] == "r"),
    )


def is_cut_short(data: bytes) -> bool:
    """A process touched more files than it may note: what it read is not fully known, so reuse must not rest on it."""
    return b"\no\t" in data


def _lines(data: bytes, root: str) -> Iterator[tuple[str, str]]:
    below = root.rstrip("/") + "/"
    for line in data.split(b"\n")[:-1]:
        mode, _, rest = line.decode("utf-8", "replace").partition("\t")
        path = rest if mode == "p" else _unescaped(rest)
        if path:
            yield mode, path.removeprefix(below)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    pieces = text.split("\\\\")
    return "\\".join(piece.replace("\\t", "\t").replace("\\n", "\n") for piece in pieces)

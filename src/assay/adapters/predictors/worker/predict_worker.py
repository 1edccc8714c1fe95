"""Answer predictions in a process of its own, for Assay, which started it.

Run by the user's Python, in which Assay is not installed: the standard library and numpy only, Python 3.8 or newer. The working
directory is the folder of the user's code. Frames come in over what was stdin and go out over what was stdout; whatever the
user's code prints goes to stderr, so that it cannot damage a frame. When stdin ends, Assay is gone, and so is this
process with all that it started, even in the middle of a prediction.

A frame is 12 bytes (length of all that follows, 8; length of the head, 4; big-endian), a head in JSON, and the raw bytes that
the head speaks of, in its order. The other side of this is ``frames.py``.
"""
# ruff: noqa: B905  (zip has no `strict` before Python 3.10)

from __future__ import annotations

import importlib.util
import io
import json
import math
import os
import queue
import re
import signal
import struct
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    import numpy as np
except ImportError:  # told in the first answer
    np = None  # type: ignore[assignment]

GREETING = b"\x00assay-predict-1\n"
SIZES = struct.Struct(">QI")
LONGEST_LINE = 500

if TYPE_CHECKING:  # Python 3.8 cannot evaluate these
    from collections.abc import Callable, Iterator

    Told = dict[str, Any]
    Request = tuple[Told, memoryview]


class Failed(Exception):
    """The question cannot be answered: a code that Assay has words for, and the facts."""

    def __init__(self, code: str, *because: str, **named: Any) -> None:
        super().__init__(code)
        self.told = {"failed": code, "because": because, "named": named}


def main() -> None:
    requests, answers = take_channels()
    answers.write(GREETING)
    inbox: queue.Queue[Request] = queue.Queue()
    threading.Thread(target=receive, args=(requests, inbox), daemon=True).start()
    folder = Path.cwd()
    predict: Callable[[Any], Any] | None = None
    while True:
        head, body = inbox.get()
        told: Told = {}
        parts: list[bytes] = []
        try:
            if head["op"] == "load":
                predict = load(folder, head["predict"], head["model"])
            else:
                told, parts = answer(folder, predict, head, body)
        except Failed as failed:
            told = failed.told
        send(answers, told, parts)


def take_channels() -> tuple[io.BufferedReader, io.FileIO]:
    """The two ends that speak frames; descriptors 0 and 1 are then free for the user's code."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), errors="backslashreplace", line_buffering=True)
    return requests, answers


def receive(requests: io.BufferedReader, inbox: queue.Queue[Request]) -> None:
    """Put every request into the inbox; when there is nobody left to ask, end everything."""
    while True:
        sizes = requests.read(SIZES.size)
        if len(sizes) < SIZES.size:
            break
        total, head_size = SIZES.unpack(sizes)
        frame = requests.read(total)
        if len(frame) < total:
            break
        inbox.put((json.loads(frame[:head_size].decode()), memoryview(frame)[head_size:]))
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def send(answers: io.FileIO, told: Told, parts: list[bytes]) -> None:
    head = json.dumps(told).encode()
    for chunk in [SIZES.pack(len(head) + sum(map(len, parts)), len(head)), head, *parts]:
        left = memoryview(chunk)
        while left:
            left = left[answers.write(left) :]


def load(folder: Path, reference: str, model: str) -> Callable[[Any], Any]:
    """The user's predict: what ``file.py:function`` returns for the model's path."""
    if np is None:
        raise Failed("numpy-missing", f"this Python is {sys.executable} ({sys.version.split()[0]})")
    file, _, name = reference.partition(":")
    if file == "flavour":
        return flavoured(folder, name, model)
    module = user_module(folder, folder / file)
    function = getattr(module, name, None)
    if not callable(function):
        offered = sorted(key for key, value in vars(module).items() if callable(value) and key[:1] != "_")
        raise Failed("predict-function-missing", offered=offered)
    predict: Callable[[Any], Any] = guarded(folder, "model-unloadable", function, model)
    if not callable(predict):
        raise Failed("predict-not-callable", f"it returned {described(predict)}")
    return predict


def user_module(folder: Path, path: Path) -> Any:
    """The module, under the name that models pickled beside it expect. Helpers are found in the folder and beside the file."""
    import_from(folder, path.parent)
    name = "_assay_" + path.stem if path.stem in sys.modules else path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Failed("predict-file-broken", "it is no Python file: its name does not end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    guarded(folder, "predict-file-broken", spec.loader.exec_module, module)
    return module


def flavoured(folder: Path, flavour: str, model: str) -> Callable[[Any], Any]:
    """The predict of a model whose flavour is known. What was pickled finds the modules of the folder."""
    flavours = module_at("_assay_flavours", Path(__file__).absolute().parent / "flavours")
    import_from(folder)

    def translated(function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except flavours.Unfit as unfit:
            raise Failed(unfit.code, *unfit.because, **unfit.named) from unfit

    predict = guarded(folder, "model-unloadable", translated, flavours.load, flavour, model)

    def taking(columns: Told) -> Any:
        taken = flavours.Taken(columns)
        answered = translated(predict, taken)
        taking.assay_reads = [name for name in columns if name in taken.names]  # type: ignore[attr-defined]
        return answered

    return taking


def module_at(name: str, package: Path) -> Any:
    """A package that stands in a folder of ours, under a name that no module of the user's has."""
    spec = importlib.util.spec_from_file_location(
        name, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def import_from(*folders: Path) -> None:
    """Let imports find what stands in the folders, and not what stands beside this file; write nothing there."""
    if sys.path and sys.path[0] == str(Path(__file__).parent.absolute()):
        del sys.path[0]
    sys.path[:0] = list(dict.fromkeys(map(str, folders)))
    sys.dont_write_bytecode = True


def guarded(folder: Path, code: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """What the user's function returns; anything it raises, sys.exit included, becomes a fact."""
    try:
        return function(*arguments)
    except Failed:
        raise
    except BaseException as raised:
        missing = missing_package(raised)
        raise Failed(code, *seen(folder, raised), *elsewhere(folder, missing), module=missing) from raised


def missing_package(raised: BaseException) -> str | None:
    """The package that is not installed. None where only a part of one is missing: that is a matter of versions."""
    name = raised.name if isinstance(raised, ModuleNotFoundError) else None
    package = (name or "").partition(".")[0]
    return package if package and package not in sys.modules else None


def elsewhere(folder: Path, module: str | None) -> Iterator[str]:
    """Where a file of that name stands below the folder, though imports do not look there."""
    found = sorted(folder.rglob(f"{module}.py")) if module else []
    for path in found[:1]:
        yield f"{relative(folder, str(path))} has that name, and is found only by what stands beside it"


def seen(folder: Path, raised: BaseException) -> Iterator[str]:
    """The exception in a line, and the last line of the user's own code that it came through."""
    lines = "".join(traceback.format_exception_only(type(raised), raised)).strip().splitlines()
    yield lines[-1 if isinstance(raised, SyntaxError) else 0][:LONGEST_LINE]
    if isinstance(raised, SyntaxError) and raised.filename:
        yield f"at {relative(folder, raised.filename)}:{raised.lineno}"
        return
    frames = traceback.extract_tb(raised.__traceback__)
    own = [frame for frame in frames if is_own(folder, frame.filename)]
    for frame in own[-1:]:
        line = (frame.line or "").strip()[:LONGEST_LINE]
        yield f"at {relative(folder, frame.filename)}:{frame.lineno}, in {frame.name}: {line}"


def is_own(folder: Path, file: str) -> bool:
    return file.startswith(str(folder) + os.sep) and "site-packages" not in file


def relative(folder: Path, file: str) -> str:
    return os.path.relpath(file, folder) if is_own(folder, file) else file


def answer(folder: Path, predict: Any, head: Told, body: memoryview) -> tuple[Told, list[bytes]]:
    """The head and the raw parts of the answer to one request."""
    names = [column["name"] for column in head["columns"]]
    columns = Columns(zip(names, arrays(head["columns"], body)))
    try:
        result = guarded(folder, "predict-raised", predict, columns)
    except Failed as failed:
        wanted = missing_column(failed.__cause__, names)
        if wanted is None:
            raise
        because = failed.told["because"]
        raise Failed("predict-column-missing", *because, column=wanted, columns=names) from failed
    named = result if isinstance(result, dict) else {"prediction": result}
    if "prediction" not in named or set(named) - {"prediction", "score"}:
        keys = ", ".join(repr(str(key)) for key in named) or "no keys"
        raise Failed("predict-wrong-kind", f"it returned a dict with {keys}")
    told, parts = [], []
    for name in ("prediction", "score"):
        if named.get(name) is not None or name == "prediction":
            description, raw = guarded(folder, "predict-wrong-kind", part, name, named[name], head["rows"])
            told.append(description)
            parts.append(raw)
    reads = getattr(predict, "assay_reads", None)
    return {"arrays": told, **({} if reads is None else {"reads": reads})}, parts


class NoColumn(KeyError):
    """A column that is not there was asked for."""


class Columns(dict):  # type: ignore[type-arg]  # Python 3.8 cannot subscript it
    """The columns by name, which tell a name that is none of theirs from any other key that code may look up."""

    def __missing__(self, name: object) -> Any:
        raise NoColumn(name)


def missing_column(raised: BaseException | None, names: list[str]) -> str | None:
    """The column that was asked for and is not there: of the rows themselves, or of a data frame made of them."""
    if isinstance(raised, NoColumn):
        return str(raised.args[0])
    is_polars = type(raised).__name__ == "ColumnNotFoundError"
    if not is_polars and not (isinstance(raised, KeyError) and is_of_frame(raised)):
        return None
    text = str(raised.args[0]) if raised is not None and raised.args else ""
    spoken = [text, *re.findall(r"'([^']+)'|\"([^\"]+)\"", text)]
    flat = [word for each in spoken for word in ((each,) if isinstance(each, str) else each) if word]
    quoted = flat[1:] if len(flat) > 1 else flat
    return next((word for word in quoted if word not in names), None)


def is_of_frame(raised: BaseException) -> bool:
    """pandas looked for a column, and for no row."""
    frames = traceback.extract_tb(raised.__traceback__)
    return any(
        frame.name == "__getitem__" and frame.filename.replace(os.sep, "/").endswith("pandas/core/frame.py")
        for frame in frames
    )


def arrays(columns: list[Told], body: memoryview) -> Iterator[np.ndarray]:
    at = 0
    for column in columns:
        raw = body[at : at + column["bytes"]]
        at += column["bytes"]
        if column["kind"] == "json":
            yield objects(json.loads(bytes(raw).decode()))
        else:
            yield np.frombuffer(bytearray(raw), dtype=column["kind"])


def part(name: str, values: Any, rows: int) -> tuple[Told, bytes]:
    """One array of the answer: its description and its bytes."""
    array = listed(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 0:
        raise Failed("predict-wrong-kind", f"as {name} it returned {described(values)}")
    if len(array) != rows:
        raise Failed("predict-wrong-count", f"as {name} it returned {len(array)} for {rows} rows")
    if array.ndim > (2 if name == "score" else 1):
        shape = " x ".join(map(str, array.shape))
        raise Failed("predict-wrong-kind", f"as {name} it returned an array of {shape}")
    plain = plain_array(name, array)
    if plain.dtype == object:
        kind, raw = "json", json.dumps(plain.tolist()).encode()
    else:
        kind, raw = plain.dtype.str, np.ascontiguousarray(plain).tobytes()
    return {"name": name, "kind": kind, "shape": list(plain.shape), "bytes": len(raw)}, raw


def listed(values: Any) -> np.ndarray:
    is_lazy = hasattr(values, "__iter__") and not hasattr(values, "__len__") and not hasattr(values, "__array__")
    if is_lazy:  # a generator, a map
        values = list(values)
    try:
        return np.asarray(values)
    except ValueError:  # rows of unequal length
        return np.asarray(values, dtype=object)


def plain_array(name: str, array: np.ndarray) -> np.ndarray:
    """The array as int64, float64, bool, or object that holds text and None alone."""
    kind = array.dtype.kind
    if kind == "b":
        return array.astype("?")
    if kind == "f":
        return array.astype("<f8")
    if kind == "i" or (kind == "u" and (array.size == 0 or int(array.max()) < 2**63)):
        return array.astype("<i8")
    if kind == "U" and array.ndim == 1:
        return array.astype(object)
    if kind != "O" or array.ndim > 1:
        raise Failed("predict-wrong-kind", f"as {name} it returned an array of {array.dtype}")
    return plain_objects(name, [value.item() if isinstance(value, np.generic) else value for value in array])


def plain_objects(name: str, values: list[Any]) -> np.ndarray:
    kinds = {kind_of(value) for value in values} - {"nothing"}
    has_nothing = any(kind_of(value) == "nothing" for value in values)
    if kinds <= {"number"} or (kinds == {"truth"} and not has_nothing):
        filled = [math.nan if kind_of(value) == "nothing" else value for value in values]
        return plain_array(name, np.array(filled, dtype=None if filled else float))
    if kinds == {"text"}:
        return objects([None if kind_of(value) == "nothing" else value for value in values])
    wanted = "text" if "text" in kinds else "number"
    row = next(row for row, value in enumerate(values) if kind_of(value) not in (wanted, "nothing"))
    raise Failed("predict-wrong-kind", f"as {name} it returned {described(values[row])} for row {row + 1}")


def kind_of(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "nothing"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else type(value).__name__


def objects(values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def described(value: Any) -> str:
    """A value in a few words: its type, and itself where it is short."""
    if value is None:
        return "None"
    text = repr(value)
    return type(value).__name__ + (" " + text if len(text) <= 40 and "\n" not in text else "")


if __name__ == "__main__":
    main()

"""Frames: the bytes that pass between Assay and a prediction worker. Pure; the other side is ``worker/predict_worker.py``.

A frame is 12 bytes (length of all that follows, 8; length of the head, 4; big-endian), a head in JSON, and the raw bytes that
the head speaks of, in its order. Numbers and booleans travel as little-endian bytes, text as a JSON list.
"""

import json
import struct
from typing import Any

import numpy as np

from assay.core.ports import Predictions
from assay.core.table import Table

SIZES = struct.Struct(">QI")
KINDS = {"?": "|b1", "b": "|b1", "i": "<i8", "u": "<i8", "f": "<f8"}


class Garbled(ValueError):
    """Bytes that are no frame of ours, or a column that cannot travel."""


def load_frame(predict: str, model: str) -> bytes:
    """The request to load a model."""
    return _frame({"op": "load", "predict": predict, "model": model}, [])


def predict_frame(columns: Table) -> bytes:
    """The request to predict these rows. ``Garbled`` for a column that is no number, truth value or text."""
    described, parts = [], []
    for name, values in columns.items():
        kind, raw = _packed(name, values)
        described.append({"name": name, "kind": kind, "bytes": len(raw)})
        parts.append(raw)
    return _frame({"op": "predict", "rows": rows_of(columns), "columns": described}, parts)


def rows_of(columns: Table) -> int:
    """How many rows a table has; 0 for one without columns."""
    return next((len(values) for values in columns.values()), 0)


def frame_size(start: bytes | bytearray) -> int | None:
    """The whole length of the frame that begins so; None while its first bytes are not all there."""
    if len(start) < SIZES.size:
        return None
    total, head = SIZES.unpack_from(start)
    if head > total:
        raise Garbled(f"a frame of {total} bytes cannot hold a head of {head}")
    return int(SIZES.size + total)


def read_frame(frame: bytes) -> tuple[dict[str, Any], memoryview]:
    """The head of a whole frame, and its raw bytes."""
    _, head_size = SIZES.unpack_from(frame)
    start = SIZES.size + head_size
    try:
        head = json.loads(frame[SIZES.size : start])
    except ValueError as error:
        raise Garbled(f"the head of a frame is not JSON: {error}") from error
    if not isinstance(head, dict):
        raise Garbled("the head of a frame is not an object")
    return head, memoryview(frame)[start:]


def read_predictions(head: dict[str, Any], body: memoryview) -> Predictions:
    """The predictions of an answer."""
    arrays = {}
    at = 0
    try:
        for part in head["arrays"]:
            arrays[part["name"]] = _unpacked(part["kind"], part["shape"], body[at : at + part["bytes"]])
            at += part["bytes"]
        return Predictions(arrays["prediction"], arrays.get("score"))
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled(f"an answer does not read: {error}") from error


def _frame(head: dict[str, Any], parts: list[bytes]) -> bytes:
    text = json.dumps(head).encode()
    return b"".join([SIZES.pack(len(text) + sum(map(len, parts)), len(text)), text, *parts])


def _packed(name: str, values: np.ndarray) -> tuple[str, bytes]:
    if values.dtype.kind in KINDS:
        kind = KINDS[values.dtype.kind]
        return kind, values.astype(kind, casting="same_kind" if values.dtype.kind != "u" else "unsafe").tobytes()
    if values.dtype.kind not in "OU":
        raise Garbled(f'column "{name}" holds {values.dtype}; expected numbers, truth values or text')
    try:
        return "json", json.dumps(values.tolist()).encode()
    except TypeError as error:
        raise Garbled(f'column "{name}" holds more than text: {error}') from error


def _unpacked(kind: str, shape: list[int], raw: memoryview) -> np.ndarray:
    if kind == "json":
        values = json.loads(bytes(raw))
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    if kind not in KINDS.values():
        raise Garbled(f"unknown kind {kind!r}")
    return np.frombuffer(bytearray(raw), dtype=kind).reshape(shape)

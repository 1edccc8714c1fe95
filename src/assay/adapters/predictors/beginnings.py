"""What files of models begin with, by kind. Pure."""

import re
from collections.abc import Callable

HEAD_BYTES = 512
"""So much of a file tells what it is."""

COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"]\0\0", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"\x04\x22\x4d\x18")
"""gzip, bzip2, xz, lzma, zlib, lz4: what joblib compresses with."""


def is_lfs_pointer(head: bytes) -> bool:
    return head.startswith(b"version https://git-lfs")


def is_onnx(head: bytes) -> bool:
    """A protobuf message whose first field is the version of the format."""
    return head[:1] == b"\x08" and head[1:2] < b"\x40"


def is_zip(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04")


def is_compressed(head: bytes) -> bool:
    return head.startswith(COMPRESSED)


def is_pickle(head: bytes) -> bool:
    """Of protocol 2 or later; in the two before it looks like text."""
    return head[:1] == b"\x80" and b"\x02" <= head[1:2] <= b"\x05"


def is_old_pickle(head: bytes) -> bool:
    return re.match(rb"c[\w.]+\n\w+\n|\(", head) is not None


def is_xgboost(head: bytes) -> bool:
    return head[:1] == b"{" and b"learner" in head


def is_lightgbm(head: bytes) -> bool:
    return head.startswith(b"tree\n")


def is_catboost(head: bytes) -> bool:
    return head.startswith(b"CBM1")


def is_hdf5(head: bytes) -> bool:
    return head.startswith(b"\x89HDF")


def is_json(head: bytes) -> bool:
    return head.lstrip()[:1] in (b"{", b"[")


KINDS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("a Git LFS pointer, and not the model: git lfs pull brings it", is_lfs_pointer),
    ("a pickle", is_pickle),
    ("a zip archive, as skops, PyTorch and Keras write them", is_zip),
    ("a CatBoost model", is_catboost),
    ("a LightGBM model", is_lightgbm),
    ("an XGBoost model", is_xgboost),
    ("an HDF5 file, as Keras writes them", is_hdf5),
    ("a compressed file", is_compressed),
    ("an ONNX model", is_onnx),
    ("JSON", is_json),
)
"""The surest first."""


def beginning_of(head: bytes) -> str | None:
    """What the file begins as, in words; None where that tells nothing."""
    return next((words for words, fits in KINDS if fits(head)), None)

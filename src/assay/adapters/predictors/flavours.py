"""Which flavour a model file is of: by its name and, before anything loads it, by its first bytes. Pure.

What loads each flavour is ``worker/flavours``, in the user's Python. ``flavour:NAME`` stands where ``predict`` would.
"""

import re
from collections.abc import Callable

import msgspec

from assay.adapters.predictors import diagnosis
from assay.core.problem import EvidenceError

PREFIX = "flavour:"
HEAD_BYTES = 512
"""So much of a file tells what it is."""

LFS = b"version https://git-lfs"
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"]\0\0", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"\x04\x22\x4d\x18")
"""How what joblib compresses begins: gzip, bzip2, xz, lzma, zlib, lz4."""


class Flavour(msgspec.Struct, frozen=True):
    """A way in which models are written."""

    name: str
    title: str
    """As people call it."""
    suffixes: tuple[str, ...]
    fits: Callable[[bytes], bool]
    """A file that begins so may be one."""
    is_sole: bool = True
    """Nothing else has these suffixes: another beginning is a mistake. Else it is another kind of file."""


def _is_onnx(head: bytes) -> bool:
    """A protobuf message whose first field is the version of the format."""
    return head[:1] == b"\x08" and head[1:2] < b"\x40"


def _is_pickle(head: bytes) -> bool:
    is_binary = head[:1] == b"\x80" and head[1:2] <= b"\x05"
    return is_binary or head.startswith(COMPRESSED) or re.match(rb"c[\w.]+\n\w+\n|\(", head) is not None


def _is_xgboost(head: bytes) -> bool:
    return head[:1] == b"{" and b"learner" in head


KNOWN = (
    Flavour("onnx", "ONNX", (".onnx",), _is_onnx),
    Flavour("skops", "skops", (".skops",), lambda head: head.startswith(b"PK\x03\x04")),
    Flavour("sklearn", "a scikit-learn pickle", (".pkl", ".pickle", ".joblib"), _is_pickle),
    Flavour("xgboost", "XGBoost", (".ubj",), _is_xgboost),
    Flavour("xgboost", "XGBoost", (".json",), _is_xgboost, is_sole=False),
    Flavour("lightgbm", "LightGBM", (".lgb",), lambda head: head.startswith(b"tree\n")),
    Flavour("lightgbm", "LightGBM", (".txt",), lambda head: head.startswith(b"tree\n"), is_sole=False),
    Flavour("catboost", "CatBoost", (".cbm",), lambda head: head.startswith(b"CBM1")),
)
TITLES = {flavour.name: flavour.title for flavour in KNOWN}

SIGNS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("it is empty", lambda head: not head),
    ("it begins like a pickle", lambda head: head[:1] == b"\x80" and head[1:2] <= b"\x05"),
    ("it begins like a ZIP archive, such as skops and PyTorch write", lambda head: head.startswith(b"PK\x03\x04")),
    ("it begins like CatBoost's", lambda head: head.startswith(b"CBM1")),
    ("it begins like LightGBM's", lambda head: head.startswith(b"tree\n")),
    ("it begins like XGBoost's", _is_xgboost),
    ("it begins like HDF5, such as Keras writes", lambda head: head.startswith(b"\x89HDF")),
    ("it begins like a compressed file", lambda head: head.startswith(COMPRESSED)),
    ("it begins like ONNX", _is_onnx),
    ("it begins like JSON", lambda head: head.lstrip()[:1] in (b"{", b"[")),
)
"""What a file is instead, the surest first."""


def flavour_of(name: str, head: bytes) -> str:
    """``flavour:NAME`` for a file of that name that begins with ``head``, of which ``HEAD_BYTES`` are enough. ``EvidenceError``
    where the name tells no flavour, or the bytes another one."""
    flavour = next((known for known in KNOWN if name.lower().endswith(known.suffixes)), None)
    if flavour is None:
        raise unknown(name, "its name tells no flavour")
    if head.startswith(LFS):
        raise diagnosis.failure("git-lfs-pointer", ["Git LFS did not fetch the model itself"], file=name)
    if flavour.fits(head):
        return PREFIX + flavour.name
    seen = _seen(head)
    if head and not flavour.is_sole:
        raise unknown(name, f"{seen}, and not like a model of {flavour.title}")
    raise diagnosis.failure("model-of-another-flavour", [seen], file=name, flavour=flavour.title)


def unknown(name: str, because: str) -> EvidenceError:
    """The error for a model that nothing is known to predict with."""
    endings: dict[str, str] = {}
    for known in KNOWN:
        endings[known.title] = " ".join(filter(None, (endings.get(known.title), *known.suffixes)))
    told = ", ".join(f"{title} ({suffixes})" for title, suffixes in endings.items())
    return diagnosis.failure("no-predict", [because, f"known: {told}"], file=name)


def _seen(head: bytes) -> str:
    return next((words for words, fits in SIGNS if fits(head)), f"it begins with {head[:12]!r}")

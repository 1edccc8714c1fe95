"""Which flavour a model file is of: by its name and, before anything loads it, by its first bytes. Pure.

What loads each flavour is ``worker/flavours``, in the user's Python. ``flavour:NAME`` stands where ``predict`` would.
"""

from collections.abc import Callable

import msgspec

from assay.adapters.predictors import diagnosis
from assay.adapters.predictors.beginnings import (
    beginning_of,
    is_catboost,
    is_compressed,
    is_lfs_pointer,
    is_lightgbm,
    is_old_pickle,
    is_onnx,
    is_pickle,
    is_xgboost,
    is_zip,
)
from assay.core.problem import EvidenceError

PREFIX = "flavour:"


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


def _is_any_pickle(head: bytes) -> bool:
    return is_pickle(head) or is_compressed(head) or is_old_pickle(head)


KNOWN = (
    Flavour("onnx", "ONNX", (".onnx",), is_onnx),
    Flavour("skops", "skops", (".skops",), is_zip),
    Flavour("sklearn", "a scikit-learn pickle", (".pkl", ".pickle", ".joblib"), _is_any_pickle),
    Flavour("xgboost", "XGBoost", (".ubj",), is_xgboost),
    Flavour("xgboost", "XGBoost", (".json",), is_xgboost, is_sole=False),
    Flavour("lightgbm", "LightGBM", (".lgb",), is_lightgbm),
    Flavour("lightgbm", "LightGBM", (".txt",), is_lightgbm, is_sole=False),
    Flavour("catboost", "CatBoost", (".cbm",), is_catboost),
)
TITLES = {flavour.name: flavour.title for flavour in KNOWN}


def flavour_of(name: str, head: bytes) -> str:
    """``flavour:NAME`` for a file of that name that begins with ``head``, of which ``HEAD_BYTES`` are enough. ``EvidenceError``
    where the name tells no flavour, or the bytes another one."""
    flavour = next((known for known in KNOWN if name.lower().endswith(known.suffixes)), None)
    if flavour is None:
        raise unknown(name, "its name tells no flavour")
    if is_lfs_pointer(head):
        raise diagnosis.failure("git-lfs-pointer", ["Git LFS did not fetch the model itself"], file=name)
    if flavour.fits(head):
        return PREFIX + flavour.name
    seen = _seen(head)
    if head and not flavour.is_sole:
        raise unknown(name, f"{seen}, and not as a model of {flavour.title}")
    raise diagnosis.failure("model-of-another-flavour", [seen], file=name, flavour=flavour.title)


def unknown(name: str, because: str) -> EvidenceError:
    """The error for a model that nothing is known to predict with."""
    endings: dict[str, str] = {}
    for known in KNOWN:
        endings[known.title] = " ".join(filter(None, (endings.get(known.title), *known.suffixes)))
    told = ", ".join(f"{title} ({suffixes})" for title, suffixes in endings.items())
    return diagnosis.failure("no-predict", [because, f"known: {told}"], file=name)


def _seen(head: bytes) -> str:
    if not head:
        return "it is empty"
    kind = beginning_of(head)
    return f"it begins as {kind}" if kind else f"it begins with {head[:12]!r}"

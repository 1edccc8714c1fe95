"""What a path tells by itself: whether it names a model or data, is only probed for, or is nearly another one."""

import re
from difflib import SequenceMatcher
from pathlib import PurePosixPath

MODELS = re.compile(
    r"\.(pkl|pickle|joblib|onnx|pt|pth|ckpt|h5|keras|pb|tflite|safetensors|skops|ubj|cbm|bst|pmml|gguf)", re.IGNORECASE
)
"""Suffixes of models."""
MAYBE_MODELS = re.compile(r"\.(bin|json|txt|npz|npy|model|zip|msgpack)", re.IGNORECASE)
"""Suffixes of models where the path says so too: below ``models/``, or ``model`` in its name."""
DATA = re.compile(
    r"\.(csv|tsv|parquet|jsonl?|ndjson|feather|arrow|orc|xlsx?|db|sqlite|duckdb|npz|npy|gz|xz|zip|zst|bz2|tar|txt|dat|avro"
    r"|html|xml|jpe?g|png|wav|pkl)",
    re.IGNORECASE,
)
"""Suffixes of data."""
TEXTS = re.compile(r"\.(ya?ml|toml|ini|cfg|conf|env|md|log|sql|sh|py|ipynb|pem|key|crt)", re.IGNORECASE)

NEAR = 0.6
"""From here on two paths are near each other: the floor of every kind of nearness but ``SAME_SUBJECT``."""
SAME_NAME = 0.9
SAME_SUBJECT = 0.3
"""Both are models, and nothing else is alike."""

_CODE = re.compile(r"\.(py|pyc|pyo|pyi|pyd|so|dll|dylib|egg-link|dist-info|h|hpp|c|cc|cpp|rs|go|java)")
_PROBED = re.compile(
    r"pyproject\.toml|setup\.cfg|tox\.ini|pyvenv\.cfg|matplotlibrc|CACHEDIR\.TAG|(site|user)customize.*"
)
_SYSTEM = re.compile(
    r"^/(usr|lib\d*|etc|proc|sys|dev|bin|sbin|run|opt/conda)/|(^|/)(site|dist)-packages/|/python3(\.\d+)?/"
)
_SETTINGS = re.compile(
    r"\.(cfg|ini|toml|conf|env|rc)$|(^|[/_.-])(config|settings|overrides?|local|defaults?)([/_.-]|$)", re.IGNORECASE
)
_VERSION = re.compile(r"[-_.]?v?\d+$")


def suffix_of(path: str) -> str:
    """The last suffix in lower case: ``.pkl``; empty where there is none."""
    return PurePosixPath(path).suffix.lower()


def is_known_suffix(path: str) -> bool:
    """The suffix is one that files of a project have: ``model.pkl``, and not ``KeyError.args``."""
    suffix = suffix_of(path)
    return any(kind.fullmatch(suffix) for kind in (MODELS, MAYBE_MODELS, DATA, TEXTS))


def is_model(path: str) -> bool:
    """The name is one that models have."""
    pure = PurePosixPath(path.lower())
    says_model = "model" in pure.name or "models" in pure.parts[:-1] or "model" in pure.parts[:-1]
    if MAYBE_MODELS.fullmatch(pure.suffix):
        return says_model
    return bool(MODELS.fullmatch(pure.suffix)) and (
        says_model or not {"data", "dataset", "datasets"} & set(pure.parts[:-1])
    )


def is_data(path: str) -> bool:
    """The name is one that datasets have, and not one that models have."""
    return bool(DATA.fullmatch(suffix_of(path))) and not is_model(path)


def is_probe(path: str) -> bool:
    """Asked for as a matter of course, by Python or its libraries: its absence says nothing."""
    pure = PurePosixPath(path)
    hidden = any(part.startswith(".") and part not in {".", ".."} for part in pure.parts)
    named = _PROBED.fullmatch(pure.name) or _CODE.fullmatch(pure.suffix) or "__pycache__" in pure.parts
    return bool(hidden or named or _SYSTEM.search(path))


def is_setting(path: str) -> bool:
    """Named like a settings file, which programs often do without."""
    return bool(_SETTINGS.search(path))


def nearness(wanted: str, found: str) -> float:
    """How near ``found`` comes to ``wanted``, 0..1; 0 where they have nothing to do with each other.

    The same name in another folder, then names in the same folder by likeness, then like names elsewhere with the same
    suffix (difflib's ratio, upper and lower case alike); last, two models of quite different names.
    """
    a, b = PurePosixPath(wanted.lower()), PurePosixPath(found.lower())
    if is_probe(found):
        return 0.0
    if a.name == b.name:
        return 1.0 if a.parent == b.parent else SAME_NAME
    likeness = _likeness(a.stem, b.stem)
    are_models = is_model(wanted) and is_model(found)
    if a.parent == b.parent and (likeness >= NEAR or (are_models and a.suffix == b.suffix)):
        return NEAR + (0.25 if a.suffix == b.suffix else 0.2) * likeness
    if a.suffix == b.suffix and likeness >= 0.75:
        return NEAR + 0.1 * likeness
    return SAME_SUBJECT if are_models and MODELS.fullmatch(a.suffix) and MODELS.fullmatch(b.suffix) else 0.0


def _likeness(one: str, other: str) -> float:
    """Likeness of two stems. A version at the end counts for nothing: ``churn`` and ``churn_v2``."""
    bare_one, bare_other = _VERSION.sub("", one), _VERSION.sub("", other)
    if bare_one and bare_one == bare_other:
        return 1.0
    matcher = SequenceMatcher(None, one, other)
    # The two quick bounds spare the work for nearly all of a project's files.
    if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:
        return 0.0
    return matcher.ratio()

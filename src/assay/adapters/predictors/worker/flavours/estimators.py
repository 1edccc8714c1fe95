"""scikit-learn, and whatever else has its manners: an object with ``predict``, from a pickle, a joblib or a skops file.

Loading a pickle runs what is in it. It has the rights of the training step that wrote it, and its bytes were checked against their
digest before this was asked.
"""

from __future__ import annotations

import pickle
import re
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import answer, scores
from .columns import LONGEST_LIST, listed, matrix, table, wanted
from .unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VERSIONS = re.compile(r"from version (\S+) when using version (\S+)\.")
"""In the words of scikit-learn's InconsistentVersionWarning, which older versions give as a UserWarning."""
MADE_WITH = re.compile(rb"_sklearn_version\W{0,8}?(\d+\.\d+[\w.]*)")
BROKEN_OFF = re.compile(r"truncated|exhausted|EOF|ended before|not a zip file")
OF_MAIN = re.compile(r"Can't get attribute '(\w+)' on <module '__main__'")
LARGEST_SCAN_BYTES = 1 << 22


def load_pickle(path: str) -> Callable[[Any], Any]:
    """Predict of a pickled object, which joblib may have written."""
    return loaded(path, read_pickle)


def load_skops(path: str) -> Callable[[Any], Any]:
    """Predict of what skops wrote; ``Unfit`` names the types that skops does not trust, and then nothing was loaded."""
    return loaded(path, read_skops)


def loaded(path: str, read: Callable[[str], Any]) -> Callable[[Any], Any]:
    caught: list[Any] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = read(path)
    except (Unfit, ModuleNotFoundError):
        raise
    except Exception as raised:
        facts = (in_a_line(raised), *explained(raised), *(versions(caught) or made_with(path)))
        raise Unfit("model-unloadable", *facts) from raised
    return predictor(model, versions(caught))


def read_pickle(path: str) -> Any:
    try:
        joblib = import_module("joblib")
    except ModuleNotFoundError as error:
        if error.name != "joblib" or path.endswith(".joblib"):
            raise
        with Path(path).open("rb") as file:
            return pickle.load(file)  # noqa: S301  (see the module's docstring)
    return joblib.load(path)


def read_skops(path: str) -> Any:
    skops = import_module("skops.io")
    untrusted = skops.get_untrusted_types(file=path)
    if untrusted:
        raise Unfit("model-untrusted-types", *untrusted[:LONGEST_LIST], types=listed(untrusted))
    return skops.load(path, trusted=[])


def predictor(model: Any, notes: Sequence[str]) -> Callable[[Any], Any]:
    """What predicts with the object. An error has ``notes`` among its facts."""
    if not callable(getattr(model, "predict", None)):
        raise Unfit("model-without-predict", f"it holds {described(model)}", *notes)
    names, count = names_of(model), getattr(model, "n_features_in_", None) or None
    warnings.filterwarnings("ignore", "X does not have valid feature names")  # where there is no pandas to give them

    def predict(columns: dict[str, np.ndarray]) -> Any:
        chosen = wanted(columns, names, count)
        rows = table(chosen) if list(chosen) == names else matrix(chosen)
        try:
            return answer(model.predict(rows), probabilities(model, rows))
        except Exception as raised:
            if not notes:
                raise
            raise Unfit("predict-raised", in_a_line(raised), *notes) from raised

    return predict


def names_of(model: Any) -> list[str] | None:
    """The names of the columns that the object was fitted with; None where it was fitted without."""
    found = getattr(model, "feature_names_in_", None)
    return None if found is None else [str(name) for name in found]


def probabilities(model: Any, rows: Any) -> Any:
    """The scores; None where the object has no ``predict_proba``."""
    ask = getattr(model, "predict_proba", None)
    return scores(ask(rows), getattr(model, "classes_", None)) if callable(ask) else None


def versions(caught: Sequence[Any]) -> list[str]:
    """What scikit-learn warned of when it unpickled estimators of another version."""
    found = (VERSIONS.search(str(warning.message)) for warning in caught)
    told = (f"it was made with scikit-learn {match[1]}; this Python has {match[2]}" for match in found if match)
    return list(dict.fromkeys(told))


def made_with(path: str) -> list[str]:
    """The same, where loading failed before scikit-learn could warn; nothing where the file is compressed or the version is right."""
    with Path(path).open("rb") as file:
        found = MADE_WITH.search(file.read(LARGEST_SCAN_BYTES))
    here = getattr(sys.modules.get("sklearn"), "__version__", None)
    there = found[1].decode() if found else None
    return [] if there in (None, here) else [f"it was made with scikit-learn {there}; this Python has {here or 'none'}"]


def explained(raised: BaseException) -> list[str]:
    """What the exception means, where its own words do not say."""
    if isinstance(raised, EOFError) or BROKEN_OFF.search(str(raised)):
        return ["the file breaks off: it was not written to its end, or not copied whole"]
    own = OF_MAIN.search(str(raised))
    if own:
        return [
            f"{own[1]} was defined in the script that trained: move it to a file of its own, which the script imports"
        ]
    return []


def in_a_line(raised: BaseException) -> str:
    return (f"{type(raised).__name__}: {raised}".strip().splitlines() or [""])[0][:500]


def described(model: Any) -> str:
    """An object in a few words."""
    name = type(model).__name__
    if isinstance(model, dict):
        return f"a dict with the keys {listed(model)}"
    return f"a {name} of {len(model)}" if isinstance(model, (list, tuple)) else f"a {name}"

"""A rule in its suite's own words, on one line."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_LONGEST = 200
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


def in_words(what: Any, keys: Any = None) -> str:
    """``expect_column_values_to_be_between {"column":"delay","min_value":0}``, cut where it is long."""
    said = what if isinstance(what, str) else _as_json(what)
    if isinstance(keys, Mapping) and keys:
        said = f"{said} {_as_json(keys)}"
    line = " ".join(_UNPRINTABLE.sub(" ", said).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _as_json(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return repr(value)

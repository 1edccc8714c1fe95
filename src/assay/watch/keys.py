"""How ids are compared: by what they spell, for a column of whole numbers is text as soon as one id has a letter."""

import re
from typing import Any

_WHOLE = re.compile(r"\s*([+-]?)0*([0-9]+?)(?:\.0+)?\s*")


def join_key(value: Any) -> str:
    """The text under which an id is joined: 7, 7.0, ``"7"`` and ``"007"`` are the same id."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        return text
    sign, digits = whole.groups()
    return f"-{digits}" if sign == "-" and digits != "0" else digits

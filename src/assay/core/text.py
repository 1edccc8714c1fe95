"""Text that records can hold.

Names of files may be no UTF-8, and JSON can spell half a character: Python keeps either as a lone surrogate, which neither the ledger nor
a digest can take. Where such text comes in from outside it is given the spelling that it has here.
"""

import re
from typing import Any

_HALVES = re.compile("[\ud800-\udfff]")
_BYTES = re.compile(r"\\x([89a-f][0-9a-f])")


def recordable_text(text: str) -> str:
    """The text with a byte that is no UTF-8 as ``\\xff``, and half a character as ``\\ud800``. Other text as it is, at no cost."""
    return text if text.isascii() else _HALVES.sub(_spelt, text)


def as_named(text: str) -> str:
    """The name of a file that ``recordable_text`` spelt so; or that has these very letters: only the disk can tell."""
    return _BYTES.sub(lambda match: chr(0xDC00 + int(match[1], 16)), text) if "\\x" in text else text


def recordable(value: Any) -> Any:
    """The same of dicts and lists, with all that is in them."""
    match value:
        case str():
            return recordable_text(value)
        case dict():
            return {recordable(key): recordable(each) for key, each in value.items()}
        case list():
            return [recordable(each) for each in value]
        case _:
            return value


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"

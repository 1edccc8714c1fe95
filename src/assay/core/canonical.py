"""One spelling for one value: the bytes that digests of structured values are taken over.

JSON with sorted keys, no spaces, UTF-8, and the shortest float that reads back as the same number. Equal values give equal
bytes, on every platform. NaN and infinities have no spelling: a value that holds one is refused with ``ValueError``.
"""

import json
from typing import Any

import msgspec

from assay.core.digest import Digest, digest_of


def canonical_bytes(value: Any) -> bytes:
    """The canonical JSON of a struct, or of dicts, lists, text, numbers, booleans and None."""
    plain = msgspec.to_builtins(value, str_keys=True)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def value_digest(value: Any) -> Digest:
    """The digest of a value's canonical bytes."""
    return digest_of(canonical_bytes(value))

"""How many threads a library may compute on that does not look itself."""

from __future__ import annotations

import os


def thread_count() -> int:
    """As many as the environment allows to others; 1 where it says nothing."""
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return int(allowed) if allowed.isdigit() and int(allowed) else 1

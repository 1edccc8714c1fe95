"""Find processes by the token in their environment, wherever they have gone: in /proc, or in what ``ps`` shows."""

import os

from .tree import pids, read, token_of

COMMAND_CHARACTERS = 200

_HAS_PROC = os.path.exists("/proc/self/stat")  # noqa: PTH110 -- as in tree.py


def carriers() -> list[tuple[int, str, str]]:
    """(pid, token, command) of every process of this user that carries a token."""
    if not _HAS_PROC:
        from .ps import shown_by_ps  # with libraries that would cost more than the rest of the guard

        return shown_by_ps()
    found = []
    for pid in pids():
        token = token_of(pid)
        if token:
            words = (read(f"/proc/{pid}/cmdline") or b"").rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
            found.append((pid, token, words[:COMMAND_CHARACTERS]))
    return found

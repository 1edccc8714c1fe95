"""Who listens at a port, as Linux tells it in /proc; elsewhere only that somebody does."""

import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from assay.explain.failure import Listener

_LISTENS = "0A"
LONGEST = 80


def find_listeners(ports: tuple[int, ...]) -> Mapping[int, Listener | None]:
    """Of these ports, those at which somebody listens; None for a process that may not be looked at."""
    sockets = {inode: port for port, inode in _listening(ports)} if ports else {}
    taken = set(sockets.values())
    found: dict[int, Listener | None] = {port: None for port in ports if port in taken}
    for pid, inode in _open_sockets() if sockets else ():
        if inode in sockets:
            found[sockets[inode]] = Listener(pid, _command(pid))
    return found or {port: None for port in ports if not Path("/proc/net/tcp").exists() and _answers(port)}


def _listening(ports: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    """(port, the socket's inode)"""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for cells in map(str.split, lines):
            port = int(cells[1].rsplit(":", 1)[1], 16)
            if cells[3] == _LISTENS and port in ports:
                yield port, cells[9]


def _open_sockets() -> Iterator[tuple[int, str]]:
    """(process, the inode of a socket that it has open)"""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            for handle in (process / "fd").iterdir():
                target = os.readlink(handle)  # noqa: PTH115 - no file stands at its end
                if target.startswith("socket:["):
                    yield int(process.name), target[8:-1]
        except OSError:  # it has ended, or is another user's
            continue


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "it has ended since"
    line = " ".join(word.decode("utf-8", "replace") for word in words if word)
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

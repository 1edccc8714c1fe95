"""A listening socket on loopback, or an error that says who has the port."""

import contextlib
import errno
import ipaddress
import socket
from pathlib import Path

from assay.core.problem import Problem, ServeError

BACKLOG = 2048
_LISTENING = "0A"
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def open_port(host: str, port: int) -> socket.socket:
    """A socket that listens at a loopback host; port 0 takes a free one. ``ServeError`` where it cannot."""
    address = _loopback(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    if not 0 <= port <= 65535:
        raise ServeError(Problem("no-such-port", f"there is no port {port}", ("ports are 0 to 65535",), "--port 0"))
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ServeError(_cannot_listen(address, port, error)) from error
    return listener


def listeners(port: int) -> tuple[str, ...]:
    """Who listens on the port, as far as Linux tells this user: ``process 4711: python -m http.server``."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    return tuple(_named(process) for process in _processes() if sockets and sockets & _open_files(process))


def _loopback(host: str) -> str:
    name = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        if ipaddress.ip_address(name).is_loopback:
            return name
    except ValueError:
        pass
    raise ServeError(
        Problem(
            "not-loopback",
            f"the server answers on loopback only, not on {host!r}",
            ("whoever reaches the port may ask for predictions; access by token is not built yet",),
            "--host 127.0.0.1",
        )
    )


def _cannot_listen(address: str, port: int, error: OSError) -> Problem:
    if error.errno == errno.EADDRINUSE:
        return Problem("port-in-use", f"port {port} is in use", listeners(port), f"--port 0, or --port {port + 1}")
    if error.errno == errno.EACCES:
        return Problem("port-not-allowed", f"port {port} is not yours to use", (str(error.strerror),), "--port 0")
    return Problem("cannot-listen", f"cannot listen at {address} port {port}", (str(error.strerror),), "--port 0")


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in _TABLES:
        try:
            lines = table.read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _processes() -> list[Path]:
    try:
        return [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    except OSError:
        return []


def _open_files(process: Path) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):  # another user's, or gone
        for file in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(file.readlink()))
    return found


def _named(process: Path) -> str:
    try:
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        command = "?"
    return f"process {process.name} has it: {command[:200]}"

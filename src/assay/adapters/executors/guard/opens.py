"""Hear of it when a file is opened, whatever opens it: inotify, which Linux alone has."""

import ctypes
import errno
import os
import struct

_OPENED = 0x20
_HEAD = struct.calcsize("iIII")


class Opens:
    """Files that are watched, each as often as it was asked for. ``OSError`` where the kernel has no inotify."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify")
        self._paths: dict[int, dict[str, int]] = {}
        self._numbers: dict[str, int] = {}

    def watch(self, path: str) -> bool:
        """Whether it is watched from now on. A file that is not there is not; ``OSError`` where the kernel has no more room."""
        number = self._libc.inotify_add_watch(self.descriptor, os.fsencode(path), _OPENED)
        if number < 0:
            if ctypes.get_errno() in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                return False
            raise OSError(ctypes.get_errno(), "inotify", path)
        self._numbers[path] = number
        asked = self._paths.setdefault(number, {})
        asked[path] = asked.get(path, 0) + 1
        return True

    def forget(self, path: str) -> None:
        """Once for each time that it was watched."""
        number = self._numbers.get(path, -1)
        asked = self._paths.get(number, {})
        if asked.get(path, 0) > 1:
            asked[path] -= 1
        elif asked.pop(path, 0):
            del self._numbers[path]
            if not asked:
                del self._paths[number]
                self._libc.inotify_rm_watch(self.descriptor, number)

    def opened(self) -> set[str]:
        """What was opened since the last call."""
        found: set[str] = set()
        while data := self._read():
            while data:
                number, mask, _, length = struct.unpack_from("iIII", data)
                name = os.fsdecode(data[_HEAD : _HEAD + length].rstrip(b"\0"))
                data = data[_HEAD + length :]
                if mask & _OPENED:
                    found.update(f"{path}/{name}" if name else path for path in self._paths.get(number, ()))
        return found

    def _read(self) -> bytes:
        try:
            return os.read(self.descriptor, 1 << 16)
        except BlockingIOError:
            return b""

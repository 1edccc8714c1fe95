"""The Python that steps and models run with: the caller's ``python``, else Assay's own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.core.ports import Cache

_VERSION = re.compile(r"\d+\.\d+")


class PathInterpreter:
    """``python`` as the caller's PATH finds it; Assay's own bin folder is appended for those who have none."""

    def __init__(self, environ: Mapping[str, str], cache: Cache) -> None:
        own = str(Path(sys.executable).parent)
        self.environ = {**environ, "PATH": f"{environ.get('PATH', os.defpath)}{os.pathsep}{own}"}
        self.python = shutil.which("python", path=self.environ["PATH"]) or sys.executable
        self._cache = cache

    def version(self) -> str:
        """Its version, as ``3.11``; asked once for each interpreter."""
        key = f"python/{self.python}/{Path(self.python).stat().st_mtime_ns}"
        kept = (self._cache.recall(key) or b"").decode("ascii", "replace")
        if _VERSION.fullmatch(kept):  # a cache may hold anything
            return kept
        ask = [self.python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        answer = subprocess.run(ask, capture_output=True, text=True, check=False, env=self.environ)
        version = answer.stdout.strip() or "unknown"
        self._cache.remember(key, version.encode())
        return version

    def answer(self, words: Sequence[str], folder: Path) -> bytes:
        """What it prints when it is given these words in a folder."""
        done = subprocess.run(
            [self.python, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=self.environ,
            check=False,
        )
        return done.stdout

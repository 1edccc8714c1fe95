"""The smallest scheduler: jobs as processes of this machine, in sessions of their own."""

import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from assay.core.capacity import Capacity
from assay.core.job import SPEC
from assay.core.ports import Task


class DetachedJobs:
    """``blind_to``: folders below these are not seen by the machines. ``has``: what these machines have, if that is known."""

    def __init__(self, blind_to: tuple[Path, ...] = (), has: tuple[Capacity, ...] = ()) -> None:
        self.blind_to = blind_to
        self.has = has
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def machines(self) -> tuple[Capacity, ...]:
        return self.has

    def sees(self, folder: Path) -> bool:
        return not any(folder.is_relative_to(blind) for blind in self.blind_to)

    def submit(self, folder: Path, task: Task) -> str:
        words = [sys.executable, "-m", "assay", "exec-step", str(folder / SPEC)]
        output = (folder / "exec-step.out").open("wb")
        with output:
            process = subprocess.Popen(words, stdout=output, stderr=output, start_new_session=True)
        self.processes[str(process.pid)] = process
        return str(process.pid)

    def poll(self, handles: Collection[str], timeout_s: float) -> Mapping[str, str]:
        over = self._over(handles)
        if not over:
            time.sleep(min(timeout_s, 0.02))
        return over

    def cancel(self, handle: str) -> None:
        process = self.processes.get(handle)
        if process is not None:
            process.kill()
            process.wait()

    def logs(self, handle: str) -> str:
        return ""

    def close(self) -> None:
        for handle in tuple(self.processes):
            self.cancel(handle)

    def _over(self, handles: Collection[str]) -> dict[str, str]:
        codes = {handle: self.processes[handle].poll() for handle in handles}
        return {handle: f"it exited with {code}" for handle, code in codes.items() if code is not None}

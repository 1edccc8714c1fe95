"""How long a person waits before a command begins: CPU of whole processes over bare Python, beside DVC where it is installed.

    python bench/start_up.py            (compile first: python -m compileall src)

Prints the least and the median of the runs; the least is the figure to hold on a shared machine.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 41
BIN = Path(sys.executable).parent
ENVIRON = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cpu_ms(command: list[str], folder: str) -> list[float]:
    spent = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, capture_output=True, check=True, env=ENVIRON)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return spent[1:]


def main() -> None:
    assay = str(BIN / "assay")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "assay.yaml").write_text("name: p\nsteps:\n  - {name: a, run: 'true'}\n")
        subprocess.run([assay, "run"], cwd=folder, capture_output=True, check=True, env=ENVIRON)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "assay --version": [assay, "--version"],
            "assay status --json": [assay, "status", "--json"],
            "assay --help": [assay, "--help"],
            "assay run (nothing to reuse, one step)": [assay, "run"],
        }
        dvc = shutil.which("dvc")
        if dvc:
            commands["dvc --version"] = [dvc, "--version"]
        bare = min(cpu_ms(commands["python -c pass"], folder))
        print(f"{'command':<42}{'least ms':>10}{'median ms':>11}{'over bare':>11}")
        for name, command in commands.items():
            spent = cpu_ms(command, folder)
            print(f"{name:<42}{min(spent):>10.1f}{statistics.median(spent):>11.1f}{min(spent) - bare:>11.1f}")


if __name__ == "__main__":
    main()

"""The executor that docs/how-to/executors.md shows passes the suite, over programs that pretend to be Slurm."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from test_job_executors import jobs_of

from assay.testing.suites import ExecutorContract
from assay.testing.suites.executors import Leash, next_ended, task

PAGE = Path(__file__).parents[2] / "docs/how-to/executors.md"

PROGRAMS = {
    "sbatch": """
out = next(word for word in sys.argv if word.startswith("--output=")).removeprefix("--output=")
with open(out, "wb") as output:
    job = subprocess.Popen(["sh", "-c", sys.argv[-1]], stdout=output, stderr=output, start_new_session=True)
print(f"{job.pid};here")
""",
    "squeue": """
for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
    try:
        if status.read_text().rpartition(")")[2].split()[0] != "Z":
            print(status.parent.name)
    except OSError:
        pass
""",
    "sacct": 'print("NODE_FAIL")\n',
    "scancel": "os.kill(int(sys.argv[-1]), 9)\n",
}


def shown_code() -> str:
    """The program that the page shows."""
    found = re.search(r"<!-- file: assay_slurm.py -->\n```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def slurm(tmp_path_factory, monkeypatch):
    """The page's scheduler, with pretended programs on PATH."""
    place = tmp_path_factory.mktemp("slurm")
    for name, text in PROGRAMS.items():
        program = place / name
        program.write_text(f"#!{sys.executable} -IS\nimport os, pathlib, subprocess, sys\n{text}")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(place), prepend=":")
    (place / "assay_slurm.py").write_text(shown_code())
    spec = importlib.util.spec_from_file_location("assay_slurm", place / "assay_slurm.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ASK_S", 0.2)
    return module.SlurmJobs("short")


class TestSlurmJobs(ExecutorContract):
    @pytest.fixture
    def executor(self, slurm, tmp_path):
        return jobs_of(tmp_path, slurm, tmp_path / ".assay")


def test_a_job_that_slurm_loses_is_told_in_its_words(slurm, tmp_path):
    executor = jobs_of(tmp_path, slurm, tmp_path / ".assay")
    leash = Leash(tmp_path / "leash")
    executor.start(task(tmp_path, f"{leash.hold}; sleep 1000"))
    leash.wait_until_held()
    (running,) = executor._running.values()
    slurm.cancel(running.handle)
    (ended,) = next_ended(executor)
    assert ended.problem.because[0] == "Slurm says NODE_FAIL"
    assert leash.is_let_go()
    leash.close()
    executor.close()


def test_it_is_under_a_hundred_lines():
    assert len(shown_code().splitlines()) < 100

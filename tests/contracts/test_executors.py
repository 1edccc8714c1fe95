"""The local executor passes the executors' suite, also where the kernel has no process descriptors."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assay.adapters.executors import processes
from assay.adapters.executors.local import LocalExecutor
from assay.execute.traces import read_trace
from assay.testing.suites import ExecutorContract
from assay.testing.suites.executors import Leash, next_ended, python, run, task


class TestLocalExecutor(ExecutorContract):
    @pytest.fixture
    def executor(self):
        return LocalExecutor()

    def test_a_pipe_fails_with_its_first_command(self, executor, tmp_path):
        assert run(executor, task(tmp_path, "false | true")).exit_code == 1

    def test_a_service_in_the_background_outlives_a_task_that_went_well(self, executor, tmp_path, leash):
        ended = run(executor, task(tmp_path, f"{leash.hold}; sleep 1000 & exit 0"))
        leash.wait_until_held()
        assert ended.exit_code == 0
        assert leash.is_held()
        assert executor.sweep(f"{tmp_path}/") != ()
        assert leash.is_let_go()

    def test_python_is_traced_with_the_callers_path_kept(self, executor, tmp_path):
        (tmp_path / "lib").mkdir()
        (tmp_path / "lib" / "mine.py").write_text("HERE = True\n")
        step = task(tmp_path, python("import mine; open('out.txt', 'w')"), environment={"PYTHONPATH": "lib"})
        assert run(executor, step).exit_code == 0
        trace = read_trace(Path(step.trace).read_bytes(), step.folder)
        assert trace.traced
        assert trace.reads == ("lib/mine.py",)
        assert trace.writes == ("out.txt",)

    def test_a_command_that_is_no_python_is_not_traced(self, executor, tmp_path):
        step = task(tmp_path, "cat < /dev/null")
        run(executor, step)
        assert not Path(step.trace).exists()

    def test_logged_metrics_come_to_the_file_beside_the_trace(self, executor, tmp_path):
        step = task(tmp_path, python("import assay; assay.log_metric('accuracy', 0.92)"))
        assert run(executor, step).exit_code == 0
        assert b'"accuracy"' in Path(step.trace + ".metrics").read_bytes()

    def test_output_comes_while_the_task_runs(self, executor, tmp_path, leash):
        program = f"import time; print('begun'); {leash.hold_in_python}; time.sleep(1000)"
        executor.start(task(tmp_path, python(program)))
        leash.wait_until_held()
        assert executor.output("step", 0) == b"begun\n"


class TestLocalExecutorWithoutPidfd(ExecutorContract):
    @pytest.fixture
    def executor(self, monkeypatch):
        monkeypatch.delattr(os, "pidfd_open", raising=False)  # as on macOS
        return LocalExecutor()


class TestLocalExecutorWithoutBash(ExecutorContract):
    @pytest.fixture
    def executor(self, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setenv("PATH", "/nowhere")
            return LocalExecutor()


ENGINE = """
import sys
from assay.adapters.executors.local import LocalExecutor
from assay.testing.suites.executors import task
from pathlib import Path
executor = LocalExecutor()
executor.start(task(Path(sys.argv[1]), sys.argv[2]))
executor.wait(1000)
"""


def test_sweep_ends_what_a_killed_engine_left_behind(tmp_path):
    leash = Leash(tmp_path / "leash")
    runaway = f"import os, time; os.setsid(); {leash.hold_in_python}; time.sleep(1000)"
    command = f"{python(runaway)} & sleep 1000"
    with subprocess.Popen([sys.executable, "-c", ENGINE, str(tmp_path), command]) as engine:
        leash.wait_until_held()
        engine.send_signal(signal.SIGKILL)
    assert leash.is_held()
    assert len(LocalExecutor().sweep(f"{tmp_path}/")) == 3, "the shell, its child, and the one that left the group"
    assert leash.is_let_go()
    leash.close()


def test_sweep_spares_the_processes_that_it_runs_under(tmp_path):
    """As when a step runs Assay on the same project."""
    program = f"from assay.adapters.executors.local import LocalExecutor; print(LocalExecutor().sweep('{tmp_path}/'))"
    executor = LocalExecutor()
    executor.start(task(tmp_path, f"true; {python(program)}; true"))
    (ended,) = next_ended(executor)
    assert ended.exit_code == 0
    assert executor.output("step", 0) == b"()\n"


def test_what_ps_shows_elsewhere_is_read_as_well_as_it_can_be():
    text = (
        "    1 /sbin/launchd HOME=/\n"
        "  812 python train.py --lr=0.1 PATH=/bin HOME=/Users/me ASSAY_TOKEN=delays/1/train SHELL=/bin/zsh\n"
        "  900 sleep 1000 ASSAY_TOKEN=delays/2/deploy\n"
    )
    assert tuple(processes._in_ps(text)) == (
        (812, "delays/1/train", "python train.py --lr=0.1"),
        (900, "delays/2/deploy", "sleep 1000"),
    )

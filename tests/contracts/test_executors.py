"""The local executor passes the executors' suite, also where the system gives nobody the orphans below it."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from assay.adapters.executors import memory
from assay.adapters.executors.guard import tree
from assay.adapters.executors.guard.ps import read_ps
from assay.adapters.executors.local import LocalExecutor
from assay.execute.traces import read_trace
from assay.testing.suites import ExecutorContract
from assay.testing.suites.executors import next_ended, python, run, task


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

    def test_an_interrupt_before_anybody_waits_for_the_end_is_no_way_out(self, executor, tmp_path, leash, monkeypatch):
        ask = executor.ask_to_end

        def ask_and_be_interrupted(grace_s, names):
            ask(grace_s, names)
            if grace_s:
                raise KeyboardInterrupt

        monkeypatch.setattr(executor, "ask_to_end", ask_and_be_interrupted)
        executor.start(task(tmp_path, f"trap '' INT; {leash.hold}; while true; do sleep 0.1; done"))
        leash.wait_until_held()
        with pytest.raises(KeyboardInterrupt):
            executor.stop(60.0)
        assert [ended.exit_code for ended in executor.wait(0.0)] == [-9]

    def test_python_is_traced_with_the_callers_path_kept(self, executor, tmp_path):
        (tmp_path / "lib").mkdir()
        (tmp_path / "lib" / "mine.py").write_text("HERE = True\n")
        step = task(tmp_path, python("import mine; open('out.txt', 'w')"), environment={"PYTHONPATH": "lib"})
        assert run(executor, step).exit_code == 0
        trace = read_trace(Path(step.trace).read_bytes(), step.folder)
        assert trace.traced
        assert trace.reads == ("lib/mine.py",)
        assert trace.writes == ("out.txt",)

    def test_python_is_traced_below_the_project_and_not_only_in_the_tasks_folder(self, executor, tmp_path):
        (tmp_path / "sub").mkdir()
        (tmp_path / "up.txt").write_text("x")
        step = task(tmp_path, python("open('../up.txt')"))
        step = msgspec.structs.replace(step, folder=f"{tmp_path}/sub", project=str(tmp_path))
        assert run(executor, step).exit_code == 0
        assert read_trace(Path(step.trace).read_bytes(), step.project).reads == ("up.txt",)

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


class TestLocalExecutorWithoutOrphans(ExecutorContract):
    """As on macOS."""

    @pytest.fixture
    def executor(self):
        return LocalExecutor(has_orphans=False)


class TestLocalExecutorWithoutControlGroups(ExecutorContract):
    """As for most users of a cluster's nodes: each process is held to its memory by itself."""

    @pytest.fixture
    def executor(self, monkeypatch):
        monkeypatch.setattr(memory, "_place", lambda: None)
        return LocalExecutor()


class TestLocalExecutorWithoutBash(ExecutorContract):
    @pytest.fixture
    def executor(self, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setenv("PATH", "/nowhere")
            return LocalExecutor()


def test_sweep_spares_the_processes_that_it_runs_under(tmp_path):
    """As when a step runs Assay on the same project."""
    program = f"from assay.adapters.executors.local import LocalExecutor; print(LocalExecutor().sweep('{tmp_path}/'))"
    executor = LocalExecutor()
    executor.start(task(tmp_path, f"true; {python(program)}; true"))
    (ended,) = next_ended(executor)
    assert ended.exit_code == 0
    assert executor.output("step", 0) == b"()\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc shows a process in the middle of an exec")
def test_a_process_is_known_also_in_the_middle_of_an_exec(tmp_path):
    """For some microseconds the system shows no environment of it: some three looks in a thousand saw none."""
    script = tmp_path / "again"
    script.write_text(f"#!/bin/sh\nexec {script}\n")
    script.chmod(0o755)
    with subprocess.Popen([script], env={tree.VARIABLE: "delays/1/train"}) as for_ever:
        seen = {tree.token_of(for_ever.pid) for _ in range(10_000)}
        for_ever.kill()
    assert seen == {"delays/1/train"}


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc shows it")
def test_a_process_without_an_environment_and_one_that_has_ended_have_no_token():
    with subprocess.Popen(["sleep", "1000"], env={}) as bare:
        assert tree.token_of(bare.pid) == ""
        bare.kill()
        os.waitid(os.P_PID, bare.pid, os.WEXITED | os.WNOWAIT)
        assert tree.token_of(bare.pid) == ""


def test_what_ps_shows_elsewhere_is_read_as_well_as_it_can_be():
    text = (
        "    1 /sbin/launchd HOME=/\n"
        "  812 python train.py --lr=0.1 PATH=/bin HOME=/Users/me ASSAY_TOKEN=delays/1/train SHELL=/bin/zsh\n"
        "  900 sleep 1000 ASSAY_TOKEN=delays/2/deploy\n"
    )
    assert read_ps(text) == [
        (812, "delays/1/train", "python train.py --lr=0.1"),
        (900, "delays/2/deploy", "sleep 1000"),
    ]

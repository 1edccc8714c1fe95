"""kill -9 of the engine, of the guard or of one of its two processes: nothing that the steps started is left.

Each step starts a child in the background, one in a session of its own, one with an emptied environment, and a daemon with all
three: forked twice, so that no parent tells whose it is. All of them hold a leash, which is let go when the last of them is gone.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assay.adapters.executors.local import LocalExecutor
from assay.testing.suites.executors import Leash, escape, next_ended, python, run, task

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a process the orphans below it"),
]

ENGINE = """
import os, sys
from pathlib import Path
from assay.adapters.executors.local import LocalExecutor
from assay.testing.suites.executors import next_ended, task
executor = LocalExecutor()
folder, first, second = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
if first:
    executor.start(task(folder, first, name="first"))
    next_ended(executor)
executor.start(task(folder, second))
if sys.argv[4] == "forks" and os.fork() == 0:
    sys.stdin.read()
    os._exit(0)
next_ended(executor)
print("the step has ended", flush=True)
sys.stdin.read()
"""


class Scene:
    """An engine in a process of its own, that runs a step of which everything holds the leash."""

    def __init__(self, folder: Path, leash: Leash) -> None:
        self.folder = folder
        self.leash = leash

    def begin(self, command: str, *, first: str = "", forks: bool = False) -> None:
        words = [sys.executable, "-c", ENGINE, str(self.folder), first, command, "forks" if forks else ""]
        self.engine = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.leash.wait_until_held()
        self.witness = children_of(self.engine.pid)[0]
        (self.keeper,) = children_of(self.witness)

    def end(self) -> None:
        self.engine.kill()
        self.engine.communicate()


@pytest.fixture
def scene(tmp_path):
    leash = Leash(tmp_path / "leash")
    scene = Scene(tmp_path, leash)
    yield scene
    scene.end()
    leash.close()


def children_of(pid: int) -> list[int]:
    """The oldest first, which need not have the smallest number: the numbers begin anew."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def everything(leash: Leash) -> str:
    """A command whose children have gone every way out; all of them hold the leash, and one says so."""
    quiet = leash.hold.split(";")[0]
    return f"{quiet}; sleep 1000 & setsid sleep 1000 & env -i sleep 1000 & env -i setsid sleep 1000 & {escape(leash)}; sleep 1000"


def test_kill_of_the_engine_leaves_nothing(scene):
    scene.begin(everything(scene.leash))
    scene.engine.kill()
    assert scene.leash.is_let_go()


@pytest.mark.parametrize("half", ["keeper", "witness"])
def test_kill_of_either_half_of_the_guard_leaves_nothing_and_the_engine_is_told(scene, half):
    scene.begin(everything(scene.leash))
    os.kill(getattr(scene, half), signal.SIGKILL)
    assert scene.leash.is_let_go()
    assert scene.engine.stdout.readline() == b"the step has ended\n"
    assert b"the process that guards the steps was killed" in (scene.folder / "step.log").read_bytes()


def test_kill_of_a_stopped_guard_leaves_nothing(scene):
    """Nothing of it runs that could see to its end, but the other half."""
    scene.begin(everything(scene.leash))
    os.kill(scene.keeper, signal.SIGSTOP)
    os.kill(scene.keeper, signal.SIGKILL)
    assert scene.leash.is_let_go()


def test_a_polite_end_of_the_guard_leaves_nothing_either(scene):
    scene.begin(everything(scene.leash))
    os.kill(scene.keeper, signal.SIGTERM)
    assert scene.leash.is_let_go()


def test_kill_of_the_steps_shell_leaves_nothing(scene):
    scene.begin(everything(scene.leash))
    shell = children_of(scene.keeper)[0]
    os.kill(shell, signal.SIGKILL)
    assert scene.leash.is_let_go()
    assert scene.engine.stdout.readline() == b"the step has ended\n"


def test_kill_of_the_engine_ends_also_the_service_that_an_earlier_step_started(scene):
    service = f"{scene.leash.hold.split(';')[0]}; setsid env -i sleep 1000 & exit 0"
    scene.begin(f"{scene.leash.hold}; sleep 1000", first=service)
    scene.engine.kill()
    assert scene.leash.is_let_go()


def test_an_orderly_end_of_the_engine_ends_what_runs_and_lets_the_service_live(tmp_path):
    service, running = Leash(tmp_path / "service"), Leash(tmp_path / "leash")
    scene = Scene(tmp_path, running)
    scene.begin(f"{running.hold}; sleep 1000", first=f"{service.hold}; setsid sleep 1000 & exit 0")
    service.wait_until_held()
    scene.engine.send_signal(signal.SIGINT)
    assert running.is_let_go()
    scene.engine.communicate()
    assert service.is_held()
    service.end_holder()


def test_what_a_fork_of_the_engine_holds_open_does_not_hide_its_death(scene):
    """A program that uses Assay may fork: the pipes to the guard stay open in the child."""
    scene.begin(everything(scene.leash), forks=True)
    scene.engine.kill()
    assert scene.leash.is_let_go()


def test_what_is_left_when_engine_and_guard_die_at_the_same_moment_is_swept_by_its_token(scene):
    runaway = f"import os, time; os.setsid(); {scene.leash.hold_in_python}; time.sleep(1000)"
    scene.begin(f"{python(runaway)} & sleep 1000")
    both = (scene.engine.pid, scene.witness, scene.keeper)
    for how in (signal.SIGSTOP, signal.SIGKILL):
        for pid in both:
            os.kill(pid, how)
    scene.engine.wait()
    assert scene.leash.is_held()
    assert len(LocalExecutor().sweep(f"{scene.folder}/")) == 3, "the shell, its child, and the one that left the group"
    assert scene.leash.is_let_go()


@pytest.fixture
def executor():
    executor = LocalExecutor()
    yield executor
    executor.close()


def kill_own_guard() -> None:
    (guard,) = [child for child in children_of(os.getpid()) if b"guard" in Path(f"/proc/{child}/cmdline").read_bytes()]
    (keeper,) = children_of(guard)
    os.kill(keeper, signal.SIGKILL)
    os.waitid(os.P_PID, guard, os.WEXITED | os.WNOWAIT)


def test_after_the_guard_was_killed_another_one_starts_the_next_task(executor, tmp_path):
    leash = Leash(tmp_path / "leash")
    executor.start(task(tmp_path, f"{leash.hold}; sleep 1000"))
    leash.wait_until_held()
    kill_own_guard()
    assert [end.exit_code for end in next_ended(executor)] == [-9]
    assert leash.is_let_go()
    assert run(executor, task(tmp_path, "echo again", name="next")).exit_code == 0
    leash.close()


def test_a_guard_that_was_killed_while_nothing_ran_is_replaced(executor, tmp_path):
    run(executor, task(tmp_path, "true"))
    kill_own_guard()
    assert run(executor, task(tmp_path, "echo $GREETING", environment={"GREETING": "hi"})).exit_code == 0
    assert executor.output("step", 0) == b"hi\n"

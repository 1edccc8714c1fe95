"""What every executor keeps. The tasks are small shell commands and Python programs; nothing is timed."""

import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from assay.core.ports import Ended, Executor, Task

HANG_S = 120.0
"""Long enough for any machine: reached only where an executor does not keep its word."""


class Leash:
    """Held by a process: it says when the process has begun, and when the last holder is gone, wherever it went."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.hold = f"exec 9>{path}; echo held >&9"
        """Shell: take the leash, and pass it on to every child."""
        self.hold_in_python = f"leash = open({str(path)!r}, 'w'); print('held', file=leash, flush=True)"
        self._end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def wait_until_held(self) -> None:
        """Return when a process holds it."""
        assert self._read() == b"held\n"

    def is_let_go(self) -> bool:
        """Whether all who held it are gone, or soon are."""
        return self._read() == b""

    def is_held(self) -> bool:
        """Whether somebody holds it now."""
        return not select.select([self._end], [], [], 0)[0]

    def close(self) -> None:
        """Forget it."""
        os.close(self._end)

    def _read(self) -> bytes | None:
        return os.read(self._end, 5) if select.select([self._end], [], [], HANG_S)[0] else None


class ExecutorContract:
    """Override ``executor``."""

    @pytest.fixture
    def executor(self) -> Executor:
        """The executor under test."""
        raise NotImplementedError("override the fixture `executor`")

    @pytest.fixture(autouse=True)
    def _leaves_nothing(self, executor: Executor) -> Iterator[None]:
        yield
        executor.stop(0.0)

    @pytest.fixture
    def leash(self, tmp_path: Path) -> Iterator[Leash]:
        """A leash, named ``leash`` in the folder of the tasks."""
        leash = Leash(tmp_path / "leash")
        yield leash
        leash.close()

    def test_both_outputs_go_to_the_log_byte_for_byte(self, executor: Executor, tmp_path: Path) -> None:
        data = os.urandom(10_000_000)
        (tmp_path / "blob").write_bytes(data)
        assert run(executor, task(tmp_path, "cat blob; printf '\\0\\377\\r' >&2")).exit_code == 0
        assert (tmp_path / "step.log").read_bytes() == data + b"\0\xff\r"

    def test_output_is_read_in_pieces_also_after_the_end(self, executor: Executor, tmp_path: Path) -> None:
        data = os.urandom(2_500_000)
        (tmp_path / "blob").write_bytes(data)
        run(executor, task(tmp_path, "cat blob"))
        seen = b""
        while piece := executor.output("step", len(seen)):
            assert len(piece) <= 1_000_000
            seen += piece
        assert seen == data

    def test_output_is_what_the_task_printed_and_not_an_earlier_one(self, executor: Executor, tmp_path: Path) -> None:
        for word in ("first", "second"):
            run(executor, task(tmp_path, f"echo {word}"))
            assert executor.output("step", 0) == word.encode() + b"\n"
        assert executor.output("step", 7) == b""
        assert executor.output("never started", 0) == b""

    @pytest.mark.parametrize(
        ("command", "exit_code"),
        [
            ("exit 0", 0),
            ("exit 1", 1),
            ("exit 255", 255),
            ("no-such-command-anywhere", 127),
            ("./not-executable", 126),
            ("kill -9 $$", -9),
            ("kill -15 $$", -15),
            ("false\ntrue", 1),
            ("if", 2),
            ("", 0),
        ],
    )
    def test_the_exit_code_is_the_shells(
        self, executor: Executor, tmp_path: Path, command: str, exit_code: int
    ) -> None:
        (tmp_path / "not-executable").write_text("#!/bin/sh\n")
        assert run(executor, task(tmp_path, command)).exit_code == exit_code

    @pytest.mark.parametrize("command", ["echo \0", "echo " + "x" * 3_000_000])
    def test_a_command_that_cannot_be_passed_on_ends_with_a_reason(
        self, executor: Executor, tmp_path: Path, command: str
    ) -> None:
        assert run(executor, task(tmp_path, command)).exit_code == 126
        assert b"could not be started" in executor.output("step", 0)

    def test_a_folder_that_is_not_there_ends_the_task_with_127_and_a_reason(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        assert (
            run(executor, msgspec.structs.replace(task(tmp_path, "true"), folder=f"{tmp_path}/gone")).exit_code == 127
        )
        assert b"gone" in executor.output("step", 0)

    def test_time_and_processor_time_are_told(self, executor: Executor, tmp_path: Path) -> None:
        ended = run(executor, task(tmp_path, python("sum(range(10**6))")))
        assert ended.cpu_s > 0
        assert ended.seconds > 0

    def test_several_tasks_run_at_once(self, executor: Executor, tmp_path: Path) -> None:
        """Each opens one end of a pipe, and waits there for the other."""
        os.mkfifo(tmp_path / "pipe")
        executor.start(task(tmp_path, "cat pipe", name="reader"))
        executor.start(task(tmp_path, "echo hello > pipe", name="writer"))
        ended = {end.name: end.exit_code for end in next_ended(executor, 2)}
        assert ended == {"reader": 0, "writer": 0}
        assert executor.output("reader", 0) == b"hello\n"

    def test_wait_returns_when_one_ends_while_another_goes_on(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        executor.start(task(tmp_path, f"{leash.hold}; sleep 1000", name="long"))
        leash.wait_until_held()
        executor.start(task(tmp_path, "true", name="short"))
        assert [end.name for end in executor.wait(HANG_S)] == ["short"]
        assert executor.wait(0.0) == ()
        assert leash.is_held()

    def test_a_name_may_be_used_again_only_after_its_end(self, executor: Executor, tmp_path: Path) -> None:
        executor.start(task(tmp_path, "sleep 1000"))
        with pytest.raises(ValueError, match="running already"):
            executor.start(task(tmp_path, "true"))
        executor.stop(0.0)
        next_ended(executor)
        assert run(executor, task(tmp_path, "true")).exit_code == 0

    def test_the_environment_is_the_tasks_with_its_token(self, executor: Executor, tmp_path: Path) -> None:
        command = 'echo "$GREETING $ASSAY_TOKEN [$NOT_GIVEN]"'
        run(executor, task(tmp_path, command, environment={"GREETING": "hi"}, token="delays/1/train"))  # noqa: S106
        assert executor.output("step", 0) == b"hi delays/1/train []\n"

    def test_nothing_can_be_read_from_the_terminal(self, executor: Executor, tmp_path: Path) -> None:
        assert run(executor, task(tmp_path, "cat")).exit_code == 0
        assert executor.output("step", 0) == b""

    def test_stop_asks_first_and_what_was_said_then_is_in_the_log(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        program = (
            f"import time\ntry:\n {leash.hold_in_python}; time.sleep(1000)\n"
            "except KeyboardInterrupt:\n sum(range(10**6)); print('saved'); raise SystemExit(3)"
        )
        executor.start(task(tmp_path, python(program)))
        leash.wait_until_held()
        executor.stop(HANG_S)
        assert [end.exit_code for end in executor.wait(0.0)] in ([3], [-2]), (
            "the program's, or that of a shell around it"
        )
        assert executor.output("step", 0) == b"saved\n"

    def test_stop_kills_what_does_not_listen(self, executor: Executor, tmp_path: Path, leash: Leash) -> None:
        executor.start(task(tmp_path, f"trap '' INT; {leash.hold}; while true; do sleep 1000 || true; done"))
        leash.wait_until_held()
        executor.stop(0.0)
        assert leash.is_let_go()
        assert [end.exit_code for end in executor.wait(0.0)] == [-9]

    def test_stop_ends_children_in_the_background_and_those_that_left_the_group(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        runaway = f"import os, time; os.setsid(); {leash.hold_in_python}; time.sleep(1000)"
        executor.start(task(tmp_path, f"sleep 1000 & {python(runaway)} & wait"))
        leash.wait_until_held()
        executor.stop(0.0)
        assert leash.is_let_go()
        assert [end.name for end in executor.wait(0.0)] == ["step"]

    def test_stop_where_nothing_runs_is_no_error(self, executor: Executor) -> None:
        executor.stop(0.0)
        assert executor.wait(0.0) == ()

    def test_a_task_that_failed_leaves_nothing_in_its_group(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        run(executor, task(tmp_path, f"{leash.hold}; sleep 1000 & exit 1"))
        leash.wait_until_held()
        assert leash.is_let_go()

    def test_sweep_ends_those_whose_token_begins_so_and_names_them(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        runaway = f"import os, time; os.setsid(); {leash.hold_in_python}; time.sleep(1000)"
        executor.start(task(tmp_path, f"{python(runaway)} & wait", name="old", token=f"{tmp_path}/1/train"))
        executor.start(task(tmp_path, "sleep 1000", name="new", token=f"{tmp_path}/12/train"))
        leash.wait_until_held()
        ended = executor.sweep(f"{tmp_path}/1/")
        assert leash.is_let_go()
        assert len(ended) == 2, "the shell and its child"
        assert all("os.setsid()" in line for line in ended)
        assert [end.name for end in executor.wait(HANG_S)] == ["old"]
        assert executor.wait(0.0) == ()
        assert executor.sweep(f"{tmp_path}/1/") == ()

    def test_sweep_of_everything_is_refused(self, executor: Executor) -> None:
        with pytest.raises(ValueError, match="every project"):
            executor.sweep("")


def task(
    folder: Path,
    command: str,
    *,
    name: str = "step",
    environment: dict[str, str] | None = None,
    token: str | None = None,
) -> Task:
    """A task in ``folder``, with its log and trace there."""
    return Task(
        name,
        command,
        str(folder),
        {"PATH": os.environ["PATH"], **(environment or {})},
        str(folder / f"{name}.log"),
        str(folder / f"{name}.trace"),
        token or f"{folder}/{name}",
    )


def python(program: str) -> str:
    """The command that runs this program."""
    quoted = program.replace("'", "'\"'\"'")
    return f"{sys.executable} -c '{quoted}'"


def next_ended(executor: Executor, count: int = 1) -> tuple[Ended, ...]:
    """The next tasks that end."""
    ended: tuple[Ended, ...] = ()
    while len(ended) < count:
        found = executor.wait(HANG_S)
        assert found, "no task ended"
        ended += found
    return ended


def run(executor: Executor, one: Task) -> Ended:
    """How a task ends."""
    executor.start(one)
    (ended,) = next_ended(executor)
    return ended

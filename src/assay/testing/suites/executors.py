"""What every executor keeps. The tasks are small shell commands and Python programs; nothing is timed."""

import os
import resource
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from assay.core.ports import Ended, Executor, Task
from assay.core.problem import UsageError

HANG_S = 120.0
"""Long enough for any machine: reached only where an executor does not keep its word."""


RSS_UNITS_A_KIB = 1024 if sys.platform == "darwin" else 1


class Leash:
    """Held by a process: it says when the process has begun, and when the last holder is gone, wherever it went."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._path = path
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

    def end_holder(self) -> None:
        """Kill whoever holds it, and wait until it is let go."""
        held = self._path.stat()
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                if os.path.samestat(link.stat(), held) and int(link.parts[2]) != os.getpid():
                    os.kill(int(link.parts[2]), signal.SIGKILL)
            except OSError:
                continue
        assert self.is_let_go()

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
        executor.close()

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

    def test_a_shell_that_is_not_there_ends_the_task_with_127_and_a_reason(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        lost = with_shell(task(tmp_path, "true"), "no-such-shell", "-c")
        assert run(executor, lost).exit_code == 127
        assert b"no-such-shell" in executor.output("step", 0)

    def test_the_shell_is_the_tasks(self, executor: Executor, tmp_path: Path) -> None:
        one = with_shell(task(tmp_path, "print(6 * 7)"), sys.executable, "-c")
        assert run(executor, one).exit_code == 0
        assert executor.output("step", 0) == b"42\n"

    def test_a_task_runs_in_its_folder_and_knows_the_projects(self, executor: Executor, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        one = msgspec.structs.replace(
            task(tmp_path, 'pwd; echo "$ASSAY_ROOT"'), folder=f"{tmp_path}/sub", project=str(tmp_path)
        )
        run(executor, one)
        assert executor.output("step", 0).decode().split() == [f"{tmp_path}/sub", str(tmp_path)]

    @pytest.mark.parametrize("command", ["printenv PWD", "printenv PWD; true"])
    def test_a_task_is_told_its_own_folder_with_and_without_a_shell(
        self, executor: Executor, tmp_path: Path, command: str
    ) -> None:
        (tmp_path / "sub").mkdir()
        environment = {**os.environ, "PWD": str(tmp_path.parent)}
        asked = msgspec.structs.replace(task(tmp_path, command), folder=str(tmp_path / "sub"), environment=environment)
        assert run(executor, asked).exit_code == 0
        assert executor.output("step", 0).decode().strip().endswith("/sub")

    def test_a_hundred_megabytes_cost_no_memory(self, executor: Executor, tmp_path: Path) -> None:
        run(executor, task(tmp_path, "echo begin", name="first"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        run(executor, task(tmp_path, "head -c 100000000 /dev/zero"))
        assert (tmp_path / "step.log").stat().st_size == 100_000_000
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000 * RSS_UNITS_A_KIB

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

    def test_stop_by_name_lets_the_others_go_on(self, executor: Executor, tmp_path: Path, leash: Leash) -> None:
        executor.start(task(tmp_path, f"{leash.hold}; sleep 1000", name="kept"))
        leash.wait_until_held()
        executor.start(task(tmp_path, "sleep 1000", name="stopped"))
        executor.stop(0.0, ["stopped", "never started"])
        assert [end.name for end in executor.wait(0.0)] == ["stopped"]
        assert leash.is_held()

    def test_stop_ends_what_left_its_group_its_parent_and_its_environment(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        executor.start(task(tmp_path, f"{escape(leash)}; sleep 1000"))
        leash.wait_until_held()
        executor.stop(0.0)
        if executor.properties.ends_escaped:
            assert leash.is_let_go()
        else:
            leash.end_holder()

    def test_a_second_interrupt_cuts_the_grace_short(self, executor: Executor, tmp_path: Path, leash: Leash) -> None:
        """The task sends it when it hears of the first."""
        command = f"trap 'kill -INT {os.getpid()}' INT; {leash.hold}; while true; do sleep 0.1 || true; done"
        executor.start(task(tmp_path, command))
        leash.wait_until_held()
        with pytest.raises(KeyboardInterrupt):
            executor.stop(HANG_S)
        assert leash.is_let_go()
        assert [end.exit_code for end in executor.wait(0.0)] == [-9]

    def test_stop_where_nothing_runs_is_no_error(self, executor: Executor) -> None:
        executor.stop(0.0)
        assert executor.wait(0.0) == ()

    def test_a_task_that_failed_leaves_nothing_in_its_group(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        run(executor, task(tmp_path, f"{leash.hold}; sleep 1000 & exit 1"))
        leash.wait_until_held()
        assert leash.is_let_go()

    def test_a_task_that_failed_leaves_nothing_that_left_its_group(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        run(executor, task(tmp_path, f"{leash.hold}; setsid sleep 1000 & sleep 0.1; exit 1"))
        leash.wait_until_held()
        assert leash.is_let_go()

    def test_what_lives_on_and_holds_the_log_does_not_keep_a_task_from_its_end(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        """Also where its parent is gone: a daemon."""
        ended = run(executor, task(tmp_path, f"{leash.hold}; (setsid sleep 1000 &); echo done"))
        leash.wait_until_held()
        assert ended.exit_code == 0
        assert executor.output("step", 0) == b"done\n"
        assert leash.is_held() is executor.properties.keeps_services
        executor.sweep(f"{tmp_path}/")

    def test_a_service_lives_on_after_a_good_end_of_everything(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        run(executor, task(tmp_path, f"{leash.hold}; env -i sleep 1000 & exit 0"))
        leash.wait_until_held()
        executor.close()
        assert leash.is_held() is executor.properties.keeps_services
        leash.end_holder()

    def test_close_ends_what_still_runs_and_what_it_started(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        executor.start(task(tmp_path, f"{leash.hold}; sleep 1000 & sleep 1000"))
        leash.wait_until_held()
        executor.close()
        assert leash.is_let_go()

    def test_a_task_is_asked_to_end_when_its_time_is_over_and_shows_where_it_was(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        (tmp_path / "train.py").write_text("import time\ndef wait_for_ever():\n    time.sleep(1000)\nwait_for_ever()\n")
        one = msgspec.structs.replace(task(tmp_path, f"{sys.executable} train.py"), timeout_s=1.0, grace_s=HANG_S)
        ended = run(executor, one)
        assert ended.timed_out
        assert ended.exit_code != 0
        assert b"in wait_for_ever" in executor.output("step", 0)

    def test_a_task_that_does_not_listen_is_killed_with_all_its_processes_when_its_time_is_over(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        command = f"trap '' INT TERM; {leash.hold}; setsid sleep 1000 & while true; do sleep 1000 || true; done"
        executor.start(msgspec.structs.replace(task(tmp_path, command), timeout_s=1.0, grace_s=0.1))
        leash.wait_until_held()
        (ended,) = next_ended(executor)
        assert (ended.timed_out, ended.exit_code) == (True, -9)
        assert leash.is_let_go()

    def test_a_task_within_its_time_has_not_timed_out(self, executor: Executor, tmp_path: Path) -> None:
        ended = run(executor, msgspec.structs.replace(task(tmp_path, "true"), timeout_s=HANG_S))
        assert (ended.timed_out, ended.exit_code) == (False, 0)

    def test_peak_memory_is_told(self, executor: Executor, tmp_path: Path) -> None:
        ended = run(executor, task(tmp_path, python("data = b'x' * 60_000_000")))
        assert 60_000_000 < ended.peak_memory_bytes < 160_000_000
        assert ended.oom_kills == 0

    def test_two_processes_that_want_more_memory_together_than_their_task_may_have(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        """Each of them would fit."""
        for name in ("first", "second"):
            os.mkfifo(tmp_path / name)
        opened = "import os; first, second = (os.open(name, os.O_RDWR) for name in ('first', 'second')); "
        hold = "data = b'x' * 80_000_000; "
        waits = python(f"{opened}{hold}os.write(first, b'.'); os.read(second, 1)")
        follows = python(f"{opened}os.read(first, 1); {hold}os.write(second, b'.')")
        command = f"{waits} & {follows}; wait $!"
        ended = run(executor, msgspec.structs.replace(task(tmp_path, command), memory_bytes=128_000_000))
        if executor.properties.limits_memory == "together":
            assert ended.oom_kills >= 1
            assert ended.exit_code != 0
            assert 100_000_000 < ended.peak_memory_bytes <= 128_000_000
        else:
            assert (ended.exit_code, ended.oom_kills) == (0, 0)

    def test_a_process_that_wants_more_memory_than_its_task_may_have(self, executor: Executor, tmp_path: Path) -> None:
        hungry = python("data = b'x' * 500_000_000")
        ended = run(executor, msgspec.structs.replace(task(tmp_path, hungry), memory_bytes=128_000_000))
        match executor.properties.limits_memory:
            case "together":
                assert ended.oom_kills == 1
                assert ended.exit_code in (137, -9)
            case "each":
                assert (ended.exit_code, ended.oom_kills) == (1, 0)
                assert b"MemoryError" in executor.output("step", 0)
            case "no":
                assert (ended.exit_code, ended.oom_kills) == (0, 0)

    def test_a_task_within_its_memory_ends_well(self, executor: Executor, tmp_path: Path) -> None:
        one = msgspec.structs.replace(task(tmp_path, python("print('fits')")), memory_bytes=256_000_000)
        assert run(executor, one).exit_code == 0
        assert executor.output("step", 0) == b"fits\n"

    def test_strace_sees_what_every_program_touches(self, executor: Executor, tmp_path: Path) -> None:
        (tmp_path / "in.txt").write_text("x")
        one = msgspec.structs.replace(task(tmp_path, "cat in.txt > out.txt; exit 3"), tracing="strace")
        if not executor.properties.has_strace:
            with pytest.raises(UsageError, match="strace"):
                executor.start(one)
            return
        assert run(executor, one).exit_code == 3
        lines = trace_of(one)
        assert f"r\t{tmp_path}/in.txt" in lines
        assert f"w\t{tmp_path}/out.txt" in lines

    def test_where_tracing_is_off_nothing_is_traced(self, executor: Executor, tmp_path: Path) -> None:
        (tmp_path / "in.txt").write_text("x")
        program = "import os; open('in.txt'); print(os.environ.get('ASSAY_TRACE'), 'sitecustomize' in __import__('sys').modules)"
        one = msgspec.structs.replace(task(tmp_path, python(program)), tracing="off", watched=(f"{tmp_path}/in.txt",))
        assert run(executor, one).exit_code == 0
        assert trace_of(one) == []

    def test_what_a_native_reader_opens_of_the_watched_files_is_noted(self, executor: Executor, tmp_path: Path) -> None:
        for name in ("read.parquet", "other.parquet"):
            (tmp_path / name).write_text("x")
        one = watching(tmp_path, "cat read.parquet", "read.parquet", "other.parquet", "not-there.parquet")
        run(executor, one)
        if executor.properties.sees_native_opens:
            assert [line for line in trace_of(one) if line.startswith("n")] == [f"n\t{tmp_path}/read.parquet"]
        else:
            assert trace_of(one) == ["u\tunavailable"]

    def test_where_two_tasks_run_at_once_nothing_is_attributed_and_the_trace_says_so(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        (tmp_path / "in.txt").write_text("x")
        executor.start(task(tmp_path, f"{leash.hold}; sleep 1000", name="other"))
        leash.wait_until_held()
        one = watching(tmp_path, "cat in.txt", "in.txt")
        run(executor, one)
        assert trace_of(one) == ["u\tshared" if executor.properties.sees_native_opens else "u\tunavailable"]

    def test_what_this_process_reads_itself_is_attributed_to_nobody(
        self, executor: Executor, tmp_path: Path, leash: Leash
    ) -> None:
        (tmp_path / "in.txt").write_text("x")
        os.mkfifo(tmp_path / "go")
        one = watching(tmp_path, f"{leash.hold}; read line < go", "in.txt")
        executor.start(one)
        leash.wait_until_held()
        assert (tmp_path / "in.txt").read_text() == "x"
        (tmp_path / "go").write_text("on\n")
        next_ended(executor)
        assert trace_of(one) == ["u\tshared" if executor.properties.sees_native_opens else "u\tunavailable"]

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


def escape(leash: Leash) -> str:
    """Shell: start a process that leaves its group, its parent and its environment, and holds the leash."""
    program = f"import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); {leash.hold_in_python}; time.sleep(1000)"
    return f"env -i {python(program)}"


def with_shell(one: Task, *words: str) -> Task:
    """The task in another shell."""
    return msgspec.structs.replace(one, shell=words)


def watching(folder: Path, command: str, *names: str) -> Task:
    """A task for which these files of its folder are watched."""
    return msgspec.structs.replace(task(folder, command), watched=tuple(f"{folder}/{name}" for name in names))


def trace_of(one: Task) -> list[str]:
    """The lines of its trace."""
    trace = Path(one.trace)
    return trace.read_text().splitlines() if trace.exists() else []


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

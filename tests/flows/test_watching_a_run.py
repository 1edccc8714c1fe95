"""A run on a terminal, and where there is none."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from emulator import Emulator

from assay.cli.run_report import warning_lines
from assay.cli.run_screen import LAST_LINES, STEPS_LISTED, LiveScreen, PlainScreen
from assay.cli.terminal_lines import TerminalLines, cells, cut, printable
from assay.core.problem import Problem
from assay.core.run import StepResult
from assay.core.watch import BY_HAND
from assay.execute import StepBegan, StepDone, StepPrinted, StepRetried
from assay.flows.running import RunReport

TWO_STEPS = """\
steps:
  - name: slow
    run: 'echo first; read -r word < go; echo "said $word"'
    inputs: [a.csv]
    outputs: [b.csv]
  - name: beside
    run: echo second; cat nothere.csv
    inputs: [a.csv]
    outputs: [c.csv]
"""


class Terminal:
    """A real pseudo-terminal in which a command runs, and what a person sees there."""

    def __init__(self, project, *words: str, columns: int = 80, **environ: str) -> None:
        self.seen, own = pty.openpty()
        fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.emulator = Emulator(columns)
        self.decode = codecs.getincrementaldecoder("utf-8")().decode
        self.begun = ""
        self.raw = ""
        environ = {**project.environ, "TERM": "xterm", **environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "assay", *words],
            cwd=project.root,
            env=environ,
            stdin=own,
            stdout=own,
            stderr=own,
            start_new_session=True,
        )
        os.close(own)

    def until(self, *wanted: str) -> str:
        """What is seen once all of this is seen."""
        while not all(text in self.emulator.text for text in wanted):
            self._read()
        return self.emulator.text

    def end(self) -> str:
        """What is seen in the end."""
        with contextlib.suppress(OSError):  # EIO: nobody has the terminal any more
            while True:
                self._read()
        self.process.wait()
        os.close(self.seen)
        return self.emulator.text

    def _read(self) -> None:
        read = os.read(self.seen, 100_000)
        if not read:
            raise OSError
        text = self.begun + self.decode(read)
        self.begun = re.search(r"(\x1b(\[[\d;]*)?)?\Z", text)[0]  # a control whose end is still to come
        text = text.removesuffix(self.begun)
        self.raw += text
        self.emulator.write(text.replace("\r\n", "\n"))


@pytest.fixture
def two_steps(project):
    project.put("a.csv", "1\n")
    project.put("assay.yaml", TWO_STEPS.replace('echo "said $word"\'', 'echo "said $word"; touch b.csv\''))
    os.mkfifo(project.root / "go")
    return project


def let_go(project) -> None:
    (project.root / "go").write_text("yes\n")


def test_each_step_that_runs_has_a_line_and_each_that_ended_a_final_one(two_steps):
    terminal = Terminal(two_steps, "run")
    seen = terminal.until("✗ beside", " s  first")
    assert "   | second\n" in seen
    assert "   | cat: nothere.csv: No such file or directory\n" in seen
    assert seen.splitlines()[-1].endswith("s  first")
    let_go(two_steps)
    seen = terminal.end()
    lines = seen.splitlines()
    assert lines[0].startswith(" ✗ beside  failed")
    assert next(line for line in lines if "slow" in line).startswith(" ✓ slow  ok")
    assert lines[-1].startswith("run 1: failed · 2 ran · 0 reused")
    assert "beside: file not found: nothere.csv" in lines
    assert terminal.process.returncode == 1
    assert terminal.emulator.coloured


def test_no_color_leaves_out_colours_and_nothing_else(two_steps):
    terminal = Terminal(two_steps, "run", NO_COLOR="1")
    terminal.until("✗ beside", " s  first")
    let_go(two_steps)
    assert "run 1: failed" in terminal.end()
    assert not terminal.emulator.coloured


def test_a_dumb_terminal_gets_plain_lines(two_steps):
    terminal = Terminal(two_steps, "run", TERM="dumb")
    terminal.until("first")
    let_go(two_steps)
    terminal.end()
    assert "\x1b" not in terminal.raw


def test_without_a_terminal_there_are_plain_lines(two_steps):
    running = two_steps.start("run", "-j", "1")
    let_go(two_steps)
    out, err = running.communicate()
    assert "\x1b" not in out + err
    assert [line[:8] for line in out.splitlines()[:2]] == [" ✓ slow ", " ✗ besid"]
    assert "   | first\n   | said yes\n" in err


def test_an_interrupted_run_leaves_no_live_line(two_steps):
    terminal = Terminal(two_steps, "run")
    terminal.until(" s  first")
    os.write(terminal.seen, b"\x03")
    os.killpg(terminal.process.pid, 2)
    seen = terminal.end()
    assert " ! slow  interrupted" in seen
    assert seen.splitlines()[-1] == "interrupted"


# -- the lines themselves, on a terminal in memory


def test_lines_are_drawn_in_place():
    terminal = Emulator()
    lines = TerminalLines(terminal.write, terminal.size)
    lines.draw([("one", "begins"), ("two", "")])
    lines.draw([("one", "ends")])
    assert terminal.text == "one  ends"
    lines.clear()
    terminal.write("final\n")
    lines.draw([("two", "")])
    assert terminal.text == "final\ntwo"


def test_a_line_is_cut_where_the_terminal_ends():
    terminal = Emulator(columns=20)
    TerminalLines(terminal.write, terminal.size).draw(
        [("one", "a long line of output"), ("a name that is too long", "x")]
    )
    assert terminal.text == "one  a long line o…\na name that is too…"


def test_a_terminal_that_becomes_narrower_keeps_what_stood_above():
    terminal = Emulator(columns=60)
    terminal.write("above\n")
    lines = TerminalLines(terminal.write, terminal.size)
    lines.draw([("one", "x" * 100), ("two", "y" * 100)])
    terminal.narrow(25)
    lines.draw([("one", "x" * 100), ("two", "y" * 100)])
    assert terminal.text == f"above\none  {'x' * 18}…\ntwo  {'y' * 18}…"


def test_more_lines_than_the_terminal_has_are_counted():
    terminal = Emulator(rows=6)
    lines = TerminalLines(terminal.write, terminal.size)
    for _ in range(3):
        lines.draw([(f"step {number}", "") for number in range(10)])
    assert terminal.text.splitlines() == ["step 0", "step 1", "step 2", "   and 7 more"]


def test_wide_letters_count_twice_and_marks_on_letters_not_at_all():
    assert cells("数据") == 4
    assert cells("e\u0301") == 1
    assert cut("数据数据", 5) == "数据…"


def test_what_would_move_the_cursor_or_ring_is_not_shown():
    assert printable("\x1b[2J\x1b]0;title\x07 a\tb\x00\x1b[31mred") == "   a  b  red"


# -- what a live screen says, without a terminal


def result(step: str, outcome: str = "ok", *warnings: Problem) -> StepResult:
    return StepResult(step, outcome, "", exit_code=0, warnings=warnings)


class Watched:
    """A live screen that is drawn when it is asked."""

    def __init__(self, capsys) -> None:
        self.terminal = Emulator()
        self.now_s = 0.0
        self.screen = LiveScreen(self.terminal.write, self.terminal.size, lambda: self.now_s, every_s=3600)
        self.capsys = capsys

    def tell(self, *progress) -> None:
        for one in progress:
            self.screen(1, one)

    def said(self) -> list[str]:
        self.screen.draw()
        return self.capsys.readouterr().out.splitlines()


@pytest.fixture
def watched(capsys):
    watching = Watched(capsys)
    with watching.screen:
        yield watching


def test_the_time_goes_on_while_a_step_says_nothing(watched):
    watched.tell(StepBegan("train", ""), StepPrinted("train", ("epoch 1",)))
    watched.said()
    assert watched.terminal.text.endswith("train  0 s  epoch 1")
    watched.now_s = 125.0
    watched.said()
    assert watched.terminal.text.endswith("train  2 min 5 s  epoch 1")


def test_a_line_that_has_no_end_yet_is_shown_before_those_that_have(watched):
    watched.tell(StepBegan("train", ""), StepPrinted("train", ("epoch 1",), 0, "40%|####"))
    watched.said()
    assert watched.terminal.text.endswith("train  0 s  40%|####")


def test_a_step_that_is_tried_again_says_why(watched):
    watched.tell(StepBegan("train", ""), StepRetried("train", "by the network", 2.0), StepBegan("train", "again"))
    watched.screen.draw()
    assert "train  failed: by the network; again in 2.0 s" in watched.capsys.readouterr().err
    assert watched.terminal.text.endswith("train  0 s")


def test_many_steps_that_went_well_are_counted_and_a_failed_one_is_shown(watched):
    for number in range(100):
        watched.tell(StepBegan(f"s{number}", ""), StepDone(result(f"s{number}")))
    watched.tell(StepDone(result("bad", "failed")), StepDone(result("after", "held")))
    assert len(watched.said()) == STEPS_LISTED + 1
    watched.screen.end(RunReport(1, "failed", 1.0, (), BY_HAND))
    assert watched.said()[0] == " · not listed: 80 ok, 1 held"


def test_without_a_terminal_only_the_first_steps_that_did_not_run_are_lines(capsys):
    screen = PlainScreen()
    for run in (1, 2):
        for number in range(100):
            screen(run, StepDone(result(f"s{number}", "reused")))
        screen(run, StepDone(result("last", "ok")))
        lines = capsys.readouterr().out.splitlines()
        assert lines[STEPS_LISTED - 1].startswith(f" = s{STEPS_LISTED - 1}  reused")
        assert lines[STEPS_LISTED:] == [" · further steps that did not run are not listed", " ✓ last  ok  0.0 s"]


def test_of_a_failed_step_only_its_last_lines_are_shown(watched):
    lines = tuple(f"line {number}" for number in range(100))
    watched.tell(StepBegan("bad", ""), StepPrinted("bad", lines), StepDone(result("bad", "failed")))
    watched.screen.draw()
    assert watched.capsys.readouterr().err.splitlines() == [f"   | {line}" for line in lines[-LAST_LINES:]]


def test_warnings_of_a_kind_are_told_once_with_their_number():
    results = [result(f"s{number}", "ok", Problem("odd", f"s{number} is odd", (), "")) for number in range(9)]
    assert warning_lines(results) == [" \x1b[33m!\x1b[0m s0 is odd; 8 more like it (s1, s2, s3 and 5 more)"]
    assert warning_lines([results[0]]) == [" \x1b[33m!\x1b[0m s0 is odd"]

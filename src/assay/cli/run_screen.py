"""Watching a run: on a terminal one live line a step, elsewhere plain lines.

On a terminal (stdout and stderr both, TERM not dumb) each step that runs has a line at the foot: how long it has run, and the last line
that it printed. When it has ended, its line is final and stands above; of a failed step its last lines stand with it. Steps beyond
the first few that went as they should are counted and not listed, so that the end of a run fits a screen.

A thread of its own draws, a few times a second: the run never waits for a terminal, and the time goes on while Assay itself
hashes or judges. Elsewhere every event is a line when it happens, as a log wants it; of steps that did not run only the first few.
"""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from assay.cli.run_report import result_line, show_report, warning_lines
from assay.cli.screen import faint, marked, may_colour, say, seconds
from assay.cli.terminal_lines import Size, TerminalLines, printable, size_of
from assay.core.run import RAN, StepOutcome, StepResult
from assay.execute import Progress, StepBegan, StepDone, StepPrinted, StepRetried, Stopping
from assay.flows.running import RunReport

LINES_A_SECOND = 200
"""Of each step's output; nobody reads faster, and a terminal draws hardly faster."""
DRAW_S = 0.12
STEPS_LISTED = 20
"""So many steps that did not fail are listed, without a terminal so many that did not run; further ones are counted."""
LAST_LINES = 10
"""Of a failed step's output, beneath it."""
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_QUIET: tuple[StepOutcome, ...] = ("ok", "reused", "skipped", "held")


class Screen(Protocol):
    """Told of a run as it goes, and of its end."""

    def __call__(self, run_number: int, progress: Progress) -> None: ...

    def end(self, report: RunReport) -> None:
        """Show how the run ended."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_screen() -> Screen:
    """The screen that fits where the output goes."""
    is_live = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return LiveScreen(_write_to_terminal, lambda: size_of(sys.stderr)) if is_live else PlainScreen()


class PlainScreen:
    """Each event in a line of its own. Where several steps run at once, each line of output names its step."""

    def __init__(self) -> None:
        self._logs: dict[str, str] = {}
        """Of the steps that run."""
        self._run = 0
        self._unrun = 0
        """Steps of this run that did not run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held back."""

    def __call__(self, run_number: int, progress: Progress) -> None:
        match progress:
            case StepBegan():
                self._logs[progress.step] = progress.log
                reason = faint(f"  {progress.reason}") if progress.reason else ""
                say(marked("began", f"{progress.step}{reason}"), err=True)
            case StepPrinted():
                self._show_output(progress)
            case StepRetried():
                self._logs.pop(progress.step, None)
                say(_retried(progress), err=True)
            case StepDone():
                self._logs.pop(progress.result.step, None)
                self._show_result(run_number, progress.result)
            case Stopping():
                say(_stopping(progress), err=True)

    def end(self, report: RunReport) -> None:
        """Show how the run ended."""
        show_report(report)

    def _show_result(self, run_number: int, result: StepResult) -> None:
        if run_number != self._run:
            self._run, self._unrun = run_number, 0
        self._unrun += result.outcome not in RAN
        if result.outcome in RAN or self._unrun <= STEPS_LISTED:
            say(result_line(result))
        elif self._unrun == STEPS_LISTED + 1:
            say(marked("note", "further steps that did not run are not listed"))
        for warning in result.warnings:
            say(marked("warn", f"  {warning.what}"))

    def _show_output(self, printed: StepPrinted) -> None:
        bar = f"   {faint(f'{printed.step} |' if len(self._logs) > 1 else '|')} "
        if printed.more:
            say(f"{bar}{faint(f'... {printed.more:,} lines more, in {self._logs.get(printed.step)}')}", err=True)
        for line in printed.lines:
            say(f"{bar}{line}", err=True)


class _Running:
    """What is known of a step that runs."""

    def __init__(self, began_s: float) -> None:
        self.began_s = began_s
        self.last: deque[str] = deque(maxlen=LAST_LINES)
        self.current = ""


class LiveScreen:
    """One live line a step. It is told in one thread and draws in another; ``lock`` holds for all that is below it."""

    def __init__(
        self,
        write: Callable[[str], None],
        size: Size,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = DRAW_S,
    ) -> None:
        self._lines = TerminalLines(write, size, faint if may_colour() else str)
        self._clock = clock
        self._every_s = every_s
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._final: list[tuple[str, bool]] = []
        """Lines to stand above the live ones, and whether each is talk."""
        self._results: list[StepResult] = []
        self._listed = 0
        self._unlisted: dict[StepOutcome, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it should be, whatever happened."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self._rest()

    def __call__(self, run_number: int, progress: Progress) -> None:
        with self._lock:
            self._take(progress)
        if self._thread is None:
            self._thread = threading.Thread(target=self._go_on, daemon=True)
            self._thread.start()

    def end(self, report: RunReport) -> None:
        """Show how the run ended."""
        self._rest()
        if self._unlisted:
            say(marked("note", f"not listed: {self._counted()}"))
        for line in warning_lines(self._results):
            say(line)
        show_report(report)
        self._results, self._listed, self._unlisted = [], 0, {}

    def draw(self) -> None:
        """Bring the terminal up to date."""
        with self._lock:
            if self._final:
                self._lines.clear()
                for text, is_talk in self._final:
                    say(text, err=is_talk)
                self._final = []
            now_s = self._clock()
            head = [(f"   not listed: {self._counted()}", "")] if self._unlisted and self._running else []
            self._lines.draw([*head, *(_live(name, step, now_s) for name, step in self._running.items())])

    def _go_on(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                self.draw()
            except OSError:  # the terminal is gone; the run is not
                return

    def _rest(self) -> None:
        """Nothing runs any more: what is final stands, and nothing else."""
        with self._lock:
            self._running = {}
        self.draw()

    def _take(self, progress: Progress) -> None:
        match progress:
            case StepBegan():
                self._running[progress.step] = _Running(self._clock())
            case StepPrinted():
                running = self._running[progress.step]
                running.last.extend(progress.lines)
                running.current = progress.current
            case StepRetried():
                self._running.pop(progress.step, None)
                self._final.append((_retried(progress), True))
            case StepDone():
                self._finish(progress.result, self._running.pop(progress.result.step, None))
            case Stopping():
                self._final.append((_stopping(progress), True))

    def _finish(self, result: StepResult, running: _Running | None) -> None:
        if result.warnings:
            self._results.append(result)
        if result.outcome in _QUIET:
            if self._listed >= STEPS_LISTED:
                self._unlisted[result.outcome] = self._unlisted.get(result.outcome, 0) + 1
                return
            self._listed += 1
        self._final.append((result_line(result), False))
        if result.outcome == "failed" and running is not None:
            self._final += [(f"   {faint('|')} {printable(line)}", True) for line in running.last]

    def _counted(self) -> str:
        return ", ".join(f"{count:,} {outcome}" for outcome, count in self._unlisted.items())


def _live(name: str, step: _Running, now_s: float) -> tuple[str, str]:
    passed_s = now_s - step.began_s
    sign = _SPINNER[int(passed_s / DRAW_S) % len(_SPINNER)]
    said = step.current.strip() or next((line for line in reversed(step.last) if line.strip()), "")
    took = f"{int(passed_s)} s" if passed_s < 60 else seconds(passed_s)
    return f" {sign} {printable(name)}  {took}", printable(said)


def _retried(progress: StepRetried) -> str:
    after = f"; again in {seconds(progress.wait_s)}" if progress.wait_s else ""
    return marked("warn", f"{progress.step}  failed: {progress.reason}{after}")


def _stopping(progress: Stopping) -> str:
    return marked("warn", f"stopping: {', '.join(map(printable, progress.steps))} (Ctrl-C again to kill)")


def _write_to_terminal(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()

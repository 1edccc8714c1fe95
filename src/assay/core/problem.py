"""What is told to a person when something is not as it should be.

A ``Problem`` is a value: a diagnosis, a mistake in assay.yaml and an exception carry the same four things.
The exceptions, for those who catch them:

    AssayError                 the question could not be answered; carries a Problem
    ├── UsageError             the command line asks for something that cannot be
    │   └── DeclarationError   assay.yaml is wrong; carries every mistake in it
    ├── NotFound               a name matches no run, step, release or dataset
    ├── StateError             .assay cannot be used: newer, damaged, not writable, held by another
    │   └── Conflict           somebody else appended first; read again and decide anew
    ├── IntegrityError         bytes are not what their digest says
    ├── EvidenceError          a gate's question could not be asked: no rows, no label, a model that does not load
    ├── DoorError              a release would have become champion without a recorded pass
    └── ServeError             the server cannot start, or cannot load a release

A refused gate and a failed check are answers, not errors: they are returned.
"""

import msgspec


class Place(msgspec.Struct, frozen=True):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(msgspec.Struct, frozen=True):
    """What happened, because of what, how to mend it, and the code under which the docs explain it."""

    code: str
    what: str
    because: tuple[str, ...] = ()
    """Facts that were seen, one a line: paths, values, times."""
    fix: str = ""
    """A command to type or a line to change; empty only where nothing sensible can be said."""
    place: Place | None = None
    step: str | None = None
    """The step in which it showed, where there is one."""
    changes: tuple[str, ...] = ()
    """What is different from the last green run, one a line, after a line that names that run; none where there was none."""


def describe(problem: Problem) -> str:
    """The problem as people read it: where and what, then the facts, what has changed since the last green run, the fix and
    the code, each under its name.

    Several lines without one at the end. The place stands first where there is one, else the step.
    """
    where = problem.place or problem.step
    lines = [f"{where}: {problem.what}" if where else problem.what]
    lines += _labelled("because", problem.because)
    lines += _labelled("since", problem.changes)
    lines += _labelled("fix", (problem.fix,) if problem.fix else ())
    lines += _labelled("code", (problem.code,))
    return "\n".join(lines)


def _labelled(label: str, texts: tuple[str, ...]) -> list[str]:
    """The lines of ``texts`` beside one label."""
    lines = [line for text in texts for line in text.splitlines()]
    return [f"  {label if at == 0 else '':<9}{line}" for at, line in enumerate(lines)]


class AssayError(Exception):
    """The question could not be answered. ``problem`` says what, because, fix and code."""

    exit_code = 1

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem

    def __str__(self) -> str:
        """All that the problem says, so that a traceback tells it too."""
        return describe(self.problem)


class UsageError(AssayError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class DeclarationError(UsageError):
    """assay.yaml is wrong. ``problems`` holds every mistake, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0])
        self.problems = problems

    def __str__(self) -> str:
        return "\n\n".join(map(describe, self.problems))


class NotFound(AssayError):
    """A name matches no run, step, release or dataset."""

    exit_code = 6


class StateError(AssayError):
    """The project's state cannot be used: newer, damaged, not writable, or held by another process."""

    exit_code = 1


class Conflict(StateError):
    """The ledger's head has moved since it was read: read again and decide anew."""


class IntegrityError(AssayError):
    """Bytes are not what their digest says."""

    exit_code = 1


class EvidenceError(AssayError):
    """A gate's or watch's question could not be asked; no verdict was given."""

    exit_code = 1


class DoorError(AssayError):
    """A release would have become champion without a recorded pass."""

    exit_code = 3


class ServeError(AssayError):
    """The server cannot start, or cannot load a release."""

    exit_code = 1

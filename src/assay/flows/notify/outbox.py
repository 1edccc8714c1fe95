"""From the ledger into the outbox, and from there to the process that delivers."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from assay.core.events import RunEnded, StepEnded
from assay.core.history import History
from assay.core.notice import GIVE_UP_S, Letter, notices_after, wants
from assay.core.problem import Problem, StateError
from assay.core.run import StepResult
from assay.core.secrets import secret_names
from assay.execute import Mask
from assay.workspace import Workspace

LOOK_AGAIN_S = 0.1
HELD = "run-in-progress"
"""The code of a lock that another process has."""


def start_reading(workspace: Workspace) -> None:
    """Read the ledger from here on, where it has not been read before, or is another one than it was."""
    head = workspace.ledger.head()[0]
    known = workspace.outbox.read_up_to()
    if known is None or known > head:
        with waiting_lock(workspace, "outbox", 10.0):
            workspace.outbox.keep((), head)


def collect(workspace: Workspace) -> bool:
    """Put what is new into the outbox; whether any letter is due."""
    with waiting_lock(workspace, "outbox", 10.0):
        history, known = workspace.history(), workspace.outbox.read_up_to()
        if known is None:
            workspace.outbox.keep((), history.head)
        elif history.head > known:
            workspace.outbox.keep(tuple(_letters(workspace, history, known)), history.head)
    now_s = workspace.clock.now_s()
    return any(letter.due_s <= now_s and not letter.is_given_up for letter in workspace.outbox.letters())


def send_apart(workspace: Workspace, wait_s: float) -> None:
    """Deliver in a process of its own, which goes on when ``wait_s`` are over."""
    words = (sys.executable, "-P", "-m", "assay", "notify", "send")  # -P: modules of the project are not ours
    workspace.courier.start(words, workspace.environ, workspace.root, wait_s)


def untold(workspace: Workspace) -> tuple[Problem, ...]:
    """Who could not be reached yet; and what was given up, once."""
    found = []
    for letter in workspace.outbox.letters():
        if letter.is_given_up:
            workspace.outbox.remove(letter)
        if letter.error:
            found.append(_problem(letter))
    return tuple(found)


def mask_of(workspace: Workspace) -> Mask:
    """Takes out the values of everything that is secret here, addresses among them."""
    return Mask(tuple(workspace.environ.get(name, "") for name in secret_names(workspace.pipeline)))


@contextmanager
def waiting_lock(workspace: Workspace, name: str, patience_s: float) -> Iterator[None]:
    """The lock, waited for while another command has it; ``StateError`` when patience is over."""
    until_s = workspace.clock.now_s() + patience_s
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(workspace.lock(name).held("assay notify"))
                break
            except StateError as error:
                if error.problem.code != HELD or workspace.clock.now_s() >= until_s:
                    raise
                workspace.clock.sleep(LOOK_AGAIN_S)
        yield


def _letters(workspace: Workspace, history: History, known: int) -> Iterator[Letter]:
    mask, now_s = mask_of(workspace), workspace.clock.now_s()
    for notice in notices_after(known, history, _failed_steps(workspace, history, known)):
        masked = mask.noun(notice)
        for number, recipient in enumerate(workspace.pipeline.notify):
            if wants(recipient, notice):
                yield Letter(masked, recipient, number, now_s)


def _failed_steps(workspace: Workspace, history: History, known: int) -> dict[int, StepResult]:
    """Of each run that ended badly the first step that failed."""
    ends = [ended.event for _, ended in history.runs if ended is not None and ended.seq > known]
    bad = {event.run for event in ends if isinstance(event, RunEnded) and event.outcome != "ok"}
    found: dict[int, StepResult] = {}
    first = min((started.seq for started, ended in history.runs if ended and ended.seq > known), default=0)
    for entry in workspace.ledger.entries(workspace.pipeline.name, StepEnded, after=first) if bad else ():
        if isinstance(entry.event, StepEnded) and entry.event.result.outcome == "failed" and entry.event.run in bad:
            found.setdefault(entry.event.run, entry.event.result)
    return found


def _problem(letter: Letter) -> Problem:
    seen = (letter.error, f"after {letter.attempts} attempt{'s' * (letter.attempts > 1)}: {letter.notice.text}")
    if letter.is_given_up:
        what = f"{letter.recipient} was never reached: the notice is given up"
        days = f"it was tried for {GIVE_UP_S / 86400:g} days"
        return Problem("notice-given-up", what, (*seen, days), "correct `notify:`, then try it: assay notify test")
    what = f"{letter.recipient} could not be reached yet"
    return Problem(
        "notice-not-delivered", what, seen, "it is tried again by later commands; now: assay notify send --now"
    )

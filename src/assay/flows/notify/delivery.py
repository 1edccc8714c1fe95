"""``assay notify send`` and ``test``: what is due, to whom it is due."""

import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from assay.core.notice import Letter, Notice, after_failure
from assay.core.pipeline import Notify
from assay.core.problem import StateError
from assay.core.secrets import filled_in, secret_names, secrets_of
from assay.flows.notify.outbox import HELD, collect, mask_of, waiting_lock
from assay.workspace import Workspace

POST_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 30.0
PATIENCE_S = 60.0
"""So long one sender waits for another."""


class Sent(msgspec.Struct, frozen=True):
    """One attempt."""

    recipient: str
    notice: str
    error: str
    """Empty where it was delivered."""


def waiting(workspace: Workspace) -> tuple[Letter, ...]:
    """What has not been delivered yet, the oldest first."""
    return workspace.outbox.letters()


def send(workspace: Workspace, *, is_now: bool = False) -> tuple[Sent, ...]:
    """Deliver what is due, with ``is_now`` all that waits. One sender at a time: what it delivered, the next one does not find.
    After a failure the other letters to the same recipient wait too."""
    collect(workspace)
    sent: list[Sent] = []
    try:
        with waiting_lock(workspace, "sending", PATIENCE_S):
            for letter in workspace.outbox.letters():
                attempt = _deliver(workspace, letter, tuple(sent), is_now=is_now)
                sent += [attempt] if attempt is not None else []
    except StateError as error:
        if error.problem.code != HELD:
            raise
    return tuple(sent)


def test(workspace: Workspace) -> tuple[Sent, ...]:
    """Tell everybody of a trial, at once and once."""
    now_s = workspace.clock.now_s()
    name = workspace.pipeline.name
    trial = Notice(f"trial-{now_s:.0f}", "failed", name, f"{name}: this is a trial of `assay notify test`", now_s)
    return tuple(
        Sent(each.url or each.run or "", trial.id, _attempt(workspace, each, trial))
        for each in workspace.pipeline.notify
    )


def _deliver(workspace: Workspace, letter: Letter, sent: tuple[Sent, ...], *, is_now: bool) -> Sent | None:
    if letter.to not in workspace.pipeline.notify:
        workspace.outbox.remove(letter)
        return None
    is_due = is_now or letter.due_s <= workspace.clock.now_s()
    has_failed = any(each.error and each.recipient == letter.recipient for each in sent)
    if letter.is_given_up or not is_due or has_failed:
        return None
    error = _attempt(workspace, letter.to, letter.notice)
    if error:
        workspace.outbox.put(after_failure(letter, workspace.clock.now_s(), error))
    else:
        workspace.outbox.remove(letter)
    return Sent(letter.recipient, letter.notice.id, error)


def _attempt(workspace: Workspace, to: Notify, notice: Notice) -> str:
    """Empty where it was delivered, else why not; no secret is in it."""
    environ = workspace.environ
    lost = next((name for name in secrets_of(to) if not environ.get(name)), None)
    if lost is not None:
        return f"no environment variable {lost} is set, or it is empty"
    body = msgspec.json.encode(notice)
    if to.run is not None:
        environment = _environment(workspace, notice)
        error = workspace.courier.run(to.run, body, environment, workspace.root, COMMAND_TIMEOUT_S)
    else:
        headers = _headers(body, notice, environ.get(to.secret or ""), workspace.clock.now_s())
        error = workspace.courier.post(filled_in(to.url or "", environ), body, headers, POST_TIMEOUT_S)
    return mask_of(workspace).text(error)


def _environment(workspace: Workspace, notice: Notice) -> Mapping[str, str]:
    """What steps have in common, and the notice in short; no secret."""
    secrets = secret_names(workspace.pipeline)
    common = {name: value for name, value in workspace.interpreter.environ.items() if name not in secrets}
    code = notice.problem.code if notice.problem else ""
    facts = {"ID": notice.id, "KIND": notice.kind, "PIPELINE": notice.pipeline, "TEXT": notice.text, "CODE": code}
    facts |= {"RUN": str(notice.run or ""), "STEP": notice.step or "", "RELEASE": notice.release or ""}
    return {**common, **{f"ASSAY_NOTICE_{name}": value.replace("\0", "") for name, value in facts.items()}}


def _headers(body: bytes, notice: Notice, secret: str | None, now_s: float) -> dict[str, str]:
    timestamp = f"{now_s:.0f}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "assay",
        "Assay-Notice": notice.id,
        "Assay-Timestamp": timestamp,
    }
    if secret:
        signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers["Assay-Signature"] = f"sha256={signed}"
    return headers

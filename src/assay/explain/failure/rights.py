"""Rules on what a step may not do: files of other users, read-only disks, services that do not know it, a repository of somebody else."""

import re

from assay.core.problem import Problem
from assay.explain.failure.answer import answer, last_said, says, where
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import at, listed
from assay.explain.failure.sentences import quoted

_DENIED = re.compile(r"Permission denied|\[Errno 13\]|\bEACCES\b|Operation not permitted|\[Errno 1\]")
_PATH = re.compile(
    r"(?:denied|permitted): '([^']+)'|(?:create [a-z ]+|open|access|stat|write to|remove) ['\u2018]([^'\u2019]+)['\u2019]|([\w./~-]+): (?:Permission denied|Operation not permitted)"
)
_READ_ONLY = re.compile(r"Read-only file system|\[Errno 30\]|\bEROFS\b|attempt to write a readonly database")
_REFUSED = re.compile(
    r"\b(?:HTTP(?: Error|StatusError|Error)?:? ?)(401|403)\b|\b(401|403) (?:Client Error|Unauthorized|Forbidden)"
    r"|returned error: (401|403)\b|\bstatus(?:[ _]code)?[:= ]+(401|403)\b|InvalidAccessKeyId|SignatureDoesNotMatch"
    r"|NoCredentialsError|Unable to locate credentials|\(AccessDenied\)|<Code>AccessDenied|Permission denied \(publickey|GatedRepoError|Cannot access gated repo"
    r"|Authentication failed for|could not read Username|Bad credentials",
    re.IGNORECASE,
)
_OWNER = re.compile(r"detected dubious ownership in repository at '([^']+)'")
_HOST = re.compile(r"https?://([\w.-]+)")


def permission_denied(evidence: Evidence) -> Problem | None:
    """A file that the step's user may not open, with whose it is."""
    said = last_said(_DENIED, evidence)
    if said is None or "(publickey" in said.line or (said.raised is None and evidence.failed.exit_code == 126):
        return None
    if said.raised is not None and said.raised.kind not in {"PermissionError", "OSError"} and "[Errno" not in said.line:
        return None
    path = _path_in(said.line, evidence)
    if path is None:
        return None
    state = evidence.around.paths.get(path)
    user = evidence.around.user
    known: tuple[str, ...] = ()
    fix = f"give the step's user the right to it: chown {user or 'USER'} {path}"
    if state is not None and state.kind != "nothing":
        known = (f"{path} is a {state.kind} of {state.owner}, mode {state.mode:04o}; the step runs as {user}",)
        fix = (
            f"chmod u+rw {path}"
            if state.owner == user
            else f"chown {user} {path}, or let {state.owner} write it for others to read"
        )
    else:
        folder = evidence.around.paths.get(_folder_of(path))
        if folder is not None and folder.kind == "folder" and not folder.is_writable:
            above = _folder_of(path)
            known = (f"its folder {above} is of {folder.owner}, mode {folder.mode:04o}; the step runs as {user}",)
            fix = f"chown {user} {above}, or write somewhere else"
    return answer(
        evidence, "permission-denied", f"permission denied: {path}", (says(said), *known, *where(said, evidence)), fix
    )


def read_only(evidence: Evidence) -> Problem | None:
    """A disk that takes no writes: a container's, a mounted snapshot, one that the kernel gave up on."""
    said = last_said(_READ_ONLY, evidence)
    if said is None:
        return None
    path = _path_in(said.line, evidence) or _quoted_in(said.line)
    disks = [disk.path for disk in evidence.around.disks if disk.is_read_only]
    known = (f"mounted read-only: {listed(disks)}",) if disks else ()
    what = f"the disk is read-only{f': {path}' if path else ''}"
    fix = "write below a folder that is mounted for writing, or mount this one so (docker run without --read-only, with -v)"
    return answer(evidence, "disk-read-only", what, (says(said), *known, *where(said, evidence)), fix)


def access_refused(evidence: Evidence) -> Problem | None:
    """A service did not know who asks (401), or does not let them (403); most often a secret that is not there."""
    said = last_said(_REFUSED, evidence)
    if said is None:
        return None
    step = evidence.step
    host = _HOST.search(evidence.log_tail)
    whom = f" by {host[1]}" if host else ""
    unset = sorted(name for name in step.secrets if name in evidence.around.unset)
    place = at(evidence.place(f"steps.{step.name}.secrets", f"steps.{step.name}"))
    if unset:
        ci = ("CI gives no secrets to runs of a fork or of an unprotected branch",) if evidence.around.is_ci else ()
        names = listed(unset)
        because = (
            says(said),
            f"{names} {'is' if len(unset) == 1 else 'are'} declared at step {quoted(step.name)}{place}, and not set",
            *ci,
        )
        return answer(
            evidence,
            "secret-missing",
            f"access refused{whom}: {names} not set",
            because,
            f"set {names} where the run is started",
        )
    if step.secrets:
        because = (says(said), f"{listed(list(step.secrets))} {'is' if len(step.secrets) == 1 else 'are'} set")
        fix = "the secret is there and not accepted: renew it, or give it the right that is missing"
        return answer(evidence, "access-refused", f"access refused{whom}", because, fix)
    because = (says(said), f"step {quoted(step.name)} declares no secret", *where(said, evidence))
    return answer(
        evidence,
        "access-refused",
        f"access refused{whom}",
        because,
        f"name the token's variable under `secrets:` of step {quoted(step.name)}{place}, and set it",
    )


def repository_of_another(evidence: Evidence) -> Problem | None:
    """Git does not work in a checkout that another user made, as in containers of CI (actions/checkout#1048)."""
    said = last_said(_OWNER, evidence)
    if said is None:
        return None
    folder = said.groups[0]
    because = (
        says(said),
        f"the step runs as {evidence.around.user}"
        if evidence.around.user
        else "git compares the folder's owner with its user",
    )
    fix = f"chown the checkout to that user, or: git config --global --add safe.directory {folder}"
    return answer(evidence, "repository-owner", f"git refuses a repository of another user: {folder}", because, fix)


def _path_in(line: str, evidence: Evidence) -> str | None:
    found = _PATH.search(line)
    return evidence.path(next(group for group in found.groups() if group)) if found else None


def _quoted_in(line: str) -> str:
    found = re.search(r"'([^']+)'", line)
    return found[1] if found else ""


def _folder_of(path: str) -> str:
    return path.rsplit("/", 1)[0] or "/" if "/" in path else "."

"""Is a step that failed tried again, and when."""

import msgspec

from assay.core.pipeline import Retries, RetryCause


class Again(msgspec.Struct, frozen=True):
    """It is: after so long."""

    attempt: int
    """The number of the attempt to come, from 2."""
    wait_s: float
    why: str


def decide_retry(retries: Retries, attempt: int, cause: RetryCause | None) -> Again | None:
    """Whether the attempt of that number (from 1), which failed by ``cause`` (None: it is not known), is followed by another."""
    if attempt >= retries.attempts or (retries.on and cause not in retries.on):
        return None
    why = f"attempt {attempt + 1} of {retries.attempts}" + (f", after {_SAID[cause]}" if cause else "")
    return Again(attempt + 1, retries.backoff_s * 2 ** (attempt - 1), why)


_SAID: dict[RetryCause, str] = {
    "oom": "it ran out of memory",
    "network": "the network failed it",
    "timeout": "its time was over",
    "signal": "a signal ended it",
}

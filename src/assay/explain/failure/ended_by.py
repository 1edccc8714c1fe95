"""What kind of trouble ended a step, where trying it again may help: for ``retries: {on: [...]}``.

It is asked after each failed attempt, before any diagnosis, and claims nothing that the result or the end of the log does
not show: a crash of the code itself has no cause here.
"""

import re

from assay.core.pipeline import RetryCause
from assay.core.run import StepResult
from assay.explain.failure.ending import signal_of
from assay.explain.failure.last_words import last_match

OUT_OF_MEMORY = re.compile(
    r"^(numpy\.\S*)?MemoryError\b|\bOutOfMemoryError\b|CUDA out of memory|CUDA error: out of memory|std::bad_alloc"
    r"|Cannot allocate memory|\bResourceExhausted(Error)?: OOM|CUDA_ERROR_OUT_OF_MEMORY|java\.lang\.OutOfMemoryError",
    re.MULTILINE,
)
"""In the words of Python, numpy, PyTorch, TensorFlow, C++ and the JVM."""
NETWORK = re.compile(
    r"\bConnectionResetError\b|\bConnectionAbortedError\b|\bReadTimeout(Error)?\b|\bConnectTimeout(Error)?\b"
    r"|\bIncompleteRead\b|\bRemoteDisconnected\b|Connection (reset by peer|timed out|aborted|closed by remote)"
    r"|Could not resolve host|(Temporary failure in|Failure in) name resolution|\bName or service not known"
    r"|\bgetaddrinfo failed|nodename nor servname|Network is unreachable|No route to host"
    r"|\bHTTP(?:Error|StatusError)?:? (?:Error )?(?:429|502|503|504)\b|\b(?:429|502|503|504) (?:Client|Server) Error"
    r"|\b429 Too Many Requests|Too Many Requests|\b503 Service Unavailable|\b502 Bad Gateway|\b504 Gateway Time-?out"
    r"|returned error: (?:429|502|503|504)\b|early EOF|RPC failed; curl|\bSlowDown\b|TLS handshake timeout",
    re.IGNORECASE,
)
"""What passes by itself: names that do not resolve, connections that break, servers that ask to wait. No refusals."""
REFUSED = re.compile(r"ConnectionRefusedError|Connection refused", re.IGNORECASE)
"""Nobody listens there; on this machine that is a service that was not started, and no matter of the network."""
_HERE = re.compile(r"localhost|127\.0\.0\.1|\[?::1\]?|0\.0\.0\.0")


def cause_of(result: StepResult, log_tail: str) -> RetryCause | None:
    """Why the attempt ended, as far as it is shown; None for a failure of the code, and for a step that did not fail.

    What the executor saw stands before what the log says: a step that was ended by its time limit has printed all sorts of
    things before.
    """
    if result.outcome != "failed" or result.exit_code == 0:
        return None
    if result.timed_out:
        return "timeout"
    if result.oom_kills or last_match(OUT_OF_MEMORY, log_tail):
        return "oom"
    if is_network(log_tail):
        return "network"
    return "signal" if signal_of(result.exit_code) is not None else None


def is_network(log_tail: str) -> bool:
    """The log ends with a failure of the network, or with a refusal by another machine."""
    if last_match(NETWORK, log_tail):
        return True
    refused = last_match(REFUSED, log_tail)
    return refused is not None and not _HERE.search(refused.line)

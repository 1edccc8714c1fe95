"""Rules on the network: an address that is taken, a certificate that is not trusted, a hub that is not reached, a connection that broke."""

import re

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.answer import answer, last_said, says, where
from assay.explain.failure.ended_by import NETWORK, REFUSED, is_network
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.sentences import quoted

_TAKEN = re.compile(
    r"Address already in use|\bEADDRINUSE\b|\[Errno 98\]|\[Errno 48\]|port (\d+) is (?:already )?(?:in use|allocated)",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSL certificate problem|x509: certificate signed by unknown authority|self[- ]signed certificate",
    re.IGNORECASE,
)
_HUB = re.compile(
    r"We couldn't connect to '(https://[^']+)' to load|LocalEntryNotFoundError|OfflineModeIsEnabled|cannot find the (?:requested files|appropriate snapshot folder) .*(?:cache|disk)"
)
_HOST = re.compile(r"https?://([\w.-]+)|host='([\w.-]+)'|Could not resolve host: ([\w.-]+)", re.IGNORECASE)
_BUSY = re.compile(r"\b429\b|Too Many Requests|SlowDown|rate limit", re.IGNORECASE)
_NAME = re.compile(
    r"resolve host|name resolution|Name or service not known|getaddrinfo|nodename nor servname", re.IGNORECASE
)


def address_in_use(evidence: Evidence) -> Problem | None:
    """Another process listens at the port; who, where the system tells."""
    said = last_said(_TAKEN, evidence)
    if said is None:
        return None
    listeners = evidence.around.listeners
    port, listener = next(iter(listeners.items()), (None, None))
    if port is None:
        because = (says(said), *where(said, evidence))
        return answer(
            evidence,
            "address-in-use",
            "address already in use",
            because,
            "see who listens: ss -ltnp; end it, or choose port 0, which takes any that is free",
        )
    who = (
        f"process {listener.pid} listens at port {port}: {listener.command}"
        if listener
        else f"another user's process listens at port {port}"
    )
    fix = (
        f"kill {listener.pid}, if it is left over from before; or choose port 0, which takes any that is free"
        if listener
        else f"choose another port than {port}"
    )
    return answer(
        evidence,
        "address-in-use",
        f"address already in use: port {port}",
        (says(said), who, *where(said, evidence)),
        fix,
    )


def certificate_not_trusted(evidence: Evidence) -> Problem | None:
    """The other side's certificate is not of an authority that is known here, as behind a company's proxy (tensorflow/datasets#275)."""
    said = last_said(_CERTIFICATE, evidence)
    if said is None:
        return None
    host = _host(evidence)
    fix = "give the proxy's authority to the step: `env: {SSL_CERT_FILE: ..., REQUESTS_CA_BUNDLE: ...}`, or install it in the image; do not turn the check off"
    return answer(
        evidence,
        "certificate-not-trusted",
        f"the certificate{f' of {host}' if host else ''} is not trusted",
        (says(said), *where(said, evidence)),
        fix,
    )


def hub_not_reached(evidence: Evidence) -> Problem | None:
    """A model or tokenizer of a hub is neither in the cache nor to be had (huggingface/huggingface_hub#4487)."""
    said = last_said(_HUB, evidence)
    if said is None:
        return None
    fix = "fetch it in a step of its own and declare the folder as its output, then load it from there; or keep the cache between runs (HF_HOME)"
    return answer(
        evidence,
        "hub-not-reached",
        "a model of the hub is not in the cache, and the hub is not reached",
        (says(said), *where(said, evidence)),
        fix,
    )


def network_failed(evidence: Evidence) -> Problem | None:
    """A name that does not resolve, a connection that broke, a server that asks to wait."""
    if not is_network(evidence.log_tail):
        return None
    said = last_said(NETWORK, evidence) or last_said(REFUSED, evidence)
    if said is None:
        return None
    host, step = _host(evidence), evidence.step
    tried = (f"it was tried {evidence.failed.attempts} times",) if evidence.failed.attempts > 1 else ()
    because = (says(said), *tried, *where(said, evidence))
    retry = f"let it be tried again: `retries: {{attempts: 3, on: [network]}}` at step {quoted(step.name)}"
    if _BUSY.search(said.line):
        return answer(
            evidence,
            "network-failed",
            f"{host or 'the server'} asks for fewer requests",
            because,
            f"ask less often, or with a token; {retry}",
        )
    if _NAME.search(said.line):
        fix = (
            f"see that {host or 'the name'} is right and can be resolved here (getent hosts {host or 'NAME'}); {retry}"
        )
        return answer(
            evidence, "network-failed", f"the name{f' {host}' if host else ''} does not resolve", because, fix
        )
    return answer(evidence, "network-failed", f"the connection{f' to {host}' if host else ''} failed", because, retry)


def service_not_running(evidence: Evidence) -> Problem | None:
    """Nothing listens on this machine where the step wants to connect."""
    said = last_said(REFUSED, evidence)
    if said is None or is_network(evidence.log_tail):
        return None
    port = re.search(r"(?:port[ =]+|:)(\d{2,5})\b", said.line)
    what = f"nothing listens on this machine{f' at port {port[1]}' if port else ''}"
    fix = f"start the service before {command.script(evidence.step)} does, or correct the address"
    return answer(evidence, "service-not-running", what, (says(said), *where(said, evidence)), fix)


def _host(evidence: Evidence) -> str:
    said = last_said(_HOST, evidence)
    return next((group for group in said.groups if group), "") if said else ""

"""What a request gets back: a status and a JSON document. Faces only carry it."""

from typing import Any

import msgspec

from assay.core.problem import Problem

RETRY_AFTER_S = 1


class Response(msgspec.Struct, frozen=True):
    """An answer, ready to be sent as ``application/json``."""

    status: int
    """As in HTTP."""
    body: bytes
    retry_after_s: int | None = None
    """Set where the same request may succeed later."""


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """The document as an answer. NaN and infinities in it become null."""
    return Response(status, msgspec.json.encode(document) + b"\n")


def refuse(status: int, problem: Problem) -> Response:
    """The problem as ``{"error": {"code", "what", "because", "fix"}}``."""
    document = msgspec.json.encode({"error": plain(problem)}) + b"\n"
    return Response(status, document, RETRY_AFTER_S if status == 503 else None)


def plain(problem: Problem) -> dict[str, Any]:
    """The part of a problem that a client is told."""
    return {"code": problem.code, "what": problem.what, "because": list(problem.because), "fix": problem.fix}

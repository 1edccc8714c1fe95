"""Answer requests with the live release: rows that fit or a refusal, predictions that are kept before they are told.

``LiveModel`` holds the release that answers and swaps it while it answers; ``PredictService`` turns a request's bytes into an
answer's. No sockets and no files here: the HTTP face is ``web``, the ledger and the store are the flow's.
"""

from assay.serve.live import LiveModel, LiveState, Loaded, Serving, Wanted, follow
from assay.serve.response import Response, refuse
from assay.serve.rows import Refusal, RowLimits, Rows, parse_rows
from assay.serve.service import PredictService

__all__ = [
    "LiveModel",
    "LiveState",
    "Loaded",
    "PredictService",
    "Refusal",
    "Response",
    "RowLimits",
    "Rows",
    "Serving",
    "Wanted",
    "follow",
    "parse_rows",
    "refuse",
]

"""Telling people: `notify:` of assay.yaml.

``begin`` stands before what may be told of, ``tell`` behind it. Notices are read out of the ledger, so that what a killed command
left untold is told by the next one; each waits in the outbox until it was delivered. A process of its own delivers, so that
nobody waits longer than ``PATIENCE_S`` for a webhook that hangs. What goes wrong here is told and changes no run; where nothing is declared, nothing is done or even imported.
"""

from contextlib import suppress

from assay.core.problem import AssayError, Problem
from assay.workspace import Workspace

PATIENCE_S = 5.0


def begin(workspace: Workspace) -> None:
    """What happens from now on is told; what was there before `notify:` was written is not."""
    if workspace.pipeline.notify:
        from assay.flows.notify.outbox import start_reading

        with suppress(AssayError):  # told by `tell`: it meets the same
            start_reading(workspace)


def tell(workspace: Workspace) -> tuple[Problem, ...]:
    """Tell what has happened, and try again what is due: who could not be reached yet, and what was given up."""
    if not workspace.pipeline.notify:
        return ()
    from assay.flows.notify.outbox import collect, send_apart, untold

    try:
        if collect(workspace):
            send_apart(workspace, PATIENCE_S)
        return untold(workspace)
    except AssayError as error:
        return (error.problem,)

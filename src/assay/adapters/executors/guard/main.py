"""Two processes, so that the death of either is seen: the keeper starts the commands, the witness waits for the keeper.

Each takes in the orphans below it (Linux: PR_SET_CHILD_SUBREAPER). If the engine dies, the keeper ends everything; if the
keeper dies, everything falls to the witness, which ends it; if the witness dies, the keeper sees a pipe close, and ends
everything too.
"""

import os
import sys
import traceback

from .keeper import END_PATIENCE_S, Keeper
from .tree import end_all_below

REQUESTS, ANSWERS = 0, 1
_SET_CHILD_SUBREAPER = 36


def main(engine: int, *, adopts: bool) -> None:
    """Serve the engine through the pipes on descriptors 0 and 1. Does not return."""
    if os.getppid() != engine:  # it has died already
        os._exit(1)
    if adopts:
        adopt_orphans()
    witness_lives, hold = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(hold)
        _keep(engine, witness_lives, adopts=adopts)
    os.close(witness_lives)
    os.close(REQUESTS)
    _witness(keeper, adopts=adopts)


def adopt_orphans() -> None:
    """Become the parent of all below that lose theirs."""
    import ctypes

    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _keep(engine: int, witness_lives: int, *, adopts: bool) -> None:
    code = 1
    try:
        if adopts:
            adopt_orphans()
        os.set_blocking(ANSWERS, False)
        keeper = Keeper(REQUESTS, ANSWERS, [witness_lives, *_descriptor_of(engine)], adopts=adopts)
        try:
            code = 0 if keeper.keep() else 1
        except Exception:
            keeper.tell_broken(traceback.format_exc())
    finally:
        os._exit(code)


def _witness(keeper: int, *, adopts: bool) -> None:
    status = 1
    while True:
        pid, ended = os.wait()
        if pid == keeper:
            status = ended
            break
    if status != 0 and adopts:
        end_all_below(os.getpid(), but=set(), patience_s=END_PATIENCE_S)
    os._exit(0)


def _descriptor_of(pid: int) -> list[int]:
    """Tells of the death of a process also where a fork of it holds its pipes open."""
    try:
        return [os.pidfd_open(pid)]
    except (AttributeError, OSError):  # not Linux, or a kernel or sandbox without it
        return []


if __name__ == "__main__":
    main(int(sys.argv[1]), adopts=sys.argv[2] == "adopts")

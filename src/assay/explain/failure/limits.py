"""Rules on what ran out: time, memory, the disk, open files. What the executor and the kernel saw stands before what the log says."""

import re
import shlex
import signal

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.answer import answer, last_said, says, where
from assay.explain.failure.changes import Change
from assay.explain.failure.ended_by import OUT_OF_MEMORY
from assay.explain.failure.ending import signal_of
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import at, listed, size
from assay.explain.failure.log import HEAD, Log, read_log
from assay.explain.failure.sentences import quoted
from assay.explain.failure.surroundings import Disk

IDLE_SHARE = 0.05
BUSY_SHARE = 0.5
"""Of the time that a step had, the share that its processes computed: below, it waited; above, it worked."""
NEAR_LIMIT = 0.95
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the name of it

_GPU = re.compile(
    r"CUDA out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|HIP out of memory|MPS backend out"
)
_NEIGHBOUR = re.compile(r"Process (\d+) has ([\d.]+ [KMGT]iB) memory in use")
_TRIED = re.compile(r"Tried to allocate ([\d.]+ [KMGT]iB)")
_SHARED = re.compile(r"insufficient shared memory|out of shared memory|unable to (open|mmap) shared memory|/dev/shm")
_FULL = re.compile(
    r"No space left on device|\bENOSPC\b|\[Errno 28\]|Disk quota exceeded|\[Errno 122\]|database or disk is full|Write failed.*disk full",
    re.IGNORECASE,
)
_OTHER_ROOM = re.compile(r"inotify|epoll|semaphore|shared memory", re.IGNORECASE)
"""The kernel has one word for these and for disks."""
_FILES = re.compile(r"Too many open files|\[Errno 24\]|\bEMFILE\b|received 0 items of ancdata")
_ASKS = re.compile(
    r"(\[[yYnN/]{3,5}\]|\? ?$|password ?:|passphrase|press (enter|any key)|\((yes|y)/(no|n)\))", re.IGNORECASE
)


def timed_out(evidence: Evidence) -> Problem | None:
    """Its time was over: it waited for something, or it was at work and slow.

    The computing that its processes did tells the two apart.
    """
    failed, step = evidence.failed, evidence.step
    if not failed.timed_out:
        return None
    place = at(evidence.place(f"steps.{step.name}.timeout", f"steps.{step.name}"))
    share = failed.cpu_s / failed.seconds if failed.seconds > 0 else 0.0
    lines = _before_interrupt(read_log(evidence.log_tail))
    last = f"its last line is: {lines[-1].strip()}" if lines else "it had printed nothing"
    used = f"its processes computed for {failed.cpu_s:.1f} s of {failed.seconds:.0f} s"
    what = f"not done within {_span(step.timeout_s or failed.seconds)}"
    if lines and _ASKS.search(lines[-1]):
        fix = f"give the answer on its command line, such as --yes: nobody can type one ({command.shown(step)})"
        return answer(evidence, "step-hung", what, (used, last, "that is a question, and a step has no terminal"), fix)
    if not failed.cpu_s:  # not recorded: even a program that only waits has started
        fix = f"see what it does at that line; or give it more time: `timeout:` of step {quoted(step.name)}{place}"
        return answer(evidence, "step-timed-out", what, (last,), fix)
    if share < IDLE_SHARE:
        fix = "see what it waits for: a lock, a service, an answer, a download; a longer time does not help"
        return answer(evidence, "step-hung", what, (f"{used}: it waited", last), fix)
    fix = f"give it more time: `timeout:` of step {quoted(step.name)}{place}"
    if share >= BUSY_SHARE:
        return answer(evidence, "step-too-slow", what, (f"{used}: it was at work", last, *_grown(evidence)), fix)
    return answer(evidence, "step-too-slow", what, (used, last, *_grown(evidence)), fix)


def _before_interrupt(log: Log) -> tuple[str, ...]:
    """The lines of a log but for what the signal made it print that ended it when its time was over: our own."""
    while log.last is not None and log.last.kind == "KeyboardInterrupt":
        begun = [log.lines[log.start - 1].removesuffix(HEAD).rstrip()] if log.start else []
        log = read_log("\n".join((*log.lines[: max(0, log.start - 1)], *begun)))
    return log.lines


def out_of_memory(evidence: Evidence) -> Problem | None:
    """The kernel ended it for want of memory, or it says itself that it got none."""
    failed = evidence.failed
    facts = _facts_of_memory(evidence)
    said = last_said(OUT_OF_MEMORY, evidence)
    if said is not None and _GPU.search(said.line):
        return None
    if not facts and said is None:
        return None
    words = (says(said), *where(said, evidence)) if said else ()
    because = (*facts, *words, *_amounts(evidence), *_grown(evidence))
    place = at(evidence.place(f"steps.{failed.step}.resources", f"steps.{failed.step}"))
    more = f"give it more: `resources: {{memory: ...}}` of step {quoted(failed.step)}{place}"
    fix = f"{more if failed.memory_bytes else 'run it on a machine with more memory'}, or let it take less at once: smaller batches, chunks, fewer workers"
    return answer(evidence, "step-out-of-memory", "out of memory", because, fix)


def gpu_out_of_memory(evidence: Evidence) -> Problem | None:
    """The GPU's memory was full: of this step's own tensors, or of another process."""
    said = last_said(_GPU, evidence)
    if said is None:
        return None
    tried = _TRIED.search(evidence.log_tail)
    others = [f"process {pid} has {amount} of it" for pid, amount in _NEIGHBOUR.findall(evidence.log_tail)]
    batch = [change.text for change in _changed_batch(evidence)]
    because = (says(said), *([f"it asked for {tried[1]} more"] if tried else []), *others, *batch)
    if batch:
        fix = f"take it back: {batch[0].split(' -> ')[0]}; or share the work among more GPUs"
    elif others:
        fix = "end the other process, or choose another GPU (CUDA_VISIBLE_DEVICES)"
    else:
        fix = "make the batch smaller, or let it gather gradients over several"
    return answer(evidence, "gpu-out-of-memory", "the GPU is out of memory", because, fix)


def shared_memory_full(evidence: Evidence) -> Problem | None:
    """Loader processes pass tensors through /dev/shm, which containers make small (pytorch/pytorch#5040)."""
    said = last_said(_SHARED, evidence)
    if said is None:
        return None
    disk = next((disk for disk in evidence.around.disks if disk.path == SHARED_MEMORY), None)
    known = (f"{SHARED_MEMORY} holds {size(disk.total_bytes)}",) if disk else ()
    fix = "give the container more: docker run --shm-size=8g (or --ipc=host); or fewer loader workers (num_workers=0)"
    return answer(evidence, "shared-memory-full", f"shared memory is full: {SHARED_MEMORY}", (says(said), *known), fix)


def disk_full(evidence: Evidence) -> Problem | None:
    """A write found no room: bytes, or places for files, or a quota."""
    said = last_said(_FULL, evidence)
    if said is None or _OTHER_ROOM.search(said.line):
        return None
    written = evidence.around.written_to
    full = [disk for disk in evidence.around.disks if is_full(disk) and disk != written]
    disks = [written, *full] if written is not None else full
    because = (says(said), *map(_room, disks), *_biggest(evidence))
    which = f": {disks[0].path}" if disks else ""
    if any(disk.free_files == 0 and disk.free_bytes for disk in disks[:1]):
        fix = "remove small files there: no more can be made, though bytes are free (df -i)"
    else:
        place = shlex.quote(disks[0].path) if disks else "."
        fix = f"free space there, or write elsewhere; du -xh -d 2 {place} | sort -h | tail shows what fills it"
    return answer(evidence, "step-disk-full", f"no space left on the disk{which}", because, fix)


def too_many_files(evidence: Evidence) -> Problem | None:
    """More files open than a process may have (facebookresearch/maskrcnn-benchmark#158)."""
    said = last_said(_FILES, evidence)
    if said is None:
        return None
    fix = "close files after use, or raise the limit in the command: ulimit -n 65536 && ...; with PyTorch, set_sharing_strategy('file_system')"
    return answer(
        evidence, "too-many-files", "too many files are open at once", (says(said), *where(said, evidence)), fix
    )


def is_full(disk: Disk) -> bool:
    """Nothing, or next to nothing, can be written there."""
    return disk.free_bytes < min(1_000_000, 0.01 * disk.total_bytes) or disk.free_files == 0


def _facts_of_memory(evidence: Evidence) -> tuple[str, ...]:
    """What the kernel and the executor saw; a bare SIGKILL is no proof."""
    failed = evidence.failed
    if failed.oom_kills:
        several = "one of its processes" if failed.oom_kills == 1 else f"{failed.oom_kills} of its processes"
        return (f"the kernel ended {several} for want of memory",)
    limit = failed.memory_bytes or evidence.around.memory_bytes
    was_killed = signal_of(failed.exit_code) == signal.SIGKILL and not failed.timed_out
    if was_killed and limit and failed.peak_memory_bytes >= NEAR_LIMIT * limit:
        return ("signal 9 (SIGKILL) ended it, and it had all that it may have",)
    return ()


def _amounts(evidence: Evidence) -> tuple[str, ...]:
    """What it had, and what there is."""
    failed = evidence.failed
    bound = f"may have {size(failed.memory_bytes)}" if failed.memory_bytes else ""
    had = f"had {size(failed.peak_memory_bytes)} at most" if failed.peak_memory_bytes else ""
    of_step = (f"it {' and '.join(filter(None, (had, bound)))}",) if had or bound else ()
    machine = evidence.around.memory_bytes
    return (*of_step, *([f"the machine has {size(machine)}"] if machine and not bound else []))


def _grown(evidence: Evidence) -> tuple[str, ...]:
    """Data that is larger than it was in the last green run."""
    since = evidence.since
    if since is None:
        return ()
    grown = [
        f"{path} has grown since run {since.run}: {size(old.size_bytes)} -> {size(new.size_bytes)}"
        for path, new in since.now.files.items()
        if (old := since.before.files.get(path)) is not None and new.size_bytes > 1.2 * old.size_bytes > 100_000
    ]
    return tuple(grown[:2])


def _changed_batch(evidence: Evidence) -> tuple[Change, ...]:
    changes = evidence.since.of_kind("parameter") if evidence.since else ()
    return tuple(change for change in changes if re.search(r"batch|seq|length|size", change.name, re.IGNORECASE))


def _room(disk: Disk) -> str:
    if disk.free_files == 0 and disk.free_bytes:
        return f"no more files can be made at {disk.path}, though {size(disk.free_bytes)} are free"
    return f"{disk.path} has {size(disk.free_bytes)} free of {size(disk.total_bytes)}"


def _biggest(evidence: Evidence) -> tuple[str, ...]:
    found = [f"{path} ({size(held)})" for path, held in evidence.around.biggest]
    return (f"the largest in the project: {listed(found)}",) if found else ()


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:g} s"

"""What is different from the last green run: code, data, parameters, commands, packages, machine.

Compared is what was recorded then with what is recorded or stands now, so a change is a fact and no guess; that it is the
cause is never claimed here. What nobody wrote down, such as a service on the network, is not among them.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import short
from assay.core.machine import Machine
from assay.core.release import Environment
from assay.explain.failure.figures import size
from assay.explain.paths import is_data, is_model

ChangeKind = Literal["code", "data", "parameter", "command", "rule", "package", "lock", "python", "machine"]

SHOWN = 8
"""Lines of changes in a message; the rest is counted."""
PACKAGES_SHOWN = 4
NOTHING = "nothing has changed of what is recorded (code, data, parameters, packages, machine)"


class Circumstances(msgspec.Struct, frozen=True):
    """What a run stood on, as far as a step and those before it are concerned."""

    files: Mapping[str, Artifact] = {}
    """What they read, by path."""
    written_by: Mapping[str, str] = {}
    """Of these, the files that a step of the pipeline writes -> the step."""
    commands: Mapping[str, str] = {}
    rules: Mapping[str, tuple[str, ...]] = {}
    """What each check step asked, a line for each rule."""
    params: Mapping[str, object] = {}
    packages: Mapping[str, str] | None = None
    """name -> version in the Python that steps run with; None: not recorded."""
    environment: Environment | None = None
    machine: Machine | None = None
    rows: Mapping[str, int] = {}
    """Of those files, by path, where it was counted."""
    columns: Mapping[str, tuple[str, ...]] = {}
    """Of those files, by path, where it was looked."""


class Change(msgspec.Struct, frozen=True):
    """One thing that is different."""

    kind: ChangeKind
    name: str
    text: str
    """A line: ``data/raw.csv changed 9c41e0d2 -> d11f42aa (+14 rows)``."""
    writer: str = ""
    """The step that wrote it, where it was made in the run."""


class Since(msgspec.Struct, frozen=True):
    """The last green run that the failed step was part of, and what has changed since."""

    run: int
    changes: tuple[Change, ...]
    before: Circumstances = Circumstances()
    now: Circumstances = Circumstances()
    same_commit: bool = False
    """Both runs ran one commit, without changes that are not in it."""
    metrics: Mapping[str, Mapping[str, float]] = {}
    """By step, what each reported then."""

    def of_kind(self, *kinds: ChangeKind) -> tuple[Change, ...]:
        """The changes of these kinds."""
        return tuple(change for change in self.changes if change.kind in kinds)


def find_changes(before: Circumstances, now: Circumstances) -> tuple[Change, ...]:
    """Everything that differs: sources first, then what steps made of them, then what surrounds the run."""
    files = tuple(_of_files(before, now))
    return (
        *(change for change in files if not change.writer),
        *_of_commands(before, now),
        *_of_rules(before, now),
        *_of_params(before, now),
        *_of_packages(before, now),
        *_of_environment(before, now),
        *_of_machine(before.machine, now.machine),
        *(change for change in files if change.writer),
    )


def tell(since: Since | None) -> tuple[str, ...]:
    """The lines of a message: against which run, and what is different; none where no run was green."""
    if since is None:
        return ()
    head = f"run {since.run}, which was green"
    if not since.changes:
        return (f"{head}: {NOTHING}",)
    packages = [change for change in since.changes if change.kind == "package"]
    left_out = {change.name for change in packages[PACKAGES_SHOWN:]}
    texts = [change.text for change in since.changes if change.kind != "package" or change.name not in left_out]
    more = len(since.changes) - len(texts[:SHOWN])
    return (f"{head}:", *texts[:SHOWN], *([f"and {more} more"] if more else []))


def _of_files(before: Circumstances, now: Circumstances) -> Iterator[Change]:
    for path in sorted({*before.files, *now.files}):
        old, new = before.files.get(path), now.files.get(path)
        if old is not None and new is not None and old.digest == new.digest:
            continue
        writer = now.written_by.get(path, "")
        made = f', which step "{writer}" writes,' if writer else ""
        yield Change(_kind_of(path), path, f"{path}{made} {_how(old, new, before, now)}", writer)


def _how(old: Artifact | None, new: Artifact | None, before: Circumstances, now: Circumstances) -> str:
    if old is None:
        return "is read now, and was not then"
    if new is None:
        return f"is gone ({short(old.digest)} then)"
    return f"changed {short(old.digest)} -> {short(new.digest)}{_amount(old, new, before, now)}"


def _amount(old: Artifact, new: Artifact, before: Circumstances, now: Circumstances) -> str:
    rows, were = now.rows.get(new.path), before.rows.get(old.path)
    files = [_more(new.files - old.files, "file")] if new.files != old.files else []
    if rows is not None and were is not None:
        told = [*files, _more(rows - were, "row") if rows != were else f"still {rows} rows"]
    elif is_data(new.path) or files:
        sizes = f"{size(old.size_bytes)} -> {size(new.size_bytes)}"
        told = [*files, sizes, *([f"{rows} rows"] if rows is not None else [])]
    else:
        return ""
    return f" ({', '.join(told)})"


def _more(count: int, noun: str) -> str:
    return f"{count:+d} {noun}{'s' if abs(count) != 1 else ''}"


def _kind_of(path: str) -> ChangeKind:
    return "data" if is_data(path) or is_model(path) or "." not in path.rsplit("/", 1)[-1] else "code"


def _of_commands(before: Circumstances, now: Circumstances) -> Iterator[Change]:
    for step in sorted({*before.commands} & {*now.commands}):
        if before.commands[step] != now.commands[step]:
            was, is_ = _cut(before.commands[step]), _cut(now.commands[step])
            yield Change("command", step, f'the command of step "{step}": {was} -> {is_}')


def _of_rules(before: Circumstances, now: Circumstances) -> Iterator[Change]:
    for step in sorted({*before.rules} & {*now.rules}):
        gone = {rule.partition(":")[0]: rule for rule in before.rules[step] if rule not in now.rules[step]}
        new = {rule.partition(":")[0]: rule for rule in now.rules[step] if rule not in before.rules[step]}
        for name in sorted({*gone, *new}):
            was, is_ = _cut(gone.get(name, "nothing")), _cut(new.get(name, "nothing"))
            yield Change("rule", f"{step}/{name}", f'a rule of step "{step}": {was} -> {is_}')


def _of_params(before: Circumstances, now: Circumstances) -> Iterator[Change]:
    for name in sorted({*before.params, *now.params}):
        old, new = before.params.get(name, "not set"), now.params.get(name, "not set")
        if old != new:
            yield Change("parameter", name, f"{name}: {old} -> {new}")


def _of_packages(before: Circumstances, now: Circumstances) -> Iterator[Change]:
    if before.packages is None or now.packages is None:
        return
    for name in sorted({*before.packages, *now.packages}):
        old, new = before.packages.get(name), now.packages.get(name)
        if old != new:
            yield Change("package", name, f"{name} {old or 'not installed'} -> {new or 'not installed'}")


def _of_environment(before: Circumstances, now: Circumstances) -> Iterator[Change]:
    old, new = before.environment, now.environment
    if old is None or new is None:
        return
    if old.python != new.python:
        yield Change("python", "python", f"Python {old.python} -> {new.python}")
    if old.lock != new.lock:
        shown = [short(lock) if lock else "none" for lock in (old.lock, new.lock)]
        yield Change("lock", "lock", f"the lock file {shown[0]} -> {shown[1]}")


def _of_machine(old: Machine | None, new: Machine | None) -> Iterator[Change]:
    if old is None or new is None:
        return
    if old.host != new.host:
        yield Change("machine", "host", f"machine {old.host} -> {new.host}")
    if old.cpus != new.cpus:
        yield Change("machine", "cpus", f"{old.cpus} -> {new.cpus} CPUs")
    if _differ(old.memory_bytes, new.memory_bytes):
        yield Change("machine", "memory", f"memory {size(old.memory_bytes)} -> {size(new.memory_bytes)}")
    if old.system != new.system:
        yield Change("machine", "system", f"{old.system} -> {new.system}")


def _differ(old: int, new: int) -> bool:
    """By more than a kernel takes for itself."""
    return bool(old and new) and abs(old - new) > 0.02 * max(old, new)


def _cut(command: str) -> str:
    line = " ".join(command.split())
    return f"`{line if len(line) <= 60 else line[:57] + '...'}`"

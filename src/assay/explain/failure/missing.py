"""The rule "file not found": from a file that a step wanted to the step that should have written it, and what it did.

The earliest expectation that was not met is named first. Every line of ``because`` is something that was recorded.
"""

import posixpath
import re
import shlex
import signal
from pathlib import PurePosixPath

import msgspec

from assay.core.order import waits_for
from assay.core.problem import Problem
from assay.core.run import StepResult
from assay.explain import command
from assay.explain.failure import sentences
from assay.explain.failure.answer import answer, last_said, says, where
from assay.explain.failure.ending import signal_of
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import at, listed
from assay.explain.failure.log import Log, read_log
from assay.explain.failure.maker import Maker, describe_maker, find_maker, is_idle, missed_before, written_by
from assay.explain.failure.sentences import as_written, quoted, written
from assay.explain.failure.surroundings import PathState
from assay.explain.failure.wanted import (
    Wanted,
    missing_without_path,
    named_in_log,
    not_declared_there,
    not_found_silently,
)
from assay.explain.paths import is_data, nearness, suffix_of

DECISIVE_SIGNALS = frozenset([signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
"""INT, KILL and TERM come from outside: whatever was missing, it is not why the step ended."""

MOST_NAMED = 3
"""Of steps that write into one folder."""


def missing_file(evidence: Evidence) -> Problem | None:
    """The cause, where the step failed because a file was not there; None where that is not shown."""
    if signal_of(evidence.failed.exit_code) in DECISIVE_SIGNALS:
        return None
    log = read_log(evidence.log_tail)
    wanted = find_wanted(evidence, log)
    if wanted is None:
        return None
    stands = evidence.around.paths.get(wanted.path)
    if stands is not None and stands.kind == "link to nothing":
        return _link_to_nothing(wanted, stands, evidence)
    folder = _folder_missing(wanted, log, evidence)
    if folder is not None:
        return folder
    if evidence.is_there(wanted.path):
        return _is_there_now(wanted, evidence)
    return _cause(wanted, evidence)


def missing_output(evidence: Evidence, path: str) -> Problem:
    """The cause, where the failed step exited 0 but its declared output ``path`` is not there."""
    maker = describe_maker(evidence.step, "declared", path, path, evidence)
    missed = missed_before(maker, path, evidence)
    if missed is not None:
        return _upstream(missed, maker, Wanted(path, "declared"), f"declared output not written: {path}", evidence)
    return Problem(
        "output-not-written",
        f"declared output not written: {path}",
        sentences.because(maker, path, evidence),
        sentences.fix(maker, path, evidence.step, evidence),
        step=evidence.failed.step,
    )


def unwritten_output(evidence: Evidence) -> Problem | None:
    """The rule for a step that exited 0 and has failed all the same: a declared output is not there."""
    if evidence.failed.exit_code != 0:
        return None
    lost = next((path for path in evidence.step.promised if not evidence.is_there(evidence.path(path))), None)
    return missing_output(evidence, lost) if lost is not None else None


def find_wanted(evidence: Evidence, log: Log) -> Wanted | None:
    """The file whose absence the step failed of.

    What nobody speaks of counts only where an earlier step should have written it, where no slip of the code explains the
    failure, and where the step read no other file of the kind: programs look for optional files all the time.
    """
    wanted = not_declared_there(evidence) or named_in_log(evidence, log)
    if wanted is not None:
        return wanted
    spoken = missing_without_path(log, evidence)
    asked = not_found_silently(evidence, spoken)
    if spoken is not None:
        return asked[0] if asked else None
    if log.last is not None and not log.last.is_deliberate:
        return None
    return next(
        (each for each in asked if _is_missed(each.path, evidence) and not _has_another(each.path, evidence)), None
    )


def _has_another(path: str, evidence: Evidence) -> bool:
    """The step read another file of the same kind, which is there: it found what it needed."""
    read = (evidence.path(each) for each in evidence.failed.trace.reads)
    return any(suffix_of(each) == suffix_of(path) and evidence.is_there(each) for each in read)


def _is_missed(path: str, evidence: Evidence) -> bool:
    maker = find_maker(path, evidence, evidence.failed)
    return maker is not None and maker.is_strong and maker.step.name != evidence.failed.step


def _cause(wanted: Wanted, evidence: Evidence) -> Problem:
    what = f"{'model ' if wanted.is_model else ''}file not found: {wanted.path}"
    maker = find_maker(wanted.path, evidence, evidence.failed)
    if maker is None or not maker.is_strong:
        known = _known_by(wanted, evidence)
        kept = _kept_by_dvc(wanted, known, evidence) or _only_on_another_machine(wanted, known, evidence)
        if kept is not None:
            return kept
    if maker is None:
        return _filled_by_steps(wanted, evidence) or _nobody(wanted, what, evidence)
    missed = missed_before(maker, wanted.path, evidence)
    if missed is not None:
        return _upstream(missed, maker, wanted, what, evidence)
    return _blamed(maker, wanted, what, evidence)


def _link_to_nothing(wanted: Wanted, stands: PathState, evidence: Evidence) -> Problem:
    """Something of that name is there: a link, and what it leads to is not."""
    target = posixpath.join(posixpath.dirname(wanted.path), stands.target)
    fix = f"bring {evidence.path(target)} back, or let the link lead to what is there: ln -sfn FILE {shlex.quote(wanted.path)}"
    because = (f"{wanted.path} is a link to {stands.target}, and nothing is there", *_known_by(wanted, evidence))
    return answer(evidence, "link-to-nothing", f"a link that leads to nothing: {wanted.path}", because, fix)


def folder_in_place_of_file(evidence: Evidence) -> Problem | None:
    """A file was to be opened, and a folder has its name."""
    said = last_said(_A_FOLDER, evidence)
    path = evidence.path(said.groups[0] or said.groups[1]) if said else ""
    stands = evidence.around.paths.get(path)
    if said is None or stands is None or stands.kind != "folder":
        return None
    below = [each for each in evidence.files if each.startswith(f"{path}/")]
    holds = f"it holds {listed(below)}" if below else "it is empty"
    because = (says(said), f"{path} is a folder; {holds}", *where(said, evidence))
    read = f"read {below[0]}" if below else f"put the file at {path}"
    fix = f"{read}, or remove the folder and let what should be there be written: ls -la {shlex.quote(path)}"
    return answer(evidence, "folder-not-file", f"a folder in place of a file: {path}", because, fix)


_A_FOLDER = re.compile(
    r"Is a directory: '([^']+)'|^[\w./-]+: (?:line \d+: )?(?:cannot open )?'?([^\s':]+)'?: Is a directory"
)


def _blamed(maker: Maker, wanted: Wanted, what: str, evidence: Evidence) -> Problem:
    because = (*sentences.because(maker, wanted.path, evidence), *_known_by(wanted, evidence))
    name, step = maker.step.name, evidence.failed.step
    match maker.fate:
        case "failed":
            fix = f"mend step {quoted(name)} first: assay why {shlex.quote(name)}"
            return Problem("producer-failed", what, because, fix, step=step)
        case "did not run":
            return Problem("producer-did-not-run", what, because, _fix_of_order(maker, wanted, evidence), step=step)
        case "comes later":
            here = at(evidence.place_of_step(evidence.step))
            there = at(evidence.place_of_step(maker.step))
            fix = f"move step {quoted(name)}{there} before step {quoted(step)}{here}"
            return Problem("producer-did-not-run", what, because, fix, step=step)
        case "reused" if maker.near is None:
            fix = f"declare `outputs: [{wanted.path}]` at step {quoted(name)}{at(evidence.place_of_step(maker.step))}"
            if maker.how == "declared":
                fix = f"run it again: assay run --force {shlex.quote(name)}"
            return Problem("producer-was-reused", what, because, fix, step=step)
        case _ if maker.had_written:
            fix = f"see what removes or renames {wanted.path} after {command.script(maker.step)} has written it"
            return Problem("file-removed", what, because, fix, step=step)
        case _:
            fix = sentences.fix(maker, wanted.path, evidence.step, evidence)
            return Problem("output-not-written", what, because, fix, step=step)


def _fix_of_order(maker: Maker, wanted: Wanted, evidence: Evidence) -> str:
    """How to have the maker run before the failed step."""
    name = shlex.quote(maker.step.name)
    if maker.result is not None:
        return f"see why: assay why {name}"
    if maker.how == "declared" and maker.step.name not in waits_for(evidence.pipeline)[evidence.step.name]:
        place = at(evidence.place_of_step(evidence.step))
        return f"let step {quoted(evidence.step.name)} wait for it: add {wanted.path} to its `inputs:`{place}"
    return f"run it first: assay run {name}"


def _upstream(missed: str, maker: Maker, wanted: Wanted, what: str, evidence: Evidence) -> Problem:
    """The maker is a victim itself: the file that it missed comes first."""
    assert maker.result is not None
    before = _until(maker.result, evidence)
    earlier = msgspec.structs.replace(evidence, failed=maker.result, earlier=before, log_tail="")
    cause = _cause(Wanted(missed, "asked for"), earlier)
    name = quoted(maker.step.name)
    so = f"so step {name} did not find {missed}, ended well all the same, and never wrote {wanted.path}"
    known = _known_by(wanted, evidence) if wanted.path != missed and wanted.source != "declared" else ()
    because = (*(line for line in cause.because if not line.startswith(f"step {name} asked for")), so, *known)
    return Problem(cause.code, what, because, cause.fix, step=evidence.failed.step)  # the code is the deeper cause's


def _until(result: StepResult, evidence: Evidence) -> tuple[StepResult, ...]:
    names = [each.step for each in evidence.earlier]
    return evidence.earlier[: names.index(result.step)] if result.step in names else evidence.earlier


def _known_by(wanted: Wanted, evidence: Evidence) -> tuple[str, ...]:
    """How it is known that the step wanted the file."""
    name = f"step {quoted(evidence.failed.step)}"
    said = (f"the log of {name} says: {wanted.line}",) if wanted.line else ()
    match wanted.source:
        case "named":
            return said
        case "declared":
            declared = wanted.path in evidence.step.inputs
            where = (
                evidence.place(f"steps.{evidence.step.name}.inputs[{evidence.step.inputs.index(wanted.path)}]")
                if declared
                else None
            )
            unstarted = ", and was not started" if evidence.failed.exit_code is None else ""
            return (f"{name} declares that it reads it{at(where)}{unstarted}",)
        case "asked for":
            return (*said, f"{name} asked for {wanted.path} and did not find it")
        case "on the command line":
            return (*said, f"{name} has {wanted.path} on its command line (`{command.shown(evidence.step)}`)")
        case "the pipeline's model":
            return (*said, f"{wanted.path} is the model that the pipeline declares{at(evidence.place('model.path'))}")


def _nobody(wanted: Wanted, what: str, evidence: Evidence) -> Problem:
    """No step points at the file: it is elsewhere, or it was never made."""
    known = _known_by(wanted, evidence)
    script, step = command.script(evidence.step), evidence.failed.step
    ranked = sorted(
        ((nearness(wanted.path, path), path) for path in evidence.files), key=lambda each: (-each[0], each[1])
    )
    near = [as_written(path, evidence) for score, path in ranked if score > 0]
    elsewhere = [each for each in near if PurePosixPath(each.path).name == PurePosixPath(wanted.path).name]
    if elsewhere:
        because = (
            f"the project has {listed([written(each, evidence) for each in elsewhere])}: the same name in another folder",
            "no step of this run wrote it",
            *known,
        )
        fix = f"read {elsewhere[0].path} in {script}, or put the file at {wanted.path}"
        return Problem("file-elsewhere", what, because, fix, step=step)
    nobody = "no step declares it, is told to write it, or wrote anything like it"
    if near:
        because = (nobody, f"the nearest in the project: {listed([written(each, evidence) for each in near])}", *known)
        fix = f"read {near[0].path} in {script}, or let a step write {wanted.path}"
        return Problem("file-never-made", what, because, fix, step=step)
    because = (nobody, *what_steps_wrote(evidence), *known)
    if is_data(wanted.path) and not wanted.is_model:
        because = ("it is a data file, and it is not in the project", nobody, *known)
        fix = f"put it there, or correct the path in {script}"
    else:
        fix = f"let a step write {wanted.path} and declare it (`outputs: [{wanted.path}]`), or correct the path in {script}"
    return Problem("file-never-made", what, because, fix, step=step)


def _filled_by_steps(wanted: Wanted, evidence: Evidence) -> Problem | None:
    """It is the folder of files that steps declare: none of them has written there in this run."""
    parts = {
        step.name: promise
        for step in evidence.pipeline.steps
        for promise in map(evidence.path, step.promised)
        if step.name != evidence.failed.step and promise.startswith(f"{wanted.path}/")
    }
    if not parts:
        return None
    names = list(parts)
    declare = [f"step {quoted(name)} declares {parts[name]}" for name in names[:MOST_NAMED]]
    more = f", and {len(names) - MOST_NAMED} more steps" if len(names) > MOST_NAMED else ""
    fates = {name: result.outcome for name in names if (result := evidence.result(name)) is not None}
    failed = next((name for name, outcome in fates.items() if outcome == "failed"), None)
    did = [f"step {quoted(name)}: {fates.get(name, 'did not run')}" for name in names[:MOST_NAMED]]
    because = (
        f"it is the folder of what steps write: {', '.join(declare)}{more}",
        f"in this run {', '.join(did)}",
        *_known_by(wanted, evidence),
    )
    step = evidence.failed.step
    if failed is not None:
        fix = f"mend step {quoted(failed)} first: assay why {shlex.quote(failed)}"
    elif len(fates) < len(names):
        fix = f"run them first: assay run {' '.join(shlex.quote(name) for name in names if name not in fates)}"
    else:
        fix = f"see where they write: {command.script(evidence.pipeline.step(names[0]))}"
    return Problem("producer-did-not-run", f"folder not found: {wanted.path}", because, fix, step=step)


def _kept_by_dvc(wanted: Wanted, known: tuple[str, ...], evidence: Evidence) -> Problem | None:
    """DVC keeps the file elsewhere, and it was not brought here."""
    above = (wanted.path, *map(str, PurePosixPath(wanted.path).parents))
    pointer = next((f"{path}.dvc" for path in above if f"{path}.dvc" in evidence.files), None)
    if pointer is None:
        return None
    what = f"{'model' if wanted.is_model else 'data'} not pulled: {wanted.path}"
    because = (f"the project has {pointer}: DVC keeps it, and it is not here", *known)
    return Problem("not-pulled", what, because, f"dvc pull {shlex.quote(pointer)}", step=evidence.failed.step)


def _only_on_another_machine(wanted: Wanted, known: tuple[str, ...], evidence: Evidence) -> Problem | None:
    """The file was read where the last run was green, and is not in version control; or it lies outside the checkout in CI."""
    since, tracked, step = evidence.since, evidence.around.tracked, evidence.failed.step
    what = f"file not found: {wanted.path}"
    fix = "let a step fetch or make it and declare it as an output, or bring it into version control"
    if wanted.path.startswith("/") and evidence.around.is_ci:
        because = ("it lies outside the checkout, and CI has only what is in that", *known)
        return Problem("only-on-another-machine", what, because, fix, step=step)
    if since is None or tracked is None or wanted.path in tracked or wanted.path not in since.before.files:
        return None
    before, now = since.before.machine, since.now.machine
    if before is None or now is None or before.host == now.host:
        return None
    because = (f"run {since.run} was green on {before.host} and read it there", "it is not in version control", *known)
    return Problem("only-on-another-machine", what, because, fix, step=step)


def what_steps_wrote(evidence: Evidence) -> tuple[str, ...]:
    """What the steps before did write, where a model is missing: one line each."""
    lines = []
    for result in evidence.earlier:
        wrote = written_by(result, evidence)
        if wrote:
            lines.append(f"step {quoted(result.step)} wrote only {listed([written(each, evidence) for each in wrote])}")
        elif is_idle(result, evidence) and evidence.pipeline.step(result.step).kind == "run":
            lines.append(f"step {quoted(result.step)} ended well but wrote nothing at all")
    return tuple(lines)


def _is_there_now(wanted: Wanted, evidence: Evidence) -> Problem:
    """The file exists: it came too late, or was looked for from another folder."""
    found, step = as_written(wanted.path, evidence), evidence.failed.step
    known = _known_by(wanted, evidence)
    what = f"{'model ' if wanted.is_model else ''}file not found: {wanted.path}"
    if found.modified_s is not None and found.modified_s > evidence.failed.started_s > 0:
        because = (
            f"{written(found, evidence)} is there now, and was written after step {quoted(step)} had begun",
            *known,
        )
        fix = "run it again: assay run; what writes the file goes on after its step has ended"
        if evidence.step.inputs or evidence.step.promised or evidence.step.needs:
            place = at(evidence.place_of_step(evidence.step))
            fix = f"let step {quoted(step)} wait for it: add {wanted.path} to its `inputs:`{place}"
        return Problem("file-came-late", what, because, fix, step=step)
    because = (f"the project has {written(found, evidence)}, and had it before step {quoted(step)} began", *known)
    fix = f"look for it from the project's folder: {command.script(evidence.step)} or its command changes to another folder"
    return Problem("wrong-folder", what, because, fix, step=step)


def folder_missing(evidence: Evidence) -> Problem | None:
    """The rule for a file that could not be written because its folder is not there, where the message says so."""
    for line in read_log(evidence.log_tail).statements():
        match = _NO_FOLDER.search(line)
        if match:
            path = evidence.path(match[1] or match[2])
            folder = path if match[1] else str(PurePosixPath(path).parent)
            return _no_folder(folder, f"the log says: {line}", evidence)
    return None


_NO_FOLDER = re.compile(
    r"non-existent directory: '?([^']+)'?|cannot create (?:regular file|directory) '([^']+)': No such file",
    re.IGNORECASE,
)


def _folder_missing(wanted: Wanted, log: Log, evidence: Evidence) -> Problem | None:
    """Nothing lacks a file that it is about to write, but for its folder."""
    writes = [*evidence.failed.trace.writes]
    if log.last is None:  # the shell said so: a file behind `>` was to be written
        writes += [*command.targets(evidence.step), *evidence.step.promised]
    folder = str(PurePosixPath(wanted.path).parent)
    looked_for = map(evidence.path, evidence.failed.trace.missing)
    is_to_write = wanted.path in map(evidence.path, writes) or folder in looked_for
    if not wanted.is_certain or not is_to_write or evidence.is_there(folder):
        return None
    return _no_folder(folder, f"it was to write {wanted.path}; the log says: {wanted.line}", evidence)


def _no_folder(folder: str, fact: str, evidence: Evidence) -> Problem:
    script = command.script(evidence.step)
    fix = (
        f'make it first, in {script}: os.makedirs("{folder}", exist_ok=True)'
        if script.endswith(".py")
        else f"make it first: mkdir -p {shlex.quote(folder)}"
    )
    return Problem("folder-missing", f"folder not found: {folder}", (fact,), fix, step=evidence.failed.step)

"""The sentences about a step that should have written a file: what it was to do, what it did, and how to mend it."""

from pathlib import PurePosixPath

from assay.core.pipeline import Step
from assay.explain import command
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import age, at, listed, size
from assay.explain.failure.maker import Maker, Written
from assay.explain.paths import NEAR, nearness


def because(maker: Maker, path: str, evidence: Evidence) -> tuple[str, ...]:
    """What the maker was to do, and what it did."""
    opening = _opening(maker, path, evidence)
    if maker.fate in ("failed", "comes later", "did not run"):
        return (opening,)
    if maker.how == "wrote it":
        others = [each for each in maker.wrote if nearness(path, each.path) >= NEAR]
        return (opening, *(f"it wrote {written(each, evidence)} too" for each in others))
    if maker.how in ("wrote near", "wrote alike"):
        return (f"{opening};", f"no step declares {path} or is told to write it")
    did = _what_it_did(maker, path, evidence)
    return (f"{opening};", did) if did else (opening,)


def _opening(maker: Maker, path: str, evidence: Evidence) -> str:
    name = f"step {quoted(maker.step.name)}"
    task = _task(maker, path, evidence)
    match maker.fate:
        case "did not run":
            held = maker.result.reason if maker.result else ""
            return f"{name}, which {task}, did not run before it in this run{f' ({held})' if held else ''}"
        case "comes later":
            return f"{name}, which {task}, comes after step {quoted(evidence.failed.step)} and had not run"
        case "failed":
            code = maker.result.exit_code if maker.result else None
            return f"{name}, which {task}, failed before{f' (exit code {code})' if code is not None else ''}"
        case "reused":
            reason = maker.result.reason if maker.result else ""
            return f"{name}, which {task}, was reused and did not run{f' ({reason})' if reason else ''}"
        case "ended well":
            return _opening_of_ended(maker, path, name, evidence)


def _opening_of_ended(maker: Maker, path: str, name: str, evidence: Evidence) -> str:
    told = f"(`{command.shown(maker.step)}`)"
    match maker.how:
        case "declared" if maker.promise == path:
            ended = "exited 0" if maker.step.name == evidence.failed.step else "ended well"
            return f"{name} {ended} but never wrote its declared output {path}"
        case "declared":
            return f"{name} ended well, but its declared output {maker.promise} has no {PurePosixPath(path).name} in it"
        case "told":
            return f"{name} was told to write {maker.promise} {told} and ended well, but never wrote it"
        case "named":
            return f"{name} has {path} on its command line {told} and ended well, but never wrote it"
        case "wrote it":
            return f"{name} ended well and opened {path} to write it, but the file is not there now"
        case "wrote nothing":
            return f"{name} ended well but wrote nothing at all"
        case "wrote near" | "wrote alike":
            itself = name if maker.step.name != evidence.failed.step else f"{name} itself"
            did = "wrote" if itself != name else "ended well and wrote"
            return f"{itself} {did} {written(maker.near, evidence)}{_how_near(maker.near, path)}, not {path}"


def _task(maker: Maker, path: str, evidence: Evidence) -> str:
    """What connects the step with the file."""
    match maker.how:
        case "declared":
            return f"declares {maker.promise} as its output{at(evidence.place_of_promise(maker.step, maker.promise))}"
        case "told":
            return f"is told to write {maker.promise} (`{command.shown(maker.step)}`)"
        case "named":
            return f"has {path} on its command line (`{command.shown(maker.step)}`)"
        case _:
            return f"wrote {maker.near.path}" if maker.near else "wrote nothing"


def _what_it_did(maker: Maker, path: str, evidence: Evidence) -> str:
    """What the step wrote in place of the file; empty where that is said already or not known."""
    if maker.how == "wrote nothing":
        return f"no step declares {path} or is told to write it"
    if maker.had_written:
        return f"it did open {path} to write it, but the file is not there now"
    if maker.near is not None:
        had = "it had written" if maker.fate == "reused" else "it did write"
        return f"{had} {written(maker.near, evidence)}{_how_near(maker.near, path)}"
    if maker.wrote:
        return f"it wrote only {listed([written(each, evidence) for each in maker.wrote])}"
    return "it wrote nothing at all" if _is_seen_whole(maker) else ""


def _is_seen_whole(maker: Maker) -> bool:
    """What it wrote is known: it was traced, or the project was scanned around it."""
    if maker.result is None or maker.fate == "reused":
        return False
    return maker.result.trace.traced or maker.result.seconds > 0 or not maker.step.promised


def _how_near(near: Written | None, path: str) -> str:
    """What the two paths share, where that is not seen at a glance."""
    if near is not None and PurePosixPath(near.path).name == PurePosixPath(path).name:
        return ", the same name in another folder"
    return ""


def fix(maker: Maker, path: str, reader: Step, evidence: Evidence) -> str:
    name, script = quoted(maker.step.name), command.script(maker.step)
    if maker.how == "declared":
        place = at(evidence.place_of_promise(maker.step, maker.promise))
        field = "metrics" if maker.promise in maker.step.metrics else "outputs"
        if maker.near is None and not maker.wrote:
            return (
                f"write {path} in {script}: does it call its own function? Or correct `{field}:` of step {name}{place}"
            )
        return f"correct `{field}:` of step {name}{place}, or write {path} in {script}"
    place = at(evidence.place_of_step(maker.step))
    if maker.step.name == reader.name and maker.near is not None:
        return f"write and read one name in {script}: {maker.near.path} or {path}"
    declare = f"declare `outputs: [{path}]` at step {name}{place}"
    if maker.near is None:
        return f"write {path} in {script}, and {declare}"
    read = f"read {maker.near.path} in {command.script(reader)}"
    return f"write {path} in {script}, or {read}; and {declare}"


def as_written(path: str, evidence: Evidence) -> Written:
    state = evidence.files.get(path)
    return Written(path, state.size_bytes, state.modified_ns / 1e9) if state else Written(path)


def written(file: Written | None, evidence: Evidence) -> str:
    """``models/modell.pkl (3.1 MB, 12 s ago)``"""
    if file is None:
        return "nothing"
    if file.size_bytes is None or file.modified_s is None:
        return file.path
    return f"{file.path} ({size(file.size_bytes)}, {age(file.modified_s, evidence.now_s)})"


def quoted(name: str) -> str:
    return f'"{name}"'

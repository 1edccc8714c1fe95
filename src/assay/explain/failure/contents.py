"""Rules on files that are there and are not what their name says: pointers, web pages, other encodings, torn tables."""

import re
from collections.abc import Iterator

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.answer import answer, last_said, line_of, says, where
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import size
from assay.explain.failure.surroundings import PathState
from assay.explain.paths import is_data, is_model

LFS = b"version https://git-lfs.github.com/spec/"

_UNREADABLE = re.compile(
    r"invalid load key|UnpicklingError|pickle data was truncated|ParserError|Error tokenizing|UnicodeDecodeError|codec can't decode"
    r"|not a (?:zip|parquet|gzip|HDF5|database) file|File is not a|BadZipFile|BadGzipFile|magic (?:bytes|number)|JSONDecodeError"
    r"|Expecting value|file signature not found|PytorchStreamReader failed|unexpected EOF|ArrowInvalid|could not convert string to float"
    r"|KeyError|InvalidHeaderDeserialization|HeaderTooLarge|cannot identify image|EmptyDataError|No columns to parse|InvalidProtobuf|Protobuf parsing failed|XGBoostError|LightGBMError|Model format error|Ran out of input|EOFError|cannot find loader",
    re.IGNORECASE,
)
_ODD_ROWS = re.compile(
    r"^(\w+\.)*(IndexError|ValueError|TypeError|ZeroDivisionError|StatisticsError|InvalidOperation)\b"
)
"""What a program says of rows that are none."""
_DECODE = re.compile(r"'([\w-]+)' codec can't decode bytes? (?:0x([0-9a-f]+) )?in position (\d+)")
_TABLE = re.compile(
    r"Error tokenizing data.*?Expected (\d+) fields in line (\d+), saw (\d+)|(EmptyDataError|No columns to parse from file)|(EOF inside string starting at row \d+)"
)
_JSON = re.compile(r"JSONDecodeError|json\.decoder")
_TORN = re.compile(
    r"pickle data was truncated|Ran out of input|PytorchStreamReader failed|unexpected EOF|magic bytes not found in footer|Compressed file ended before|BadZipFile|not a zip file|HeaderTooLarge|incomplete metadata",
    re.IGNORECASE,
)
_HTML = re.compile(rb"^\s*(<!doctype html|<html|<\?xml[^>]*>\s*<(html|error))", re.IGNORECASE)
_BOMS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xef\xbb\xbf", "UTF-8 with a byte order mark", "utf-8-sig"),
    (b"\xff\xfe", "UTF-16", "utf-16"),
    (b"\xfe\xff", "UTF-16", "utf-16"),
)


def pointer_in_place_of_file(evidence: Evidence) -> Problem | None:
    """Git LFS left its pointer where the data or the model should be: of the step itself, or of one whose work it reads, which may have
    passed the pointer's lines on as if they were rows. The one that no step wrote is named."""
    said = last_said(_UNREADABLE, evidence) or last_said(_ODD_ROWS, evidence)
    found = (*_candidates(evidence), *_read_upstream(evidence)) if said else ()
    pointers = {path: state for path, state in found if state.head.startswith(LFS)}
    for path, state in sorted(pointers.items(), key=lambda each: bool(_maker_of(each[0], evidence))):
        assert said is not None
        real = re.search(rb"^size (\d+)", state.head, re.MULTILINE)
        whole = f"; the file itself has {size(int(real[1]))}" if real else ""
        because = (
            f'{path} has {size(state.size_bytes)} and begins with "version https://git-lfs"{whole}',
            *_passed_on(path, evidence),
            says(said),
        )
        ci = "; in CI, let the checkout fetch LFS files (actions/checkout: lfs: true)" if evidence.around.is_ci else ""
        return answer(
            evidence,
            "git-lfs-pointer",
            f"a Git LFS pointer, not the file itself: {path}",
            because,
            f"git lfs pull{ci}",
        )
    return None


def page_in_place_of_file(evidence: Evidence) -> Problem | None:
    """A download brought a web page: a sign-in, a quota, an error (NVlabs/DiffPure#24)."""
    said = last_said(_UNREADABLE, evidence)
    for path, state in _candidates(evidence) if said else ():
        if _HTML.match(state.head) and not path.endswith((".html", ".htm", ".xml")):
            assert said is not None
            because = (
                f"{path} ({size(state.size_bytes)}) is a web page: it begins with {_beginning(state.head)}",
                says(said),
            )
            fix = (
                f"open {path} in a browser to see what it says, then download the file itself (curl --fail --location)"
            )
            return answer(evidence, "page-not-file", f"a web page in place of the file: {path}", because, fix)
    return None


def torn_file(evidence: Evidence) -> Problem | None:
    """A file that ends too early: its writer was stopped, or a download broke off."""
    said = last_said(_TORN, evidence)
    if said is None:
        return None
    for path, state in _candidates(evidence):
        if state.size_bytes == 0:
            return answer(evidence, "file-torn", f"an empty file: {path}", (says(said),), _fix_of_torn(path, evidence))
    read = [path for path, _ in _candidates(evidence)]
    if len(read) != 1:
        return None
    path = read[0]
    state = evidence.around.paths[path]
    because = (f"{path} ({size(state.size_bytes)}) is the only data that it read", says(said), *where(said, evidence))
    return answer(evidence, "file-torn", f"a file that ends too early: {path}", because, _fix_of_torn(path, evidence))


def wrong_encoding(evidence: Evidence) -> Problem | None:
    """Text in another encoding than the program reads it in."""
    said = last_said(_DECODE, evidence)
    if said is None:
        return None
    codec, byte, position = said.groups
    found = _text_of(evidence)
    place = line_of(said, evidence)
    because = [says(said)]
    encoding = ""
    if found is not None:
        path, state = found
        mark = next(((name, codec) for start, name, codec in _BOMS if state.head.startswith(start)), None)
        if mark:
            because.append(f"{path} is {mark[0]}: its first bytes say so")
            encoding = mark[1]
        else:
            because.append(f"{path} is not {codec} at byte {position}{f' (0x{byte})' if byte else ''}")
    subject = f": {found[0]}" if found else ""
    fix = (
        f"read it with encoding={encoding!r}"
        if encoding
        else "name the encoding that it was written in (often latin-1 or cp1252), or convert it: iconv -f CP1252 -t UTF-8"
    )
    return answer(
        evidence,
        "wrong-encoding",
        f"text in another encoding than {codec}{subject}",
        (*because, *where(said, evidence)),
        f"{fix}{f', at {place}' if place else ''}",
    )


def malformed_table(evidence: Evidence) -> Problem | None:
    """A line with more cells than the header, a quote that does not close, no table at all."""
    said = last_said(_TABLE, evidence)
    if said is None:
        return None
    wanted, line, saw, empty, _ = said.groups
    found = _text_of(evidence, data_only=True)
    subject = f": {found[0]}" if found else ""
    if empty:
        known = (f"{found[0]} has {size(found[1].size_bytes)}",) if found else ()
        return answer(
            evidence,
            "table-malformed",
            f"a table without a header{subject}",
            (says(said), *known),
            _fix_of_torn(found[0], evidence) if found else "see which file it reads",
        )
    because = [says(said)]
    fix = f"mend that line{f' of {found[0]}' if found else ''}; a cell that holds the delimiter needs quotes"
    if found is not None and line:
        counts = {mark: found[1].head.split(b"\n", 1)[0].count(mark.encode()) for mark in ",;\t|"}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best] and best != "," and wanted == "1":
            name = {";": "semicolons", "\t": "tabs", "|": "bars"}[best]
            because.append(f"the header of {found[0]} is divided by {name}")
            fix = f"read it with sep={best!r}"
    what = f"line {line} has {saw} cells, not {wanted}{subject}" if line else f"a quote does not close{subject}"
    return answer(evidence, "table-malformed", what, (*because, *where(said, evidence)), fix)


def not_json(evidence: Evidence) -> Problem | None:
    """A file, or an answer, that is read as JSON and is none."""
    said = last_said(_JSON, evidence)
    if said is None or said.raised is None:
        return None
    states = [(path, state) for path, state in _candidates(evidence) if path.endswith((".json", ".jsonl", ".ipynb"))]
    bad = [
        (path, state)
        for path, state in states
        if not state.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[", b'"'))
    ]
    if len(bad) != 1:
        return None
    path, state = bad[0]
    known = f"{path} is empty" if state.size_bytes == 0 else f"{path} begins with {_beginning(state.head)}"
    return answer(
        evidence,
        "file-not-json",
        f"not JSON: {path}",
        (known, says(said), *where(said, evidence)),
        _fix_of_torn(path, evidence),
    )


def _read_upstream(evidence: Evidence) -> Iterator[tuple[str, PathState]]:
    """Files of data and models that steps before it read, the first step first."""
    for result in evidence.earlier:
        for path in dict.fromkeys(map(evidence.path, (*(each.path for each in result.inputs), *result.trace.reads))):
            state = evidence.around.paths.get(path)
            if state is not None and state.kind == "file" and (is_data(path) or is_model(path)):
                yield path, state


def _passed_on(path: str, evidence: Evidence) -> tuple[str, ...]:
    """The step before that read it and ended well all the same, where the failed one did not read it itself."""
    own = map(evidence.path, (*evidence.failed.trace.reads, *evidence.step.inputs))
    if path in own:
        return ()
    for result in evidence.earlier:
        if path in map(evidence.path, (*(each.path for each in result.inputs), *result.trace.reads)):
            return (
                f'step "{result.step}" read it and ended well; step "{evidence.failed.step}" reads what that wrote',
            )
    return ()


def _maker_of(path: str, evidence: Evidence) -> str:
    """The step of this run that wrote it or promises it; empty for a source."""
    for result in evidence.earlier:
        if path in map(evidence.path, (*result.trace.writes, *evidence.pipeline.step(result.step).promised)):
            return result.step
    return ""


def _candidates(evidence: Evidence) -> Iterator[tuple[str, PathState]]:
    """Files of data and models that the step named, read or declares, the last read first."""
    step = evidence.step
    named = [*reversed(evidence.failed.trace.reads), *command.paths(step), *step.inputs, *evidence.around.paths]
    for path in dict.fromkeys(map(evidence.path, named)):
        state = evidence.around.paths.get(path)
        if state is not None and state.kind == "file" and (is_data(path) or is_model(path)):
            yield path, state


def _text_of(evidence: Evidence, *, data_only: bool = False) -> tuple[str, PathState] | None:
    """The one text that the step read, so that no other can be meant; None where there are several."""
    texts = [
        (path, state)
        for path, state in _candidates(evidence)
        if not is_model(path) and b"\x00" not in state.head.replace(b"\xff\xfe", b"")[:1]
    ]
    read = set(map(evidence.path, evidence.failed.trace.reads))
    first = [each for each in texts if each[0] in read] or texts
    return (
        first[0] if len(first) == 1 or (first and data_only and len(read & {path for path, _ in first}) == 1) else None
    )


def _beginning(head: bytes) -> str:
    return repr(head[:30].decode("utf-8", "replace").strip().splitlines()[0] if head.strip() else "")


def _fix_of_torn(path: str, evidence: Evidence) -> str:
    """Who has to write it again."""
    maker = _maker_of(path, evidence)
    if maker:
        return f'look at step "{maker}", which wrote it: it should write beside and rename when all is there; then assay run --force {maker}'
    return f"fetch {path} again, and compare its size with the source's"

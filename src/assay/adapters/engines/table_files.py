"""Which table stands at a path, and every reason why none does. Reads the head of a file, never all of it.

``table_files`` answers for a whole dataset, or raises ``EvidenceError`` with cause and fix: no file, a folder, no permission,
an empty file, a Git LFS pointer, a suffix that says nothing or lies, a torn Parquet file, text that is not UTF-8, a header
that names a column twice.
"""

import csv
import gzip
import io
import json
import re
import shlex
import stat
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem

TableFormat = Literal["Parquet", "CSV", "JSON Lines", "Arrow"]
_SUFFIXES: dict[str, TableFormat] = {
    ".parquet": "Parquet",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".arrow": "Arrow",
    ".arrows": "Arrow",
    ".feather": "Arrow",
}
_BINARY: tuple[TableFormat, ...] = ("Parquet", "Arrow")
_DELIMITERS = ",;\t|"
_HEAD_BYTES = 4096
_HEADER_CHARACTERS = 1 << 20
_PARQUET_MAGIC = b"PAR1"
ARROW_FILE_MAGIC = b"ARROW1"
_ARROW_STREAM_MAGIC = b"\xff\xff\xff\xff"
_ARROW_STREAM_END = b"\xff\xff\xff\xff\0\0\0\0"
_OLD_FEATHER_MAGIC = b"FEA1"
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class TableFile(msgspec.Struct, frozen=True):
    """A file that is a table, as far as its head tells."""

    path: Path
    format: TableFormat
    is_compressed: bool = False
    header: tuple[str, ...] = ()
    """A CSV's columns; an unnamed one is called ``column0`` after its place."""
    delimiter: str = ","


def table_files(paths: Sequence[Path]) -> tuple[TableFile, ...]:
    """The files of one dataset, all of one format."""
    if not paths:
        raise refusal("no-data-files", "there is no file to read", ("the dataset names no files",), "name one or more")
    files = tuple(_table_file(path) for path in paths)
    other = next((file for file in files if file.format != files[0].format), None)
    if other is not None:
        raise refusal(
            "mixed-formats",
            f"one dataset in two formats: {files[0].path.name} and {other.path.name}",
            (f"{files[0].path} is {files[0].format}, {other.path} is {other.format}",),
            "write all files of a dataset in one format",
        )
    return files


def refusal(code: str, what: str, because: tuple[str, ...], fix: str) -> EvidenceError:
    """The error that says why something is no table."""
    return EvidenceError(Problem(code, what, because, fix))


def typed(path: Path | str) -> str:
    """The path as a shell takes it."""
    return shlex.quote(str(path))


def unreadable(path: Path, error: OSError) -> EvidenceError:
    """What the system's refusal to read ``path`` means."""
    match error:
        case FileNotFoundError():
            return refusal(
                "data-not-found", f"there is no file {path}", _siblings(path), "correct the path, or make the file"
            )
        case IsADirectoryError():
            return refusal(
                "data-is-folder", f"{path} is a folder, not a file", _inside(path), f"name its files: {path}/*.parquet"
            )
        case PermissionError():
            return refusal("data-unreadable", f"{path} may not be read", (str(error),), f"chmod u+r {typed(path)}")
    return refusal("data-unreadable", f"{path} cannot be read", (str(error),), "check the path and the disk")


def bad_json_line(path: Path) -> str | None:
    """The first line that is no JSON object, and why; None where all are. Reads the file up to there."""
    with _opened(path, is_compressed=path.suffix.lower() == ".gz") as stream:
        for number, line in enumerate(stream, 1):
            try:
                if line.strip() and not isinstance(json.loads(line, object_pairs_hook=_unrepeated), dict):
                    return f"line {number} is no object: {excerpt(line)}"
            except (ValueError, RecursionError) as error:
                said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                return f"line {number}: {said}: {excerpt(line)}"
    return None


def excerpt(line: bytes | str) -> str:
    """The beginning of a line, quoted."""
    shown = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
    shown = shown.rstrip("\r\n")
    return repr(shown if len(shown) <= 60 else shown[:60] + "…")


def _table_file(path: Path) -> TableFile:
    try:
        size_bytes = regular_size(path)
        name = path.name.lower()
        is_compressed = name.endswith(".gz")
        format_ = _SUFFIXES.get(Path(name.removesuffix(".gz")).suffix)
        if format_ is None or (format_ in _BINARY and is_compressed):
            raise _unknown_suffix(path)
        with path.open("rb") as stream:
            raw = stream.read(_HEAD_BYTES)
        _refuse_foreign(path, raw, format_, is_compressed=is_compressed)
        match format_:
            case "Parquet":
                _refuse_torn_parquet(path, size_bytes)
                return TableFile(path, format_)
            case "Arrow":
                _refuse_torn_arrow(path, raw, size_bytes)
                return TableFile(path, format_)
            case "CSV":
                header, delimiter = _read_header(path, is_compressed=is_compressed)
                return TableFile(path, format_, is_compressed, header, delimiter)
            case "JSON Lines":
                _refuse_other_json(path, is_compressed=is_compressed)
                return TableFile(path, format_, is_compressed)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise refusal("torn-gzip", f"{path} is damaged", (str(error),), "copy or write the file again") from error
    except OSError as error:
        raise unreadable(path, error) from error


def regular_size(path: Path) -> int:
    seen = path.stat()
    if stat.S_ISDIR(seen.st_mode):
        raise IsADirectoryError(path)
    if not stat.S_ISREG(seen.st_mode):
        raise refusal("data-unreadable", f"{path} is no regular file", ("it is a pipe or a device",), "name a file")
    if seen.st_size == 0:
        raise _empty(path, "it holds 0 bytes")
    return seen.st_size


def _opened(path: Path, *, is_compressed: bool) -> gzip.GzipFile | io.BufferedReader:
    return gzip.GzipFile(path, "rb") if is_compressed else path.open("rb")


def _refuse_foreign(path: Path, raw: bytes, format_: TableFormat, *, is_compressed: bool) -> None:
    """What other programs leave under the name of a table."""
    if raw.startswith(b"version https://git-lfs"):
        raise refusal(
            "git-lfs-pointer",
            f"{path} is a Git LFS pointer, not the data",
            (f"it begins with {excerpt(raw.splitlines()[0])}",),
            f"git lfs pull --include={typed(path.name)}",
        )
    if _binary_format(raw) != (format_ if format_ in _BINARY else None):
        raise _other_format(path, raw, format_)
    if raw.startswith(_GZIP_MAGIC) != is_compressed:
        other = path.name.removesuffix(".gz") if is_compressed else f"{path.name}.gz"
        raise refusal(
            "wrong-extension",
            f"{path} is {'not ' if is_compressed else ''}compressed by gzip",
            (f"its name ends in {path.suffix}",),
            f"mv {typed(path)} {typed(path.with_name(other))}",
        )
    if format_ not in _BINARY and not is_compressed:
        _refuse_wide_text(path, raw)


def _binary_format(raw: bytes) -> TableFormat | None:
    if raw.startswith(_PARQUET_MAGIC):
        return "Parquet"
    return "Arrow" if raw.startswith((ARROW_FILE_MAGIC, _ARROW_STREAM_MAGIC, _OLD_FEATHER_MAGIC)) else None


def _other_format(path: Path, raw: bytes, promised: TableFormat) -> EvidenceError:
    """A name that promises Parquet or Arrow for what is none, or the other way round."""
    match _binary_format(raw):
        case "Parquet":
            what, seen, suffix = "is a Parquet file", "it begins with PAR1, the mark of Parquet", ".parquet"
        case "Arrow":
            what, seen, suffix = "is an Arrow file", f"it begins with {raw[:6]!r}, the mark of Arrow", ".arrow"
        case _:
            beginning = raw.partition(b"\n")[0]
            article = "an" if promised == "Arrow" else "a"
            what, seen = f"is not {article} {promised} file", f"it begins with {excerpt(beginning)}"
            suffix = ".jsonl" if raw.lstrip().startswith(b"{") else ".csv"
    is_known = suffix in (".parquet", ".arrow") or raw.isascii()
    fix = (
        f"mv {typed(path)} {typed(path.with_suffix(suffix))}"
        if is_known
        else f"write it as {promised}, or under the suffix of its format"
    )
    return refusal("wrong-extension", f"{path} {what}", (seen,), fix)


def _refuse_wide_text(path: Path, raw: bytes) -> None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise not_utf8(path, "it begins with the mark of UTF-16", "UTF-16")
    if b"\0" in raw:
        raise not_utf8(path, "it holds NUL bytes", "UTF-16LE")


def not_utf8(path: Path, seen: str, encoding: str = "LATIN1") -> EvidenceError:
    """The error for text in another encoding, which is probably ``encoding``."""
    command = f"iconv -f {encoding} -t UTF-8 {typed(path)} -o {typed(path.with_name('utf8_' + path.name))}"
    return refusal("not-utf8", f"{path} is not UTF-8 text", (seen,), command)


def _tail(path: Path, size_bytes: int, length: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(size_bytes - length, 0))
        return stream.read(length)


def _refuse_torn_arrow(path: Path, raw: bytes, size_bytes: int) -> None:
    if raw.startswith(_OLD_FEATHER_MAGIC):
        fix = "read it with pyarrow.feather.read_table, and write it anew"
        seen = ("it begins with FEA1; Feather has been Arrow's own format since 2020",)
        raise refusal("unknown-format", f"{path} is a Feather file of the first version", seen, fix)
    end = ARROW_FILE_MAGIC if raw.startswith(ARROW_FILE_MAGIC) else _ARROW_STREAM_END
    tail = _tail(path, size_bytes, len(end))
    if tail != end:
        raise refusal(
            "torn-arrow",
            f"{path} is torn: its end is missing",
            (f"such a file ends with {end!r}; this one of {size_bytes:,} bytes ends with {tail!r}",),
            "copy or write the file again; its writer was interrupted",
        )


def _refuse_torn_parquet(path: Path, size_bytes: int) -> None:
    tail = _tail(path, size_bytes, 4)
    if size_bytes < 12 or tail != _PARQUET_MAGIC:
        raise refusal(
            "torn-parquet",
            f"{path} is torn: its end is missing",
            (f"a Parquet file ends with PAR1; this one of {size_bytes:,} bytes ends with {tail!r}",),
            "copy or write the file again; its writer was interrupted",
        )


def _refuse_other_json(path: Path, *, is_compressed: bool) -> None:
    with _opened(path, is_compressed=is_compressed) as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(_BYTE_ORDER_MARK):
        raise refusal(
            "json-byte-order-mark",
            f"{path} begins with a byte order mark",
            ("JSON has none (RFC 8259, section 8.1)",),
            f"sed -i '1s/^\\xEF\\xBB\\xBF//' {typed(path)}",
        )
    if not head.strip():
        raise _empty(path, "it holds no line")
    if not head.lstrip().startswith(b"{"):
        seen = excerpt(head.lstrip().splitlines()[0])
        fix = _as_json_lines(path) if head.lstrip().startswith(b"[") else "write one JSON object a line"
        raise refusal("malformed-json", f"{path} is not JSON Lines", (f"it begins with {seen}",), fix)


def _read_header(path: Path, *, is_compressed: bool) -> tuple[tuple[str, ...], str]:
    try:
        with (
            _opened(path, is_compressed=is_compressed) as stream,
            io.TextIOWrapper(stream, "utf-8-sig", newline="") as lines,
        ):
            record = _first_record(lines)
        if not record.strip():
            raise _empty(path, "its first line, where the names of the columns belong, is blank")
        delimiter = "\t" if ".tsv" in path.name.lower() else _delimiter(record)
        cells = next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True))
    except UnicodeDecodeError as error:
        raise not_utf8(path, f"its beginning: {error.reason} at byte {error.start}") from error
    except csv.Error as error:
        raise refusal("malformed-csv", f"the header of {path} cannot be read", (str(error),), "mend line 1") from error
    header = tuple(name or f"column{place}" for place, name in enumerate(cells))
    refuse_repeated(path, header)
    return header, delimiter


def refuse_repeated(path: Path, names: Sequence[str]) -> None:
    """``EvidenceError`` where a name stands for two columns."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise refusal(
            "duplicate-columns",
            f"{path} names a column twice: {', '.join(map(repr, repeated))}",
            (f"its columns are {', '.join(names)}",),
            "rename or drop one of them",
        )


def refuse_alike(path: Path, names: Iterable[str]) -> None:
    """``EvidenceError`` where names differ in upper and lower case alone, which DuckDB takes for one, or renames."""
    spellings: dict[str, dict[str, None]] = {}
    for name in names:
        spellings.setdefault(name.lower(), {})[name] = None
    alike = next((sorted(each) for each in spellings.values() if len(each) > 1), None)
    if alike:
        raise refusal(
            "duplicate-columns",
            f"{path} has columns whose names differ in upper and lower case alone: {', '.join(map(repr, alike))}",
            ("DuckDB does not tell such names apart",),
            "rename one of them",
        )


def _first_record(lines: io.TextIOWrapper) -> str:
    """The first line, and those that follow while a quote is open."""
    record = ""
    while len(record) < _HEADER_CHARACTERS:
        line = lines.readline(_HEADER_CHARACTERS)
        record += line
        if not line or record.count('"') % 2 == 0:
            break
    return record


def _delimiter(record: str) -> str:
    counts = Counter(re.sub(r'"[^"]*"', "", record))
    return max(_DELIMITERS, key=lambda character: counts[character])


def _empty(path: Path, seen: str) -> EvidenceError:
    return refusal("data-empty", f"{path} is empty", (seen,), "write the data; a table without rows still has a header")


def _as_json_lines(path: Path) -> str:
    """The command that makes JSON Lines of one array."""
    lines = path.with_name(f"{path.stem}{'.lines' if path.suffix == '.jsonl' else ''}.jsonl")
    return f"write one JSON object a line: jq -c '.[]' {typed(path)} > {typed(lines)}"


def _unnamed_json(path: Path) -> EvidenceError:
    with path.open("rb") as stream:
        is_array = stream.read(_HEAD_BYTES).lstrip().startswith(b"[")
    what = f"{path} is named as JSON, and what is read is JSON Lines: one object a line"
    if is_array:
        return refusal("unknown-format", what, ("it holds one array",), _as_json_lines(path))
    fix = f"if each of its lines is an object: mv {typed(path)} {typed(path.with_suffix('.jsonl'))}"
    return refusal("unknown-format", what, (f"its suffix is {path.suffix}",), fix)


def _unknown_suffix(path: Path) -> EvidenceError:
    if path.suffix.lower() == ".json":
        return _unnamed_json(path)
    return refusal(
        "unknown-format",
        f"{path} has a suffix that names no table format",
        (f"its suffix is {''.join(path.suffixes[-2:]) or 'missing'}",),
        "write Parquet (.parquet), CSV (.csv, .tsv, .csv.gz), JSON Lines (.jsonl, .ndjson) or Arrow (.arrow, .feather)",
    )


def _siblings(path: Path) -> tuple[str, ...]:
    try:
        names = [sibling.name for sibling in path.parent.iterdir()]
    except OSError:
        return (f"there is no folder {path.parent} either",)
    near = near_miss(path.name, names)
    return (f"did you mean {path.parent / near}?",) if near else (f"{path.parent} holds {len(names)} other names",)


def _inside(path: Path) -> tuple[str, ...]:
    names = sorted(child.name for child in path.iterdir())
    return (f"it holds {', '.join(names[:5]) or 'nothing'}{', …' if len(names) > 5 else ''}",)


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = Counter(key for key, _ in pairs)
    for key, count in keys.items():
        if count > 1:
            raise ValueError(f"the key {key!r} stands twice")
    return dict(pairs)

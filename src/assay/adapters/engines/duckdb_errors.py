"""What DuckDB's errors mean, in our words: which file, where in it, and what to do."""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from assay.adapters.engines.spill import PREFIX
from assay.adapters.engines.table_files import TableFile, bad_json_line, excerpt, not_utf8, refusal, typed
from assay.core.problem import EvidenceError

_FILE = re.compile(r"^  file = (.*)$|[Ff]ile:? ['\"](.*?)['\"]|GZIP stream: (.*)$", re.MULTILINE)
_LINE = re.compile(r"CSV Error on Line: (\d+)\n(?:Original Line: ?(.*))?")
_CELLS = re.compile(r"^Expected Number of Columns: (\d+) Found: (\d+)", re.MULTILINE)
_KIND = re.compile(r"^(?:\w+ )+Error: ")


def translated(error: duckdb.Error, files: Sequence[TableFile]) -> EvidenceError:
    """The error to raise in its place."""
    said = str(error)
    path = _path(said, files)
    if isinstance(error, duckdb.OutOfMemoryException) or _is_of_spilling(error):
        return refusal(
            "out-of-memory",
            f"{path} does not fit into the memory that checks may use",
            (_first_line(said),),
            "free space in the temporary folder (TMPDIR), or check fewer keys at once",
        )
    if "of GZIP stream" in said:
        return refusal("torn-gzip", f"{path} is damaged", (_first_line(said),), "copy or write the file again")
    if not files:
        fix = "check the database with its own program"
        return refusal("data-unreadable", "the table cannot be read", (_first_line(said),), fix)
    if "CSV" in said and files[0].format == "CSV":
        return _csv_error(said, path)
    if files[0].format == "JSON Lines":
        return _json_error(said, files)
    return refusal(
        "data-unreadable",
        f"{path} cannot be read as {files[0].format}",
        (_first_line(said),),
        "write the file again; its content does not keep the format",
    )


def _is_of_spilling(error: duckdb.Error) -> bool:
    """DuckDB takes what was free when it began for its own; where others fill the disk meanwhile, the system refuses a write."""
    return isinstance(error, duckdb.IOException) and PREFIX in str(error)


def _csv_error(said: str, path: Path) -> EvidenceError:
    """The line that DuckDB quotes is data: only whole phrases of its own are looked for."""
    line = _LINE.search(said)
    number = line[1] if line else "1"
    seen = (f"line {number} begins with {excerpt(line[2])}",) if line and line[2] else ()
    where = f"line {number} of {path}"
    cells = _CELLS.search(said)
    if "Maximum line size of" in said:
        return refusal("malformed-csv", f"{where} is longer than 2 MB", seen, "close its quotes, or write Parquet")
    if "This file is not utf-8 encoded" in said:
        return not_utf8(path, f"line {number} holds bytes that are not UTF-8")
    if "Value with unterminated quote found" in said:
        fix = 'double the quotes within a cell: "say ""hi"""'
        return refusal("malformed-csv", f"a quote in {where} does not close", seen, fix)
    if cells:
        return refusal(
            "ragged-csv",
            f"{where} has {cells[2]} {'cell' if cells[2] == '1' else 'cells'}, the header {cells[1]}",
            seen,
            f"mend line {number}: every row has {cells[1]} cells, and one that holds the delimiter is quoted",
        )
    return refusal(
        "malformed-csv",
        f"{path} is not a well-formed CSV",
        (*seen, "its quotes or its line ends follow no single rule"),
        f"dos2unix {typed(path)}, if its lines end in different ways; else quote the cells that hold quotes",
    )


def _json_error(said: str, files: Sequence[TableFile]) -> EvidenceError:
    """DuckDB counts lines loosely, so that the line is looked for again."""
    for file in files:
        seen = bad_json_line(file.path)
        if seen is not None:
            return refusal("malformed-json", f"{file.path} is not JSON Lines", (seen,), "write one JSON object a line")
    seen = "its objects have no keys" if "non-record" in said else _first_line(said)
    return refusal("malformed-json", f"{files[0].path} is not JSON Lines", (seen,), "write one JSON object a line")


def _path(said: str, files: Sequence[TableFile]) -> Path:
    named = _FILE.search(said)
    names = {str(file.path): file.path for file in files}
    found = next((group for group in named.groups() if group), "") if named else ""
    return names.get(found, files[0].path if files else Path("the table"))


def _first_line(said: str) -> str:
    line = "".join(character for character in said.partition("\n")[0] if character.isprintable())
    return _KIND.sub("", line).rstrip(".: ")

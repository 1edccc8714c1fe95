"""How many rows a small table has, counted cheaply: to say of a changed input how it has changed.

Lines are counted and nothing is parsed, so a quoted line end in a CSV counts as one too: it is the difference that is told, never a
count that anything rests on. A larger file is not counted; nobody may wait for a figure of speech.
"""

from collections.abc import Iterable

from assay.core.artifact import Artifact
from assay.core.ports import ProjectFiles

MOST_BYTES = 16 * 1024 * 1024
MOST_FILES = 50
PIECE_BYTES = 1024 * 1024
_HEADER_LINES = {"csv": 1, "tsv": 1, "jsonl": 0, "ndjson": 0}


def count_rows(artifact: Artifact, files: ProjectFiles) -> int | None:
    """The rows of the table that stands at the artifact's path; None for what is no table of lines, or too large."""
    header = _HEADER_LINES.get(artifact.path.rpartition(".")[2].lower())
    if header is None or artifact.kind != "file" or artifact.size_bytes > MOST_BYTES:
        return None
    lines, last = 0, b"\n"
    try:
        with files.locate(artifact.path).open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                lines += piece.count(b"\n")
                last = piece
    except OSError:  # gone in the meantime: others tell of that
        return None
    return max(0, lines + (not last.endswith(b"\n")) - header)


def rows_of(artifacts: Iterable[Artifact], files: ProjectFiles) -> dict[str, int]:
    """path -> rows, of those that are small tables."""
    counted: dict[str, int] = {}
    for artifact in artifacts:
        rows = count_rows(artifact, files)
        if rows is not None and len(counted) < MOST_FILES:
            counted[artifact.path] = rows
    return counted

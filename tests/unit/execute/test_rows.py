"""Rows of small tables."""

from pathlib import Path

import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.execute.rows import MOST_BYTES, count_rows, rows_of


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def locate(self, path: str) -> Path:
        return self.root / path


@pytest.mark.parametrize(
    "name, content, rows",
    [
        ("a.csv", b"x,y\n1,2\n3,4\n", 2),
        ("a.csv", b"x,y\n1,2\n3,4", 2),
        ("a.csv", b"x,y\n", 0),
        ("a.csv", b"", 0),
        ("A.TSV", b"x\ty\n1\t2\n", 1),
        ("a.jsonl", b"{}\n{}\n{}", 3),
        ("a.csv", b"x\n" + b"1\n" * 2_000_000, 2_000_000),
        ("a.txt", b"1\n2\n", None),
        ("table", b"1\n2\n", None),
    ],
)
def test_lines_are_counted_without_the_header(tmp_path, name, content, rows):
    (tmp_path / name).write_bytes(content)
    artifact = Artifact(name, digest_of(content), "file", len(content))
    assert count_rows(artifact, Folder(tmp_path)) == rows


def test_a_large_table_or_one_that_is_gone_is_not_counted(tmp_path):
    digest = digest_of(b"")
    large, gone = Artifact("a.csv", digest, "file", MOST_BYTES + 1), Artifact("b.csv", digest, "file", 1)
    assert rows_of([large, gone, Artifact("c.csv", digest, "folder", 1)], Folder(tmp_path)) == {}

"""What every view of a project's files keeps."""

from collections.abc import Callable, Mapping

import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.ports import ProjectFiles
from assay.core.tree import TreeEntry, encode_tree, files_digest, tree_digest

OpenFiles = Callable[[Mapping[str, bytes]], ProjectFiles]


class FilesContract:
    """Override ``files_with``: a function that makes a project of these contents (bytes by relative path)."""

    @pytest.fixture
    def files_with(self) -> OpenFiles:
        """Makes the project under test."""
        raise NotImplementedError("override the fixture `files_with`")

    @pytest.fixture
    def files(self, files_with: OpenFiles) -> ProjectFiles:
        """A small project."""
        return files_with(
            {
                "train.py": b"print('Training accuracy: 0.92')\n",
                "data/a.csv": b"1\n",
                "data/b.csv": b"22\n",
                "data/2013/jan.csv": b"333\n",
                "data/notes.txt": b"",
                "data-old/a.csv": b"0\n",
            }
        )

    def test_a_file_is_its_bytes(self, files: ProjectFiles) -> None:
        assert files.artifact("data/a.csv") == Artifact("data/a.csv", digest_of(b"1\n"), "file", 2)
        assert files.read("data/a.csv") == b"1\n"

    def test_a_folder_is_the_tree_of_all_files_below_it(self, files: ProjectFiles) -> None:
        inner = tree_digest(encode_tree((TreeEntry("jan.csv", "file", 4, digest_of(b"333\n")),)))
        entries = (
            TreeEntry("a.csv", "file", 2, digest_of(b"1\n")),
            TreeEntry("b.csv", "file", 3, digest_of(b"22\n")),
            TreeEntry("2013", "folder", 4, inner),
            TreeEntry("notes.txt", "file", 0, digest_of(b"")),
        )
        assert files.artifact("data") == Artifact("data", tree_digest(encode_tree(entries)), "folder", 9, 4)

    def test_the_files_of_a_folder_have_its_digest(self, files: ProjectFiles) -> None:
        folder = files.artifact("data")
        found = {path: files.artifact(path) for path in files.expand("data/**")}
        assert folder is not None
        assert files_digest({path.removeprefix("data/"): each for path, each in found.items() if each}) == folder.digest

    def test_a_path_has_one_spelling(self, files: ProjectFiles) -> None:
        assert files.artifact("./data//2013/../a.csv") == files.artifact("data/a.csv")
        assert files.artifact("data/") == files.artifact("data")

    def test_nothing_stands_where_nothing_stands(self, files: ProjectFiles) -> None:
        assert files.artifact("models/delay.onnx") is None
        assert files.artifact("train.py/inside") is None
        assert files.read("models/delay.onnx") is None
        assert files.read("data") is None
        assert list(files.lines("models/delay.onnx")) == list(files.lines("data")) == []

    def test_lines_come_one_by_one_with_their_ends(self, files_with: OpenFiles) -> None:
        assert list(files_with({"log": b"1\n\r2\n3"}).lines("log")) == [b"1\n", b"\r2\n", b"3"]

    @pytest.mark.parametrize("path", ["data", "train.py"])
    def test_what_is_moved_stands_where_it_was_moved_to_and_there_alone(self, files: ProjectFiles, path: str) -> None:
        """Folders above are made."""
        before = files.artifact(path)
        assert before is not None
        files.move(path, f"aside/{path}")
        moved = files.artifact(f"aside/{path}")
        assert moved is not None
        assert moved.digest == before.digest
        assert files.artifact(path) is None
        assert files.artifact("data-old/a.csv") is not None

    def test_a_scan_finds_every_file(self, files: ProjectFiles) -> None:
        scan = files.scan()
        assert sorted(scan) == sorted(
            ["train.py", "data/a.csv", "data/b.csv", "data/2013/jan.csv", "data/notes.txt", "data-old/a.csv"]
        )
        assert scan["data/b.csv"].size_bytes == 3

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("data/*.csv", ("data/a.csv", "data/b.csv")),
            ("data/**/*.csv", ("data/2013/jan.csv", "data/a.csv", "data/b.csv")),
            ("**/a.csv", ("data-old/a.csv", "data/a.csv")),
            ("data/?.csv", ("data/a.csv", "data/b.csv")),
            ("data/[b-z].csv", ("data/b.csv",)),
            ("data/a.csv", ("data/a.csv",)),
            ("data/none-*.csv", ()),
            ("absent.csv", ()),
            ("data", ()),
        ],
    )
    def test_a_pattern_names_files_in_order(self, files: ProjectFiles, pattern: str, expected: tuple[str, ...]) -> None:
        assert files.expand(pattern) == expected

    def test_a_file_whose_name_is_a_pattern_is_found_by_it(self, files_with: OpenFiles) -> None:
        assert files_with({"data/[1].csv": b"x"}).expand("data/[1].csv") == ("data/[1].csv",)

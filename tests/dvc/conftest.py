"""Projects beside the real DVC; ``make test-dvc`` builds the environment that it lives in."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from beside import DVC, Pair, Twin


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.dvc)


@pytest.fixture
def pair(tmp_path: Path) -> Callable[[dict[str, str]], Pair]:
    """Make both from the same files."""
    assert DVC.exists(), "make test-dvc builds the environment that DVC lives in"

    def make(files: dict[str, str]) -> Pair:
        ours = Twin(tmp_path / "ours" / "project", sys.executable, "-m", "assay", "run")
        theirs = Twin(tmp_path / "theirs" / "project", str(DVC), "repro", "--all-pipelines")
        made = Pair(ours, theirs)
        for path, text in files.items():
            made.put(path, text)
        for twin in (ours, theirs):
            twin.do("git", "init", "--quiet")
            twin.do(DVC, "init", "--quiet")
        return made

    return make

"""What every test may use: comparing a text with the file that was agreed on."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("assay", deadline=None)  # no test is timed: the machine may be busy
settings.load_profile("assay")

SNAPSHOTS = Path(__file__).parent / "snapshots"

Snapshot = Callable[[str, str], None]


@pytest.fixture
def snapshot() -> Snapshot:
    """``snapshot(name, text)``: ``text`` is what tests/snapshots/<name> holds.

    ASSAY_UPDATE_SNAPSHOTS=1 writes the files anew; read the diff before committing it.
    """

    def compare(name: str, text: str) -> None:
        file = SNAPSHOTS / name
        if os.environ.get("ASSAY_UPDATE_SNAPSHOTS") == "1":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert file.exists(), f"no snapshot {name}: run this test with ASSAY_UPDATE_SNAPSHOTS=1 and read what it writes"
        assert text == file.read_text(), f"differs from tests/snapshots/{name}"

    return compare

"""Every outbox passes its suite."""

import pytest

from assay.adapters.outboxes.folder import FolderOutbox
from assay.testing.suites import OutboxContract


class TestFolderOutbox(OutboxContract):
    @pytest.fixture
    def open_outbox(self, tmp_path):
        return lambda: FolderOutbox(tmp_path / "outbox")

    def test_a_file_that_is_no_letter_is_passed_over(self, tmp_path):
        outbox = FolderOutbox(tmp_path)
        outbox.keep((), 1)
        (tmp_path / "torn.json").write_text('{"notice":')
        assert outbox.letters() == ()

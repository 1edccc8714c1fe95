"""Every ledger passes the ledger's suite."""

import pytest

from assay.adapters.ledgers.sqlite import SqliteLedger
from assay.testing.memory import ManualClock, MemoryLedger
from assay.testing.suites import LedgerContract


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def open_ledger(self, tmp_path):
        return lambda: SqliteLedger(tmp_path / ".assay" / "ledger.sqlite", ManualClock(), "ann@laptop")


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def open_ledger(self):
        ledger = MemoryLedger()
        return lambda: ledger

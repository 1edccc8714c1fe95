"""One contract suite for each port: an adapter is done when it passes.

from assay.testing.suites import StoreContract

class TestMyStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return MyStore(tmp_path / "store")
"""

import pytest

for _suite in ("comparisons", "engines", "executors", "files", "ledgers", "predictions", "stores"):
    pytest.register_assert_rewrite(f"{__name__}.{_suite}")

from assay.testing.suites.comparisons import ComparisonContract  # noqa: E402 - after pytest was told
from assay.testing.suites.engines import EngineContract  # noqa: E402
from assay.testing.suites.executors import ExecutorContract  # noqa: E402
from assay.testing.suites.files import FilesContract  # noqa: E402
from assay.testing.suites.ledgers import LedgerContract  # noqa: E402
from assay.testing.suites.outboxes import OutboxContract  # noqa: E402
from assay.testing.suites.predictions import PredictionLogContract  # noqa: E402
from assay.testing.suites.stores import StoreContract  # noqa: E402

__all__ = [
    "ComparisonContract",
    "EngineContract",
    "ExecutorContract",
    "FilesContract",
    "LedgerContract",
    "OutboxContract",
    "PredictionLogContract",
    "StoreContract",
]
